"""What a text means in its conversation: danger, small talk or a question, with follow-ups put back into what was said before."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from bot.dialogue.triage import Triage, triage
from bot.domain.messages import Memory
from bot.nlu_client import UNKNOWN, Intent, NluClient, TextVector, Understanding
from knowledge.base import Hit, KnowledgeBase, Retrieval
from knowledge.countries import country_of, name_pattern
from knowledge.danger import Danger, find_danger
from knowledge.normalize import Normalizer, load_lexicon, plain
from knowledge.policy import Decision, Outcome, decide
from knowledge.urgency import Urgency

FOLLOW_UP_WORDS = 7
"""A message longer than this stands for itself."""

SMALLTALK_INTENTS = frozenset({Intent.GREET, Intent.THANKS, Intent.CANCEL, Intent.FEEDBACK_NEGATIVE})
EMBEDS_ITSELF_AFTER_S = 0.3
"""So long the search waits for the vector that the NLU computes anyway; the NLU itself is waited for longer (`nlu_timeout_s`)."""
_SEARCH = ThreadPoolExecutor(1, "search")
"""One search at a time: several would fight each other and the event loop for the interpreter, and all be later."""
SURE = 0.6
"""From here on the NLU's word is taken for small talk and wishes that lead away from the search."""

CONNECTORS = frozenset(
    "kalau kalo klo klw kl terus trus trs lalu nah dan tapi tp untuk buat kl nek mun upami yen lha trs kmudian kemudian gimana bagaimana juga "
    "itu yang yg tadi berarti jadi jd selain sama sm what how about and".split()
)
FILLERS = CONNECTORS | frozenset(
    "ke di dari dr kak min pak bu bang mas mbak ya yaa dong sih kah nya kerja krj kerje negara ka ti nang ning kat ning mau mo gmn piye kumaha "
    "berapa brp ada apa tidak nggak gak gk ga boleh bisa bs".split()
)
QUESTION_WORDS = frozenset(
    {"apa", "apakah", "berapa", "brp", "bagaimana", "gimana", "gmn", "kapan", "siapa", "kenapa", "mengapa"}
    | {"ape", "berape", "gimane", "piye", "opo", "piro", "kumaha", "naon"}
)
GREETINGS = re.compile(
    r"(?:(?:ha+l+o+|halo+|hai+|hay|hello+|hi+|hey|woi|oi|p|pagi|siang|sore|malam|malem|met|selamat|slamat|slmt|assalam\w*|'?alaikum|ass?|samlekum|askum|"
    r"wr|wb|warahmatullahi|wabarakatuh|permisi|punten|kulo|nuwun|kulonuwun|sampurasun|salam|tes|test|kak|kakak|min|admin|mimin|bang|pak|bu|ibu|"
    r"bapak|mas|mbak|silvi|semua|sayang|bos|gan|sis|bro|misi|apa|kabar|ape|khabar|good|morning|evening|afternoon|sugeng|enjing|sonten|dalu|rawuh|"
    r"wilujeng|wengi|sumping|monggo|mangga|sewu|kang|teh|kumaha|damang|piye|kabare|rahayu|adil|ka|talino|bacuramin|saruga|basengat|jubata|om|"
    r"swastiastu|shalom|syalom)\s*)+"
)
THANKS = re.compile(
    r"(?:.*\b)?(?:terima\s?kasih|trima\s?kasih|terimakasih|terim[ae] kaseh|makasih|makasi|mksh|makaseh|trims|tq|thx|thanks|thank you|tengkyu|"
    r"tengkiu|suwun|kesuwun|nuhun|haturnuhun|matur\s?nuwun|matur\s?suwun|nuwun|kamsia|syukron|jazak\w+)\b.*"
)
THANKS_WORDS = 7
FAREWELL = re.compile(
    r"\b(?:(?:good)?bye+|babay|da(?:da)+h*|da+h{2,}|(?:sampai|sampe) (?:jumpa|jumpe|ketemu|nanti|besok)|jump[ae] (?:lagi|agik)|selamat (?:tinggal|tidur|istirahat)|"
    r"see (?:you|u|ya)|pamit|undur diri|permios|(?:pendak|tepang) deui|pareng)\b"
)
GOING_WORDS = re.compile(
    r"(?:(?:lagi|agik|deui|dulu|dolok|dulok|sik|dhisik|rumiyin|riyin|heula|ya|yaa+|ye|nggih|saya|saye|aku|kamek|kula|abdi|mau|nak|arep|badhe|bade|izin|mohon|oke?|okay|sip|siap|"
    r"baik|sudah|dah|wis|tos|good|night|later|soon|tomorrow|kak|kakak|min|admin|bang|pak|bu|ibu|bapak|mas|mbak|kang|teh|silvi|semua|tak|nuwun|monggo|"
    r"mangga|terima|terime|kasih|kaseh|makasih|makasi|makaseh|thanks|tq|suwun|nuhun|hatur|matur|wassalam\w*)\s*)*"
)
"""What may stand around a farewell; with anything else it tells of somebody who leaves."""

