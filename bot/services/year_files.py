"""The yearly report as the files people take away: PDF, XLSX and a PNG for each table that has something to draw."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from bot.domain.yearly import YearReport
from bot.services import figure_picture, year_pdf
from bot.texts import yearly as words

PLOTS, QUERIES = "grafik", "kueri.sql"


def contents(report: YearReport) -> dict[str, bytes]:
    """Every file by its path below the report's folder; takes some seconds."""
    drawn = [chapter for chapter in words.chapters(report) if chapter.drawn]
    plots = {chapter.code: figure_picture.compare(chapter) for chapter in drawn}
    # In the PDF the title stands above already.
    untitled = {chapter.code: figure_picture.compare(chapter, with_title=False) for chapter in drawn}
    name = f"laporan-{report.year}"
    return {
        f"{name}.pdf": year_pdf.pdf(report, untitled),
        f"{name}.xlsx": words.as_xlsx(report),
        QUERIES: words.queries(report).encode(),
        **{f"{PLOTS}/{code}.png": content for code, content in plots.items()},
    }


def zipped(report: YearReport) -> bytes:
    """All files as one ZIP."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents(report).items():
            archive.writestr(name, content)
    return written.getvalue()


def write(report: YearReport, folder: Path) -> list[Path]:
    """Write the files into `folder`, over those of an earlier report; raises OSError."""
    paths = []
    for name, content in contents(report).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        paths.append(path)
    return paths
