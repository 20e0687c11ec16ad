"""What a store keeps beside positions: replies, endorsements, snapshots, and all of it that is of one member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.core.assignments import Usage
from bot.core.messages import Message
from bot.core.positions import Credit, Position
from bot.core.prompts import Queued
from bot.core.proposals import Proposal
from bot.core.requests import Request
from bot.core.standing import Tally


@dataclass(frozen=True, slots=True)
class Reply:
    """A stored answer. `event_id` is unique within the workspace: one event, one answer."""

    id: str
    workspace: str
    channel: str
    member: str
    event_id: str
    command: str
    """steelman, counter, or the name of another command."""
    message: Message
    at: datetime
    topic: str | None = None
    claim_id: str | None = None
    affirmed: bool = True
    cited: tuple[str, ...] = ()
    writer: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    thread: str | None = None
    """The thread that it was shown in."""


class Endorsement(StrEnum):
    SIGNED = "signed"
    """I'd sign this."""
    NOT_MINE = "not mine"
    """Not my view."""


@dataclass(frozen=True, slots=True)
class EndorsementCount:
    """Endorsements of the steelmen of one prompt version; `prompt_version` is None for the outline writer's."""

    prompt_version: str | None
    model: str | None
    replies: int
    signed: int
    not_mine: int


@dataclass(frozen=True, slots=True)
class PublishedClaim:
    """A claim's snapshot, which all that a group sees together is made from.

    The counts are exact: what is shown of them passes `core.disclosure` first.
    """

    claim_id: str
    tally: Tally
    marks: int
    """How many of its voters marked the claim as a crux for them."""
    at: datetime
    """When the snapshot was taken."""
    version: int = 1
    """The version of the claim that it is of."""


@dataclass(frozen=True, slots=True)
class Endorsed:
    """A member's endorsement of a reply."""

    reply_id: str
    endorsement: Endorsement
    at: datetime


@dataclass(frozen=True, slots=True)
class InDigest:
    """A copy of a member's position, without its reason, among those that an archived digest was made of."""

    key: str
    position: Position


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens that a reply to a member cost."""

    at: datetime
    model: str
    usage: Usage


NAMING: Final = ("standing", "postdigest", "readdigest")
"""Commands whose replies may show the names of members other than the one who asked: double cruxes do."""

OF_DIGESTS: Final = ("postdigest", "readdigest")
"""Commands whose replies show an archived digest; they go when figures are taken out of one."""

QUOTING: Final = ("proposals", "proposeargument", "proposetopic", "submit")
"""Commands whose replies may show what others have proposed."""


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """All that is kept of one member, each part oldest first; `name` and the times are None for one who never wrote."""

    workspace: str
    member: str
    name: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    positions: tuple[Position, ...]
    credits: tuple[Credit, ...]
    """Those taken back among them."""
    endorsements: tuple[Endorsed, ...]
    requests: tuple[Request, ...]
    replies: tuple[Reply, ...]
    """Answers to the member's requests."""
    usage: tuple[Spent, ...]
    proposals: tuple[Proposal, ...] = ()
    queued: tuple[Queued, ...] = ()
    """Claims that the member put into the queue and that have not been asked."""
    digests: tuple[InDigest, ...] = ()
    """The copies of the member's positions that digests are made of."""
    installed: tuple[datetime, ...] = ()
    """When the member installed the bot; what the platform gave out for it is sealed, and for nobody to see."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What forgetting a member deleted: how many rows of each kind."""

    positions: int = 0
    credits: int = 0
    endorsements: int = 0
    requests: int = 0
    replies: int = 0
    """Answers to the member's requests, and others' answers that name the member or show digests that counted them."""
    usage: int = 0
    proposals: int = 0
    """What they became in the map stays, and no longer says who wrote it."""
    posts: int = 0
    """Posts that name the member; those that nobody tried to send are composed anew."""
    queued: int = 0
    """Claims that the member put into the queue."""
    digests: int = 0
    """Archived digests that no longer show figures that the member was counted in."""
    installed: int = 0
    """Parts of the bot's installation that were about the member; the bot's own tokens stay."""
    withdrawn: tuple[tuple[str, str], ...] = ()
    """Topic and claim id of the snapshots that the member was in, and that are hidden until others move on."""
    erased: bool = True
    """Whether the bytes are gone too; False when the database was too busy for it, and will be at its next chance."""
