"""The yearly report as PDF: a page of key figures, then each table with its plot, then how it was counted."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from bot.domain.yearly import YearReport
from bot.services.letters import FONT, LINE, blank
from bot.texts import yearly as words
from bot.texts.yearly import Chapter

MARGIN_MM = 20
TITLE_PT, BIG_PT, SECTION_PT, TEXT_PT, NOTE_PT, APPENDIX_PT = 24.0, 22.0, 13.0, 10.0, 8.0, 7.0
LEAD = 1.15
"""Height of a line in a table, for one of plain text."""
PLOT_MM, ROW_MM, WORDS_MM = 140, TEXT_PT * LINE * LEAD + 1, 26
"""Width of a plot; height of a row; room for the words around a table."""
CARD_MM, GUTTER_MM, CARDS_A_ROW = 38, 8, 2
INK, GREY, LINES, ACCENT = (27, 27, 27), (90, 100, 99), (200, 208, 207), (11, 93, 88)


def pdf(report: YearReport, plots: Mapping[str, bytes]) -> bytes:
    """The report as PDF of A4, with the PNGs in `plots` by the codes of their tables; takes about a second."""
    sheet = _Sheet(report)
    sheet.key_figures(report)
    sheet.new_page()
    for chapter in words.chapters(report):
        sheet.chapter(chapter, plots.get(chapter.code))
    sheet.new_page()
    if report.has_silvi:
        sheet.heading(words.PACE_TITLE)
        sheet.table(words.pace_rows(report), (16, 14, 14, 14, 14, 14, 14), NOTE_PT)
        sheet.page.ln(3)
    sheet.heading(words.METHOD_TITLE)
    for text in words.METHOD:
        sheet.write(text)
        sheet.page.ln(1.5)
    sheet.page.ln(3)
    sheet.heading(words.VERSIONS_TITLE)
    if report.versions:
        sheet.table([words.VERSIONS_HEADINGS, *words.version_rows(report)], (9, 25, 20, 46), APPENDIX_PT)
    else:
        sheet.write(words.NO_VERSIONS)
    sheet.new_page()
    sheet.heading(words.APPENDIX_TITLE)
    sheet.table([words.APPENDIX_HEADINGS, *words.appendix()], (25, 33, 25, 17), APPENDIX_PT)
    sheet.write(words.QUERIES_SHEET, NOTE_PT, colour=GREY)
    return bytes(sheet.page.output())


class _Sheet:
    """The pages as they grow."""

    def __init__(self, report: YearReport) -> None:
        self.page = page = blank(words.title(report), MARGIN_MM, footer=words.footer(report))
        page.set_creation_date(datetime.combine(report.as_of, time(), UTC))
        page.set_draw_color(*LINES)
        page.set_line_width(0.2)

    def new_page(self) -> None:
        self.page.add_page()

    def write(self, text: str, size_pt: float = TEXT_PT, *, style: str = "", colour: tuple = INK) -> None:
        self.page.set_text_color(*colour)
        self.page.set_font(FONT, style, size_pt)
        self.page.multi_cell(0, size_pt * LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.page.set_text_color(*INK)

    def heading(self, text: str) -> None:
        self.write(text, SECTION_PT, style="B", colour=ACCENT)
        self.page.ln(1)

    def table(
        self, rows: Sequence[Sequence[str]], widths: tuple[int, ...], size_pt: float = TEXT_PT, *, total: bool = False
    ) -> None:
        """The heading first; with `total` the last line is one."""
        from fpdf.fonts import FontFace

        page = self.page
        page.set_font(FONT, "", size_pt)
        aligned = "LEFT" if size_pt == APPENDIX_PT else ("LEFT", *["RIGHT"] * (len(widths) - 1))
        with page.table(
            col_widths=widths,
            text_align=aligned,
            line_height=size_pt * LINE * (LEAD if size_pt > APPENDIX_PT else 1.0),
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD", color=GREY),
            padding=(0.5, 1),
        ) as drawn:
            for number, row in enumerate(rows):
                is_total = total and number == len(rows) - 1
                drawn.row(row, style=FontFace(emphasis="BOLD") if is_total else None)
        page.ln(2)

    def key_figures(self, report: YearReport) -> None:
        """The office, the year, and a card for each figure that everybody asks for."""
        page = self.page
        self.write(words.OFFICE, NOTE_PT, colour=GREY)
        self.write(words.title(report), TITLE_PT, style="B", colour=ACCENT)
        self.write(words.subtitle(report), colour=GREY)
        page.ln(8)
        width, left, top = (page.epw - GUTTER_MM) / CARDS_A_ROW, page.l_margin, page.get_y()
        _, before = words.year_headings(report)
        keys = words.key_figures(report)
        for number, key in enumerate(keys):
            row, column = divmod(number, CARDS_A_ROW)
            x, y = left + column * (width + GUTTER_MM), top + row * CARD_MM
            page.line(x, y, x + width, y)
            for text, size_pt, style, colour, below_mm in (
                (key.label, TEXT_PT, "", INK, 3),
                (key.now, BIG_PT if len(key.now) < len(words.NO_DATA) else SECTION_PT, "B", ACCENT, 10),
                (key.detail, NOTE_PT, "", INK, 22),
                (f"{before}: {key.before}", NOTE_PT, "", GREY, 27 if key.detail else 22),
            ):
                page.set_xy(x, y + below_mm)
                page.set_font(FONT, style, size_pt)
                page.set_text_color(*colour)
                page.cell(width, size_pt * LINE, text)
        page.set_xy(left, top + CARD_MM * -(-len(keys) // CARDS_A_ROW))
        self.write(" ".join(words.reading_notes(report)), NOTE_PT, colour=GREY)

    def chapter(self, chapter: Chapter, plot: bytes | None) -> None:
        """A table with its plot; one without a single line is told in a sentence."""
        page = self.page
        # A table that goes on overleaf is hard to read: the heading takes two rows.
        if page.will_page_break(_plot_mm(plot) + ROW_MM * (len(chapter.lines) + 2) + WORDS_MM):
            page.add_page()
        self.heading(chapter.title)
        self.write(chapter.meaning)
        page.ln(1)
        if plot:
            page.image(io.BytesIO(plot), w=PLOT_MM, alt_text=chapter.title)
        if chapter.only_total:
            self.write(words.nothing_to_list(chapter), style="B")
            page.ln(1)
        else:
            rows = [chapter.headings, *((line.label, line.now, line.before) for line in chapter.lines)]
            self.table(rows, (46, 30, 24), total=chapter.has_total)
        self.write(" ".join(chapter.notes), NOTE_PT, colour=GREY)
        page.ln(6)


def _plot_mm(content: bytes | None) -> float:
    from PIL import Image

    if content is None:
        return 0.0
    width, height = Image.open(io.BytesIO(content)).size
    return PLOT_MM * height / width
