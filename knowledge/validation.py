"""Checks written entries before they are published: every problem names its file, its line and the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from statistics import mean

import yaml

from knowledge import countries
from knowledge.checklists import OTHER, WAYS, load_checklists
from knowledge.entries import CONTENT, FIRST_PART_CHARACTERS, Entry, Officer, paragraphs, read_yaml, variants_of
from knowledge.office import PLACEHOLDER, TO_CONFIRM, OfficeProfile, load_office

MORE_CHARACTERS = 3_000
VARIANT_CHARACTERS = 600
LEAST_VARIANTS = 15
VOLATILE_DAYS = 95
SENTENCE_WORDS = 22
AVERAGE_WORDS = 14
HEAVY_SYLLABLES = 5
HEAVY_SHARE = 0.10
HEAVY_IN_SENTENCE = 3
"""One sentence of a regulation is lost in the share of a long text, and is just as hard to read."""
STEP_CHARACTERS = 120
STEP_LABEL_CHARACTERS = 24
STEP_ID_CHARACTERS = 20
"""A step's id travels in its button, which holds 64 bytes."""
STEPS_A_PAGE = 6
"""More, with a button for each, do not fit on the screen of a phone."""

KeyPath = tuple[str | int, ...]
"""Where a value stands in the document: ("variants", "formal", 3)."""

