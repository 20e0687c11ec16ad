"""What the core needs from outside, as Protocols. Fakes of all of them ship in `bot.testing`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.arguments import ArgumentMap, View
from bot.core.messages import Message
from bot.core.positions import Position
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
    """What a text is about: candidates best first, and how sure that is."""

    text: str
    verdict: Verdict
    candidates: tuple[Candidate, ...]

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

    # positions
    async def add_position(self, position: Position) -> None: ...

    async def current_position(self, workspace: str, topic: str, claim_id: str, member: str) -> Position | None: ...

    async def position_history(self, workspace: str, member: str) -> Sequence[Position]:
        """All of a member's positions, oldest first."""
        ...

    # channels
    async def channel_topic(self, workspace: str, channel: str) -> str | None: ...

    async def set_channel_topic(self, workspace: str, channel: str, topic: str) -> None: ...
