"""What the core needs of a calendar: schedules that are looked at, firings that are claimed, and who composes posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.firings import Firing, FiringState
from bot.core.outbox import Composed, Post
from bot.core.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Watched:
    """A schedule that is to be looked at again: its due times up to `checked_until` are firings already."""

    schedule: Schedule
    checked_until: datetime


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of looking at a schedule.

    Args:
        until: up to when its due times are known now.
        wake_at: nothing is due before this instant; it is looked at again then.
        due: the due time that is to run, if there is one.
        dropped: those that are not, each with why.
    """

    watched: Watched
    until: datetime
    wake_at: datetime
    due: datetime | None = None
    dropped: tuple[tuple[datetime, str], ...] = ()


class Composer(Protocol):
    """What makes the posts of a firing: a prompt, a digest. Called outside of any transaction."""

    async def compose(self, firing: Firing) -> Sequence[Composed]:
        """The posts to send, in order; none when there is nothing to say.

        It may be called again for the same firing, by another process too, so it changes nothing that counts.

        Raises:
            Exception: any; the firing is tried again later, and given up after some tries.
        """
        ...


class Calendar(Protocol):
    """The part of a store that is about schedules and their firings. It may raise StorageError, as all of a store."""

    async def put_schedule(self, schedule: Schedule, at: datetime) -> None:
        """Keep a schedule, in place of one with its id. What is due until now is not made up for; open firings go."""
        ...

    async def change_schedule(self, was: Schedule | None, schedule: Schedule, at: datetime) -> bool:
        """Keep a schedule as `put_schedule` does, but only in place of one that is as it `was`, or (None) of none.

        False, and nothing is kept, when somebody else has changed, removed or made it meanwhile.
        """
        ...

    async def schedule(self, workspace: str, schedule: str) -> Schedule | None: ...

    async def schedules(self, workspace: str) -> Sequence[Schedule]:
        """All of a workspace, by id."""
        ...

    async def remove_schedule(self, workspace: str, schedule: str) -> bool:
        """Delete a schedule and its firings, so that what is being composed goes nowhere; False when there is none.

        Posts that are in the outbox already stay there.
        """
        ...

    async def schedules_to_check(self, now: datetime, limit: int) -> Sequence[Watched]:
        """Those whose time to be looked at has come, of all workspaces, longest waiting first."""
        ...

    async def record_due(self, examined: Sequence[Examined]) -> int:
        """Note what came due, in one transaction; how many firings are to run because of it.

        A schedule that another process has looked at meanwhile, or that was changed, is left out. A due time is noted
        once. Firings of the same schedule that were still open are dropped when a newer one is to run.
        """
        ...

    async def fire(self, firing: Firing, at: datetime) -> bool:
        """Note a firing that no rule asked for, to run now; False when it is there already."""
        ...

    async def lease_firing(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Firing | None:
        """Take the firing that has been waiting longest; None when none is open.

        Without a workspace, of any, or of those whose ids begin with one of the prefixes. `worker` names this one
        lease: give every call another.
        """
        ...

    async def finish_firing(self, firing: Firing, worker: str, posts: Sequence[Post], at: datetime) -> bool:
        """Put a firing's posts into the outbox and mark it done, in one transaction.

        Posts of the schedule's earlier firings that nobody tried to send yet are dropped: never two of a kind in a row.
        False, and nothing is kept, when the lease has passed to another or the firing is done or gone.
        """
        ...

    async def leave_firing(
        self, firing: Firing, worker: str, state: FiringState, reason: str, free_at: datetime, *, counted: bool = True
    ) -> bool:
        """Give a firing back (DUE, from `free_at` on), or give it up (DROPPED, FAILED); False when the lease is lost.

        A try that is not counted leaves `tries` as if the firing had not been taken.
        """
        ...

    async def firing_states(self, workspace: str, schedule: str) -> Sequence[tuple[Firing, FiringState, str | None]]:
        """All firings of a schedule by due time, each with its state and the reason for it, where there is one."""
        ...

    async def failed_firings(self, workspace: str | None = None) -> Sequence[tuple[Firing, str | None]]:
        """Firings that were given up, by due time, each with the reason.

        Without a workspace, of all: for whoever runs the database, and never for a chat.
        """
        ...
