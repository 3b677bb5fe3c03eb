"""The list of steps and papers as PDF to print, and as a picture for the phone: neither holds personal data."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.messages import Kind
from bot.services import attachments
from bot.services.letters import FONT, LINE, PDF, blank, font_file
from bot.storage.database import Session
from bot.storage.tables import Attachment, Chat
from bot.texts.checklist import Line, Sheet

if TYPE_CHECKING:
    from PIL import ImageDraw

MARGIN_MM = 15
TITLE_PT, SECTION_PT, TEXT_PT, NOTE_PT = 15.0, 11.0, 10.0, 7.0
BOX_MM = 7
SECTION_ROOM_MM, LINE_ROOM_MM = 25, 17
"""What has less room than this below it goes to the next page whole."""


PNG = "image/png"
COLUMN_PX, EDGE_PX, BOX_PX = 600, 40, 50
TITLE_PX, HEADING_PX, TEXT_PX, LEADING = 40, 30, 27, 1.35
CHARACTERS = 33
"""Of text in a line of a column."""
MOST_HIGH_PX = 4000
INK, PAPER, ACCENT = (27, 27, 27), (255, 255, 255), (11, 93, 88)


async def keep(session: Session, chat: Chat, name: str, content: bytes, *, now: datetime) -> Attachment:
    """Keep the sheet until it is fetched."""
    is_pdf = content.startswith(b"%PDF")
    kind, mime_type = (Kind.DOCUMENT, PDF) if is_pdf else (Kind.PICTURE, PNG)
    return await attachments.hand_out(
        session, chat, kind=kind, name=name, mime_type=mime_type, content=content, now=now
    )


def picture(sheet: Sheet) -> bytes:
    """The sheet as one PNG, the papers beside the steps: Telegram narrows what is higher than two of its screens.

    It takes a tenth of a second or two, so call it in a thread.
    """
    from PIL import Image, ImageDraw

    head = [Row("", sheet.title, TITLE_PX, ACCENT), Row("", sheet.name, HEADING_PX, INK, above_px=4)]
    *steps, papers = (_rows(title, lines) for title, lines in sheet.sections)
    foot = [Row("", text, TEXT_PX, INK, above_px=18) for text in sheet.closing]
    drawn = Image.new("RGB", (2 * COLUMN_PX + EDGE_PX, MOST_HIGH_PX), PAPER)
    pen = ImageDraw.Draw(drawn)
    top = _write(pen, head, EDGE_PX, EDGE_PX)
    ends = [
        _write(pen, column, EDGE_PX + number * COLUMN_PX, top)
        for number, column in enumerate(([row for section in steps for row in section], papers))
    ]
    bottom = _write(pen, foot, EDGE_PX, max(ends))
    written = io.BytesIO()
    drawn.crop((0, 0, drawn.width, bottom + EDGE_PX)).save(written, "PNG", optimize=True)
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the picture, with its box before it."""

    box: str
    text: str
    size_px: int
    colour: tuple[int, int, int]
    above_px: int = 0


def _rows(title: str, lines: Sequence[Line]) -> list[Row]:
    heading = Row("", title, HEADING_PX, ACCENT, above_px=22)
    return [heading, *(Row(line.box, line.text, TEXT_PX, INK, above_px=8) for line in lines)]


def _write(pen: ImageDraw.ImageDraw, rows: Sequence[Row], left: int, top: int) -> int:
    """Write them below each other; returns where they end."""
    from PIL import ImageFont

    for row in rows:
        is_plain = row.size_px == TEXT_PX
        font = ImageFont.truetype(font_file("DejaVuSans.ttf" if is_plain else "DejaVuSans-Bold.ttf"), row.size_px)
        top += row.above_px
        pen.text((left, top), row.box, font=font, fill=row.colour)
        # What stands in no column has the room of both.
        width = CHARACTERS if row.box or not is_plain else 2 * CHARACTERS
        for part in textwrap.wrap(row.text, width):
            pen.text((left + (BOX_PX if row.box else 0), top), part, font=font, fill=row.colour)
            top += round(row.size_px * LEADING)
    return top


def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF of A4; it takes a tenth of a second or two, so call it in a thread."""
    page = blank(f"{sheet.title}: {sheet.name}", MARGIN_MM)

    def write(text: str, size_pt: float, *, style: str = "") -> None:
        page.set_font(FONT, style, size_pt)
        page.multi_cell(0, size_pt * LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")

    write(sheet.title, TITLE_PT, style="B")
    write(sheet.name, SECTION_PT)
    for title, lines in sheet.sections:
        page.ln(3)
        if page.will_page_break(SECTION_ROOM_MM):
            page.add_page()
        write(title, SECTION_PT, style="B")
        for line in lines:
            page.set_left_margin(MARGIN_MM)
            page.set_x(MARGIN_MM)
            if page.will_page_break(LINE_ROOM_MM):
                page.add_page()
            page.set_font(FONT, "", TEXT_PT)
            page.cell(BOX_MM, TEXT_PT * LINE, line.box)
            page.set_left_margin(MARGIN_MM + BOX_MM)
            page.set_x(MARGIN_MM + BOX_MM)
            write(line.text, TEXT_PT)
            if line.note:
                write(line.note, NOTE_PT)
        page.set_left_margin(MARGIN_MM)
        page.set_x(MARGIN_MM)
    page.ln(4)
    for text in sheet.closing:
        write(text, TEXT_PT)
    return bytes(page.output())
