"""What the core needs from outside, as Protocols. Fakes of all of them ship in `bot.testing`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.arguments import ArgumentMap, View
from bot.core.messages import Message
from bot.core.positions import Credit, Position
from bot.core.standing import Tally
from bot.core.walks import Walk

# -- what comes in ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """One command, mention or press, as an adapter hands it over. `event_id` is unique within the workspace.

    `tries` counts the leases that ended without an answer before this one; adapters leave it at 0.
    """

    workspace: str
    channel: str
    member: str
    text: str
    event_id: str
    received_at: datetime
    thread: str | None = None
    member_name: str = ""
    tries: int = 0


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, with its zone (UTC)."""
        ...


class Catalogue(Protocol):
    """The maps that a workspace can argue from: shipped ones, the operator's, its own."""

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        """All maps, the default topic first."""
        ...


# -- retrieval --------------------------------------------------------------------------------------------------------


class Encoder(Protocol):
    """Turns texts into vectors whose dot product says how near they are in meaning."""

    @property
    def model_id(self) -> str:
        """Names model and weights; vectors of different ids are never compared."""
        ...

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions).

        Raises:
            EncoderError: the weights or the endpoint can't be used.
        """
        ...


class Leaning(StrEnum):
    """Which way a text leans on a claim."""

    AFFIRMS = "affirms"
    DENIES = "denies"
    UNCLEAR = "unclear"


class Verdict(StrEnum):
    """How sure the retriever is that the map has something on a text."""

    SURE = "sure"
    UNSURE = "unsure"
    """Between sure and nothing: ask "did you mean ...?"."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One argument that a text may be about; `score` orders candidates."""

    argument_id: str
    score: float
    leaning: Leaning
    margin: float
    """How far the text is nearer to the claim (positive) than to its contrary (negative)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text is about: candidates best first, and how sure that is.

    `by_words` is true where no encoder was at hand, so that words alone were compared and less is found.
    """

    text: str
    verdict: Verdict
    candidates: tuple[Candidate, ...]
    by_words: bool = False

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


class Retriever(Protocol):
    async def read(self, text: str, argument_map: ArgumentMap, limit: int = 10) -> Reading:
        """Find what a text is about in one map."""
        ...


class VectorCache(Protocol):
    """Vectors kept between runs, by model id and text hash."""

    async def vectors(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Those that are known, by hash."""
        ...

    async def keep_vectors(self, model_id: str, vectors: Mapping[str, NDArray[np.float32]]) -> None: ...


# -- writing ----------------------------------------------------------------------------------------------------------


class Task(StrEnum):
    STEELMAN = "steelman"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a writer is to write.

    For both tasks `walk` is the case to be made: for a counterargument, the case for the opposite of `target`. `asked`
    is the member's own wording: data, never an instruction. `words` is the upper limit. `seen` counts
    earlier replies to the same task and view in the channel, so that a writer can vary.
    """

    task: Task
    map: ArgumentMap
    target: View
    walk: Walk
    asked: str
    words: int
    workspace: str
    member: str
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Released:
    """A whole sentence or more that may be shown; text to append."""

    text: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was released is withdrawn; the text takes its place."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of all calls made for one reply, failed ones included."""

    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.calls + other.calls)


@dataclass(frozen=True, slots=True)
class Written:
    """The end of a writer's work: the whole text, and who wrote it.

    `writer` is "outline" or "model"; `model` and `prompt_version` are set when a model was asked, whether or not its
    text was used; `why_outline` says in words for members why the outline writer took over, if it did.
    """

    text: str
    writer: str
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage = field(default_factory=Usage)
    why_outline: str | None = None


WriterEvent = Released | Withdrawn | Written


class Writer(Protocol):
    def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        """Write a reply: any number of `Released` and `Withdrawn`, then exactly one `Written`; never a WriterError."""
        ...


# -- storage ----------------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Endorsed:
    """A member's endorsement of a reply."""

    reply_id: str
    endorsement: Endorsement
    at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens that a reply to a member cost."""

    at: datetime
    model: str
    usage: Usage


NAMING: Final = ("standing",)
"""Commands whose replies may show the names of members other than the one who asked: double cruxes do."""


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


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What forgetting a member deleted: how many rows of each kind."""

    positions: int = 0
    credits: int = 0
    endorsements: int = 0
    requests: int = 0
    replies: int = 0
    """Answers to the member's requests, and others' answers that name the member."""
    usage: int = 0
    withdrawn: tuple[tuple[str, str], ...] = ()
    """Topic and claim id of the snapshots that the member was in, and that are hidden until others move on."""
    erased: bool = True
    """Whether the bytes are gone too; False when the database was too busy for it, and will be at its next chance."""


