"""A due time of a schedule, claimed by one process at a time and finished once.

Whoever holds a firing's lease composes its posts; then one transaction puts them into the outbox and marks the firing
done. A process that dies leaves a firing whose lease runs out, and another takes it up; one that was only slow finds
that it may no longer finish, and what it composed goes nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.schedules import ScheduleKind


class FiringState(StrEnum):
    DUE = "due"
    LEASED = "leased"
    DONE = "done"
    DROPPED = "dropped"
    """It came too late, or a newer one of its schedule came due before it was done."""
    FAILED = "failed"
    """It could not be composed, tried as often as it may be; the log says why."""


@dataclass(frozen=True, slots=True)
class Firing:
    """One due time of one schedule; (workspace, schedule, due_at) names it.

    `tries` counts the leases that ended without a result before this one.
    """

    workspace: str
    schedule: str
    kind: ScheduleKind
    due_at: datetime
    tries: int = field(default=0, compare=False)
