"""Questions and messages from the command line, through the same steps as a chat takes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.app import App
from bot.dialogue import question
from bot.dialogue.understand import Meaning, understand
from bot.domain.messages import Memory, Reply
from bot.domain.recruiters import Found
from bot.domain.verdicts import Reported
from bot.offline import opened, opened_database
from bot.services import recruiters, traces, verdicts
from bot.settings import Settings
from bot.texts.answers import as_text
from bot.texts.jobseeker import EMPTY
from bot.texts.recruiters import advice
from bot.texts.verdicts import public
from knowledge.countries import country_of
from knowledge.normalize import plain
from knowledge.office import load_office

Tell = Callable[[str], None]


async def answers(settings: Settings, items: list[dict], *, with_nlu: bool, tell: Tell) -> AsyncIterator[dict]:
    """One result for each item, a `text` or `turns` of one conversation; the last turn is answered."""
    async with _warm(settings, with_nlu, tell) as app:
        for item in items:
            texts = [turn["user"] for turn in item["turns"]] if "turns" in item else [item["text"]]
            yield await answer(app, item.get("id"), texts)


async def answer(app: App, item_id: object, texts: list[str]) -> dict:
    """The result of a conversation's last turn."""
    memory = Memory()
    for text in texts[:-1]:
        memory = question.remember(memory, await understand(app.knowledge.current, app.nlu, text, memory))
    began = time.perf_counter()
    meaning = await understand(app.knowledge.current, app.nlu, texts[-1], memory)
    latency_ms = (time.perf_counter() - began) * 1000
    if plain(texts[-1]):
        replies = question.replies_in_order(app, meaning, 0, today=question.local_date(app, datetime.now(UTC)))
    else:
        replies = (Reply(body=EMPTY),)
    return {
        "id": item_id,
        "decision": meaning.decision.outcome,
        "entry": meaning.decision.entry_id,
        "confidence": round(meaning.decision.confidence, 4),
        "suggestions": list(meaning.decision.suggestions),
        "country": meaning.country,
        "answer": "\n\n".join(as_text(reply) for reply in replies),
        "latency_ms": round(latency_ms, 2),
    }


async def triages(settings: Settings, items: list[dict], *, with_nlu: bool, tell: Tell) -> AsyncIterator[dict]:
    """One triage for each item's `text`."""
    async with _warm(settings, with_nlu, tell) as app:
        for item in items:
            meaning = await understand(app.knowledge.current, app.nlu, item["text"], Memory())
            yield triage_result(item.get("id"), meaning)


def triage_result(item_id: object, meaning: Meaning) -> dict:
    """The result for one message; the destination is among the entities even while the NLU is away."""
    found = meaning.triage
    entities = dict(found.entities)
    if "country" not in entities and (country := country_of(meaning.text)):
        entities["country"] = [country]
    return {
        "id": item_id,
        "intent": found.intent,
        "intent_confidence": round(found.intent_confidence, 4),
        "urgency": found.urgency,
        "category": found.category,
        "entities": entities,
    }


async def recruiter_results(
    settings: Settings, items: list[dict], *, country: str | None, position: str | None
) -> AsyncIterator[dict]:
    """What the registry says today about each item's `query`; an item may name its own `country` and `position`."""
    today, office = datetime.now(ZoneInfo(settings.time_zone)).date(), load_office(settings.office_file)
    async with opened_database(settings) as database:
        for item in items:
            async with database.transaction() as session:
                found = await recruiters.look_up(
                    session,
                    item["query"],
                    country=str(item.get("country") or "") or country,
                    position=str(item.get("position") or "") or position,
                    today=today,
                )
                held = (*traces.in_text(item["query"], office), traces.name_trace(item["query"]))
                shown = await verdicts.about(session, held, today=today)
            yield recruiter_result(item.get("id"), found, shown, today=today)


def recruiter_result(item_id: object, found: Found, reported: Sequence[Reported] = (), *, today: date) -> dict:
    """The result of one look-up."""
    licence = found.licence
    return {
        "id": item_id,
        "status": found.status,
        "registry_name": licence.name if licence else None,
        "licence_number": licence.number if licence else None,
        "status_in_registry": licence.status if licence else None,
        "valid_until": licence.valid_until.isoformat() if licence else None,
        "difference": found.difference,
        "others": list(found.others),
        "data_date": found.data_date.isoformat() if found.data_date else None,
        "job_orders": [
            {
                "number": order.number,
                "country": order.country,
                "position": order.position,
                "quota": order.quota,
                "valid_until": order.valid_until.isoformat(),
            }
            for order in found.job_orders
        ],
        "advice": "\n\n".join([*map(public, reported), advice(found, today=today)]),
    }


@asynccontextmanager
async def _warm(settings: Settings, with_nlu: bool, tell: Tell) -> AsyncIterator[App]:
    """The opened parts after one unmeasured question, so that the first result is as fast as the others."""
    async with opened(settings, with_nlu=with_nlu, tell=tell) as app:
        await understand(app.knowledge.current, app.nlu, "halo", Memory())
        yield app
