"""Schedules and their firings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.calendar import Examined, Watched
from bot.core.firings import Firing, FiringState
from bot.core.outbox import Post
from bot.core.schedules import Schedule
from bot.storage.access import Access, beginning
from bot.storage.models import OPEN, FiringRow, OutboxRow, ScheduleRow, ordinal
from bot.storage.rows import firing_of, post_values, schedule_of, schedule_values
from bot.storage.workspaces import is_here

OVERTAKEN = "a newer one of its schedule came due"


class CalendarStore(Access):
    """`core.calendar.Calendar`."""

    # -- schedules ----------------------------------------------------------------------------------------------------

    async def put_schedule(self, schedule: Schedule, at: datetime) -> None:
        values = schedule_values(schedule) | {"checked_until": at, "wake_at": at}
        changed = [name for name in values if name not in _KEY]
        async with self._writing() as connection:
            await connection.execute(self._upsert(ScheduleRow, *changed).values(**values))
            await connection.execute(_superseded(schedule, at))

    async def change_schedule(self, was: Schedule | None, schedule: Schedule, at: datetime) -> bool:
        values = schedule_values(schedule) | {"checked_until": at, "wake_at": at}
        if was is None:
            change = self._insert(ScheduleRow).values(**values).on_conflict_do_nothing()
        else:
            known = (getattr(ScheduleRow, name).is_not_distinct_from(v) for name, v in schedule_values(was).items())
            kept = {name: value for name, value in values.items() if name not in _KEY}
            change = update(ScheduleRow).where(_is_schedule(schedule), *known).values(**kept)
        async with self._writing() as connection:
            if (await connection.execute(change.returning(ScheduleRow.id))).first() is None:
                return False
            await connection.execute(_superseded(schedule, at))
            return True

    async def schedule(self, workspace: str, schedule: str) -> Schedule | None:
        row = await self._first(_schedules(workspace).where(ScheduleRow.id == schedule))
        return None if row is None else schedule_of(row)

    async def schedules(self, workspace: str) -> Sequence[Schedule]:
        return [schedule_of(row) for row in await self._all(_schedules(workspace).order_by(ScheduleRow.id))]

    async def remove_schedule(self, workspace: str, schedule: str) -> bool:
        async with self._writing() as connection:
            await connection.execute(
                delete(FiringRow).where(FiringRow.workspace_id == workspace, FiringRow.schedule_id == schedule)
            )
            gone = delete(ScheduleRow).where(ScheduleRow.workspace_id == workspace, ScheduleRow.id == schedule)
            return (await connection.execute(gone)).rowcount == 1

    async def schedules_to_check(self, now: datetime, limit: int) -> Sequence[Watched]:
        row = ScheduleRow
        query = select(*row.__table__.columns).where(row.wake_at <= now, is_here(row))
        found = await self._all(query.order_by(row.wake_at, row.workspace_id, row.id).limit(limit))
        return [Watched(schedule_of(each), each.checked_until) for each in found]

    # -- firings ------------------------------------------------------------------------------------------------------

    async def record_due(self, examined: Sequence[Examined]) -> int:
        to_run = 0
        # In one order for all, so that two processes that look at the same don't wait for each other in a circle.
        in_order = sorted(examined, key=lambda each: (each.watched.schedule.workspace, each.watched.schedule.id))
        async with self._writing() as connection:
            for each in in_order:
                to_run += await self._record(connection, each)
        return to_run

    async def _record(self, connection: AsyncConnection, examined: Examined) -> int:
        schedule = examined.watched.schedule
        looked = (
            update(ScheduleRow)
            .where(
                ScheduleRow.workspace_id == schedule.workspace,
                ScheduleRow.id == schedule.id,
                ScheduleRow.checked_until == examined.watched.checked_until,
            )
            .values(checked_until=examined.until, wake_at=examined.wake_at)
        )
        if (await connection.execute(looked)).rowcount != 1:
            return 0
        for due_at, reason in examined.dropped:
            dropped = Firing(schedule.workspace, schedule.id, schedule.kind, due_at)
            await self._note(connection, dropped, due_at, FiringState.DROPPED, reason)
        if examined.due is None:
            return 0
        older = (
            FiringRow.workspace_id == schedule.workspace,
            FiringRow.schedule_id == schedule.id,
            FiringRow.due_at < examined.due,
        )
        await connection.execute(_overtaken(*older, at=examined.until, reason=OVERTAKEN))
        due = Firing(schedule.workspace, schedule.id, schedule.kind, examined.due)
        return int(await self._note(connection, due, examined.due, FiringState.DUE))

    async def fire(self, firing: Firing, at: datetime) -> bool:
        async with self._writing() as connection:
            return await self._note(connection, firing, at, FiringState.DUE)

    async def _note(
        self,
        connection: AsyncConnection,
        firing: Firing,
        free_at: datetime,
        state: FiringState,
        reason: str | None = None,
    ) -> bool:
        statement = self._insert(FiringRow).values(
            workspace_id=firing.workspace,
            schedule_id=firing.schedule,
            due_at=firing.due_at,
            kind=firing.kind.value,
            state=state.value,
            free_at=free_at,
            tries=0,
            reason=reason,
        )
        new = await connection.execute(statement.on_conflict_do_nothing().returning(FiringRow.tries))
        return new.first() is not None

    async def lease_firing(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Firing | None:
        row = FiringRow
        query = select(*row.__table__.columns).where(literal_column(OPEN), row.free_at <= now, is_here(row))
        if workspace is not None:
            query = query.where(row.workspace_id == workspace)
        query = beginning(query, row.workspace_id, prefixes)
        oldest = query.order_by(row.free_at, row.due_at, row.workspace_id, row.schedule_id).limit(1)
        async with self._writing() as connection:
            found = (await connection.execute(oldest.with_for_update(skip_locked=True))).first()
            if found is None:
                return None
            firing = firing_of(found)
            until = now + timedelta(seconds=seconds)
            taken = {"state": FiringState.LEASED.value, "worker": worker, "free_at": until, "tries": row.tries + 1}
            await connection.execute(update(row).where(_is(firing)).values(taken))
            return firing

    async def finish_firing(self, firing: Firing, worker: str, posts: Sequence[Post], at: datetime) -> bool:
        if any(post.workspace != firing.workspace or post.firing != firing for post in posts):
            raise ValueError("a firing is finished with its own posts")
        done = update(FiringRow).where(_held(firing, worker)).values(state=FiringState.DONE.value, worker=None)
        before = (
            update(OutboxRow)
            .where(
                OutboxRow.workspace_id == firing.workspace,
                OutboxRow.schedule_id == firing.schedule,
                OutboxRow.due_at < firing.due_at,
                OutboxRow.state == "pending",
                OutboxRow.unknown_since.is_(None),
            )
            .values(state="dropped", reason=OVERTAKEN)
        )
        async with self._writing() as connection:
            if (await connection.execute(done)).rowcount != 1:
                return False
            await connection.execute(before)
            for post in posts:
                await connection.execute(
                    self._insert(OutboxRow).values(
                        **post_values(post), ordinal=ordinal(), state="pending", free_at=at, tries=0
                    )
                )
            return True

    async def leave_firing(
        self, firing: Firing, worker: str, state: FiringState, reason: str, free_at: datetime, *, counted: bool = True
    ) -> bool:
        tries = FiringRow.tries if counted else FiringRow.tries - 1
        left = {"state": state.value, "worker": None, "free_at": free_at, "reason": reason, "tries": tries}
        async with self._writing() as connection:
            return (await connection.execute(update(FiringRow).where(_held(firing, worker)).values(left))).rowcount == 1

    async def firing_states(self, workspace: str, schedule: str) -> Sequence[tuple[Firing, FiringState, str | None]]:
        row = FiringRow
        query = select(*row.__table__.columns).where(row.workspace_id == workspace, row.schedule_id == schedule)
        found = await self._all(query.order_by(row.due_at))
        return [(firing_of(each), FiringState(each.state), each.reason) for each in found]

    async def failed_firings(self, workspace: str | None = None) -> Sequence[tuple[Firing, str | None]]:
        row = FiringRow
        query = select(*row.__table__.columns).where(row.state == "failed")
        if workspace is not None:
            query = query.where(row.workspace_id == workspace)
        found = await self._all(query.order_by(row.due_at, row.workspace_id, row.schedule_id))
        return [(firing_of(each), each.reason) for each in found]


_KEY: Final = ("workspace_id", "id")


def _is_schedule(schedule: Schedule) -> Any:
    return and_(ScheduleRow.workspace_id == schedule.workspace, ScheduleRow.id == schedule.id)


def _superseded(schedule: Schedule, at: datetime) -> Any:
    old = (FiringRow.workspace_id == schedule.workspace, FiringRow.schedule_id == schedule.id)
    return _overtaken(*old, at=at, reason="its schedule was changed")


def _schedules(workspace: str) -> Any:
    return select(*ScheduleRow.__table__.columns).where(ScheduleRow.workspace_id == workspace)


def _is(firing: Firing) -> Any:
    return and_(
        FiringRow.workspace_id == firing.workspace,
        FiringRow.schedule_id == firing.schedule,
        FiringRow.due_at == firing.due_at,
    )


def _held(firing: Firing, worker: str) -> Any:
    return and_(_is(firing), FiringRow.state == FiringState.LEASED.value, FiringRow.worker == worker)


def _overtaken(*which: Any, at: datetime, reason: str) -> Any:
    """Drop firings that nobody holds: what is being composed is for its holder to finish."""
    waiting = or_(FiringRow.state == "due", and_(FiringRow.state == "leased", FiringRow.free_at <= at))
    return update(FiringRow).where(*which, waiting).values(state="dropped", worker=None, reason=reason)
