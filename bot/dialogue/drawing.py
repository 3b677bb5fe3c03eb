"""What a turn hands out as PDF or picture is drawn outside its transaction, so that no row stays locked for so long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import TypeVar

Result = TypeVar("Result")
Drawn = Mapping[Hashable, bytes]
"""What was drawn before the transaction that needs it, by what stands on it."""

TRIES = 5
"""What is to be drawn changes meanwhile only where somebody works on the same thing at that moment."""


class NotDrawn(Exception):
    """The transaction needs what is not drawn yet: it is rolled back, and begun again with it."""

    def __init__(self, what: Hashable, draw: Callable[[], bytes]) -> None:
        super().__init__(f"{type(what).__name__} is not drawn yet")
        self.what, self.draw = what, draw


def taken(drawn: Drawn, what: Hashable, draw: Callable[[], bytes]) -> bytes:
    """What was drawn of `what`; raises NotDrawn, which says how it is drawn."""
    if what not in drawn:
        raise NotDrawn(what, draw)
    return drawn[what]


async def with_drawings(work: Callable[[Drawn], Awaitable[Result]]) -> Result:
    """Do `work`, one transaction; what it has to draw is drawn in a thread while nothing is locked."""
    drawn: dict[Hashable, bytes] = {}
    for _ in range(TRIES):
        try:
            return await work(drawn)
        except NotDrawn as missing:
            drawn[missing.what] = await asyncio.to_thread(missing.draw)
    return await work(drawn)
