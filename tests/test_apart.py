"""What strangers sent is worked on in a process that cannot take more than its share."""

from __future__ import annotations

import multiprocessing
import time

import pytest

from bot import apart
from bot.services.entry_files import UnusableFile
from tests import busy


async def test_result_and_exception_come_back() -> None:
    assert await apart.call(sorted, [2, 1]) == [1, 2]
    with pytest.raises(UnusableFile) as refused:
        await apart.call(busy.refuse, ["baris 1: salah", "baris 2: salah"])
    assert refused.value.reasons == ["baris 1: salah", "baris 2: salah"]


async def test_too_much_memory_ends_it() -> None:
    with pytest.raises(apart.TookTooMuch):
        await apart.call(bytearray, 2 * apart.MEMORY_BYTES)


async def test_too_much_time_ends_it_and_nothing_is_left_running() -> None:
    began = time.monotonic()
    with pytest.raises(apart.TookTooMuch):
        await apart.call(time.sleep, 600, within_s=0.5)
    assert time.monotonic() - began < 60
    assert multiprocessing.active_children() == []


async def test_process_that_dies_is_told_as_too_much() -> None:
    with pytest.raises(apart.TookTooMuch):
        await apart.call(busy.die)
