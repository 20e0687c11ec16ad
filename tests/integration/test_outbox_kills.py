"""One due time, one post, whatever is killed, stopped or cut; `python -m tests.soak.outbox` runs more seeds."""

from __future__ import annotations

import pytest

from tests.databases import PostgresqlServer, SqliteFiles
from tests.soak.outbox import Databases, Plan, run
from tests.soak.replica import parts_of


def check(databases: Databases, seed: int, workspaces: int) -> None:
    outcome = run(databases, seed, Plan(workspaces=workspaces, kills=5, pauses=1, cuts=2))
    assert (outcome.doubled, outcome.lost, outcome.crashed) == (0, 0, 0)
    assert outcome.sent + outcome.held == outcome.due == sum(parts_of(f"w{n}") for n in range(workspaces))
    assert outcome.kills > 0


@pytest.mark.parametrize("seed", range(5))
def test_three_replicas_post_each_digest_once_or_hold_it(postgresql: PostgresqlServer, seed: int) -> None:
    check(postgresql, seed, workspaces=100)


@pytest.mark.parametrize("seed", range(5))
def test_one_process_posts_each_digest_once_or_holds_it(sqlite: SqliteFiles, seed: int) -> None:
    check(sqlite, seed, workspaces=40)  # one process has to wait out the leases of each that was killed
