"""When a group is put a prompt or sent its digest, and what becomes of a time that was missed.

A schedule is a recurrence on the wall clock of a place. Its *local times* are what the recurrence says, without a zone;
its *due times* are instants in UTC, after clock changes, quiet days, the pause and the schedule's own beginning had
their say. `bot/scheduling/recurrence.py` reads the rule and hands its local times to `due_times` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.language import say
from bot.errors import BadInput

MAX_QUIET_DATES: Final = 366
"""Single dates that a schedule keeps quiet: more than a year of holidays, few enough to look through."""

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_INSTANT: Final = timedelta.resolution


class ScheduleKind(StrEnum):
    PROMPTS = "prompts"
    """One claim put to the group each time."""
    DIGEST = "digest"
    """What changed since the digest before."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule of RFC 5545 and the local date and time that it counts from.

    `rule` is the text after `RRULE:`. `anchor` has no zone and is on a whole minute: it gives the time of day where the
    rule doesn't, and the day, week, month or year from which an interval counts.

    Raises:
        ValueError: the anchor has a zone, or seconds.
    """

    rule: str
    anchor: datetime

    def __post_init__(self) -> None:
        if self.anchor.tzinfo is not None or self.anchor.second or self.anchor.microsecond:
            raise ValueError("an anchor is a local time on a whole minute")


@dataclass(frozen=True, slots=True)
class QuietDays:
    """Days on which nothing is posted: weekdays (Monday is 0) and single dates, in the schedule's zone.

    Raises:
        BadInput: every weekday is quiet, or there are more than MAX_QUIET_DATES dates.
    """

    weekdays: frozenset[int] = frozenset()
    dates: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays <= set(range(7)):
            raise ValueError("weekdays are 0 (Monday) to 6 (Sunday)")
        if len(self.weekdays) == 7:
            raise BadInput(
                say("That leaves no day of the week to post on; leave one out, or pause the schedule instead.")
            )
        if len(self.dates) > MAX_QUIET_DATES:
            raise BadInput(
                say("A schedule keeps up to {most} quiet dates; take out those that are past.", most=MAX_QUIET_DATES)
            )

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays or day in self.dates


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is posted where, and when.

    Args:
        zone: an IANA time zone, as in `Europe/Berlin`; the recurrence and the quiet days are on its clock.
        created_at: when it was asked for, or changed last; nothing is due at this instant or before it.
        paused_until: nothing is due before this instant; None when it isn't paused.

    Raises:
        BadInput: there is no such time zone.
        ValueError: an instant has no zone.
    """

    workspace: str
    id: str
    kind: ScheduleKind
    recurrence: Recurrence
    zone: str
    channel: str
    created_at: datetime
    quiet: QuietDays = field(default_factory=QuietDays)
    paused_until: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.created_at, self.paused_until):
            if instant is not None and instant.tzinfo is None:
                raise ValueError("an instant needs its zone")
        try:
            ZoneInfo(self.zone)
        except (
            ValueError,
            OSError,
            LookupError,
        ):  # no such name, a folder's name, a path: what zoneinfo raises of each
            raise BadInput(
                say("There is no such time zone; name one like Europe/Berlin or America/New_York.")
            ) from None

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def starts_after(self, after: datetime) -> datetime:
        """The instant after which the next due time lies: `after`, the creation, or the end of the pause.

        In UTC. What is due at the very instant at which a pause ends is due.
        """
        bounds = [after, self.created_at]
        if self.paused_until is not None:
            bounds.append(self.paused_until - _INSTANT)
        return max(bounds).astimezone(UTC)