_ANY = "*"
_SHAPE = {
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
    "countries?": {_ANY: "teks"},
    "variants": {_ANY: ["teks"]},
}
"""What an entry's file holds; a field with a question mark may be left out."""
_SCOPE_SHAPE = {"countries?": ["teks"], "jobs?": ["teks"]}
_LISTS_SHAPE = {
    "last_checked": "tanggal TTTT-BB-HH",
    "review_by": "tanggal TTTT-BB-HH",
    "destinations": ["teks"],
    "jobs": {_ANY: {"label": "teks", "names": ["teks"]}},
    "government": [_SCOPE_SHAPE],
    "instead": [{"text": "teks", "facts": ["teks"], "entry": "teks", **_SCOPE_SHAPE}],
    "pages": {_ANY: "teks"},
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
_FITS = {
    "teks": lambda value: isinstance(value, str) and bool(value.strip()),
    "teks atau kosong": lambda value: value is None or isinstance(value, str),
    "true atau false": lambda value: isinstance(value, bool),
    "tanggal TTTT-BB-HH": lambda value: _day(value) is not None,
}

ID_CHARACTERS = 40
"""An entry's id travels in its buttons beside the number of a question; a longer one would keep the answer from being sent."""

_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BRACES = re.compile(r"\{[^{}\n]*\}?|\}")
_OFFICE_PLACEHOLDER = re.compile(r"\{(?:kantor|kontak)\.[a-z0-9_]+\}")
_PHONE = re.compile(r"(?<![\w.,/-])(?:(?:\+\d|\(?0\d)(?:[ .()-]{0,2}\d){6,}|\d(?:[ .-]?\d){8,})")
_HOTLINE = re.compile(
    r"\b(?:telepon|telp|tel|hubungi|hotline|whatsapp|wa|sms|call center)\b[ .:]*(?:(?:nomor|no|ke|di)\b[ .:]*)*\d{3,}",
    re.IGNORECASE,
)
_SUM_OR_DATE = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,2}([.-])\d{1,2}\1\d{4}")
_MARKUP = {
    "HTML": re.compile(r"</?[a-zA-Z!][^>\n]*>|&#?\w+;"),
    "Markdown": re.compile(
        r"\*\*|__|`|(?<!\w)[*_]\w[^*_\n]*[*_](?!\w)|\[[^\]\n]+\]\([^)\n]*\)|^[ \t]*(?:#{1,6} |[*>|] ?\S|[-*_]{3,}$)",
        re.MULTILINE,
    ),
}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiou]+", re.IGNORECASE)
_LIST_MARK = re.compile(r"\s*(?:\d+[.)]|-)\s+")
_SENTENCE = re.compile(r".+?(?:[.?!:;][\"'”’)]*(?=\s)|$)")
_NOT_READ = re.compile(rf"\(?{TO_CONFIRM}\)?|\{{[^{{}}\n]*\}}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a file is refused."""

    file: str
    line: int
    reason: str
    place: KeyPath = ()
    """Where in the document."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class _Register:
    """What an entry may refer to, and the day on which its dates are judged."""

    topics: dict[str, str]
    categories: frozenset[str]
    facts: dict[str, dict]
    sources: frozenset[str]
    countries: frozenset[str]
    office: OfficeProfile
    today: date


@dataclass(frozen=True, slots=True)
class _Page:
    """A parsed file: its document, and the YAML node behind each value, for the line."""

    file: str
    document: dict
    nodes: dict[KeyPath, yaml.Node]

    def problem(self, reason: str, *path: str | int, offset: int | None = None) -> Problem:
        """A problem at the value of `path` or the nearest one around it; `offset` points into a block text."""
        place = path
        while path not in self.nodes:
            path = path[:-1]
        node = self.nodes[path]
        line = node.start_mark.line + 1
        if offset is not None and isinstance(node, yaml.ScalarNode) and node.style == "|":
            line += 1 + node.value[:offset].count("\n")
        return Problem(self.file, line, reason, place)

    def texts(self) -> Iterator[tuple[KeyPath, str]]:
        """Every text of the answer with its place."""
        yield ("answer", "short"), self.document["answer"]["short"]
        yield ("answer", "more"), self.document["answer"].get("more") or ""
        for code, text in self.document.get("countries", {}).items():
            yield ("countries", code), text

    def variants(self) -> Iterator[tuple[KeyPath, str]]:
        """Every variant with its place."""
        for style, texts in self.document["variants"].items():
            for position, text in enumerate(texts):
                yield ("variants", style, position), text


@dataclass(frozen=True, slots=True)
class _RowPage(_Page):
    """An entry in one row of a table: all its values stand in one line."""

    row: int = 0

    def problem(self, reason: str, *path: str | int, offset: int | None = None) -> Problem:
        return Problem(self.file, self.row, reason, path)


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
        register = _load_register(load_office(office_file), today=today, published=published)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [Problem(str(office_file), 1, f"profil kantor tidak terbaca: {error}")]
    problems: list[Problem] = []
    pages: list[_Page] = []
    for path in paths:
        page, misfits = _read_file(path, _SHAPE)
        problems += misfits
        if page is not None and not misfits:
            pages.append(page)
            problems += [problem for check in _CHECKS for problem in check(page, register)]
    problems += _check_duplicates(pages)
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def check_checklists(path: Path, *, office_file: Path | None, today: date) -> list[Problem]:
    """Everything wrong with the steps and papers behind people's own lists, in order of lines."""
    try:
        register = _load_register(load_office(office_file), today=today)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [Problem(str(office_file), 1, f"profil kantor tidak terbaca: {error}")]
    page, problems = _read_file(path, _LISTS_SHAPE)
    if page is None or problems:
        return problems
    problems = [problem for check in (_check_dates, *_LIST_CHECKS) for problem in check(page, register)]
    if not problems:
        problems = list(_check_every_list(page, path))
    return sorted(problems, key=lambda problem: problem.line)


def check_document(document: dict, others: Iterable[Entry], *, office: OfficeProfile, today: date) -> list[Problem]:
    """Everything wrong with one entry beside the `others` that are published; its topic may be new, its category may not."""
    others = [other for other in others if other.id != document.get("id")]
    register = _load_register(office, today=today, published=others)
    own_id, own_category = str(document.get("id")), str(document.get("category"))
    register = replace(register, topics={own_id: own_category} | register.topics)
    page, problems = _read(f"{own_id}.yaml", yaml.safe_dump(document, allow_unicode=True), _SHAPE)
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
    loader, pages, problems = _Loader(text), [], []
    try:
        while loader.check_node():
            root = loader.get_node()
            page, misfits = _page_of(file, root, loader.construct_document(root))
            problems += misfits
            if page is not None and not misfits:
                pages.append(page)
    except yaml.YAMLError as error:
        problems.append(_broken(file, error))
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
        page, misfits = _read(file, yaml.safe_dump(one.document, allow_unicode=True), _SHAPE)
        problems += [replace(problem, line=one.line) for problem in misfits]
        if page is not None and not misfits:
            pages.append(_RowPage(page.file, page.document, page.nodes, one.line))
    problems += _check_together(pages, list(others), **rules)
    return sorted(problems, key=lambda problem: problem.line)


def _check_together(pages: list[_Page], others: list[Entry], *, office: OfficeProfile, today: date) -> list[Problem]:
    """The checks of entries that come together: they may name one another, and replace those of the same code."""
    own = {page.document["id"] for page in pages}
    others = [other for other in others if other.id not in own]
    register = _load_register(office, today=today, published=others)
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


def _load_register(office: OfficeProfile, *, today: date, published: Iterable[Entry] = ()) -> _Register:
    """The known topics, categories, facts, sources and countries, from the content folder."""
    return _Register(
        topics={entry.id: entry.category for entry in published} | read_yaml(CONTENT / "topics.yaml"),
        categories=frozenset(read_yaml(CONTENT / "categories.yaml")),
        facts=read_yaml(CONTENT / "facts.yaml"),
        sources=frozenset(read_yaml(CONTENT / "sources.yaml")),
        countries=countries.codes(),
        office=office,
        today=today,
    )


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a text with their offsets: a line break or one of .?!:; ends one; list marks are left out."""
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        mark = _LIST_MARK.match(line)
        begin = mark.end() if mark else 0
        found += [(start + match.start(), match[0]) for match in _SENTENCE.finditer(line.rstrip(), begin)]
        start += len(line)
    return [(offset, sentence) for offset, sentence in found if _WORD.search(sentence)]


def heavy_share(text: str) -> float:
    """The share (0 to 1) of words with five or more syllables, a syllable being a group of vowels.

    Indonesian is read letter by letter, so what makes it hard is not rare spelling but piled-up affixes and loan words:
    "penyelenggaraan", "ketenagakerjaan". In plain answers 0 to 5 words of a hundred are that long, in the language of
    regulations 18 to 25; `HEAVY_SHARE` lies between, with room for parts of a dozen words.
    """
    words = _WORD.findall(text)
    return _heavy_words(words) / len(words) if words else 0.0


def _heavy_words(words: list[str]) -> int:
    return sum(len(_VOWELS.findall(word)) >= HEAVY_SYLLABLES for word in words)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Leaves a date that no calendar has as text, so that it is refused with its line like any wrong value."""


def _timestamp(loader: _Loader, node: yaml.ScalarNode) -> date | str:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)


