"""A text prepared once for all checks: its words in two forms, the sums, contacts and countries it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.contacts import Contact, ContactKind, find_contacts
from knowledge.countries import find_countries
from knowledge.entries import CONTENT, read_yaml
from knowledge.normalize import Normalizer, load_lexicon
from knowledge.red_flags.wages import Amount, find_amounts
from knowledge.red_flags.wording import Folded, Wording, fold, standard, tokens_of

CUES = CONTENT / "red_flag_cues.yaml"
MARKS = {
    ContactKind.PHONE: "#telp",
    ContactKind.HANDLE: "#akun",
    ContactKind.LINK: "#tautan",
    ContactKind.EMAIL: "#email",
    ContactKind.ACCOUNT: "#rek",
}
_WORD = re.compile(r"[a-z]{3,}")
_FOREIGN = re.compile(
    r"\b(?:luar negeri|overseas|tki|tkw|pmi|cpmi|pekerja migran|visa|paspor|passport|permit|calling|majikan|ringgit|"
    r"terbang|pesawat|mabur|hiber|siskop\w*|p3mi|seberang|tekong|tauke|g to g|bp[23]mi|kp2mi|ssw|eps|perbatasan)\b"
)
_DOMESTIC = re.compile(
    r"\b(?:umk|umr|ump|pontianak|singkawang|sambas|tebas|bengkayang|sanggau|sintang|ketapang|mempawah|kubu raya|landak|"
    r"ngabang|pemangkat|sekadau|melawi|kapuas hulu|putussibau|jakarta|bekasi|surabaya|bandung|semarang|medan|makassar|"
    r"balikpapan|samarinda|palangkaraya|banjarmasin|denpasar|yogyakarta|jogja|supadio|"
    r"sungai jawi|siantan|sungai raya|rasau|wajok|sungai pinyuh|selakau|jawai|semparuk|nanga pinoh|sandai|balai karangan|"
    r"tayan|meliau|anjongan|sukadana|kendawangan|ambawang|jeruju|menjalin|sekura|tumbang titi)\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as the checks see it; `plain` keeps people's own words, `standard` their everyday standard form."""

    original: str
    folded: Folded
    plain: Wording
    standard: Wording
    amounts: tuple[Amount, ...]
    contacts: tuple[Contact, ...]
    countries: tuple[str, ...]

    @property
    def wordings(self) -> tuple[Wording, ...]:
        return (self.plain, self.standard)

    @property
    def is_domestic(self) -> bool:
        """True where the work is in Indonesia: a place here and nothing of abroad."""
        return (
            not self.countries and not _FOREIGN.search(self.standard.text) and bool(_DOMESTIC.search(self.plain.text))
        )

    def excerpt(self, start: int, end: int) -> str:
        """The original between two of its places, on one line."""
        return " ".join(self.original[start:end].split())


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Words the checks know: from the cues, the lexicon and the names of countries."""
    names = [str(name) for names in read_yaml(CONTENT / "countries.yaml").values() for name in names]
    lexicon = load_lexicon()
    cue_words = _WORD.findall(re.sub(r"\\\\[a-z]", " ", CUES.read_text(encoding="utf-8").split("signs:")[0]))
    cue_words += _WORD.findall(re.sub(r"\\\\[a-zA-Z]", " ", CUES.read_text(encoding="utf-8").split("signs:")[1]))
    words = [word for name in names for word in name.split()] + cue_words + list(lexicon)
    return frozenset(words) | {word for value in lexicon.values() for word in value.split()}


@lru_cache(maxsize=1)
def normalizer() -> Normalizer:
    """Brings words to their standard form with the lexicon and the words of the cues."""
    return Normalizer(load_lexicon(), vocabulary())


@lru_cache(maxsize=20_000)
def _standard_word(word: str) -> str:
    return normalizer()(word)


def read(text: str) -> Reading:
    """`text` prepared for the checks; of a very long text only the beginning."""
    folded = fold(text)
    contacts = find_contacts(folded.text)
    taken = [(contact.start, contact.end) for contact in contacts]
    amounts = [
        amount
        for amount in find_amounts(folded.text)
        if all(amount.end <= start or amount.start >= end for start, end in taken)
    ]
    marks = [(contact.start, contact.end, MARKS[contact.kind]) for contact in contacts]
    marks += [(amount.start, amount.end, "#uang") for amount in amounts]
    tokens = tokens_of(folded, marks, vocabulary())
    plain = Wording(tokens)
    return Reading(
        original=text,
        folded=folded,
        plain=plain,
        standard=Wording(standard(tokens, _standard_word)),
        amounts=tuple(amounts),
        contacts=tuple(contacts),
        countries=tuple(find_countries(plain.text)),
    )
