"""Waiting that ends early when Silvi is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any


def growing_pauses(first_s: float, longest_s: float) -> Iterator[float]:
    """Seconds to wait after each failure in a row: doubling up to `longest_s`, without end."""
    pause_s = first_s
    while True:
        yield pause_s
        pause_s = min(pause_s * 2, longest_s)


async def happens(event: asyncio.Event, within_s: float) -> bool:
    """Wait at most `within_s` seconds for `event`; True when it happened."""
    try:
        # Not asyncio.wait_for: on Python 3.11 it loses a cancellation that comes together with the event.
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do `work`, but cancel it when `stop` is set; raises what `work` raises."""
    task, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        for waiting in (task, stopping):
            waiting.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)