class Store(VectorCache, Protocol):
    """All that Crux keeps. Every call names its workspace, and sees no other's rows.

    Every method may raise StorageBusy, StorageFull or StorageCorrupt.
    """

    # inbox
    async def receive(self, request: Request) -> bool:
        """Commit a request to the inbox; False when its event id was seen before."""
        ...

    async def lease(self, worker: str, now: datetime, seconds: float, workspace: str | None = None) -> Request | None:
        """Take the oldest request that is received, or whose lease has run out; None when there is none.

        Without a workspace, of any: the one call that looks across, since a worker serves all.
        """
        ...

    async def lease_this(self, request: Request, worker: str, now: datetime, seconds: float) -> bool:
        """Take one particular request; False when it is done or a lease on it runs, whoever holds it."""
        ...

    async def finish(self, request: Request, worker: str, reply: Reply | None) -> bool:
        """Store the reply and mark the request done, in one transaction.

        False, and nothing is stored, when the request is done already or the lease has passed to another worker.
        """
        ...

    # replies
    async def reply(self, workspace: str, reply_id: str) -> Reply | None: ...

    async def reply_to(self, workspace: str, event_id: str) -> Reply | None: ...

    async def times_answered(
        self, workspace: str, channel: str, command: str, topic: str, claim_id: str, affirmed: bool
    ) -> int:
        """How many replies of this kind to this view the channel has seen."""
        ...

    # endorsements
    async def endorse(self, workspace: str, reply_id: str, member: str, endorsement: Endorsement, at: datetime) -> None:
        """Record a member's endorsement of a reply, in place of an earlier one.

        Raises:
            BadInput: there is no such reply in the workspace.
        """
        ...

    async def endorsements(self, workspace: str, reply_id: str) -> Mapping[Endorsement, int]: ...

    async def endorsement_counts(self, workspace: str) -> Sequence[EndorsementCount]:
        """By prompt version and model, newest first."""
        ...

    # usage
    async def record_usage(self, workspace: str, member: str, at: datetime, model: str, usage: Usage) -> None: ...

    async def tokens_spent(self, workspace: str, since: datetime, member: str | None = None) -> int:
        """Tokens in and out since a time, of one member or of the whole workspace."""
        ...

    # members
    async def join(self, workspace: str, member: str, name: str, at: datetime) -> None:
        """Note that a member was seen, and under which name; an empty name leaves the known one."""
        ...

    async def member_count(self, workspace: str, since: datetime) -> int:
        """How many members were seen since a time."""
        ...

    async def member_names(self, workspace: str, members: Sequence[str]) -> Mapping[str, str]:
        """The names of those who have one. For public positions only; see `core.disclosure`."""
        ...

    # positions
    async def add_position(self, position: Position) -> None:
        """Add to a member's history. A name that the claim's snapshot shows is hidden at once if no longer public."""
        ...

    async def current_position(self, workspace: str, topic: str, claim_id: str, member: str) -> Position | None:
        """The newest; its stance is None when it withdrew what the member held."""
        ...

    async def position_history(self, workspace: str, member: str) -> Sequence[Position]:
        """All of a member's positions, oldest first."""
        ...

    async def current_positions(self, workspace: str, topic: str, claim_id: str) -> Sequence[Position]:
        """The newest of each member who holds one on a claim, by member. Live: for private views only."""
        ...

    # snapshots
    async def publish(self, workspace: str, topic: str, claim_id: str, at: datetime, since: datetime) -> bool:
        """Move a claim's snapshot on to the current positions if `core.disclosure.may_move` allows; whether it moved.

        Those who joined may be those who were forgotten, back with the stance that they had: as many as may be are
        counted on neither side. The group's size is the members seen since a time, and the voters who were not.
        """
        ...

    async def published(self, workspace: str, topic: str) -> Sequence[PublishedClaim]:
        """The snapshots of a topic's claims, by claim id; withdrawn ones are left out."""
        ...

    async def published_positions(self, workspace: str, topic: str, most: int) -> Sequence[Position] | None:
        """What the snapshots of a topic are made of, without reasons, by claim and member; None if above `most`."""
        ...

    # credits
    async def add_credit(self, credit: Credit) -> bool:
        """Keep a credit; False, and nothing is kept, unless `core.positions.creditable` finds a change that is left."""
        ...

    async def undo_credit(self, workspace: str, member: str, at: datetime) -> Credit | None:
        """Take back the member's newest standing credit, which is returned; None when there is none."""
        ...

    async def credits_given(self, workspace: str, member: str) -> Sequence[Credit]:
        """All that a member gave, those taken back among them, oldest first."""
        ...

    async def credits(self, workspace: str, topic: str) -> Mapping[str, int]:
        """How many members credit each argument of a topic now; arguments that nobody credits are left out."""
        ...

    # a member's own data
    async def member_record(self, workspace: str, member: str) -> MemberRecord: ...

    async def forget(self, workspace: str, member: str, at: datetime) -> Forgotten:
        """Delete all that is kept of a member, so that neither rows nor bytes are left.

        Requests that are being answered go too: `finish` then returns False and stores nothing, so the answer to the
        request that asked for this is shown without being stored. Snapshots that the member was in are withdrawn, and
        come back when `core.disclosure.may_move` allows, the departure counted.
        """
        ...

    # channels
    async def channel_topic(self, workspace: str, channel: str) -> str | None: ...

    async def set_channel_topic(self, workspace: str, channel: str, topic: str) -> None: ...
