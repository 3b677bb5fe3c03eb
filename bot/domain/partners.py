"""Partners in the villages: who they may be, and how coarsely they see numbers."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from bot.domain.figures import FEWEST


class PartnerKind(StrEnum):
    VILLAGE_HEAD = "kades"
    BABINSA = "babinsa"
    BHABINKAMTIBMAS = "bhabinkamtibmas"
    TEACHER = "guru"


INVITED_FOR = timedelta(days=7)
"""A partner's own link works so long, and once."""
HANDOVER_LASTS = timedelta(days=1)
COUNTED_DAYS = timedelta(days=90)
HANDOVERS_A_DAY = 10


def coarse(people: int) -> int | None:
    """So many people at least, in steps of five; None below five.

    In a village everybody knows who took out the phone: a number that grows by one with each of them would tell who asked.
    """
    return None if people < FEWEST else people - people % FEWEST
