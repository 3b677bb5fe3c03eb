"""Work on what strangers sent, in a process of its own that may take only so much time and memory and is thrown away afterwards."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import TypeVar

WITHIN_S = 60.0
MEMORY_BYTES = 2_000_000_000
"""Of address space, of which the program itself takes a part."""

Made = TypeVar("Made")

_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="apart")
"""Several at once would take the memory several times."""


class TookTooMuch(Exception):
    """It was ended: too much time, or too much memory."""


async def call(
    work: Callable[..., Made], *arguments: object, within_s: float = WITHIN_S, memory_bytes: int = MEMORY_BYTES
) -> Made:
    """`work(*arguments)`, a function of a module, with its result or its exception; raises TookTooMuch."""
    running = asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, _run, work, arguments, within_s, memory_bytes)
    return await running


def _run(work: Callable[..., Made], arguments: tuple, within_s: float, memory_bytes: int) -> Made:
    # A fork would copy a process with threads in the middle of their work.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_limited, args=(theirs, within_s, memory_bytes), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.send((work, arguments))
        if not ours.poll(within_s):
            raise TookTooMuch
        made, error = ours.recv()
    except (EOFError, BrokenPipeError, ConnectionResetError) as ended:
        raise TookTooMuch from ended
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(error, MemoryError):
        raise TookTooMuch from error
    if error is not None:
        raise error
    return made


def _limited(connection: Connection, within_s: float, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    seconds = round(within_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    work, arguments = connection.recv()
    try:
        answer = work(*arguments), None
    except Exception as error:
        answer = None, error
    connection.send(answer)
