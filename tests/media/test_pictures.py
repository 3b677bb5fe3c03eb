"""Pictures are read on the machine; what cannot be read is refused at once, with a reason a person understands."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.media import pictures


def picture(*lines: str, size: tuple[int, int] = (900, 500), form: str = "PNG") -> bytes:
    """A poster with these lines."""
    image = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=44)
    for number, line in enumerate(lines):
        draw.text((40, 40 + 90 * number), line, fill="black", font=font)
    stream = io.BytesIO()
    image.save(stream, form)
    return stream.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A small PNG file that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


async def test_lines_are_read_from_top_to_bottom() -> None:
    read = await pictures.text_of(picture("LOWONGAN MALAYSIA", "gaji 17 juta", "WA 0812-3456-7890"))
    assert read.splitlines() == ["LOWONGAN MALAYSIA", "gaji 17 juta", "WA 0812-3456-7890"]


async def test_what_stands_side_by_side_is_one_line() -> None:
    image = Image.new("RGB", (900, 300), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=44)
    draw.text((40, 100), "Gaji", fill="black", font=font)
    draw.text((600, 100), "RM 1.700", fill="black", font=font)
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    assert (await pictures.text_of(stream.getvalue())).split() == ["Gaji", "RM", "1.700"]


async def test_picture_without_text_gives_none() -> None:
    assert await pictures.text_of(picture()) == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"bukan gambar", "bukan gambar"),
        (b"", "bukan gambar"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "gambar"),
        (bomb(60_000, 60_000), "terlalu besar"),
        (bomb(8_000, 6_000), "^gambar terlalu besar"),
        (bomb(900, 900), "rusak"),
        (b"\xff" * (pictures.MAX_BYTES + 1), "MB"),
    ],
    ids=["pdf", "text", "empty", "broken-png", "bomb", "too-many-pixels", "cut-off", "too-heavy"],
)
async def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(pictures.UnreadablePicture, match=reason):
        await pictures.text_of(data)


async def test_large_photo_is_made_smaller_before_it_is_read() -> None:
    opened = pictures._opened(picture("LOWONGAN", size=(4000, 3000), form="JPEG"))
    assert max(opened.size) <= pictures.READ_SIDE_PX


async def test_strip_is_not_enlarged_until_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(pictures, "_lines_of", lambda image: seen.append(image.size) or "")
    await pictures.text_of(picture(size=(20_000, 5)))
    assert seen == [(pictures.READ_SIDE_PX, pictures.LEAST_SIDE_PX)]


def page_of_small_print() -> bytes:
    """More words than anybody reads, as one picture."""
    image = Image.new("RGB", (1600, 1600), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=14)
    for row in range(60):
        for column in range(12):
            draw.text((10 + 130 * column, 10 + 26 * row), f"loker{row}{column}", fill="black", font=font)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


async def test_of_a_page_of_small_print_only_some_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIECES", 12)
    read = (await pictures.text_of(page_of_small_print())).split()
    assert 0 < len(read) <= 2 * 12


async def test_reading_that_takes_too_long_ends_with_a_clear_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "READING_S", 0.0)
    with pytest.raises(pictures.UnreadablePicture, match="potong bagian yang penting"):
        await pictures.text_of(page_of_small_print())
