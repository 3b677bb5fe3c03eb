"""Referral letters as PDF of one page, kept as attachments of their case."""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from bot.domain.messages import Kind
from bot.services import attachments
from bot.storage.database import Session
from bot.storage.tables import Attachment, Case, Officer, Referral
from bot.texts.letter import Letter

PDF = "application/pdf"
FONT = "DejaVu Sans"
SIZES_PT = (10.0, 9.0, 8.0, 7.0, 6.0)
"""The largest at which the letter fits on its page is taken."""
MARGIN_MM = 22
FOOT_MM, FOOT_PT, FOOT_COLOUR = 12, 8.0, (90, 100, 99)
LINE = 0.5
"""Height of a line in millimetres, for each point of its letters."""


async def keep(
    session: Session, case: Case, officer: Officer, referral: Referral, content: bytes, *, now: datetime
) -> Attachment:
    """Keep the letter with its case; the officer sends it."""
    name = f"{referral.letter_number.replace('/', '-')}-{referral.agency}.pdf"
    return await attachments.keep(
        session, case, officer=officer, kind=Kind.DOCUMENT, name=name, mime_type=PDF, content=content, now=now
    )


def pdf(letter: Letter) -> bytes:
    """The letter as PDF, set as small as one page needs; it takes a tenth of a second or two, so call it in a thread."""
    for size_pt in SIZES_PT:
        page = _draw(letter, size_pt)
        if page.pages_count == 1:
            break
    return bytes(page.output())


def blank(title: str, margin_mm: float, *, footer: str = ""):
    """An empty page of A4 in Indonesian, with the font of all that Silvi prints; `footer` stands below with the page's number."""
    # Only who prints waits for the library, not every start of Silvi.
    from fpdf import FPDF

    class Numbered(FPDF):
        def footer(self) -> None:
            if footer:
                self.set_y(-FOOT_MM)
                self.set_font(FONT, "", FOOT_PT)
                self.set_text_color(*FOOT_COLOUR)
                self.cell(0, FOOT_PT * LINE, f"{footer}, halaman {self.page_no()} dari {{nb}}", align="R")
                self.set_text_color(0)

    page = Numbered(format="A4")
    page.set_lang("id")
    page.set_title(title)
    page.set_margins(margin_mm, margin_mm, margin_mm)
    page.set_auto_page_break(True, margin_mm)
    page.add_page()
    page.add_font(FONT, "", font_file("DejaVuSans.ttf"))
    page.add_font(FONT, "B", font_file("DejaVuSans-Bold.ttf"))
    return page


def _draw(letter: Letter, size_pt: float):
    page, line_mm = blank(letter.subject, MARGIN_MM), size_pt * LINE

    def write(text: str, *, style: str = "", align: str = "L", size: float = size_pt) -> None:
        page.set_font(FONT, style, size)
        page.multi_cell(0, size * LINE, text, align=align, new_x="LMARGIN", new_y="NEXT")

    def gap(lines: float = 1.0) -> None:
        page.ln(line_mm * lines)

    name, *lines = letter.letterhead
    write(name, style="B", align="C", size=size_pt + 3)
    for text in lines:
        write(text, align="C")
    gap(0.5)
    page.line(MARGIN_MM, page.get_y(), page.w - MARGIN_MM, page.get_y())
    gap()
    write(letter.day, align="R")
    write(f"Nomor: {letter.number}")
    write("Sifat: rahasia")
    write(f"Perihal: {letter.subject}", style="B")
    gap()
    write("Kepada Yth.")
    write(letter.recipient, style="B")
    gap()
    write("Dengan hormat,")
    gap(0.5)
    write(letter.introduction)
    gap(0.5)
    for label, value in letter.facts:
        write(f"{label}: {value}")
    if letter.account:
        gap(0.5)
        write("Cerita pelapor:", style="B")
        write(letter.account)
    gap(0.5)
    for text in letter.closing:
        write(text)
    gap()
    write(f"Hormat kami,\n{letter.office}")
    gap(4)
    write("(nama, jabatan, tanda tangan)")
    write(f"Petugas yang menangani: {letter.officer}")
    return page


def font_file(name: str) -> Path:
    """A font that knows every letter people write, from a package that is there anyway (and is not loaded for it)."""
    return Path(find_spec("matplotlib").submodule_search_locations[0], "mpl-data", "fonts", "ttf", name)
