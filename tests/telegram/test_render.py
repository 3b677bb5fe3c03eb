"""A reply as Telegram messages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.keyboards import keyboard
from bot.channels.telegram.render import MESSAGE_MAX_UNITS, render, split, utf16_units
from bot.domain.messages import Button, Kind, Media, Mention, Reply
from tests.telegram_api.markup import read_html, utf16


def test_title_is_bold_and_footer_italic() -> None:
    (part,) = render(Reply("Siapkan KTP.", title="Syarat umum", footer="Dasar: UU 18/2017"))
    assert part.html == "<b>Syarat umum</b>\n\nSiapkan KTP.\n\n<i>Dasar: UU 18/2017</i>"
    assert part.plain == "Syarat umum\n\nSiapkan KTP.\n\nDasar: UU 18/2017"


def test_what_people_wrote_never_becomes_markup() -> None:
    evil = "<b>halo</b> & <a href='https://jahat.example'>klik</a> *tebal* _miring_"
    for reply in (Reply(evil), Reply("isi", title=evil), Reply("isi", footer=evil)):
        (part,) = render(reply)
        plain, entities = read_html(part.html)
        assert evil in plain
        assert {entity["type"] for entity in entities} <= {"bold", "italic"}


def test_named_officers_are_called_by_their_account() -> None:
    called = (Mention("Budi", "1002"), Mention("Ani & <i>Rina</i>", "1003"))
    (part,) = render(Reply("Budi, Ani & <i>Rina</i>, tolong ambil.", title="Budi", mentions=called))
    plain, entities = read_html(part.html)
    assert plain == part.plain == "Budi\n\nBudi, Ani & <i>Rina</i>, tolong ambil."
    assert [(entity["type"], entity["offset"], entity.get("user", {}).get("id")) for entity in entities] == [
        ("bold", 0, None),
        ("text_mention", 6, 1002),
        ("text_mention", 12, 1003),
    ]


def test_account_in_a_mention_never_becomes_markup() -> None:
    (part,) = render(Reply("Budi", mentions=(Mention("Budi", '1"><b>'),)))
    assert read_html(part.html)[1][0]["type"] == "text_link"


def test_mention_survives_the_outbox() -> None:
    reply = Reply("Budi", mentions=(Mention("Budi", "1002"),))
    assert Reply.from_json(json.loads(json.dumps(reply.to_json()))) == reply


def test_addresses_stay_plain() -> None:
    (part,) = render(Reply("Buka https://siskop2mi.kp2mi.go.id/cari?a=1&b=2"))
    assert read_html(part.html) == ("Buka https://siskop2mi.kp2mi.go.id/cari?a=1&b=2", [])


def test_long_text_is_cut_between_paragraphs() -> None:
    paragraphs = [f"Paragraf {number}. " + "kata " * 150 for number in range(12)]
    parts = render(Reply("\n\n".join(paragraphs), title="Judul", footer="Sumber"))
    assert len(parts) > 1
    assert all(part.plain.startswith(("Judul", "Paragraf")) for part in parts)
    assert parts[0].html.startswith("<b>Judul</b>")
    assert parts[-1].html.endswith("<i>Sumber</i>")


def test_footer_that_falls_into_two_messages_is_italic_in_both() -> None:
    parts = render(Reply("isi", footer="kata " * 1000))
    assert len(parts) == 2
    assert parts[1].html.startswith("<i>")
    assert all(read_html(part.html) for part in parts)


def test_paragraph_too_long_is_cut_between_lines_and_a_line_between_words() -> None:
    lines = "\n".join("x" * 90 for _ in range(100))
    assert all(set(part.plain.split("\n")) == {"x" * 90} for part in render(Reply(lines)))
    words = " ".join("panjang" for _ in range(1000))
    assert all(set(part.plain.split(" ")) == {"panjang"} for part in render(Reply(words)))


def test_emoji_count_twice_as_telegram_counts() -> None:
    parts = render(Reply("🙏" * 3000))
    assert [utf16(part.plain) for part in parts] == [4096, 1904]


def test_control_characters_and_lone_surrogates_are_left_out() -> None:
    (part,) = render(Reply("a\x00b\x1b[31m\ud800c\td"))
    assert part.plain == "ab[31mc\td"


def test_reply_without_words_is_no_message() -> None:
    assert render(Reply("")) == []
    assert render(Reply(" \n\x00 ", footer="hanya catatan")) == []


@given(st.text(st.sampled_from("ab <&>\n🙏é"), max_size=400), st.integers(5, 60))
def test_split_keeps_all_but_the_space_at_the_cuts(text: str, limit: int) -> None:
    ranges = split(text, limit)
    assert all(utf16_units(text[start:end]) <= limit for start, end in ranges)
    assert "".join("".join(text[start:end].split()) for start, end in ranges) == "".join(text.split())


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_every_reply_is_html_that_telegram_accepts(body: str, title: str, footer: str) -> None:
    for part in render(Reply(body, title=title, footer=footer)):
        plain, _ = read_html(part.html)
        assert plain == part.plain
        assert 0 < utf16(plain) <= MESSAGE_MAX_UNITS


def test_buttons_keep_their_rows() -> None:
    markup = keyboard(((Button("Tanya", "menu:tanya"), Button("Lapor", "menu:lapor")), (Button("Batal", "batal"),)))
    assert [[button.callback_data for button in row] for row in markup.inline_keyboard] == [
        ["menu:tanya", "menu:lapor"],
        ["batal"],
    ]


def test_action_over_64_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        keyboard(((Button("Tanya", "x" * 65),),))
    assert keyboard(()) is None


PICTURE, PLACE = Media(Kind.PICTURE, file_id="f"), Media(Kind.LOCATION, latitude=1.5, longitude=110.3)


def test_text_of_a_picture_is_its_caption() -> None:
    (part,) = render(Reply("Ini <paspor> saya", title="Pelapor", media=PICTURE))
    assert (part.media, part.html) == (PICTURE, "<b>Pelapor</b>\n\nIni &lt;paspor&gt; saya")


@pytest.mark.parametrize(("media", "body"), [(PICTURE, "😀" * 513), (PLACE, "di sini")])
def test_text_that_cannot_be_a_caption_goes_ahead_of_the_media(media: Media, body: str) -> None:
    text, alone = render(Reply(body, media=media))
    assert (text.plain, text.media) == (body, None)
    assert (alone.plain, alone.media) == ("", media)


def test_media_without_a_word_is_a_message() -> None:
    (part,) = render(Reply("", media=PICTURE))
    assert (part.plain, part.media) == ("", PICTURE)
