"""Sets an entry as a reply: title, first part, legal basis, when it was last checked."""

from __future__ import annotations

from datetime import date

from bot.domain.messages import Button, Reply
from bot.texts import jobseeker as words
from knowledge.base import KnowledgeBase
from knowledge.entries import FIRST_PART_CHARACTERS, Entry, paragraphs
from knowledge.office import long_date

LABEL_CHARACTERS = 60
ABOUT_STEPS = frozenset({"alur-resmi", "dokumen-wajib"})
"""Entries from which a person goes on to a list of their own."""


def short_answer(base: KnowledgeBase, entry: Entry, country: str | None, *, today: date, question_id: int = 0) -> Reply:
    """The first part of an entry, what holds for the country before all else, and the buttons for more."""
    body, shown = _first_part(base, entry, country)
    rows = []
    if shown < len(paragraphs(entry.short)):
        rows.append((Button(words.MORE, f"lengkap:{entry.id}:{question_id}:{shown}"),))
    elif entry.more:
        rows.append((Button(words.MORE, f"lengkap:{entry.id}:{question_id}"),))
    rows.append(
        (Button(words.HELPFUL, f"jempol:1:{question_id}"), Button(words.NOT_HELPFUL, f"jempol:-1:{question_id}"))
    )
    if entry.id in ABOUT_STEPS:
        rows.append((words.MAKE_LIST,))
    related = [base.entries[near] for near in entry.near[:2] if near in base.entries]
    rows += [(Button(label(other.title), f"topik:{other.id}"),) for other in related]
    if entry.officer != "never":
        rows.append((Button(words.OFFICER.label, f"petugas:{question_id}"),))
    return Reply(
        title=entry.title, body=body, footer=footer(entry, today=today), buttons=tuple(rows), entry_id=entry.id
    )


def _first_part(base: KnowledgeBase, entry: Entry, country: str | None) -> tuple[str, int]:
    """What is read at once, and how many paragraphs of the general answer are in it.

    Who names a country is told first what holds there. General paragraphs follow as long as there is room; the first
    of them always, since it says what to do.
    """
    general = [base.office.fill(paragraph) for paragraph in paragraphs(entry.short)]
    part = country_part(entry, country) if country else None
    if part is None:
        return "\n\n".join(general), len(general)
    body, shown = f"{base.office.fill(part)}\n\n{general[0]}", 1
    for paragraph in general[1:]:
        longer = f"{body}\n\n{paragraph}"
        if len(longer) > FIRST_PART_CHARACTERS:
            break
        body, shown = longer, shown + 1
    return body, shown


def full_answer(
    base: KnowledgeBase, entry: Entry, *, today: date, shown: int | None = None, question_id: int = 0
) -> Reply:
    """What stands behind "Selengkapnya": the details, then where they come from.

    `shown` paragraphs of the first part were read before, all of them where it is None.
    """
    left = paragraphs(entry.short)[shown:] if shown is not None else []
    sources = [base.sources[key]["title"] for key in entry.sources if key in base.sources]
    parts = [base.office.fill(paragraph) for paragraph in (*left, entry.more) if paragraph]
    if sources:
        parts.append(f"{words.SOURCES}: {'; '.join(sources[:4])}")
    rows = ((Button(words.HELPFUL, f"jempol:1:{question_id}"), Button(words.NOT_HELPFUL, f"jempol:-1:{question_id}")),)
    if entry.id in ABOUT_STEPS:
        rows += ((words.MAKE_LIST,),)
    if entry.officer != "never":
        rows += ((Button(words.OFFICER.label, f"petugas:{question_id}"),),)
    body = "\n\n".join(parts)
    return Reply(title=entry.title, body=body, footer=footer(entry, today=today), buttons=rows, entry_id=entry.id)


def suggestions(base: KnowledgeBase, entry_ids: tuple[str, ...], *, question_id: int = 0) -> Reply:
    """The best three entries as buttons."""
    rows = [(Button(label(base.entries[entry_id].title), f"topik:{entry_id}"),) for entry_id in entry_ids]
    rows.append((Button(words.NONE_OF_THESE, f"bukan:{question_id}"),))
    return Reply(body=words.DID_YOU_MEAN, buttons=tuple(rows))


def footer(entry: Entry, *, today: date) -> str:
    """Legal basis and the date of the last check; a caution where the entry is past its review."""
    lines = []
    if entry.legal_basis:
        lines.append(words.LEGAL_BASIS.format(basis="; ".join(entry.legal_basis)))
    lines.append(words.CHECKED_ON.format(date=long_date(entry.last_checked)))
    if today > entry.review_by:
        lines.append(words.PAST_REVIEW)
    return "\n".join(lines)


def country_part(entry: Entry, country: str) -> str | None:
    """The part for this destination; Sarawak falls back to Malaysia's."""
    return entry.countries.get(country) or (entry.countries.get("malaysia") if country == "sarawak" else None)


def as_text(reply: Reply) -> str:
    """A reply without its buttons, for the command line."""
    return "\n\n".join(part for part in (reply.title, reply.body, reply.footer) if part)


def label(title: str) -> str:
    """The title as a button bears it."""
    return title if len(title) <= LABEL_CHARACTERS else title[: LABEL_CHARACTERS - 1].rstrip() + "…"
