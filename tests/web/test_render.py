"""Plain text as paragraphs and lists, and the conversation in its order."""

from __future__ import annotations

from bot.channels.web.render import BlockKind, OwnWords, blocks, conversation
from bot.domain.messages import Reply
from bot.services.conversation import Told
from bot.texts.kiosk import at_kiosk


def shape(text: str) -> list[tuple[BlockKind, list[str]]]:
    return [(block.kind, ["".join(span.text for span in line.spans) for line in block.lines]) for block in blocks(text)]


def test_paragraphs_and_numbered_steps_are_kept():
    assert shape("Halo.\nApa kabar?\n\nCaranya:\n1. Daftar.\n2) Tunggu.\n- KTP\n• KK") == [
        (BlockKind.TEXT, ["Halo.", "Apa kabar?"]),
        (BlockKind.TEXT, ["Caranya:"]),
        (BlockKind.NUMBERED, ["Daftar.", "Tunggu."]),
        (BlockKind.BULLETED, ["KTP", "KK"]),
    ]


def test_small_print_has_no_heading():
    kinds = [
        block.kind for block in blocks("Dasar: UU 18/2017 Pasal 6\nTerakhir diperiksa: 24 November 2026", headed=False)
    ]
    assert kinds == [BlockKind.TEXT]


def test_kiosk_names_buttons_where_others_type_commands():
    told = (
        "Ketik /lapor. Dilarang keluar? Ketik juga /petugas. Tanyakan langkah aman lewat /petugas, atau tulis /batal."
    )
    assert at_kiosk(told) == (
        "Tekan Lapor masalah. Dilarang keluar? Tekan juga Petugas. Tanyakan langkah aman lewat tombol Petugas, atau tekan Batal."
    )
    assert at_kiosk("Untuk melihat kabarnya, tulis /status.") == "Untuk melihat kabarnya, tulis /status."


def test_numbers_stay_as_written_across_paragraphs():
    assert [line.number for block in blocks("1. Satu\n\n2. Dua") for line in block.lines] == [1, 2]


def test_years_amounts_and_dashes_inside_a_line_are_no_list():
    assert {kind for kind, _ in shape("2026. Tahun ini\n1.500 ringgit\n-5 derajat\n*tebal*")} == {BlockKind.TEXT}


def test_address_ends_before_the_full_stop():
    (block,) = blocks("Buka https://kp2mi.go.id/cek?x=1&y=2. Lalu (https://a.id).")
    found = [span.href for span in block.lines[0].spans if span.href]
    assert found == ["https://kp2mi.go.id/cek?x=1&y=2", "https://a.id"]


def test_phone_numbers_can_be_tapped_and_dates_hours_and_id_numbers_cannot():
    (block,) = blocks("Hubungi 0800-1000 atau +62 21 2924 4800, WA 0811-8080-141 (24 jam).")
    assert [span.href for span in block.lines[0].spans if span.href] == [
        "tel:08001000",
        "tel:+622129244800",
        "tel:08118080141",
    ]
    (block,) = blocks("Buka 08.00-16.00, tanggal 08-12-2026, NIK 6171010101900001, SLV-2026-000123, Rp 10.000.000")
    assert not any(span.href for span in block.lines[0].spans)


def test_short_numbers_can_be_tapped_in_a_line_of_contacts_alone():
    (block,) = blocks("- Polis Malaysia (darurat): 999 (perlu dikonfirmasi petugas)\n- SAPA 129 (anak): 129, WhatsApp")
    assert [span.href for line in block.lines for span in line.spans if span.href] == ["tel:999", "tel:129"]
    (block,) = blocks("Aturan tahun 2020: 10 jenis kerja. Biaya: 2500 ringgit (sumber 2022).")
    assert not any(span.href for span in block.lines[0].spans)


def test_how_far_something_is_confirmed_is_told_apart():
    (block,) = blocks("KP2MI: 0800-1000 (sumber 2025, perlu dikonfirmasi petugas)")
    assert [span.text for span in block.lines[0].spans if span.is_note] == ["(sumber 2025, perlu dikonfirmasi petugas)"]


def test_short_line_above_others_is_their_heading():
    assert shape("Kalau ditagih\n1. Tanya.\n\nAngka yang tercatat\nPaspor Rp0.\n\nSendiri") == [
        (BlockKind.HEADING, ["Kalau ditagih"]),
        (BlockKind.NUMBERED, ["Tanya."]),
        (BlockKind.HEADING, ["Angka yang tercatat"]),
        (BlockKind.TEXT, ["Paspor Rp0."]),
        (BlockKind.TEXT, ["Sendiri"]),
    ]


def test_script_addresses_are_no_links():
    (block,) = blocks("javascript:alert(1) data:text/html,x")
    assert not any(span.href for span in block.lines[0].spans)


def test_edit_takes_the_place_of_the_message_it_names_and_words_stand_where_they_were_said():
    told = [
        Told(1, Reply("halo"), False),
        Told(2, Reply("pendek"), False),
        Told(3, Reply("panjang", edits_message_id=2), False),
        Told(4, Reply("", footer="terima kasih"), False),
        Told(5, Reply("edit dari yang hilang", edits_message_id=99), False),
    ]
    bubbles = conversation(told, [OwnWords(1, "tanya"), OwnWords(3, "lagi")])
    assert [bubble.own_text or bubble.reply.body for bubble in bubbles] == [
        "halo",
        "tanya",
        "panjang",
        "lagi",
        "edit dari yang hilang",
    ]
    assert [bubble.id for bubble in bubbles if bubble.reply] == [1, 2, 5]
