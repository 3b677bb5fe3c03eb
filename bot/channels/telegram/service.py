"""The Telegram part as `silvi run` has it: this process receives and answers, one beside it sends.

What is answered costs the interpreter nearly all its time at thirty questions a second; sending takes a quarter of that again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pickle
import sys
import time
from pathlib import Path

from bot import metrics
from bot.app import App
from bot.channels.telegram import application
from bot.channels.telegram.pauses import growing_pauses, happens, unless
from bot.channels.telegram.sender import Orders

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parents[3]
PROGRAM = ("-m", "bot.channels.telegram.sender")
STARTS_AFTER_S = 3.0
"""The service is to answer first: beside what it loads another process would take its time, and it sends by itself meanwhile."""
STARTS_WITHIN_S, SILENT_AT_MOST_S = 60.0, 10.0
"""It tells something every second; a process that hangs must not keep messages waiting for longer."""
ENDS_WITHIN_S = 8.0
"""More than Delivery takes to send what is due."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
HEALTHY_AFTER_S = 60.0
"""A process that ran this long starts over with the shortest pause."""


async def run(app: App, stop: asyncio.Event) -> None:
    """Receive and answer until `stop`, while another process sends; raises InvalidToken for a refused token."""
    sending_ends = asyncio.Event()
    sending = asyncio.create_task(keep_sending(app, sending_ends))
    ending = asyncio.create_task(_follow(stop, sending_ends))
    try:
        await application.run(app, stop)
    finally:
        ending.cancel()
        sending_ends.set()
        await sending


async def _follow(stop: asyncio.Event, other: asyncio.Event) -> None:
    # The process ends while the last turns do; what they write is sent by this process.
    await stop.wait()
    other.set()


async def keep_sending(app: App, stop: asyncio.Event) -> None:
    """Keep the process that sends running until `stop`; while it is not there this process sends, and nothing waits."""
    pauses = growing_pauses(FIRST_PAUSE_S, LONGEST_PAUSE_S)
    await happens(stop, STARTS_AFTER_S)
    while not stop.is_set():
        began = time.monotonic()
        try:
            status = await _run_once(app, stop)
        except (OSError, ValueError) as error:  # it cannot be started, or says what nobody understands
            status = error
        if stop.is_set():
            return
        if time.monotonic() - began > HEALTHY_AFTER_S:
            pauses = growing_pauses(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        pause_s = next(pauses)
        logger.warning(
            "the process that sends ended (%s); this one sends, and starts it again in %.1f s", status, pause_s
        )
        await happens(stop, pause_s)


async def _run_once(app: App, stop: asyncio.Event) -> int | None:
    """One life of the process, from its start to its end; returns its exit status."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        *PROGRAM,
        # From the folder of the service, which its settings may be relative to; the code is this one's in any case.
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal is for the service alone, which ends its processes in order.
        start_new_session=True,
    )
    try:
        orders = Orders(app.settings, app.db.url.render_as_string(hide_password=False))
        process.stdin.write(pickle.dumps(orders))
        with contextlib.suppress(ConnectionError):  # it is gone already, which its output shows
            await process.stdin.drain()
        await unless(stop, _listen(app, process.stdout))
    finally:
        app.sender.went()
        process.stdin.close()
        await _ended(process)
    return process.returncode


async def _listen(app: App, told: asyncio.StreamReader) -> None:
    """Take in what the process tells, until it ends or falls silent."""
    patience_s = STARTS_WITHIN_S
    while True:
        try:
            async with asyncio.timeout(patience_s):
                line = await told.readline()
        except TimeoutError:
            logger.error("the process that sends has been silent for %.0f s", patience_s)
            return
        if not line:
            return
        for outcome, took_s in json.loads(line):
            metrics.note_sent(outcome, took_s)
        app.sender.came()
        patience_s = SILENT_AT_MOST_S


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of a process that was told to end, and make it end."""
    try:
        # Its output is read on: a full pipe would keep it from ending.
        await asyncio.wait_for(process.communicate(), ENDS_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