def _read_file(path: Path, shape: dict) -> tuple[_Page | None, list[Problem]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return None, [Problem(path.name, 1, f"berkas tidak terbaca: {error}")]
    return _read(path.name, text, shape)


def _read(file: str, text: str, shape: dict) -> tuple[_Page | None, list[Problem]]:
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        document = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        return None, [_broken(file, error)]
    except ValueError as error:
        return None, [Problem(file, 1, f"berkas tidak terbaca: {error}")]
    return _page_of(file, root, document, shape)


def _page_of(file: str, root: yaml.Node, document: object, shape: dict = _SHAPE) -> tuple[_Page | None, list[Problem]]:
    if not isinstance(document, dict):
        line = root.start_mark.line + 1 if root is not None else 1
        return None, [Problem(file, line, "isinya harus pasangan nama: nilai")]
    page = _Page(file, document, dict(_nodes(root, set())))
    twice = [Problem(file, line, f"'{key}' ditulis dua kali") for key, line in _keys_written_twice(root)]
    return page, twice + [page.problem(reason, *place) for place, reason in _misfits(document, shape)]


def _broken(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    if mark is None:
        return Problem(file, 1, f"YAML rusak: {reason}")
    return Problem(file, mark.line + 1, f"YAML rusak di kolom {mark.column + 1}: {reason}")


def _nodes(node: yaml.Node, seen: set[int], path: KeyPath = ()) -> Iterator[tuple[KeyPath, yaml.Node]]:
    """Every node with its place; an alias is followed once, so that a file cannot blow up the check."""
    yield path, node
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _nodes(value, seen, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _nodes(value, seen, (*path, position))


def _keys_written_twice(root: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    """Keys that YAML would silently let the later one of win."""
    for mapping in (root, *(value for _, value in root.value if isinstance(value, yaml.MappingNode))):
        seen: set[str] = set()
        for key, _ in mapping.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key.value, key.start_mark.line + 1
                seen.add(key.value)


def _misfits(value: object, shape: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Fields that are missing, unknown or of another type than `shape` says."""
    name = ".".join(map(str, path))
    if isinstance(shape, dict):
        yield from (
            _misfits_of_mapping(value, shape, path)
            if isinstance(value, dict)
            else [(path, f"'{name}' harus pasangan nama: nilai")]
        )
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield path, f"'{name}' harus daftar"
            return
        for position, item in enumerate(value):
            yield from _misfits(item, shape[0], (*path, position))
    elif not _FITS[shape](value):
        yield path, f"'{name}' harus {shape}"


def _misfits_of_mapping(value: dict, shape: dict, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    known = {key.removesuffix("?"): item for key, item in shape.items()}
    for key, item in value.items():
        if not isinstance(key, str) or (key not in known and _ANY not in known):
            yield (*path, str(key)), f"isian tidak dikenal: '{key}'"
        else:
            yield from _misfits(item, known.get(key, known.get(_ANY)), (*path, key))
    for key in shape:
        if key != _ANY and key not in value and not key.endswith("?"):
            yield path, f"isian '{'.'.join(map(str, (*path, key)))}' tidak ada"


def _check_topic(page: _Page, register: _Register) -> Iterator[Problem]:
    entry_id, category, officer = (page.document[key] for key in ("id", "category", "officer"))
    if entry_id != Path(page.file).stem:
        yield page.problem(f"id '{entry_id}' tidak sama dengan nama berkas", "id")
    if not _KEBAB.fullmatch(entry_id):
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


def _check_references(page: _Page, register: _Register) -> Iterator[Problem]:
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


def _check_cautions(page: _Page, register: _Register) -> Iterator[Problem]:
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


def _check_dates(page: _Page, register: _Register) -> Iterator[Problem]:
    last_checked, review_by = (_day(page.document[key]) for key in ("last_checked", "review_by"))
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


def _check_answer(page: _Page, register: _Register) -> Iterator[Problem]:
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


def _check_room(page: _Page, register: _Register, place: KeyPath, length: int) -> Iterator[Problem]:
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


def _check_plainness(page: _Page, register: _Register) -> Iterator[Problem]:
    yield from _unplain(page, ((("title",), page.document["title"]), *page.texts()))


def _unplain(page: _Page, texts: Iterable[tuple[KeyPath, str]]) -> Iterator[Problem]:
    for place, text in texts:
        for kind, pattern in _MARKUP.items():
            for match in pattern.finditer(text):
                yield page.problem(f"{kind} di dalam teks: '{match[0].strip()}'", *place, offset=match.end())
        for match in (*_PHONE.finditer(text), *_HOTLINE.finditer(text)):
            if not _SUM_OR_DATE.fullmatch(match[0]):
                reason = f"nomor telepon ditulis langsung: '{match[0]}'; pakai {{kontak.…}}"
                yield page.problem(reason, *place, offset=match.end())


def _check_readability(page: _Page, register: _Register) -> Iterator[Problem]:
    yield from _unreadable(page, page.texts())


def _unreadable(page: _Page, texts: Iterable[tuple[KeyPath, str]]) -> Iterator[Problem]:
    for place, text in texts:
        name = ".".join(map(str, place))
        read = _NOT_READ.sub(lambda match: " " * len(match[0]), text)
        lengths = []
        for offset, sentence in sentences(read):
            lengths.append(len(sentence.split()))
            if lengths[-1] > SENTENCE_WORDS:
                start = " ".join(sentence.split()[:4])
                yield page.problem(
                    f"kalimat {lengths[-1]} kata, paling banyak {SENTENCE_WORDS}: '{start} …'", *place, offset=offset
                )
            if (heavy := _heavy_words(_WORD.findall(sentence))) > HEAVY_IN_SENTENCE:
                reason = (
                    f"kalimat sulit dibaca: {heavy} kata bersuku {HEAVY_SYLLABLES} atau lebih, "
                    f"paling banyak {HEAVY_IN_SENTENCE}"
                )
                yield page.problem(reason, *place, offset=offset)
        if lengths and mean(lengths) > AVERAGE_WORDS:
            average = mean(lengths)
            yield page.problem(
                f"'{name}' rata-rata {average:.1f} kata sekalimat, paling banyak {AVERAGE_WORDS}", *place
            )
        if heavy_share(read) > HEAVY_SHARE:
            yield page.problem(
                f"'{name}' sulit dibaca: {heavy_share(read):.0%} katanya bersuku {HEAVY_SYLLABLES} atau lebih, "
                f"paling banyak {HEAVY_SHARE:.0%}",
                *place,
            )


def _check_variants(page: _Page, register: _Register) -> Iterator[Problem]:
    variants = list(page.variants())
    if len(variants) < LEAST_VARIANTS:
        yield page.problem(f"baru {len(variants)} variasi pertanyaan, paling sedikit {LEAST_VARIANTS}", "variants")
    for place, text in variants:
        if len(text) > VARIANT_CHARACTERS:
            yield page.problem(f"variasi {len(text)} huruf, paling banyak {VARIANT_CHARACTERS}", *place)
        if "\n" in text:
            yield page.problem("variasi harus satu baris", *place)


def _check_duplicates(pages: list[_Page]) -> Iterator[Problem]:
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
    for match in _BRACES.finditer(text):
        try:
            known = PLACEHOLDER.fullmatch(match[0]) is not None and bool(office.fill(match[0]))
        except KeyError:
            known = False
        if not known:
            yield match.start(), match[0]


def _day(value: object) -> date | None:
    """A date as YAML reads it, or as ISO text, which is what an export holds."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _list_items(page: _Page) -> Iterator[tuple[KeyPath, dict]]:
    """Everything in the lists that rests on facts, with its place."""
    for part in ("instead", "steps"):
        for position, item in enumerate(page.document[part]):
            yield (part, position), item


def _check_list_references(page: _Page, register: _Register) -> Iterator[Problem]:
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


def _check_steps(page: _Page, register: _Register) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, step in enumerate(page.document["steps"]):
        place = ("steps", position)
        if not _KEBAB.fullmatch(step["id"]) or len(step["id"]) > STEP_ID_CHARACTERS:
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


def _check_list_words(page: _Page, register: _Register) -> Iterator[Problem]:
    """Plain letters everywhere; reading level of all steps of a page together, since one sentence tells little."""
    texts = [((*place, "text"), item["text"]) for place, item in _list_items(page)]
    labels = [((*place, "label"), item["label"]) for place, item in _list_items(page) if "label" in item]
    yield from _unplain(page, (*texts, *labels))
    for place, text in texts:
        if placeholder := _BRACES.search(text):
            yield page.problem(f"penanda '{placeholder[0]}' tidak bisa dipakai di sini", *place)
    told = {
        code: [step["text"] for step in page.document["steps"] if step["page"] == code]
        for code in page.document["pages"]
    }
    yield from _unreadable(page, ((("pages", code), "\n".join(of_page)) for code, of_page in told.items()))
    yield from _unreadable(page, (pair for pair in texts if pair[0][0] == "instead"))


def _check_every_list(page: _Page, path: Path) -> Iterator[Problem]:
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


_LIST_CHECKS = (_check_list_references, _check_steps, _check_list_words)
