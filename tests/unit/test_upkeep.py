"""The chores of the calendar, where one of them fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.errors import StorageBusy
from bot.scheduling.upkeep import Upkeep
from bot.testing import ManualClock, MemoryStore


@dataclass
class Broken:
    """A debate in which one workspace's prompts can't be closed."""

    ended: list[str] = field(default_factory=list)

    async def end_due(self, workspace: str, channel: str | None = None) -> None:
        if workspace == "broken":
            raise KeyError("T-00")
        self.ended.append(workspace)


class Busy(MemoryStore):
    """A database that has prompts to close, and is busy when it is first to delete what is done with."""

    pruned = 0

    async def workspaces_to_close(self, now: datetime, most: int) -> Sequence[str]:
        return ["broken", "well"]

    async def prune(self, before: datetime) -> int:
        self.pruned += 1
        if self.pruned == 1:
            raise StorageBusy
        return 0


async def test_one_workspace_s_trouble_is_not_another_s() -> None:
    debate, store, clock = Broken(), Busy(), ManualClock()
    store.pruned = 1
    await Upkeep(debate, store, clock, timedelta(days=90), timedelta(days=30)).do()
    assert (debate.ended, store.pruned) == (["well"], 2)


async def test_what_the_database_was_too_busy_to_delete_is_deleted_at_the_next_look() -> None:
    store, clock = Busy(), ManualClock()
    upkeep = Upkeep(Broken(), store, clock, timedelta(days=90), timedelta(days=30))
    with pytest.raises(StorageBusy):
        await upkeep.do()
    await upkeep.do()
    assert store.pruned == 2
    await upkeep.do()
    assert store.pruned == 2, "once an hour"
