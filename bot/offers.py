"""Job offers from the command line: text and pictures in, one report each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.media import pictures
from bot.offline import opened_database
from bot.services import offers
from bot.services.knowledge_base import model_folder
from bot.settings import Settings
from knowledge.embedder import Embedder, ModelMissing
from knowledge.office import load_office
from knowledge.red_flags import analyse
from knowledge.red_flags.learned import FLAGS_FILE, FlagModel, load_or_learn

Tell = Callable[[str], None]


class UnusableOffer(Exception):
    """An offer whose picture cannot be read; the text names its place and the reason."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to check; `place` says where a batch file has it, with ": " behind."""

    id: object
    text: str
    image: Path | None = None
    place: str = ""


async def reports(settings: Settings, items: list[Offer], *, tell: Tell) -> AsyncIterator[dict]:
    """One result for each offer in their order; raises UnusableOffer at the first that cannot be read."""
    office, model = load_office(settings.office_file), flag_model(settings, tell)
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    async with opened_database(settings) as database:
        for item in items:
            text = await _whole_text(item)
            analysis = analyse(text, model)
            async with database.transaction() as session:
                yield result(item.id, await offers.report(session, text, analysis, office, today=today))


def flag_model(settings: Settings, tell: Tell) -> FlagModel | None:
    """The learnt flags; None, and the rules alone, where there is no language model."""
    folder = model_folder(settings)
    try:
        return load_or_learn(Embedder(folder), [folder / FLAGS_FILE, settings.data_dir / FLAGS_FILE], tell=tell)
    except ModelMissing:
        tell("Model bahasa belum ada (silvi model build): tawaran diperiksa dengan aturan saja.")
        return None


def result(item_id: object, report: offers.OfferReport) -> dict:
    """The result for one offer."""
    return {
        "id": item_id,
        "verdict": report.analysis.verdict,
        "flags": [{"id": flag.id, "evidence": flag.evidence} for flag in report.analysis.flags],
        "recruiters": [
            {
                "name": found.query,
                "status": found.status,
                "registry_name": found.licence.name if found.licence else None,
            }
            for found in report.recruiters
        ],
        "phones": list(report.phones),
        "advice": report.advice,
    }


async def _whole_text(offer: Offer) -> str:
    """What the offer says: its own text, then the text in its picture."""
    if offer.image is None:
        return offer.text
    try:
        read = await pictures.text_of(offer.image.read_bytes())
    except OSError as error:
        raise UnusableOffer(f"{offer.place}{offer.image}: berkas tidak bisa dibaca ({error.strerror})") from error
    except pictures.UnreadablePicture as error:
        raise UnusableOffer(f"{offer.place}{offer.image}: {error}") from error
    return "\n".join(part for part in (offer.text, read) if part)
