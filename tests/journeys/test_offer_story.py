"""An offer on its way through Telegram: forwarded as words, as a poster, and overheard in a group."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select, update

from bot.domain.cases import Role
from bot.services import officers
from bot.storage.tables import Attachment, Case
from bot.texts import offers as words
from knowledge.red_flags.advice import load_texts
from tests.journeys.conftest import Process
from tests.telegram_api import Account, Fault

SARI, BUDI, GROUP = 1101, 1102, -1100
ADVERT = "LOWONGAN KERJA KE KAMBOJA, gaji 15 juta, berangkat pakai visa wisata dulu, DP 2 juta. Minat hubungi 0812-1111-2222."
FORWARDED = {"type": "hidden_user", "sender_user_name": "Info Loker", "date": 1}


def poster() -> bytes:
    """The advert as people get it."""
    picture = Image.new("RGB", (900, 420), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(34)
    lines = ("LOWONGAN KERJA KE KAMBOJA", "Gaji 15 juta", "Berangkat pakai visa wisata dulu", "DP 2 juta")
    for number, line in enumerate(lines):
        draw.text((40, 40 + 85 * number), line, fill="black", font=font)
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


async def test_forwarded_poster_is_answered_after_a_restart_and_reported_with_one_tap(
    process: Process, telegram: Account
) -> None:
    danger = load_texts().frame["danger"]
    async with process():
        telegram.person_says(SARI, ADVERT, forward_origin=FORWARDED)
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        assert telegram.texts_to(SARI)[0].startswith(danger)
        telegram.fault("getFile", Fault.ERROR_500)
        telegram.person_sends(SARI, "photo", poster(), forward_origin=FORWARDED)
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.READING)
        await telegram.wait_for(lambda: not telegram._faults["getFile"])
    async with process() as app:
        async with app.db.transaction() as session:
            # The pause before the next try is over.
            await session.execute(update(Attachment).values(fetch_at=datetime.now(UTC)))
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1].startswith(danger), within_s=90)
        telegram.presses(SARI, words.REPORT)
        await telegram.wait_for(lambda: "SLV-" in telegram.texts_to(SARI)[-1])
        async with app.db.transaction() as session:
            (case,) = (await session.execute(select(Case))).scalars()
            (picture,) = (await session.execute(select(Attachment))).scalars()
        assert "KAMBOJA" in case.narrative.upper() and picture.case_id == case.id


async def test_group_hears_of_danger_once_and_of_nothing_else(process: Process, telegram: Account) -> None:
    async with process() as app:
        async with app.db.transaction() as session:
            await officers.add(session, BUDI, "Budi", Role.OFFICER, now=datetime.now(UTC))
        telegram.person_says(GROUP, "/siaga on", sender=BUDI)
        await telegram.wait_for(lambda: telegram.texts_to(GROUP) == [words.WARNINGS_ON])
        telegram.person_says(GROUP, ADVERT, sender=SARI)
        telegram.person_says(GROUP, ADVERT, sender=SARI)
        telegram.person_says(
            GROUP, "besok rapat di balai desa jam sembilan, bawa buku catatan dan alat tulis ya", sender=SARI
        )
        telegram.person_says(GROUP, "/siaga off", sender=BUDI)
        await telegram.wait_for(lambda: telegram.texts_to(GROUP)[-1] == words.WARNINGS_OFF)
    assert len(telegram.texts_to(GROUP)) == 3
    assert "https://t.me/silvi_uji_bot?start=cek" in telegram.texts_to(GROUP)[1]
