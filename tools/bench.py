"""`make bench`: how fast Silvi is on this machine, all in one run of about three minutes; the loopback only.

The service runs as people run it (`silvi run`, Rasa beside it) with a data folder of its own in build/bench, and gets
its questions through the local Bot API server of the tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from bot.app import App
from bot.batch import answer
from bot.dialogue.understand import is_opener
from bot.domain.messages import Channel, ChatRef, Reply
from bot.offline import opened
from bot.services import outbox, people, questions
from bot.settings import Settings
from bot.texts.evaluation import speed as in_words
from bot.texts.table import milliseconds, table
from knowledge.danger import find_danger
from knowledge.entries import load_golden
from knowledge.metrics import percentile
from knowledge.speed import embedding_speed, milliseconds_each
from knowledge.training import rank
from tests.telegram_api import Account, Sent, TelegramApi
from tools.load import ANSWERED_WITHIN_S, HEADINGS, PERCENTS, Load, Times, put_load
from tools.service import PROJECT, Service, running, until

FOLDER = PROJECT / "build" / "bench"
TIMED = 300
RATES, LOAD_S = (30, 40), 30
"""Questions a second, one load after the other, each for so many seconds."""
WARM_UP = 30
FIRST_CHAT = 10_000
DESK, FIRST_IN_DANGER, EMERGENCIES = -1_000_000_000_777, 90_000, 20
IN_DANGER = "saya dikurung majikan, hp mau diambil, tolong"


def main() -> None:
    """Measure and print; the settings of this machine's own Silvi do not count."""
    for name in [name for name in os.environ if name.startswith("SILVI_")]:
        del os.environ[name]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    texts = _texts()
    with TelegramApi().running() as api:
        account = api.new_bot()
        account.opens_forum(DESK)
        with _service(api, account) as first:
            print(f"`silvi run` sampai /health 200, basis data baru: {first.healthy_after_s:.1f} s", flush=True)
        with _service(api, account) as service:
            print(f"`silvi run` sampai /health 200, mulai lagi: {service.healthy_after_s:.1f} s", flush=True)
            print("Menunggu NLU ...", flush=True)
            service.wait_for_nlu()
            print(f"NLU siap setelah {time.monotonic() - service.began:.1f} s", flush=True)
            put_load(account, texts[:WARM_UP], first_chat=1, per_second=10)
            print(
                f"Memori aplikasi (proses layanan dan proses pengirim) setelah semua dimuat: {service.memory_mb():.0f} MB",
                flush=True,
            )
            # Before the load: what is still unanswered then would stand in its way.
            _print_complaints(account, service)
            for rate in RATES:
                print(f"Bertanya {rate} kali sedetik selama {LOAD_S} s ...", flush=True)
                asked = texts[: rate * LOAD_S]
                load = put_load(account, asked, first_chat=FIRST_CHAT * rate, per_second=rate)
                _print_load(load, service)
            print("Mengukur bagian-bagian ...", flush=True)
            asyncio.run(_measure_parts(random.Random(7).sample(texts, TIMED)))


