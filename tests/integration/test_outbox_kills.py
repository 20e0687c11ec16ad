"""One due time, one post, whatever is killed, stopped or cut; `python -m tests.soak.outbox` runs more seeds."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Databases
from tests.soak.outbox import Plan, run


@pytest.mark.parametrize("seed", range(5))
def test_every_due_post_is_seen_once_or_held(databases: Databases, seed: int) -> None:
    outcome = run(databases, seed, Plan(workspaces=100, kills=5, pauses=1, cuts=2))
    assert (outcome.doubled, outcome.lost, outcome.crashed) == (0, 0, 0)
    assert outcome.sent + outcome.held == outcome.due == 134
    assert outcome.kills > 0
