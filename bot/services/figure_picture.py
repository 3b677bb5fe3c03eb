"""The office's figures as pictures: one for a chat, and one for each table of the yearly report."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from bot.domain.figures import Subject
from bot.texts.figures import CODES, Section, number
from bot.texts.yearly import Chapter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = (Subject.QUESTIONS, Subject.ENTRIES, Subject.CASES, Subject.CATEGORIES)
COLOUR = "#0b5d58"
PALE = "#9cc5c1"
BARS, LABEL_CHARACTERS = 7, 26
MOST_BARS, HALF_BAR = 14, 0.2


def draw(title: str, sections: tuple[Section, ...], note: str) -> bytes:
    """A PNG for a phone held upright; takes a second. What is held back has no bar."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    by_code = {section.code: section for section in sections}
    figure = Figure(figsize=(7, 12), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=16, fontweight="bold")
    figure.supxlabel("\n".join(textwrap.wrap(note, 80)), fontsize=10)
    for axes, subject in zip(figure.subplots(len(PANELS)), PANELS, strict=True):
        section = by_code[CODES[subject]]
        axes.set_title(section.title, loc="left", fontsize=13)
        axes.spines[["top", "right"]].set_visible(False)
        _columns(axes, section) if section.is_over_time else _bars(axes, section)
    written = io.BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def compare(chapter: Chapter, *, with_title: bool = True) -> bytes:
    """A PNG of a table of the yearly report, this year's bars above those of the year before where it has any."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = chapter.drawn[:MOST_BARS][::-1]
    now, before = [line.value or 0 for line in shown], [line.value_before or 0 for line in shown]
    series = [(now, COLOUR, chapter.headings[1], HALF_BAR), (before, PALE, chapter.headings[2], -HALF_BAR)]
    if not any(before):
        series = [(now, COLOUR, chapter.headings[1], 0.0)]
    bar_inches = 0.2 * len(series)
    figure = Figure(figsize=(7, 0.9 + (bar_inches + 0.06) * len(shown)), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    if with_title:
        axes.set_title(chapter.title, loc="left", fontsize=13)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    for values, colour, name, shift in series:
        bars = axes.barh(
            [place + shift for place in range(len(shown))],
            values,
            2 * HALF_BAR if len(series) > 1 else 0.7,
            color=colour,
            label=name,
        )
        axes.bar_label(bars, [number(value) if value else "" for value in values], padding=3)
    labels = [textwrap.shorten(line.label, LABEL_CHARACTERS, placeholder="...") for line in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize=11)
    axes.set_xticks([])
    axes.margins(x=0.12)
    figure.legend(loc="outside lower right", ncols=2, frameon=False)
    written = io.BytesIO()
    figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _columns(axes: Axes, section: Section) -> None:
    axes.bar(range(len(section.lines)), [line.count or 0 for line in section.lines], color=COLOUR)
    ends = (0, len(section.lines) - 1)
    axes.set_xticks(ends, [section.lines[number].label for number in ends], fontsize=11)
    axes.yaxis.get_major_locator().set_params(integer=True)


def _bars(axes: Axes, section: Section) -> None:
    shown = [line for line in section.lines if line.count][:BARS][::-1]
    labels = [textwrap.shorten(line.label, LABEL_CHARACTERS, placeholder="...") for line in shown]
    bars = axes.barh(range(len(shown)), [line.count for line in shown], color=COLOUR)
    axes.bar_label(bars, padding=3, fontsize=11)
    axes.set_yticks(range(len(shown)), labels, fontsize=11)
    axes.set_xticks([])
