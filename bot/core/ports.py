"""What the core needs from outside, as Protocols. Fakes of all of them ship in `bot.testing`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.amendments import Amendment
from bot.core.arguments import ArgumentMap
from bot.core.assignments import Assignment, Usage, WriterEvent
from bot.core.digest import Digest, Summary, Told
from bot.core.kept import Endorsement, EndorsementCount, Forgotten, MemberRecord, PublishedClaim, Reply
from bot.core.positions import Credit, Position
from bot.core.proposals import Proposal, ProposalState
from bot.core.reading import Reading
from bot.core.requests import Request


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, with its zone (UTC)."""
        ...


class Catalogue(Protocol):
    """The maps that a workspace can argue from: shipped ones, the operator's, its own."""

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        """All maps, the default topic first."""
        ...


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


class Writer(Protocol):
    def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        """Write a reply: any number of `Released` and `Withdrawn`, then exactly one `Written`; never a WriterError."""
        ...


class Narrator(Protocol):
    async def narrate(self, told: Told) -> Summary | None:
        """A paragraph of two to four sentences over a digest's figures; None where there is none to be had.

        Every number and claim in it is among what was told. Never a WriterError, and no later than the model's limits.
        """
        ...


class Agenda(Protocol):
    """Knows what is put to a group next; see `bot.core.digests`, which says it at a digest's end."""

    async def upcoming(self, workspace: str, argument_map: ArgumentMap) -> str | None:
        """The id of the claim of a topic that will be put to the group next; None where none is due."""
        ...


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
    async def publish(
        self, workspace: str, topic: str, claim_id: str, version: int, at: datetime, since: datetime
    ) -> bool:
        """Move a claim's snapshot on to the current positions if `core.disclosure.may_move` allows; whether it moved.

        Counted is who last took a position on that version of the claim; a snapshot of another one moves on from
        nothing. Those who joined may be those who were forgotten, back with the stance that they had: as many as may
        be are counted on neither side. The group's size is the members seen since a time, and the voters who were not.
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

    async def credits_since(
        self, workspace: str, topic: str, since: datetime | None
    ) -> Mapping[str, Mapping[str, int]]:
        """By claim and argument, how many members credit the argument with a change on the claim, given after a time.

        Without a time, ever; what was taken back is left out, and so are claims and arguments that nobody credits.
        """
        ...

    # digests
    async def archive(self, digest: Digest, made_of: Sequence[PublishedClaim]) -> Digest | None:
        """Keep a digest under the next key of its week, with a copy of the snapshots of its topic.

        `digest.key` is the week; the digest that is returned has the key that it got. If its event has made one
        before, that one is returned. None, and nothing is kept, when the snapshots are no longer those that it was made
        of, or `digest.before` is no longer the topic's newest: compose it again.
        """
        ...

    async def digest(self, workspace: str, topic: str, key: str) -> Digest | None: ...

    async def digest_made_by(self, workspace: str, event: str) -> Digest | None: ...

    async def digests(self, workspace: str, topic: str) -> Sequence[Digest]:
        """The archived digests of a topic, oldest first."""
        ...

    async def digest_claims(self, workspace: str, topic: str, key: str) -> Sequence[PublishedClaim]:
        """The snapshots that a digest was made of, by claim id, without those that a forgotten member was in."""
        ...

    async def digest_positions(self, workspace: str, topic: str, key: str, most: int) -> Sequence[Position] | None:
        """What those snapshots were made of, without reasons, by claim and member; None if above `most`.

        Who hid their name since is hidden here too.
        """
        ...

    # the group's own questions
    async def propose(self, proposal: Proposal) -> Proposal:
        """Keep a proposal under the workspace's next number; the one that its event has made, if it did before."""
        ...

    async def proposal(self, workspace: str, number: int) -> Proposal | None: ...

    async def proposals(self, workspace: str, member: str | None = None) -> Sequence[Proposal]:
        """All of a workspace, or of one member, by number."""
        ...

    async def settle(self, proposal: Proposal, was: ProposalState, amendment: Amendment | None = None) -> bool:
        """Give a proposal its new state, and keep the amendment that it makes, in one transaction.

        False, and nothing is kept, when its state is not what it was, or `amend` would keep nothing.
        """
        ...

    async def amend(self, amendment: Amendment) -> bool:
        """Keep an amendment; False, and nothing is kept, unless its number follows the workspace's newest."""
        ...

    async def amendments(self, workspace: str) -> Sequence[Amendment]:
        """All of a workspace, in order."""
        ...

    async def revision(self, workspace: str) -> int:
        """The number of a workspace's newest amendment; 0 when there is none."""
        ...

    # a member's own data
    async def member_record(self, workspace: str, member: str) -> MemberRecord: ...

    async def forget(self, workspace: str, member: str, at: datetime) -> Forgotten:
        """Delete all that is kept of a member, so that neither rows nor bytes are left.

        Requests that are being answered go too: `finish` then returns False and stores nothing, so the answer to the
        request that asked for this is shown without being stored. Snapshots that the member was in are withdrawn, and
        come back when `core.disclosure.may_move` allows, the departure counted. Figures of archived digests that the
        member was counted in are taken out of them for good (`core.digest.without`).
        """
        ...

    # channels
    async def channel_topic(self, workspace: str, channel: str) -> str | None: ...

    async def set_channel_topic(self, workspace: str, channel: str, topic: str) -> None: ...
