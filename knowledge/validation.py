"""Checks written entries before they are published: every problem names its file, its line and the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from knowledge.checklist_checks import LIST_CHECKS, LISTS_SHAPE, check_every_list
from knowledge.entries import FIRST_PART_CHARACTERS, Entry, Officer, paragraphs, variants_of
from knowledge.office import PLACEHOLDER, TO_CONFIRM, OfficeProfile, load_office
from knowledge.plain_language import unplain, unreadable
from knowledge.register import Register, load_register
from knowledge.written import (
    ANY,
    BRACES,
    KEBAB,
    KeyPath,
    Loader,
    Page,
    Problem,
    RowPage,
    broken,
    day_of,
    page_of,
    read_file,
    read_text,
)

MORE_CHARACTERS = 3_000
VARIANT_CHARACTERS = 600
LEAST_VARIANTS = 15
VOLATILE_DAYS = 95
ENTRY_SHAPE = {
    "id": "teks",
    "title": "teks",
    "category": "teks",
    "volatile": "true atau false",
    "officer": "teks",
    "near": ["teks"],
    "facts": ["teks"],
    "legal_basis": ["teks"],
    "sources": ["teks"],
    "last_checked": "tanggal TTTT-BB-HH",
    "review_by": "tanggal TTTT-BB-HH",
    "answer": {"short": "teks", "more?": "teks atau kosong"},
    "countries?": {ANY: "teks"},
    "variants": {ANY: ["teks"]},
}
"""What an entry's file holds; a field with a question mark may be left out."""
ID_CHARACTERS = 40
"""An entry's id travels in its buttons beside the number of a question; a longer one would keep the answer from being sent."""

_OFFICE_PLACEHOLDER = re.compile(r"\{(?:kantor|kontak)\.[a-z0-9_]+\}")


def check_folder(
    folder: Path, *, office_file: Path | None, today: date, published: Iterable[Entry] = ()
) -> list[Problem]:
    """Everything wrong with the entries in `folder`, file by file in order of lines; an empty folder is wrong.

    Topics are those of topics.yaml, and of entries that are `published` already.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        reason = "tidak ada berkas .yaml di folder ini" if folder.is_dir() else "bukan folder"
        return [Problem(str(folder), 1, reason)]
    try:
        register = load_register(load_office(office_file), today=today, published=published)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [Problem(str(office_file), 1, f"profil kantor tidak terbaca: {error}")]
    problems: list[Problem] = []
    pages: list[Page] = []
    for path in paths:
        page, misfits = read_file(path, ENTRY_SHAPE)
        problems += misfits
        if page is not None and not misfits:
            pages.append(page)
            problems += [problem for check in _CHECKS for problem in check(page, register)]
    problems += _check_duplicates(pages)
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def check_checklists(path: Path, *, office_file: Path | None, today: date) -> list[Problem]:
    """Everything wrong with the steps and papers behind people's own lists, in order of lines."""
    try:
        register = load_register(load_office(office_file), today=today)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [Problem(str(office_file), 1, f"profil kantor tidak terbaca: {error}")]
    page, problems = read_file(path, LISTS_SHAPE)
    if page is None or problems:
        return problems
    problems = [problem for check in (_check_dates, *LIST_CHECKS) for problem in check(page, register)]
    if not problems:
        problems = list(check_every_list(page, path))
    return sorted(problems, key=lambda problem: problem.line)


