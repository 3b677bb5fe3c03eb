"""What is checked of the steps and papers behind people's own lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from knowledge.checklists import OTHER, WAYS, load_checklists
from knowledge.plain_language import unplain, unreadable
from knowledge.register import Register
from knowledge.written import ANY, BRACES, KEBAB, KeyPath, Page, Problem

STEP_CHARACTERS = 120
STEP_LABEL_CHARACTERS = 24
STEP_ID_CHARACTERS = 20
"""A step's id travels in its button, which holds 64 bytes."""
STEPS_A_PAGE = 6
"""More, with a button for each, do not fit on the screen of a phone."""

_SCOPE_SHAPE = {"countries?": ["teks"], "jobs?": ["teks"]}
LISTS_SHAPE = {
    "last_checked": "tanggal TTTT-BB-HH",
    "review_by": "tanggal TTTT-BB-HH",
    "destinations": ["teks"],
    "jobs": {ANY: {"label": "teks", "names": ["teks"]}},
    "government": [_SCOPE_SHAPE],
    "instead": [{"text": "teks", "facts": ["teks"], "entry": "teks", **_SCOPE_SHAPE}],
    "pages": {ANY: "teks"},
    "steps": [
        {
            "id": "teks",
            "page": "teks",
            "label": "teks",
            "text": "teks",
            "facts": ["teks"],
            "entry": "teks",
            "papers?": ["teks"],
            "ways?": ["teks"],
            **_SCOPE_SHAPE,
        }
    ],
}


def _list_items(page: Page) -> Iterator[tuple[KeyPath, dict]]:
    """Everything in the lists that rests on facts, with its place."""
    for part in ("instead", "steps"):
        for position, item in enumerate(page.document[part]):
            yield (part, position), item


def _check_list_references(page: Page, register: Register) -> Iterator[Problem]:
    known = {
        "countries": register.countries | {OTHER},
        "jobs": page.document["jobs"].keys(),
        "ways": WAYS,
    }
    for position, code in enumerate(page.document["destinations"]):
        if code not in register.countries:
            yield page.problem(f"kode negara '{code}' tidak dikenal (countries.yaml)", "destinations", position)
    scopes = [(("government", position), item) for position, item in enumerate(page.document["government"])]
    for place, item in (*scopes, *_list_items(page)):
        for field, allowed in known.items():
            for position, code in enumerate(item.get(field, ())):
                if code not in allowed:
                    yield page.problem(f"{field} '{code}' tidak dikenal", *place, field, position)
    for place, item in _list_items(page):
        if item["entry"] not in register.topics:
            yield page.problem(f"entri '{item['entry']}' tidak ada di daftar topik (topics.yaml)", *place, "entry")
        if not item["facts"]:
            yield page.problem("belum ada fakta", *place, "facts")
        for position, fact in enumerate(item["facts"]):
            if fact not in register.facts:
                yield page.problem(f"fakta '{fact}' tidak dikenal (facts.yaml)", *place, "facts", position)
            elif register.facts[fact]["status"] == "open":
                yield page.problem(f"fakta {fact} masih kosong: kantor yang mengisinya", *place, "facts", position)


def _check_steps(page: Page, register: Register) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, step in enumerate(page.document["steps"]):
        place = ("steps", position)
        if not KEBAB.fullmatch(step["id"]) or len(step["id"]) > STEP_ID_CHARACTERS:
            reason = (
                f"id '{step['id']}' harus huruf kecil, dipisah tanda hubung, paling banyak {STEP_ID_CHARACTERS} huruf"
            )
            yield page.problem(reason, *place, "id")
        if step["id"] in seen:
            yield page.problem(f"id '{step['id']}' sudah dipakai langkah lain", *place, "id")
        seen.add(step["id"])
        if step["page"] not in page.document["pages"]:
            yield page.problem(f"halaman '{step['page']}' tidak ada di pages", *place, "page")
        for field, limit in (("text", STEP_CHARACTERS), ("label", STEP_LABEL_CHARACTERS)):
            if len(step[field]) > limit:
                yield page.problem(f"'{field}' {len(step[field])} huruf, paling banyak {limit}", *place, field)


def _check_list_words(page: Page, register: Register) -> Iterator[Problem]:
    """Plain letters everywhere; reading level of all steps of a page together, since one sentence tells little."""
    texts = [((*place, "text"), item["text"]) for place, item in _list_items(page)]
    labels = [((*place, "label"), item["label"]) for place, item in _list_items(page) if "label" in item]
    yield from unplain(page, (*texts, *labels))
    for place, text in texts:
        if placeholder := BRACES.search(text):
            yield page.problem(f"penanda '{placeholder[0]}' tidak bisa dipakai di sini", *place)
    told = {
        code: [step["text"] for step in page.document["steps"] if step["page"] == code]
        for code in page.document["pages"]
    }
    yield from unreadable(page, ((("pages", code), "\n".join(of_page)) for code, of_page in told.items()))
    yield from unreadable(page, (pair for pair in texts if pair[0][0] == "instead"))


def check_every_list(page: Page, path: Path) -> Iterator[Problem]:
    """For every destination and job there is a list that fits the screen, or a word instead of one."""
    lists = load_checklists(path)
    for country in (*lists.destinations, OTHER):
        for job in lists.jobs:
            if lists.instead_of(country, job):
                continue
            pages = Counter(step.page for step in lists.steps_for(country, job))
            for code in lists.pages:
                if not 1 <= pages[code] <= STEPS_A_PAGE:
                    reason = f"{country}, {job}: {pages[code]} langkah di halaman ini, harus 1 sampai {STEPS_A_PAGE}"
                    yield page.problem(reason, "pages", code)


LIST_CHECKS = (_check_list_references, _check_steps, _check_list_words)
