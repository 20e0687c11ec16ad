"""What came due since a schedule was looked at last, and what of it is to run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from bot.core.calendar import Examined, Watched
from bot.core.schedules import Grace, Lateness, Schedule, late
from bot.errors import BadInput

log = logging.getLogger(__name__)

DueBetween: TypeAlias = Callable[[Schedule, datetime, datetime], Sequence[datetime]]
"""The instants in (after, until] at which a schedule is due, in order: `recurrence.due_between`."""

LOOK_BACK: Final = timedelta(hours=48)
"""What came due longer ago than the longest grace is not even counted."""

LOOK_AHEAD: Final = timedelta(hours=24)
"""Every schedule is looked at this often, due or not."""


def examine(watched: Watched, now: datetime, due_between: DueBetween, grace: Grace) -> Examined:
    """Look at a schedule: of what came due, the newest runs if it isn't too late for it, and the others are dropped.

    Due times are instants that the rule gives, so a late look moves none of them: nothing drifts. A clock that was set
    back finds nothing due until it has caught up.
    """
    schedule, known = watched.schedule, watched.checked_until
    until = max(now, known)
    try:
        due = tuple(due_between(schedule, max(known, until - LOOK_BACK), until))
        ahead = due_between(schedule, until, until + LOOK_AHEAD)
    except BadInput as error:
        where = f"workspace={schedule.workspace} schedule={schedule.id}"
        log.error("a schedule can't be read: %s %s", where, error.message)  # noqa: TRY400 (the sentence says it all)
        return Examined(watched, until, until + LOOK_AHEAD)
    wake_at = min((*ahead, until + LOOK_AHEAD))
    if not due:
        return Examined(watched, until, wake_at)
    *missed, newest = due
    dropped = tuple((each, "missed, and a newer one came due since") for each in missed)
    if late(schedule.kind, newest, until, grace) is Lateness.DROP:
        return Examined(watched, until, wake_at, None, (*dropped, (newest, TOO_LATE)))
    return Examined(watched, until, wake_at, newest, dropped)


TOO_LATE: Final = "missed, and too late to run"
