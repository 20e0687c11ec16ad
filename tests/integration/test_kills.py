"""One event, one answer, whatever is killed; `python -m tests.soak.inbox` runs more seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Databases
from tests.soak.inbox import run

EVENTS = 24


@pytest.mark.parametrize("seed", range(5))
def test_every_received_event_has_one_reply_after_kills(databases: Databases, seed: int, tmp_path: Path) -> None:
    outcome = run(databases.migrated(), seed, tmp_path, events=EVENTS, kills=10)
    assert (outcome.doubles, outcome.lost, outcome.crashed) == (0, 0, 0)
    assert outcome.events == outcome.replies == EVENTS
    assert outcome.kills > 0
