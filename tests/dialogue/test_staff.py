"""Registered officers get their way into the console from Silvi; nobody else learns that there is one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import count

import psycopg
import pytest

from bot.app import App
from bot.domain.cases import Role
from bot.domain.messages import Channel, ChatRef
from bot.services import attachments, figure_picture, officers, sign_in
from tests.fakes import Sari

_accounts = count(700_001)


@pytest.fixture
async def budi(bare_app: App) -> Sari:
    """Budi, an officer, in his own chat with Silvi."""
    account = next(_accounts)
    async with bare_app.db.transaction() as session:
        await officers.add(session, account, "Budi", Role.OFFICER, now=datetime.now(UTC))
    return Sari(bare_app, ChatRef(Channel.TELEGRAM, str(account)))


async def test_officer_gets_a_link_that_signs_him_in(budi: Sari) -> None:
    (reply,) = await budi.commands("konsol")
    key = re.search(r"/konsol/masuk\?kunci=(\S+)", reply.body)[1]
    now = datetime.now(UTC)
    async with budi.app.db.transaction() as session:
        token = await sign_in.open_session(session, key, "Chromium", now=now)
        assert (await sign_in.who(session, token, now=now)).officer.name == "Budi"


async def test_in_a_group_no_link_is_shown(budi: Sari) -> None:
    group = Sari(budi.app, ChatRef(Channel.TELEGRAM, "-100200", is_group=True), sender=budi.sender)
    (reply,) = await group.commands("konsol")
    assert "kunci=" not in reply.body and "obrolan pribadi" in reply.body


async def test_for_everybody_else_the_command_does_not_exist(bare_app: App) -> None:
    joko = Sari(bare_app, ChatRef(Channel.TELEGRAM, str(next(_accounts))))
    (reply,) = await joko.commands("konsol")
    (unknown,) = await joko.commands("abrakadabra")
    assert reply.body == unknown.body


async def test_account_number_on_another_channel_is_nobody(budi: Sari) -> None:
    web = Sari(budi.app, ChatRef(Channel.WEB, "kios"), sender=budi.sender)
    (reply,) = await web.commands("konsol")
    assert "kunci=" not in reply.body


async def test_figures_go_to_supervisors_in_their_own_chat_alone(budi: Sari) -> None:
    account = next(_accounts)
    async with budi.app.db.transaction() as session:
        await officers.add(session, account, "Rina", Role.SUPERVISOR, now=datetime.now(UTC))
    rina = Sari(budi.app, ChatRef(Channel.TELEGRAM, str(account)))
    group = Sari(budi.app, ChatRef(Channel.TELEGRAM, "-100201", is_group=True), sender=rina.sender)
    (figures, picture), (in_group,), (for_budi,) = [await who.commands("statistik") for who in (rina, group, budi)]
    assert "Pertanyaan: " in figures.body and "Kasus DARURAT" in figures.body
    assert "obrolan pribadi" in in_group.body and "penyelia" in for_budi.body
    async with budi.app.db.transaction() as session:
        content = await attachments.content_of(session, picture.media.attachment_id)
    assert content.startswith(b"\x89PNG")


async def test_no_row_is_locked_while_the_figures_are_drawn(budi: Sari, monkeypatch: pytest.MonkeyPatch) -> None:
    draw, drawn = figure_picture.draw, []

    def draws(*what: object) -> bytes:
        with psycopg.connect(budi.app.db.psycopg_dsn()) as other:
            other.execute("select 1 from chats for update nowait")
        drawn.append(what)
        return draw(*what)

    account = next(_accounts)
    async with budi.app.db.transaction() as session:
        await officers.add(session, account, "Rina", Role.SUPERVISOR, now=datetime.now(UTC))
    monkeypatch.setattr(figure_picture, "draw", draws)
    _, picture = await Sari(budi.app, ChatRef(Channel.TELEGRAM, str(account))).commands("statistik")
    assert picture.media and len(drawn) == 1
