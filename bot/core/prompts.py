"""Prompts, each one claim put to a group for a while: what is kept of them and of the queue, and the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.messages import Message
from bot.core.positions import Stance

MOST_QUEUED: Final = 3
"""Claims of one member that may wait in the queue at a time."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator may set: for how long a prompt is open, and how long a claim is then not asked again."""

    open_for: timedelta = timedelta(hours=48)
    again_after: timedelta = timedelta(days=21)


class Ending(StrEnum):
    """Why a prompt closed."""

    TIME = "time"
    COMMAND = "command"
    RETIRED = "retired"
    """The claim was taken out of use."""
    REWORDED = "reworded"
    """The claim got other words, to which no vote moves."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of a claim, put to a channel. `id` is made of the event that asked for it: one event, one prompt.

    What follows `closes_at` is None while it is open.
    """

    workspace: str
    id: str
    channel: str
    topic: str
    claim_id: str
    claim_version: int
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    ending: Ending | None = None
    closed_by: str | None = None
    """The reply that closed it, where a command did."""
    answered: bool | None = None
    """Whether anybody took a position on the claim while it was open; not how many did."""
    closing: Message | None = None
    """What the channel is told at the end."""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def over(self, now: datetime) -> bool:
        """Whether it is closed, or its time has passed."""
        return not self.is_open or now >= self.closes_at


@dataclass(frozen=True, slots=True)
class Vote:
    """Each voter's stance in a claim's snapshot, and how many members the group then had. Exact, and not for show."""

    stances: Mapping[str, Stance]
    members: int


@dataclass(frozen=True, slots=True)
class Votes:
    """The snapshots of a prompt's claim when it opened and now; None where there is none, or none that may be shown."""

    before: Vote | None
    after: Vote | None
    answered: bool


@dataclass(frozen=True, slots=True)
class Queued:
    """A claim that waits to be asked before what the agenda would choose, and who put it there, which is not shown."""

    workspace: str
    topic: str
    claim_id: str
    member: str
    at: datetime


class Pace(StrEnum):
    """What has come of two prompts in a row that nobody answered, in one channel on one topic."""

    ASKED = "asked"
    """Organisers were asked whether to slow down, which happens once."""
    SLOWER = "slower"
    KEEP = "keep"