def check_document(document: dict, others: Iterable[Entry], *, office: OfficeProfile, today: date) -> list[Problem]:
    """Everything wrong with one entry beside the `others` that are published; its topic may be new, its category may not."""
    others = [other for other in others if other.id != document.get("id")]
    register = load_register(office, today=today, published=others)
    own_id, own_category = str(document.get("id")), str(document.get("category"))
    register = replace(register, topics={own_id: own_category} | register.topics)
    page, problems = read_text(f"{own_id}.yaml", yaml.safe_dump(document, allow_unicode=True), ENTRY_SHAPE)
    if page is None or problems:
        return problems
    problems = [problem for check in _CHECKS for problem in check(page, register)]
    problems += _check_duplicates([page])
    owners = {_wording(variant.text): owner for owner, variant in variants_of(others)}
    for place, text in page.variants():
        if owner := owners.get(_wording(text)):
            problems.append(page.problem(f"variasi '{text}' sudah ada di {owner}", *place))
    return problems


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as a file of several holds it; `line` is where it stands."""

    line: int
    document: dict


def read_yaml_entries(file: str, text: str, others: Iterable[Entry], **rules) -> tuple[list[dict], list[Problem]]:
    """The entries of one YAML file, a document each, and everything wrong with them by the line of the file.

    `others` are those published and `rules` the office and the day, as for `check_document`.
    """
    loader, pages, problems = Loader(text), [], []
    try:
        while loader.check_node():
            root = loader.get_node()
            page, misfits = page_of(file, root, loader.construct_document(root), ENTRY_SHAPE)
            problems += misfits
            if page is not None and not misfits:
                pages.append(page)
    except yaml.YAMLError as error:
        problems.append(broken(file, error))
    except ValueError as error:
        problems.append(Problem(file, 1, f"berkas tidak terbaca: {error}"))
    if not pages and not problems:
        problems.append(Problem(file, 1, "tidak ada satu entri pun"))
    problems += _check_together(pages, list(others), **rules)
    return [page.document for page in pages], sorted(problems, key=lambda problem: problem.line)


def check_written(file: str, written: Iterable[Written], others: Iterable[Entry], **rules) -> list[Problem]:
    """Everything wrong with the entries of a table, by the line of their row; `others` and `rules` as above."""
    pages, problems = [], []
    for one in written:
        page, misfits = read_text(file, yaml.safe_dump(one.document, allow_unicode=True), ENTRY_SHAPE)
        problems += [replace(problem, line=one.line) for problem in misfits]
        if page is not None and not misfits:
            pages.append(RowPage(page.file, page.document, page.nodes, one.line))
    problems += _check_together(pages, list(others), **rules)
    return sorted(problems, key=lambda problem: problem.line)


def _check_together(pages: list[Page], others: list[Entry], *, office: OfficeProfile, today: date) -> list[Problem]:
    """The checks of entries that come together: they may name one another, and replace those of the same code."""
    own = {page.document["id"] for page in pages}
    others = [other for other in others if other.id not in own]
    register = load_register(office, today=today, published=others)
    topics = {page.document["id"]: page.document["category"] for page in pages} | register.topics
    register = replace(register, topics=topics)
    owners = {_wording(variant.text): owner for owner, variant in variants_of(others)}
    problems, seen = list(_check_duplicates(pages)), {}
    for page in pages:
        entry_id = page.document["id"]
        named = replace(page, file=f"{entry_id}.yaml")
        found = [problem for check in _CHECKS for problem in check(named, register)]
        problems += [replace(problem, file=page.file) for problem in found]
        if first := seen.get(entry_id):
            problems.append(page.problem(f"entri '{entry_id}' sudah ada di baris {first}", "id"))
        seen.setdefault(entry_id, page.problem("", "id").line)
        for place, text in page.variants():
            if owner := owners.get(_wording(text)):
                problems.append(page.problem(f"variasi '{text}' sudah ada di {owner}", *place))
    return problems


def _check_topic(page: Page, register: Register) -> Iterator[Problem]:
    entry_id, category, officer = (page.document[key] for key in ("id", "category", "officer"))
    if entry_id != Path(page.file).stem:
        yield page.problem(f"id '{entry_id}' tidak sama dengan nama berkas", "id")
    if not KEBAB.fullmatch(entry_id):
        yield page.problem(f"id '{entry_id}' harus huruf kecil, dipisah tanda hubung", "id")
    elif len(entry_id) > ID_CHARACTERS:
        yield page.problem(f"id {len(entry_id)} huruf, paling banyak {ID_CHARACTERS}", "id")
    elif entry_id not in register.topics:
        yield page.problem(f"id '{entry_id}' tidak ada di daftar topik (topics.yaml)", "id")
    if category not in register.categories:
        yield page.problem(f"kategori '{category}' tidak dikenal", "category")
    elif category != register.topics.get(entry_id, category):
        right = register.topics[entry_id]
        yield page.problem(f"kategori '{category}' bukan kategori topik ini, yaitu '{right}'", "category")
    if officer not in set(Officer):
        yield page.problem(f"officer '{officer}' harus salah satu dari {', '.join(Officer)}", "officer")


def _check_references(page: Page, register: Register) -> Iterator[Problem]:
    for position, near in enumerate(page.document["near"]):
        if near == page.document["id"]:
            yield page.problem("near menunjuk entri ini sendiri", "near", position)
        elif near not in register.topics:
            yield page.problem(f"near '{near}' tidak ada di daftar topik (topics.yaml)", "near", position)
    for position, fact in enumerate(page.document["facts"]):
        if fact not in register.facts:
            yield page.problem(f"fakta '{fact}' tidak dikenal (facts.yaml)", "facts", position)
    if not page.document["sources"]:
        yield page.problem("belum ada sumber", "sources")
    for position, source in enumerate(page.document["sources"]):
        if source not in register.sources:
            yield page.problem(f"sumber '{source}' tidak dikenal (sources.yaml)", "sources", position)
    for code in page.document.get("countries", {}):
        if code not in register.countries:
            yield page.problem(f"kode negara '{code}' tidak dikenal (countries.yaml)", "countries", code)


def _check_cautions(page: Page, register: Register) -> Iterator[Problem]:
    """A recalled fact is told with the caution, an open one through the office profile."""
    text = "\n".join(text for _, text in page.texts())
    for position, fact_id in enumerate(page.document["facts"]):
        fact = register.facts.get(fact_id, {})
        recalled = fact.get("status") == "recalled" or fact.get("partly_recalled")
        if recalled and TO_CONFIRM not in " ".join(text.split()):
            reason = f"fakta {fact_id} dari ingatan, tetapi jawaban tidak memuat '{TO_CONFIRM}'"
            yield page.problem(reason, "facts", position)
        if fact.get("status") == "open" and not _OFFICE_PLACEHOLDER.search(text):
            reason = f"fakta {fact_id} diisi kantor, tetapi jawaban tidak memakai {{kantor.…}} atau {{kontak.…}}"
            yield page.problem(reason, "facts", position)


def _check_dates(page: Page, register: Register) -> Iterator[Problem]:
    last_checked, review_by = (day_of(page.document[key]) for key in ("last_checked", "review_by"))
    if last_checked > register.today:
        yield page.problem(f"last_checked {last_checked} masih di masa depan", "last_checked")
    if review_by <= last_checked:
        yield page.problem(f"review_by {review_by} harus sesudah last_checked {last_checked}", "review_by")
    elif page.document.get("volatile", True) and (review_by - last_checked).days > VOLATILE_DAYS:
        yield page.problem(
            f"isi yang cepat berubah (volatile) harus diperiksa lagi dalam {VOLATILE_DAYS} hari, "
            f"di sini {(review_by - last_checked).days} hari",
            "review_by",
        )
    if register.today > review_by:
        yield page.problem(f"review_by {review_by} sudah lewat: periksa isinya lagi", "review_by")


def _check_answer(page: Page, register: Register) -> Iterator[Problem]:
    for place, text in page.texts():
        unknown = list(_unknown_placeholders(text, register.office))
        for offset, placeholder in unknown:
            yield page.problem(f"penanda '{placeholder}' tidak dikenal", *place, offset=offset)
        limit = MORE_CHARACTERS if place[-1] == "more" else FIRST_PART_CHARACTERS
        length = len(text.strip() if unknown else register.office.fill(text.strip()))
        if length > limit:
            yield page.problem(f"'{'.'.join(place)}' {length} huruf, paling banyak {limit}", *place)
        elif place[0] == "countries" and not unknown:
            yield from _check_room(page, register, place, length)


def _check_room(page: Page, register: Register, place: KeyPath, length: int) -> Iterator[Problem]:
    """Where its country is named, a part stands first and must leave room for the first paragraph of the answer."""
    opening = paragraphs(page.document["answer"]["short"])[0]
    if any(_unknown_placeholders(opening, register.office)):
        return
    together = length + len("\n\n") + len(register.office.fill(opening))
    if together > FIRST_PART_CHARACTERS:
        reason = (
            f"'{'.'.join(place)}' {together} huruf bersama paragraf pertama answer.short, "
            f"paling banyak {FIRST_PART_CHARACTERS}"
        )
        yield page.problem(reason, *place)


def _check_plainness(page: Page, register: Register) -> Iterator[Problem]:
    yield from unplain(page, ((("title",), page.document["title"]), *page.texts()))


def _check_readability(page: Page, register: Register) -> Iterator[Problem]:
    yield from unreadable(page, page.texts())


def _check_variants(page: Page, register: Register) -> Iterator[Problem]:
    variants = list(page.variants())
    if len(variants) < LEAST_VARIANTS:
        yield page.problem(f"baru {len(variants)} variasi pertanyaan, paling sedikit {LEAST_VARIANTS}", "variants")
    for place, text in variants:
        if len(text) > VARIANT_CHARACTERS:
            yield page.problem(f"variasi {len(text)} huruf, paling banyak {VARIANT_CHARACTERS}", *place)
        if "\n" in text:
            yield page.problem("variasi harus satu baris", *place)


def _check_duplicates(pages: list[Page]) -> Iterator[Problem]:
    """A wording belongs to one entry and stands there once: a second one teaches the search nothing, or wrong."""
    seen: dict[str, Problem] = {}
    for page in pages:
        for place, text in page.variants():
            here = page.problem("", *place)
            first = seen.setdefault(_wording(text), here)
            if first is not here:
                yield page.problem(f"variasi '{text}' sudah ada di {first.file} baris {first.line}", *place)


def _wording(text: str) -> str:
    """What makes two wordings the same."""
    return " ".join(text.casefold().split())


_CHECKS = (
    _check_topic,
    _check_references,
    _check_cautions,
    _check_dates,
    _check_answer,
    _check_plainness,
    _check_readability,
    _check_variants,
)


def _unknown_placeholders(text: str, office: OfficeProfile) -> Iterator[tuple[int, str]]:
    for match in BRACES.finditer(text):
        try:
            known = PLACEHOLDER.fullmatch(match[0]) is not None and bool(office.fill(match[0]))
        except KeyError:
            known = False
        if not known:
            yield match.start(), match[0]