def _texts() -> list[str]:
    """Golden questions in a fixed random order; openers are held back on purpose and would measure only that."""
    texts = [question.text for question in load_golden() if not is_opener(question.text)]
    random.Random(7).shuffle(texts)
    wanted = max(RATES) * LOAD_S
    return (texts * (wanted // len(texts) + 1))[:wanted]


@contextlib.contextmanager
def _service(api: TelegramApi, account: Account) -> Iterator[Service]:
    """`silvi run` with everything on, stopped gracefully at the end."""
    settings = {
        "SILVI_DATA_DIR": str(FOLDER / "data"),
        "SILVI_TELEGRAM_TOKEN": account.token,
        "SILVI_TELEGRAM_API_URL": api.url,
        "SILVI_DESK_CHAT_ID": str(DESK),
    }
    with running(FOLDER, settings) as service:
        yield service


def _print_load(load: Load, service: Service) -> None:
    print(f"\n{table(HEADINGS, [load.row(f'{load.asked} pertanyaan')])}")
    print(
        f"Tidak dijawab {load.unanswered} (di antaranya gagal {load.failed}); "
        f"NLU tidak sempat {service.times_without_nlu()} kali"
    )
    print(
        f"Memori aplikasi (proses layanan dan proses pengirim) setelah beban: {service.memory_mb():.0f} MB", flush=True
    )


async def _measure_parts(texts: list[str]) -> None:
    """Inside one process, which asks the service's Rasa and shares its database."""
    settings = Settings(_env_file=None, data_dir=FOLDER / "data")
    async with opened(settings, with_nlu=True, tell=print) as app:
        base = app.knowledge.current
        vectors = {text: base.embedder.embed([text]) for text in texts}
        await app.nlu.parse("halo")
        await answer(app, None, ["halo"])

        def search(text: str) -> object:
            signs = rank([text], vectors[text], base.learned.scorer, base.index, base.normalizer)[0].signs
            return base.learned.calibration.confidence(signs[None])

        measured = {
            "ask (semuanya)": [(await answer(app, None, [text]))["latency_ms"] for text in texts],
            "  NLU (Rasa)": await _each(app.nlu.parse, texts),
            "  vektor": milliseconds_each(lambda text: base.embedder.embed([text]), texts),
            "  penilai dan indeks": milliseconds_each(search, texts),
            "  kegawatan": milliseconds_each(
                lambda text: base.urgency_of(text, vectors[text][0], find_danger(text, base.normalizer)), texts
            ),
            "tulis ke basis data": await _each(lambda text: _write(app, text), texts),
        }
        headings = ("milidetik", *(f"p{percent}" for percent in PERCENTS))
        print(f"\n{table(headings, [_row(*item) for item in measured.items()])}", flush=True)
        print(f"\n{in_words(embedding_speed(base.embedder, texts))}")


async def _each(work: Callable[[str], Awaitable[object]], texts: Sequence[str]) -> Times:
    times = []
    for text in texts:
        began = time.perf_counter()
        await work(text)
        times.append((time.perf_counter() - began) * 1000)
    return times


async def _write(app: App, text: str) -> None:
    """What a turn writes for a new person: chat, person, question and reply, in one transaction."""
    now, name = datetime.now(UTC), f"bench-{uuid4().hex}"
    asked = questions.Asked(text, "handoff", None, None, 0.0, (), None, None, None)
    async with app.db.transaction() as session:
        chat = await people.lock_chat(session, ChatRef(Channel.WEB, name), now=now)
        person = await people.person_of(session, Channel.WEB, name, now=now)
        await questions.record(session, asked, chat_id=chat.id, person_id=person.id, now=now)
        outbox.add(session, chat, Reply(body=text), now=now)
        await outbox.announce(session)


def _print_complaints(account: Account, service: Service) -> None:
    """From an emergency message to its first post at the officers' desk, one after the other."""
    times: Times = []
    for person in range(FIRST_IN_DANGER, FIRST_IN_DANGER + EMERGENCIES):
        said_at, sign = time.time(), f"rumah nomor {person}"
        account.person_says(person, f"{IN_DANGER}, {sign}")
        until(lambda sign=sign: bool(_posts_with(account, sign)), ANSWERED_WITHIN_S, service)
        times.append((_posts_with(account, sign)[0].at - said_at) * 1000)
    p50, p95, _ = (percentile(times, percent) for percent in PERCENTS)
    print(f"Pengaduan: darurat sampai ke meja petugas p50 {p50:.0f} ms, p95 {p95:.0f} ms", flush=True)


def _posts_with(account: Account, sign: str) -> list[Sent]:
    return [sent for sent in account.messages_to(DESK) if sign in sent.text]


def _row(name: str, times: Times) -> list[str]:
    return [name, *(milliseconds(percentile(times, percent)) for percent in PERCENTS)]


if __name__ == "__main__":
    main()
