"""What people do on Telegram reaches the dialogue as the dialogue knows it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App
from bot.domain.messages import Button, Kind, Media, Reply
from bot.storage.tables import Chat, FailedUpdate
from bot.texts.telegram import COMMANDS
from tests.telegram.conftest import BUDI, SARI, Running, StandInDialogue, until_handled
from tests.telegram_api import Account

GROUP, SUPERGROUP = -500, -1_000_000_000_500
FILE = {"file_id": "f", "file_unique_id": "f"}
STICKER = {**FILE, "width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}
LOCATION = {"latitude": -0.03, "longitude": 109.3}


async def test_question_is_answered(app: App, telegram: Account, running: Running, dialogue: StandInDialogue) -> None:
    async with running(app):
        said = telegram.person_says(SARI, "syarat kerja ke Taiwan?")
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["Jawaban: syarat kerja ke Taiwan?"])
    (incoming,) = dialogue.committed
    assert incoming.source == f"telegram:{telegram.id}"
    assert incoming.update_id == said["update_id"]
    assert (incoming.chat.external_id, incoming.sender_id, incoming.chat.is_group) == ("1001", "1001", False)
    assert incoming.sent_at.tzinfo is not None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Kind.STICKER, {"sticker": STICKER}),
        (Kind.PICTURE, {"photo": [{**FILE, "width": 9, "height": 9}], "caption": "lowongan ini benar?"}),
        (Kind.VOICE, {"voice": {**FILE, "duration": 3}}),
        (Kind.DOCUMENT, {"document": {**FILE, "file_name": "kontrak.pdf"}}),
        (Kind.LOCATION, {"location": LOCATION}),
        (Kind.LOCATION, {"venue": {"location": LOCATION, "title": "Kantor", "address": "Jl. A"}, "location": LOCATION}),
        (Kind.CONTACT, {"contact": {"phone_number": "0811", "first_name": "Budi"}}),
        (Kind.AUDIO, {"audio": {**FILE, "duration": 3}}),
        (Kind.VIDEO, {"video": {**FILE, "width": 1, "height": 1, "duration": 1}, "caption": "di sini"}),
        (Kind.VIDEO_NOTE, {"video_note": {**FILE, "length": 1, "duration": 1}}),
        (Kind.ANIMATION, {"animation": {**FILE, "width": 1, "height": 1, "duration": 1}, "document": FILE}),
        (Kind.OTHER, {"dice": {"emoji": "🎲", "value": 3}}),
    ],
)
async def test_every_kind_of_message_is_told_apart(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, kind: Kind, fields: dict[str, Any]
) -> None:
    async with running(app):
        telegram.person_says(SARI, **fields)
        await telegram.wait_for(lambda: dialogue.committed)
    assert dialogue.committed[0].kind is kind
    assert dialogue.committed[0].text == fields.get("caption", "")


@pytest.mark.parametrize(
    ("fields", "media"),
    [
        (
            {
                "photo": [
                    {**FILE, "width": 90, "height": 60},
                    {"file_id": "large", "file_unique_id": "l", "width": 1280, "height": 960, "file_size": 9000},
                ]
            },
            Media(Kind.PICTURE, file_id="large", mime_type="image/jpeg", size_bytes=9000),
        ),
        (
            {"document": {**FILE, "file_name": "kontrak.pdf", "mime_type": "application/pdf", "file_size": 5}},
            Media(Kind.DOCUMENT, file_id="f", name="kontrak.pdf", mime_type="application/pdf", size_bytes=5),
        ),
        (
            {"voice": {**FILE, "duration": 3, "mime_type": "audio/ogg"}},
            Media(Kind.VOICE, file_id="f", mime_type="audio/ogg"),
        ),
        (
            {"venue": {"location": LOCATION, "title": "Kantor", "address": "Jl. A"}, "location": LOCATION},
            Media(Kind.LOCATION, name="Kantor, Jl. A", latitude=-0.03, longitude=109.3),
        ),
        (
            {"contact": {"phone_number": "0811", "first_name": "Sari", "last_name": "Dewi", "user_id": SARI}},
            Media(Kind.CONTACT, phone="0811", person_name="Sari Dewi", is_own=True),
        ),
        (
            {"contact": {"phone_number": "0812", "first_name": "Budi", "user_id": BUDI}},
            Media(Kind.CONTACT, phone="0812", person_name="Budi"),
        ),
        ({"sticker": {**STICKER, "emoji": "😭"}}, Media(Kind.STICKER, file_id="f", name="😭")),
        ({"text": "halo"}, None),
        ({"dice": {"emoji": "🎲", "value": 3}}, None),
    ],
)
async def test_what_is_no_text_is_known_by_its_file_or_its_content(
    app: App,
    telegram: Account,
    running: Running,
    dialogue: StandInDialogue,
    fields: dict[str, Any],
    media: Media | None,
) -> None:
    async with running(app):
        telegram.person_says(SARI, **fields, media_group_id="9")
        await telegram.wait_for(lambda: dialogue.committed)
    assert (dialogue.committed[0].media, dialogue.committed[0].album_id) == (media, "9")


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/start", "start", ""),
        ("/cek PT Maju Jaya", "cek", "PT Maju Jaya"),
        ("/LAPOR@silvi_uji_bot gaji\nbelum dibayar", "lapor", "gaji\nbelum dibayar"),
        ("/tidakada", "tidakada", ""),
    ],
)
async def test_command_is_its_name_and_what_follows(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, text: str, command: str, rest: str
) -> None:
    async with running(app):
        telegram.person_says(SARI, text)
        await telegram.wait_for(lambda: dialogue.committed)
    said = dialogue.committed[0]
    assert (said.kind, said.command, said.text) == (Kind.COMMAND, command, rest)


async def test_forwarded_message_is_known_as_such(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Agen", "date": 1_700_000_000}
    async with running(app):
        telegram.person_says(SARI, "Gaji 20 juta tanpa syarat!", forward_origin=origin)
        await telegram.wait_for(lambda: dialogue.committed)
    assert dialogue.committed[0].is_forward


async def test_edited_message_comes_again_as_an_edit(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(app):
        said = telegram.person_says(SARI, "sarat ke Jepang")
        await telegram.wait_for(lambda: dialogue.committed)
        telegram.person_edits(SARI, said["message"]["message_id"], "syarat ke Jepang")
        await telegram.wait_for(lambda: len(dialogue.committed) == 2)
    first, second = dialogue.committed
    assert (first.is_edit, second.is_edit) == (False, True)
    assert (second.text, second.message_id) == ("syarat ke Jepang", first.message_id)


async def test_pressed_button_arrives_with_its_action_and_is_acknowledged(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    dialogue.replies = lambda said: (
        [Reply("Terima kasih", callback_id=said.callback_id)]
        if said.kind is Kind.BUTTON
        else [Reply("Terbantu?", buttons=((Button("Ya", "jempol:1"),),))]
    )
    async with running(app):
        telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
        pressed = telegram.presses(SARI, "Ya")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == "Terima kasih")
    assert dialogue.committed[1].button == "jempol:1"
    assert dialogue.committed[1].message_id == telegram.messages_to(SARI)[0].message_id
    assert pressed["callback_query"]["id"] in telegram.answered


async def test_button_under_a_message_long_gone_still_arrives(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(app):
        telegram.presses(SARI, "entah:apa", message_id=77)
        await telegram.wait_for(lambda: dialogue.committed)
    assert (dialogue.committed[0].button, dialogue.committed[0].message_id) == ("entah:apa", 77)


async def test_group_talk_is_left_alone_until_silvi_is_addressed(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(app):
        telegram.person_says(GROUP, "besok rapat jam 9", sender=BUDI)
        telegram.person_says(GROUP, "/start@bot_lain", sender=BUDI)
        telegram.person_says(GROUP, "@silvi_uji_bot apa itu P3MI?", sender=SARI)
        telegram.person_says(GROUP, "/bantuan", sender=SARI)
        await telegram.wait_for(lambda: len(telegram.messages_to(GROUP)) == 2)
        answer = telegram.messages[GROUP, telegram.messages_to(GROUP)[0].message_id]
        telegram.person_says(GROUP, "kalau ke Taiwan?", sender=SARI, reply_to_message=answer)
        await telegram.wait_for(lambda: len(telegram.messages_to(GROUP)) == 3)
    assert all(said.chat.is_group for said in dialogue.committed)
    addressed = [said.text for said in dialogue.committed if said.is_addressed]
    assert addressed == ["apa itu P3MI?", "", "kalau ke Taiwan?"]


async def test_joining_pinning_and_other_events_say_nothing(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(app):
        telegram.person_says(GROUP, sender=SARI, new_chat_title="Calon PMI")
        telegram.push({"poll_answer": {"poll_id": "1", "option_ids": []}}, anyway=True)
        telegram.push({"jenis_baru": {"apa": "entah"}}, anyway=True)
        telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
        await telegram.wait_for(lambda: not telegram.queue)
    assert dialogue.texts() == ["halo"]


async def test_group_that_became_a_supergroup_keeps_its_chat(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(app):
        telegram.person_says(GROUP, "/start", sender=SARI)
        await telegram.wait_for(lambda: telegram.messages_to(GROUP))
        telegram.migrates(GROUP, SUPERGROUP)
        telegram.person_says(SUPERGROUP, "/bantuan", sender=SARI)
        await telegram.wait_for(lambda: telegram.messages_to(SUPERGROUP))
    async with app.db.transaction() as session:
        chats = (await session.execute(select(Chat.external_id))).scalars().all()
    assert chats == [str(SUPERGROUP)]


async def test_person_who_blocked_silvi_is_not_written_to_until_they_write_again(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
        telegram.blocks(SARI)
        await until_handled(app, telegram)
        assert await unreachable(app, SARI)
        telegram.unblocks(SARI)
        telegram.person_says(SARI, "saya kembali")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == "Jawaban: saya kembali")
        assert not await unreachable(app, SARI)


async def test_removal_from_a_chat_nobody_wrote_in_is_no_failure(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.blocks(BUDI)
        telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: not telegram.queue)
    async with app.db.transaction() as session:
        assert (await session.execute(select(FailedUpdate))).all() == []


async def test_commands_and_descriptions_are_registered_in_indonesian(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        await telegram.wait_for(lambda: "short_description" in telegram.profile)
    names = [command["command"] for command in telegram.profile["commands"]]
    assert names == [name for name, _ in COMMANDS]
    assert "Silvi" in telegram.profile["description"]


async def unreachable(app: App, chat: int) -> bool:
    async with app.db.transaction() as session:
        found = await session.execute(select(Chat.unreachable_at).where(Chat.external_id == str(chat)))
        return found.scalar_one() is not None