OPENERS = re.compile(
    r"(?:(?:mau|mo|nak|izin|ijin|numpang|boleh|bole|bisa|pengen|arep|hoyong|saya|sy|aku|kamek|min|kak|kakak|pak|bu|bang|admin|dong|ya|nih|ni|"
    r"tanya|nanya|bertanya|betanye|takon|naros|info|infonya|minta|halo|hai|permisi|maaf|assalamualaikum|p)\s*)+"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """All that is known of one message before anything is written."""

    text: str
    decision: Decision
    retrieval: Retrieval | None
    country: str | None
    triage: Triage
    danger: Danger | None
    """What the rules saw, whatever the models think of it."""

    smalltalk: Intent | None = None
    is_far_off: bool = False
    """Nothing to do with work abroad, rather than a question without an entry."""
    known_place: str = ""
    """Where the person's open case happens, for a message that names no place."""

    @property
    def is_danger(self) -> bool:
        """Safety and hotlines come first."""
        return self.triage.urgency in (Urgency.EMERGENCY, Urgency.HIGH)

    @property
    def is_emergency(self) -> bool:
        """Somebody may die of waiting."""
        return self.triage.urgency is Urgency.EMERGENCY


@dataclass(frozen=True, slots=True)
class Found:
    """What the service makes of a text by itself; without an index only the rules have looked."""

    danger: Danger | None
    retrieval: Retrieval | None = None
    urgency: Urgency | None = None


async def understand(base: KnowledgeBase | None, nlu: NluClient, text: str, memory: Memory) -> Meaning:
    """The meaning of `text` after `memory`; the NLU, or the search, may be away.

    Both need the encoder's vector, which costs more than all the rest of a search. So the search waits a little for the
    NLU's; where the NLU is away or slow it computes its own, and is through before the NLU is given up.
    """
    parsing = asyncio.ensure_future(nlu.parse(text))
    await asyncio.wait({parsing}, timeout=EMBEDS_ITSELF_AFTER_S)
    given = parsing.result().vector if parsing.done() else None
    found = await asyncio.get_running_loop().run_in_executor(_SEARCH, find, base, text, memory, given)
    return weigh(base, text, found, memory, await parsing)


def find(base: KnowledgeBase | None, text: str, memory: Memory, given: TextVector | None = None) -> Found:
    """Look for danger, and search in context, with the vector that is `given` where it is the vector of this text."""
    danger = find_danger(text, base.normalizer if base else _bare_normalizer())
    if base is None:
        return Found(danger)
    vector = base.given(given.weights, given.values) if given and given.text == text else None
    if vector is None:
        vector = base.vector(text)
    return Found(danger, search_in_context(base, text, vector, memory), base.urgency_of(text, vector, danger))


def sounds_dangerous(text: str) -> bool:
    """What the rules alone say at a first glance: enough to let a message go first, not to answer it."""
    return bool(text) and danger_in(text) is not None


def danger_in(text: str) -> Danger | None:
    """The danger that the rules see in a text, without index or model."""
    return find_danger(text, _bare_normalizer())


def search_in_context(base: KnowledgeBase, text: str, vector: np.ndarray, memory: Memory) -> Retrieval:
    """Search for `text`, or for what it means after the last question."""
    alone = base.search(text, vector)
    if not is_follow_up(text, memory):
        return alone
    if carried := carry_over_country(base, text, memory):
        return _put_first(alone, carried)
    if alone.confidence >= base.learned.thresholds.answer:
        return alone
    in_context = f"{memory.last_text} {text}"
    return _weighed_together(alone, base.search(in_context, base.vector(in_context)))


def weigh(base: KnowledgeBase | None, text: str, found: Found, memory: Memory, nlu: Understanding) -> Meaning:
    """Put search, rules and models together."""
    danger = found.danger
    sorted_out = triage(nlu, danger, found.urgency)
    smalltalk = small_talk(text, nlu) if sorted_out.urgency is Urgency.NONE else None
    country = country_of(text) or memory.last_country or None
    if base is None or found.retrieval is None:
        return Meaning(text, Decision(Outcome.HANDOFF, None, (), 0.0), None, country, sorted_out, danger, smalltalk)
    decision = decide(found.retrieval.entry_ids, found.retrieval.confidence, base.learned.thresholds)
    if smalltalk:
        decision = replace(decision, outcome=Outcome.SMALLTALK, entry_id=None)
    far_off = decision.outcome is Outcome.HANDOFF and (
        found.retrieval.looks_far_off or (nlu.intent is Intent.OUT_OF_SCOPE and nlu.confidence >= SURE)
    )
    return Meaning(text, decision, found.retrieval, country, sorted_out, danger, smalltalk, far_off)


@lru_cache(maxsize=1)
def _bare_normalizer() -> Normalizer:
    """For danger words while there is no index."""
    return Normalizer(load_lexicon())


def small_talk(text: str, nlu: Understanding = UNKNOWN) -> Intent | None:
    """Greeting and thanks by their words, a farewell with the thanks; the other kinds where the NLU is sure."""
    words = plain(text)
    if not words or GREETINGS.fullmatch(words):
        return Intent.GREET if words else None
    if is_farewell(text) or (THANKS.fullmatch(words) and len(words.split()) <= THANKS_WORDS):
        return Intent.THANKS
    if nlu.intent in SMALLTALK_INTENTS and nlu.confidence >= SURE:
        return nlu.intent
    return None


def is_farewell(text: str) -> bool:
    """Nothing but a goodbye, with or without thanks."""
    words = plain(text)
    return bool(FAREWELL.search(words)) and bool(GOING_WORDS.fullmatch(FAREWELL.sub("", words).strip()))


def is_opener(text: str) -> bool:
    """A beginning whose question is still to come: a greeting, "kak mau tanya"."""
    words = plain(text)
    return bool(words) and len(words.split()) <= 6 and bool(GREETINGS.fullmatch(words) or OPENERS.fullmatch(words))


def is_question(text: str) -> bool:
    """It asks something, by a word or by its mark."""
    return "?" in text or not QUESTION_WORDS.isdisjoint(plain(text).split())


def is_follow_up(text: str, memory: Memory) -> bool:
    """Short and leaning on what was said: it begins with a connector, or is too short to stand alone."""
    words = plain(text).split()
    if not memory.last_text or not words or len(words) > FOLLOW_UP_WORDS:
        return False
    return words[0] in CONNECTORS or len(words) <= 4 or words[-1] in ("juga", "gimana", "piye", "kumaha")


def carry_over_country(base: KnowledgeBase, text: str, memory: Memory) -> str | None:
    """Where a follow-up only names another destination: the same question there, or that destination's own entry."""
    words = plain(text)
    rest = [word for word in name_pattern().sub(" ", words).split() if word not in FILLERS]
    country = country_of(text)
    if rest or not country or memory.last_entry not in base.entries:
        return None
    if base.entries[memory.last_entry].category != "negara" or memory.last_entry == "gaji-negara-tujuan":
        return memory.last_entry
    return COUNTRY_ENTRIES.get(country, "negara-terbuka")


CARRIED_CONFIDENCE = 0.95
"""Of "dan Taiwan?" after a question: there is little else it can mean."""

COUNTRY_ENTRIES = {
    "malaysia": "malaysia-umum",
    "sarawak": "malaysia-sarawak",
    "brunei": "brunei",
    "taiwan": "taiwan",
    "hong-kong": "hong-kong",
    "singapura": "singapura",
    "korea": "korea-g-to-g",
    "jepang": "jepang-ssw",
    "jerman": "jerman-perawat",
    "kamboja": "kamboja-myanmar",
    "myanmar": "kamboja-myanmar",
    "laos": "kamboja-myanmar",
    "thailand": "kamboja-myanmar",
} | dict.fromkeys(
    (
        "arab-saudi",
        "uea",
        "qatar",
        "kuwait",
        "oman",
        "bahrain",
        "yordania",
        "irak",
        "suriah",
        "lebanon",
        "turki",
        "mesir",
        "libya",
    ),
    "arab-saudi-timur-tengah",
)
"""The entry that holds requirements and scheme of a destination; all others are in `negara-terbuka`."""


def _weighed_together(alone: Retrieval, in_context: Retrieval) -> Retrieval:
    """Entries by what they score in both searches, as sure as a search that has the same one first.

    Alone, "who pays for it?" could be about anything; behind "work in Singapore" it would be about Singapore. Each knows half.
    """
    scores = {hit.entry_id: hit.rank_score for hit in in_context.hits}
    hits = [Hit(hit.entry_id, hit.rank_score + scores[hit.entry_id]) for hit in alone.hits]
    hits.sort(key=lambda hit: -hit.rank_score)
    agreeing = [search.confidence for search in (alone, in_context) if search.entry_ids[0] == hits[0].entry_id]
    confidence = max(agreeing, default=min(alone.confidence, in_context.confidence))
    return Retrieval(tuple(hits), confidence, alone.looks_far_off, is_by_context=True)


def _put_first(retrieval: Retrieval, entry_id: str) -> Retrieval:
    """The same hits with this entry first, as sure as a plain question would be."""
    chosen = [hit for hit in retrieval.hits if hit.entry_id == entry_id]
    rest = (hit for hit in retrieval.hits if hit.entry_id != entry_id)
    return Retrieval((*chosen, *rest), max(retrieval.confidence, CARRIED_CONFIDENCE), False)
