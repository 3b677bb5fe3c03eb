"""`make chaos`: does Silvi lose anything when everything around it breaks? Counts what went in and what came out.

The service runs as people start it (`silvi run`, Rasa beside it, on a clock that can be moved) on a PostgreSQL of its
own, and gets its messages through the local Bot API server of the tests. While people write, all of `chaos_trouble`
happens, one call in ten to Telegram goes wrong, and updates come twice, in the wrong order and again after a kill.
Ends with status 1 when something was lost, happened twice or changed its order, or a fault did not happen.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from bot.channels.telegram.render import render
from bot.domain.messages import Reply
from bot.storage.vault import Vault
from bot.texts.table import table
from tests.telegram_api import TelegramApi
from tools.chaos_crowd import (
    DESK,
    DONE,
    FIRST_COMPLAINER,
    MESSAGES_PER_SECOND,
    Complaint,
    Crowd,
    talk,
    words_of,
)
from tools.chaos_trouble import KEY, Trouble, plan
from tools.service import PROJECT
from tools.tally import Tally, tally

SHARE_OF_BAD_CALLS, HANG_S = 0.1, 6.0


def main() -> None:
    """Break, count and print."""
    options = _options()
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chance = random.Random(options.seed)
    api = TelegramApi()
    api.hang_s = HANG_S
    with api.running():
        account = api.new_bot()
        account.opens_forum(DESK)
        crowd = Crowd(account, chance)
        complaints = [Complaint(FIRST_COMPLAINER + number, f"warung{number}x") for number in range(options.complaints)]
        trouble = Trouble(folder, api, crowd, random.Random(options.seed + 1))
        faults = plan(options.kills, random.Random(options.seed + 2))
        try:
            trouble.begin()
            account.goes_badly(SHARE_OF_BAD_CALLS, seed=options.seed)
            with ThreadPoolExecutor(1) as beside:
                words = words_of(options.conversations, complaints, chance)
                lasting_s = len(words) / MESSAGES_PER_SECOND
                breaking = beside.submit(trouble.happen, faults, lasting_s, options.database_gone)
                talk(crowd, words, complaints, breaking)
            account.goes_badly(0)
            in_time = _settle(crowd, complaints, trouble, options.settles_within)
            in_flight = Counter(trouble.in_flight.values())
            counted = tally(account, crowd.said, _rows(trouble.url), in_flight, DESK)
        finally:
            if trouble.service:
                trouble.service.stop()
    missing = sorted(fault for fault in {*faults, "jawaban ngawur NLU"} if not trouble.done[fault])
    raise SystemExit(_told(counted, crowd, complaints, trouble, in_time, missing))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Silvi under faults: what went in, what came out.")
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--complaints", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database-gone", type=float, default=60.0, help="seconds")
    parser.add_argument("--settles-within", type=float, default=180.0, help="seconds, after the last fault")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "chaos", help="emptied at the start")
    return parser.parse_args()


def _settle(crowd: Crowd, complaints: list[Complaint], trouble: Trouble, within_s: float) -> bool:
    """Wait until nothing is on its way any more; False where that does not come."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        for complaint in complaints:
            crowd.go_on(complaint)
        with psycopg.connect(trouble.url) as connection:
            (waiting,) = connection.execute(
                "select (select count(*) from outbox where state = 'pending' and due_at <= now())"
                " + (select count(*) from waiting_updates)"
            ).fetchone()
        if not waiting and not crowd.account.queue and all(complaint.stage == DONE for complaint in complaints):
            return True
        time.sleep(0.5)
    return False


def _rows(url: str) -> dict[str, list[tuple]]:
    """What the database holds, readable."""
    vault = Vault([KEY])
    with psycopg.connect(url) as connection:
        outbox = connection.execute(
            "select c.external_id, o.reply, o.state, o.sent_message_id from outbox o join chats c on c.id = o.chat_id"
            " where o.channel = 'telegram' order by o.id"
        ).fetchall()
        return {
            # By their transactions: the clock that wrote handled_at has been put back.
            "updates": connection.execute(
                "select update_id, xmin::text::bigint from updates where update_id > 0"
            ).fetchall(),
            "chats": connection.execute("select external_id, turns from chats").fetchall(),
            "failed": connection.execute("select id from failed_updates").fetchall(),
            "pictures": connection.execute("select id from attachment_contents").fetchall(),
            "cases": [
                (number, vault.open(told.encode()).decode())
                for number, told in connection.execute("select number, narrative from cases")
            ],
            "outbox": [
                (int(chat), state, message_id, _parts(vault, reply)) for chat, reply, state, message_id in outbox
            ],
        }


def _parts(vault: Vault, reply: str) -> int:
    """How many messages of its own a reply is; an edit is none."""
    read = Reply.from_json(json.loads(vault.open(reply.encode())))
    return 0 if read.edits_message_id else len(render(read))


def _told(
    counted: Tally, crowd: Crowd, complaints: list[Complaint], trouble: Trouble, in_time: bool, missing: list[str]
) -> int:
    """Print all counts; the exit status."""
    with_case = sum(any(c.mark in told for _, told in counted.cases) for c in complaints)
    twice = sum(sum(c.mark in told for _, told in counted.cases) > 1 for c in complaints)
    replied, added = sum(c.stage >= 2 for c in complaints), sum(c.stage >= 3 for c in complaints)
    rows = [
        ("pesan masuk, masing-masing berlaku sekali", counted.sent_in, counted.handled_once),
        ("giliran percakapan", counted.turns_due, counted.turns_taken),
        ("pengaduan menjadi kasus", len(complaints), with_case),
        ("jawaban petugas sampai ke orangnya", len(complaints), replied),
        ("tambahan orangnya sampai ke petugas", len(complaints), added),
        ("foto sampai ke petugas", len(complaints), sum(c.stage == DONE for c in complaints)),
        ("foto tersimpan", crowd.pictures, counted.pictures),
        ("pesan keluar sampai", counted.due_out, counted.came_out),
        ("obrolan yang urutannya tetap", counted.chats, counted.in_order),
    ]
    print(table(("yang dihitung", "masuk", "keluar"), [(name, str(a), str(b)) for name, a, b in rows]))
    print("Gangguan:", ", ".join(f"{name} {number}" for name, number in sorted(trouble.done.items())))
    print(
        "Panggilan Telegram:",
        ", ".join(f"{kind} {number}" for kind, number in sorted(crowd.account.faults_taken.items())),
    )
    print("Pembaruan:", ", ".join(f"{name} {number}" for name, number in sorted(crowd.again.items())))
    print(
        f"Pesan dobel {counted.doubled}; sambungan putus sesudah pesan diterima {counted.left_unsure}, "
        f"pesan yang belum tercatat saat Silvi dibunuh {counted.in_flight}"
    )
    wrong = [name for name, due, came in rows if due != came]
    wrong += ["kasus dobel"] * bool(twice) + ["terlalu banyak dobel"] * bool(counted.doubled_too_often)
    wrong += [f"gangguan tidak terjadi: {fault}" for fault in missing]
    wrong += ["pembaruan gagal"] * bool(counted.failed) + ["belum selesai pada waktunya"] * (not in_time)
    print("Tidak ada yang hilang." if not wrong else f"GAGAL: {', '.join(wrong)}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
