"""Firings: noted when they come due, claimed, composed, and finished once, on however many replicas."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from bot.core.calendar import Calendar, Composer
from bot.core.firings import Firing, FiringState
from bot.core.outbox import Composed, Post, firing_post_id
from bot.core.patience import back_off, insist
from bot.core.ports import Clock
from bot.core.schedules import Grace, Lateness, late
from bot.errors import StorageError
from bot.scheduling.calendar import TOO_LATE, DueBetween, examine
from bot.scheduling.courtesy import Courtesy
from bot.scheduling.watching import Unwatched, Watch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FiringRules:
    """How firings are worked on; times in seconds.

    Args:
        lease: after this, another process may take a firing up. Longer than `compose`.
        compose: the longest time that the posts of one firing may take; then it counts as failed.
        at_once: firings that one process composes at the same time.
        most_tries: after so many failures a firing is given up.
        batch: schedules that are looked at in one transaction.
    """

    lease: float = 300.0
    compose: float = 240.0
    at_once: int = 2
    most_tries: int = 5
    first_wait: float = 5.0
    longest_wait: float = 600.0
    batch: int = 100


@dataclass(frozen=True, slots=True)
class Claimed:
    """A firing that this process holds."""

    firing: Firing
    worker: str


class Runner:
    """Notes what comes due and works on it. Any number of replicas may do so at once.

    Args:
        worker: names this process; unique among those that share the database.
        watch: what counts the firings that were composed, dropped and given up.
        prefixes: only firings of workspaces whose ids begin with one of them are taken; all without any.
    """

    def __init__(
        self,
        store: Calendar,
        composer: Composer,
        clock: Clock,
        worker: str,
        due_between: DueBetween,
        *,
        grace: Grace | None = None,
        rules: FiringRules | None = None,
        courtesy: Courtesy | None = None,
        watch: Watch | None = None,
        prefixes: Sequence[str] = (),
        chance: random.Random | None = None,
    ) -> None:
        self._store = store
        self._composer = composer
        self._clock = clock
        self._due_between = due_between
        self._grace = grace or Grace()
        self.rules = rules or FiringRules()
        self._courtesy = courtesy or Courtesy()
        self._watch = watch or Unwatched()
        self._prefixes = prefixes
        self._chance = chance or random.Random()  # noqa: S311 (spreads waits)
        self._leases = (f"{worker}/{n}" for n in count())

    async def tick(self, now: datetime) -> int:
        """Note what came due until now, then work until nothing is left to do; how many firings came due.

        Raises:
            StorageError: the database failed; what was begun is taken up again once its lease has run out.
        """
        noted = await self.note(now)

        async def work() -> None:
            while await self.work_one():
                pass

        async with asyncio.TaskGroup() as group:
            for _ in range(self.rules.at_once):
                group.create_task(work())
        return noted

    async def note(self, now: datetime) -> int:
        """Look at the schedules whose time it is, of all workspaces; how many firings are to run because of it."""
        noted = 0
        while watched := await self._store.schedules_to_check(now, self.rules.batch):
            examined = []
            for each in watched:
                examined.append(examine(each, now, self._due_between, self._grace))
                await asyncio.sleep(0)  # rules take their time, and thousands may be due at nine
            noted += await self._store.record_due(examined)
            if len(watched) < self.rules.batch:
                break
        return noted

    async def work_one(self, workspace: str | None = None) -> bool:
        """Take up one firing, compose its posts and put them into the outbox; False when none is open.

        Raises:
            StorageError: the database failed.
        """
        taken = await self.take(workspace)
        if taken is None:
            return False
        await self.work(taken)
        return True

    async def take(self, workspace: str | None = None) -> Claimed | None:
        """Take up the firing that has been waiting longest, when members leave time for it; None when none is open."""
        await self._courtesy.turn()
        worker = next(self._leases)
        firing = await self._store.lease_firing(worker, self._clock.now(), self.rules.lease, workspace, self._prefixes)
        return None if firing is None else Claimed(firing, worker)

    async def work(self, claimed: Claimed) -> None:
        """Compose a firing's posts, or give it up; and note what came of it."""
        firing, worker = claimed.firing, claimed.worker
        if late(firing.kind, firing.due_at, self._clock.now(), self._grace) is Lateness.DROP:
            await self._leave(firing, worker, FiringState.DROPPED, TOO_LATE)
            return
        if firing.tries >= self.rules.most_tries:
            # Leases that ended without a word count: a firing that takes processes down is not composed for ever.
            log.error("%d tries ended without posts: %s", firing.tries, _where(firing))
            await self._leave(firing, worker, FiringState.FAILED, "it was tried too often")
            return
        try:
            await self._compose(firing, worker)
        except asyncio.CancelledError:
            # Handed back, so that another takes it up at once.
            await self._leave(firing, worker, FiringState.DUE, "its process was stopped", counted=False)
            raise

    async def _compose(self, firing: Firing, worker: str) -> None:
        try:
            async with asyncio.timeout(self.rules.compose):
                composed = await self._composer.compose(firing)
        except StorageError:
            wait = back_off(1, self.rules.first_wait, self.rules.longest_wait, self._chance)
            await self._leave(firing, worker, FiringState.DUE, "the database failed", wait, counted=False)
            return
        except Exception as error:  # a composer's bug must neither stop the others nor be tried for ever
            tries = firing.tries + 1
            log.exception("composing failed, try %d of %d: %s", tries, self.rules.most_tries, _where(firing))
            state = FiringState.FAILED if tries >= self.rules.most_tries else FiringState.DUE
            wait = back_off(tries, self.rules.first_wait, self.rules.longest_wait, self._chance)
            await self._leave(firing, worker, state, type(error).__name__, wait)
            return
        now = self._clock.now()
        posts = posts_of(firing, composed, now, self._grace.of(firing.kind))
        if not await insist(lambda: self._store.finish_firing(firing, worker, posts, now)):
            log.info("composed, and another had it already: %s", _where(firing))
            return
        self._watch.fired(firing, FiringState.DONE, (now - firing.due_at).total_seconds())

    async def _leave(
        self,
        firing: Firing,
        worker: str,
        state: FiringState,
        reason: str,
        wait: float = 0.0,
        *,
        counted: bool = True,
    ) -> None:
        free_at = self._clock.now() + timedelta(seconds=wait)
        left = await insist(lambda: self._store.leave_firing(firing, worker, state, reason, free_at, counted=counted))
        if left and state is not FiringState.DUE:
            self._watch.fired(firing, state, (self._clock.now() - firing.due_at).total_seconds())


def _where(firing: Firing) -> str:
    return f"workspace={firing.workspace} schedule={firing.schedule} due={firing.due_at.isoformat()}"


def posts_of(firing: Firing, composed: Sequence[Composed], now: datetime, grace: timedelta) -> list[Post]:
    """What was composed as posts with their ids, which are the same whoever composes them."""
    return [
        Post(
            workspace=firing.workspace,
            id=firing_post_id(firing, part),
            channel=each.channel,
            kind=each.kind,
            message=each.message,
            created_at=now,
            thread=each.thread,
            picture=each.picture,
            firing=firing,
            part=part,
            until=each.until if each.until is not None else firing.due_at + grace,
        )
        for part, each in enumerate(composed)
    ]
