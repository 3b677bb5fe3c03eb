"""The one seam to the NLU: Rasa's /model/parse becomes an Understanding; UNKNOWN when Rasa is away."""

from __future__ import annotations

import base64
import logging
import re
import time
from dataclasses import dataclass, field, replace
from enum import StrEnum

import aiohttp

from bot.logs import current_turn
from bot.metrics import NLU_FAILED, NLU_SECONDS

logger = logging.getLogger(__name__)

TURN_HEADER = "X-Silvi-Turn"
PAUSE_AFTER_FAILURE_S = 5.0
LONGEST_TEXT = 2_000
"""Characters the NLU is given: what a message is shows early, and one endless text must not hold up everybody's."""

_LEADING_SLASHES = re.compile(r"^[\s/]+")
_FIGURES_ALONE = re.compile(r"[\W\d_]*\d[\W\d_]*")


class Intent(StrEnum):
    ASK_QUESTION = "ask_question"
    REPORT_PROBLEM = "report_problem"
    CHECK_OFFER = "check_offer"
    CASE_STATUS = "case_status"
    TALK_TO_OFFICER = "talk_to_officer"
    CANCEL = "cancel"
    GREET = "greet"
    THANKS = "thanks"
    FEEDBACK_NEGATIVE = "feedback_negative"
    OUT_OF_SCOPE = "out_of_scope"
    UNKNOWN = "unknown"


class Category(StrEnum):
    """What a reported problem is about."""

    GAJI = "gaji"
    PASPOR = "paspor"
    KONTRAK = "kontrak"
    KEKERASAN = "kekerasan"
    DISEKAP = "disekap"
    KESEHATAN = "kesehatan"
    MENINGGAL = "meninggal"
    HILANG_KONTAK = "hilang_kontak"
    PENIPUAN = "penipuan"
    PEMULANGAN = "pemulangan"
    LAINNYA = "lainnya"


@dataclass(frozen=True, slots=True)
class TextVector:
    """What the NLU's encoder makes of `text`: `values` are little-endian float32, and fit only beside those of the same `weights`."""

    text: str
    weights: str
    values: bytes


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the NLU makes of one utterance. `intents` maps each intent to its confidence (0 to 1, sums to 1)."""

    intent: Intent
    confidence: float
    intents: dict[Intent, float] = field(default_factory=dict)
    category: Category | None = None
    entities: dict[str, list[str]] = field(default_factory=dict)
    vector: TextVector | None = None


UNKNOWN = Understanding(Intent.UNKNOWN, 0.0)


class NluClient:
    """Asks Rasa; never raises. After a failure it pauses a few seconds, so that a dead NLU costs nobody time."""

    def __init__(self, url: str | None, *, timeout_s: float, token: str | None = None) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._token = {"token": token} if token else {}
        self._http: aiohttp.ClientSession | None = None
        self._away_until = 0.0

    async def parse(self, text: str) -> Understanding:
        """Understanding of `text`, or UNKNOWN when the NLU is away, slow or talks nonsense.

        Figures alone mean nothing by themselves, yet Rasa sees a report in "1"; only their entities are kept.
        """
        # A text that begins with a slash is to Rasa the name of an intent, for anybody who types one.
        text = _LEADING_SLASHES.sub("", text)[:LONGEST_TEXT]
        if not self.url or not text or time.monotonic() < self._away_until:
            return UNKNOWN
        try:
            with NLU_SECONDS.time():
                answer = await self._post("/model/parse", {"text": text})
            understood = read_understanding(answer)
            return replace(UNKNOWN, entities=understood.entities) if _FIGURES_ALONE.fullmatch(text) else understood
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
            NLU_FAILED.inc()
            self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_S
            logger.warning("NLU away: %s", type(error).__name__)
            return UNKNOWN

    async def is_ready(self) -> bool:
        """True when a model is loaded and answers."""
        if not self.url:
            return False
        try:
            async with self._session().get(
                f"{self.url}/status", params=self._token, timeout=aiohttp.ClientTimeout(total=1.0)
            ) as response:
                return response.status == 200 and bool((await response.json(content_type=None)).get("model_file"))
        except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
            return False

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _post(self, path: str, body: dict[str, str]) -> dict:
        """The JSON that comes back, all of it within the time-out: a server that drips must keep nobody waiting."""
        headers = {TURN_HEADER: current_turn()}
        async with self._session().post(
            f"{self.url}{path}", params=self._token, json=body, headers=headers, allow_redirects=False
        ) as response:
            response.raise_for_status()
            return await response.json(content_type=None)

    def _session(self) -> aiohttp.ClientSession:
        """Opened when first used: it belongs to the event loop of whoever asks."""
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=self._timeout_s)
            self._http = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._http


def read_understanding(answer: dict) -> Understanding:
    """Rasa's JSON as an Understanding; raises KeyError, TypeError or ValueError for anything else."""
    ranking = {Intent(item["name"]): float(item["confidence"]) for item in answer["intent_ranking"]}
    intent = Intent(answer["intent"]["name"])
    category = answer.get("category") or {}
    entities: dict[str, list[str]] = {}
    for entity in answer.get("entities", ()):
        value = str(entity["value"])
        if value not in entities.setdefault(entity["entity"], []):
            entities[entity["entity"]].append(value)
    return Understanding(
        intent=intent,
        confidence=float(answer["intent"]["confidence"]),
        intents=ranking,
        category=Category(category["name"]) if category.get("name") else None,
        entities=entities,
        vector=_vector(answer.get("vector")),
    )


def _vector(told: dict | None) -> TextVector | None:
    if told is None:
        return None
    return TextVector(str(told["text"]), str(told["weights"]), base64.b64decode(told["values"], validate=True))
