"""The yearly report as PDF: key figures, then each table with its plot, then how it was counted."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from bot.domain.yearly import YearReport
from bot.services.letters import FONT, LINE, blank
from bot.texts import yearly as words

MARGIN_MM = 18
TITLE_PT, SECTION_PT, KEY_PT, TEXT_PT, NOTE_PT, APPENDIX_PT = 22.0, 13.0, 12.0, 10.0, 8.0, 7.0
LEAD = 1.15
"""Height of a line in a table, for one of plain text."""
PLOT_MM, ROW_MM, WORDS_MM = 150, TEXT_PT * LINE * LEAD, 30
"""Width of a plot; height of a row; room for the words around a table."""


def pdf(report: YearReport, plots: Mapping[str, bytes]) -> bytes:
    """The report as PDF of A4, with the PNGs in `plots` by the codes of their tables; takes about a second."""
    page = blank(words.title(report), MARGIN_MM)
    page.set_creation_date(datetime.combine(report.as_of, time(), UTC))

    def write(text: str, size_pt: float = TEXT_PT, *, style: str = "") -> None:
        page.set_font(FONT, style, size_pt)
        page.multi_cell(0, size_pt * LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def table(rows: Sequence[Sequence[str]], widths: tuple[int, ...], size_pt: float = TEXT_PT) -> None:
        page.set_font(FONT, "", size_pt)
        aligned = ("LEFT", *["RIGHT"] * (len(widths) - 1)) if size_pt != APPENDIX_PT else "LEFT"
        with page.table(
            col_widths=widths,
            text_align=aligned,
            line_height=size_pt * LINE * LEAD,
            borders_layout="HORIZONTAL_LINES",
        ) as drawn:
            for row in rows:
                drawn.row(row)
        page.ln(2)

    names = words.year_headings(report)
    write(words.title(report), TITLE_PT, style="B")
    write(words.subtitle(report))
    page.ln(6)
    table([(words.KEY_FIGURES, *names), *words.key_figures(report)], (40, 27, 33), KEY_PT)
    write(" ".join((*words.comparison_notes(report), words.WHY_HELD_BACK)), NOTE_PT)
    page.add_page()
    for chapter in words.chapters(report):
        # A table that goes on overleaf is hard to read: the heading takes two rows.
        if page.will_page_break(_plot_mm(plots.get(chapter.code)) + ROW_MM * (len(chapter.lines) + 2) + WORDS_MM):
            page.add_page()
        write(chapter.title, SECTION_PT, style="B")
        write(chapter.meaning)
        page.ln(1)
        if chapter.code in plots:
            page.image(io.BytesIO(plots[chapter.code]), w=PLOT_MM, alt_text=chapter.title)
        table([chapter.headings, *((line.label, line.now, line.before) for line in chapter.lines)], (40, 27, 33))
        write(" ".join(chapter.notes), NOTE_PT)
        page.ln(6)
    page.add_page()
    write(words.PACE_TITLE, SECTION_PT, style="B")
    table(words.pace_rows(report), (16, 14, 14, 14, 14, 14, 14), NOTE_PT)
    page.ln(4)
    write(words.METHOD_TITLE, SECTION_PT, style="B")
    for text in words.METHOD:
        write(text)
        page.ln(1)
    page.ln(4)
    write(words.VERSIONS_TITLE, SECTION_PT, style="B")
    if report.versions:
        table([words.VERSIONS_HEADINGS, *words.version_rows(report)], (8, 25, 20, 47), APPENDIX_PT)
    else:
        write(words.NO_VERSIONS)
    page.add_page()
    write(words.APPENDIX_TITLE, SECTION_PT, style="B")
    table([words.APPENDIX_HEADINGS, *words.appendix()], (23, 34, 28, 15), APPENDIX_PT)
    return bytes(page.output())


def _plot_mm(content: bytes | None) -> float:
    from PIL import Image

    if content is None:
        return 0.0
    width, height = Image.open(io.BytesIO(content)).size
    return PLOT_MM * height / width
