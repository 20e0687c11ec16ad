"""One event, one answer, under kills: `python -m tests.soak.inbox --seeds 200 --engine sqlite`.

Three workers share one database and are killed by SIGKILL at random moments, each replaced at once. At the end every
event that a worker was told is received has exactly one reply, and an SQLite file is whole.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import URL, select

from bot.storage.backup import check
from bot.storage.engine import is_sqlite, sync_engine
from bot.storage.models import DONE, InboxRow, ReplyRow
from tests.databases import SqliteFiles, postgresql_server
from tests.soak import worker
from tests.soak.tallied import Tallied
from tests.soak.worker import Job

WORKERS = 3
SECONDS = 60.0
"""How long one run may take before what is still open counts as lost."""


@dataclass
class Outcome(Tallied):
    """What came of one run, or of many added up."""

    runs: int = 0
    kills: int = 0
    events: int = 0
    """Whose receipt a worker was told."""
    replies: int = 0
    doubles: int = 0
    """Events with more than one reply, stored or shown."""
    lost: int = 0
    """Received events without a reply."""
    crashed: int = 0
    """Workers that ended by anything but a kill."""


def run(url: URL, seed: int, folder: Path, events: int = 30, kills: int = 15) -> Outcome:
    """Run workers over a migrated, empty database, killing some on the way.

    Raises:
        StorageCorrupt: the SQLite file is damaged at the end.
    """
    chance = random.Random(seed)
    journal = folder / f"journal-{seed}"
    names = count()
    address = url.render_as_string(hide_password=False)
    # Processes are forked from one that has imported everything, so that kills hit the work and not the start-up.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([worker.__name__, "psycopg"])

    def start() -> BaseProcess:
        job = Job(f"worker-{next(names)}", address, events, seed, journal)
        process = context.Process(target=worker.run, args=(job,))
        process.start()
        return process

    outcome = Outcome(runs=1)
    deadline = time.monotonic() + SECONDS
    processes = [start() for _ in range(WORKERS)]
    while outcome.kills < kills and time.monotonic() < deadline:
        time.sleep(chance.expovariate(1 / 0.05))
        place = chance.randrange(WORKERS)
        victim = processes[place]
        victim.kill()
        victim.join()
        outcome.kills += victim.exitcode == -signal.SIGKILL
        outcome.crashed += victim.exitcode not in {0, -signal.SIGKILL}
        if all(process.exitcode == 0 for process in processes):
            break
        processes[place] = start()
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.exitcode is None:
            process.kill()
            process.join()
        outcome.crashed += process.exitcode != 0
    if is_sqlite(url):
        check(url)
    _count(url, journal, outcome)
    return outcome


def _count(url: URL, journal: Path, outcome: Outcome) -> None:
    noted = [line.split() for line in journal.read_text().splitlines()]
    received = {key for what, key in noted if what == "received"}
    shown = Counter(key for what, key in noted if what == "shown")
    with sync_engine(url).connect() as connection:
        replies = Counter(f"{w}/{e}" for w, e in connection.execute(select(ReplyRow.workspace_id, ReplyRow.event_id)))
        done = {
            f"{w}/{e}"
            for w, e in connection.execute(
                select(InboxRow.workspace_id, InboxRow.event_id).where(InboxRow.state == DONE)
            )
        }
    outcome.events = len(received)
    outcome.replies = replies.total()
    outcome.doubles = sum(replies[key] > 1 or shown[key] > 1 for key in received | set(replies))
    outcome.lost = sum(replies[key] == 0 or key not in done for key in received)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="number of runs, each with its own seed")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--events", type=int, default=30, help="events a run")
    parser.add_argument("--kills", type=int, default=15, help="kills a run")
    options = parser.parse_args()
    total = Outcome()
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="crux-soak-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = SqliteFiles(folder) if options.engine == "sqlite" else stack.enter_context(postgresql_server())
        for seed in range(options.first, options.first + options.seeds):
            outcome = run(databases.migrated(), seed, folder, options.events, options.kills)
            total += outcome
            if outcome.doubles or outcome.lost or outcome.crashed:
                print(f"seed {seed}: {outcome}")
            elif (seed + 1) % 10 == 0:
                print(f"after seed {seed}: {total} seconds={time.monotonic() - started:.0f}", flush=True)
    print(f"{options.engine}: {total} seconds={time.monotonic() - started:.0f}")
    return int(bool(total.doubles or total.lost or total.crashed))


if __name__ == "__main__":
    raise SystemExit(main())
