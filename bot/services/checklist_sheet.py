"""The list of steps and papers as PDF, to print or to show: it holds no personal data."""

from __future__ import annotations

from datetime import datetime

from bot.domain.messages import Kind
from bot.services import attachments
from bot.services.letters import FONT, LINE, PDF, blank
from bot.storage.database import Session
from bot.storage.tables import Attachment, Chat
from bot.texts.checklist import Sheet

MARGIN_MM = 15
TITLE_PT, SECTION_PT, TEXT_PT, NOTE_PT = 15.0, 11.0, 10.0, 7.0
BOX_MM = 7
SECTION_ROOM_MM, LINE_ROOM_MM = 25, 17
"""What has less room than this below it goes to the next page whole."""


async def keep(session: Session, chat: Chat, name: str, content: bytes, *, now: datetime) -> Attachment:
    """Keep the sheet until it is fetched."""
    return await attachments.hand_out(
        session, chat, kind=Kind.DOCUMENT, name=name, mime_type=PDF, content=content, now=now
    )


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