def instant_of(local: datetime, clock: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which a place's clock shows a local time or a later one.

    So a local time that is skipped is the end of the gap, one that comes twice is its first, and a later local time
    never comes before an earlier one.
    """
    late = local.replace(tzinfo=clock, fold=0).astimezone(UTC)
    if _shown(late, clock) == local:
        return late
    # Inside a gap zoneinfo reads fold 0 by the offset before it, which is too late, and fold 1 by the one after, which
    # is too early: the change lies between, on a whole second.
    early = local.replace(tzinfo=clock, fold=1).astimezone(UTC)
    low, high = 0, round((late - early) / _SECOND)
    while low < high:
        middle = (low + high) // 2
        if _shown(early + middle * _SECOND, clock) >= local:
            high = middle
        else:
            low = middle + 1
    return early + low * _SECOND


def _shown(instant: datetime, clock: ZoneInfo) -> datetime:
    """What the clock shows, without zone or fold."""
    return instant.astimezone(clock).replace(tzinfo=None, fold=0)


def local_start(schedule: Schedule, after: datetime) -> datetime:
    """The local time from which on local times may be due after an instant.

    It is midnight of that day, or of the first of the quiet days before it, since a digest moves over those.
    """
    clock = schedule.clock
    day = _shown(schedule.starts_after(after), clock).date()
    first = schedule.recurrence.anchor.date()
    while day > first and _passed_over(day - _DAY, schedule.quiet, clock):
        day -= _DAY
    return datetime.combine(day, time())


def _passed_over(day: date, quiet: QuietDays, clock: ZoneInfo) -> bool:
    """Whether a day is quiet, or was left out of the calendar, as 30 December 2011 was in Samoa."""
    return day in quiet or _shown(instant_of(datetime.combine(day, time()), clock), clock).date() != day


def due_times(
    schedule: Schedule, local_times: Iterable[datetime], after: datetime, until: datetime
) -> Iterator[datetime]:
    """The instants in (after, until] at which a schedule is due: UTC, strictly increasing.

    On a quiet day a prompt is dropped. It asks for a few minutes on that day, the next is never far, and one moved to
    Monday would stand beside Monday's own. A digest moves to the next day that isn't quiet, at the same local time: it
    reports what happened since the digest before, so a group that meets a holiday expects it late, not a hole of two
    weeks. One that meets another on its new day is the same digest, and comes once.

    `local_times` are the recurrence's, in order, from `local_start(schedule, after)` or before; they may be endless.
    """
    clock = schedule.clock
    last = schedule.starts_after(after)
    # What is moved may come due after local times that follow it. All that follow come due at their own instant or
    # later, so what waits is due for certain once it lies before that instant.
    waiting: list[datetime] = []
    for local in local_times:
        instant = instant_of(local, clock)
        if instant > until:
            break
        while waiting and waiting[0] < instant:
            due = heappop(waiting)
            if due > last:
                yield (last := due)
        moved = _off_quiet_days(schedule, local, instant)
        if moved is not None and last < moved <= until:
            heappush(waiting, moved)
    while waiting:
        due = heappop(waiting)
        if due > last:
            yield (last := due)


def _off_quiet_days(schedule: Schedule, local: datetime, instant: datetime) -> datetime | None:
    """When a local time is due with regard to quiet days; None when it is dropped."""
    clock = schedule.clock
    while (day := _shown(instant, clock).date()) in schedule.quiet:
        if schedule.kind is ScheduleKind.PROMPTS:
            return None
        instant = instant_of(datetime.combine(day + _DAY, local.time()), clock)
    return instant


# -- what was missed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grace:
    """How late a kind still runs, when Crux was down at its due time."""

    prompts: timedelta = timedelta(hours=3)
    """A prompt in the evening for the morning would be answered by others than it was meant for."""
    digest: timedelta = timedelta(hours=48)

    def of(self, kind: ScheduleKind) -> timedelta:
        return self.prompts if kind is ScheduleKind.PROMPTS else self.digest


class Lateness(StrEnum):
    RUN = "run"
    DROP = "drop"


def late(kind: ScheduleKind, due_at: datetime, now: datetime, grace: Grace) -> Lateness:
    """Whether what was due at an instant still runs at another; to the end of its grace, that included, it does.

    A due time that is still to come runs too: another replica's clock may be a little ahead.
    """
    return Lateness.RUN if now - due_at <= grace.of(kind) else Lateness.DROP


def catch_up(
    missed: Iterable[tuple[ScheduleKind, datetime]], now: datetime, grace: Grace
) -> dict[ScheduleKind, datetime]:
    """Of due times that were missed, the one of each kind that still runs: the newest, if it isn't too late for it.

    The others are dropped, so that nothing is posted twice in a row; a digest covers what those before it would have.
    """
    newest: dict[ScheduleKind, datetime] = {}
    for kind, due_at in missed:
        newest[kind] = max(due_at, newest.get(kind, due_at))
    return {kind: due_at for kind, due_at in newest.items() if late(kind, due_at, now, grace) is Lateness.RUN}
