"""What the core needs from outside, as Protocols. Fakes of all of them ship in `bot.testing`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.amendments import Amendment
from bot.core.arguments import ArgumentMap
from bot.core.assignments import Assignment, Usage, WriterEvent
from bot.core.backlog import Backlog
from bot.core.calendar import Calendar
from bot.core.digest import Digest, Summary, Told
from bot.core.houserules import Rulebook
from bot.core.installations import Vault
from bot.core.kept import Endorsement, EndorsementCount, Forgotten, MemberRecord, PublishedClaim, Reply
from bot.core.messages import About
from bot.core.outbox import Entry, Outbox, Post
from bot.core.positions import Credit, Position
from bot.core.prompts import Pace, Prompt, Queued, Votes
from bot.core.proposals import Proposal, ProposalState
from bot.core.reading import Reading
from bot.core.requests import Request, Venue
from bot.core.schedules import QuietDays, Recurrence, Schedule
from bot.core.workspaces import Workspaces


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


class Recurrences(Protocol):
    """Reads the words that people schedule things in, and says schedules back in such words."""

    def read(self, text: str, zone: str, now: datetime) -> Recurrence:
        """The recurrence that a text asks for on a zone's clock, which begins after an instant.

        Raises:
            BadInput: it can't be read, or is never due.
        """
        ...

    def read_zone(self, text: str) -> str:
        """The IANA time zone that a text names.

        Raises:
            BadInput: there is none.
        """
        ...

    def read_quiet_days(self, text: str, zone: str, now: datetime) -> QuietDays:
        """Weekdays and dates; "none" is none.

        Raises:
            BadInput: they can't be read, or are too many.
        """
        ...

    def read_day(self, text: str, zone: str, now: datetime) -> date:
        """One day later than today on a zone's clock.

        Raises:
            BadInput: it can't be read, or isn't to come.
        """
        ...

    def in_words(self, schedule: Schedule) -> str:
        """When it posts, with its time zone: "every other Monday at 10:00, Europe/Berlin"."""
        ...

    def quiet_in_words(self, quiet: QuietDays) -> str: ...

    def is_due(self, schedule: Schedule, at: datetime) -> bool:
        """Whether an instant is one of the schedule's own times, and not one at which somebody had it run."""
        ...

    def next_due(self, schedule: Schedule, after: datetime, count: int) -> Sequence[datetime]:
        """The next times after an instant; fewer when it ends before."""
        ...

    def next_times(self, schedule: Schedule, after: datetime, count: int) -> Sequence[str]:
        """The next times after an instant on the schedule's own clock, in words; fewer when it ends before."""
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


class Store(VectorCache, Calendar, Outbox, Rulebook, Vault, Workspaces, Protocol):
    """All that Crux keeps. Every call names its workspace, and sees no other's rows; those that lease may serve all.

    Every method may raise StorageBusy, StorageFull or StorageCorrupt.
    """

    # inbox
    async def receive(self, request: Request, worker: str | None = None, seconds: float = 0.0) -> bool:
        """Commit a request to the inbox; False when its event id was seen before.

        With a worker, as taken by it for so many seconds from when it was received.
        """
        ...

    async def lease(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Request | None:
        """Take the oldest request that is received, or whose lease has run out; None when there is none.

        Without a workspace, of any, or of those whose ids begin with one of the prefixes.
        """
        ...

    async def lease_this(self, request: Request, worker: str, now: datetime, seconds: float) -> bool:
        """Take one particular request; False when it is done or a lease on it runs, whoever holds it."""
        ...

    async def finish(self, request: Request, worker: str, reply: Reply | None, answer: Entry | None = None) -> bool:
        """Store the reply, mark the request done and put the post that shows it into the outbox, in one transaction.

        The entry is PENDING, or SENDING where the worker itself shows it now. False, and nothing is stored, when the
        request is done already or the lease has passed to another worker.
        """
        ...

    async def note_begun(self, request: Request, worker: str, reference: str) -> bool:
        """Note the message in which the answer to a request begins to appear; `finish` gives it to the post.

        False, and nothing is noted, when the request is done or the lease has passed to another worker.
        """
        ...

    # replies
    async def reply(self, workspace: str, reply_id: str) -> Reply | None: ...

    async def reply_to(self, workspace: str, event_id: str) -> Reply | None: ...

    async def times_answered(
        self, workspace: str, channel: str, command: str, topic: str, claim_id: str, affirmed: bool
    ) -> int:
        """How many replies of this kind to this view the channel has seen, its threads included."""
        ...

    async def last_turn(self, venue: Venue, member: str, own_since: datetime | None = None) -> About | None:
        """What the newest turn somewhere was about, among those about a claim; None where there is none.

        In a thread, of the replies in it, and after them of the post that it hangs from; in a channel, of the replies
        in it and its threads, or with `own_since` of the member's own from then on. Of what others were answered
        alone, the member knows nothing.
        """
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
        """Note that a member was seen, and under which name; an empty name leaves the known one.

        Who was gone is back.
        """
        ...

    async def member_gone(self, workspace: str, member: str, at: datetime) -> bool:
        """Note that the platform has a member no longer: their account was deactivated. False for one who is unknown.

        What they hold stays; they are no longer among those who were seen, and their name is not told.
        """
        ...

    async def member_count(self, workspace: str, since: datetime) -> int:
        """How many members were seen since a time."""
        ...

    async def member_names(self, workspace: str, members: Sequence[str]) -> Mapping[str, str]:
        """The names of those who have one and are not gone. For public positions only; see `core.disclosure`."""
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

    # prompts
    async def open_prompt(self, prompt: Prompt, since: datetime) -> Prompt | None:
        """Keep a new prompt with its claim's snapshot, and take the claim out of the queue; the known one of that id.

        None, and nothing is kept, when its channel has an open one, or its claim, or when that version of the claim was
        asked after `since`.
        """
        ...

    async def prompt(self, workspace: str, prompt_id: str) -> Prompt | None: ...

    async def open_prompts(self, workspace: str) -> Sequence[Prompt]:
        """Those that are not closed, also past their time; oldest first, then by id."""
        ...

    async def closed_prompts(
        self, workspace: str, channel: str, most: int, topic: str | None = None
    ) -> Sequence[Prompt]:
        """Those of a channel that closed last, by when they were opened, newest first, then by id."""
        ...

    async def prompt_closed_by(self, workspace: str, closed_by: str) -> Prompt | None: ...

    async def last_asked(self, workspace: str, topic: str) -> Mapping[tuple[str, int], datetime]:
        """When the newest prompt on each claim and version was opened."""
        ...

    async def votes(self, prompt: Prompt) -> Votes:
        """The snapshots of a prompt's version of its claim, when it opened and now, and whether anybody answered.

        None for the first once a member who was in it has been forgotten, or the prompt has closed.
        """
        ...

    async def workspaces_to_close(self, now: datetime, most: int) -> Sequence[str]:
        """Workspaces that have an open prompt whose time is over, in order. For whoever runs the database."""
        ...

    async def close_prompt(self, prompt: Prompt, votes: Votes, told: Sequence[Post] = ()) -> bool:
        """Keep how an open prompt ended, drop the snapshot that it opened with, and put what is told of it into the
        outbox, in one transaction.

        False, and nothing is kept, when it is not open, or its votes are no longer those that its closing was made
        from: somebody in them may have been forgotten.
        """
        ...

    async def queue(self, workspace: str, topic: str | None = None) -> Sequence[Queued]:
        """The claims that wait, of one topic or of all, in the order in which they come."""
        ...

    async def queue_claim(self, queued: Queued, *, first: bool = False) -> bool:
        """Put a claim at the end of its workspace's queue, or first, where one that waits moves; whether it did."""
        ...

    async def dequeue(self, workspace: str, topic: str, claim_id: str, member: str) -> bool:
        """Take out a claim that the member queued; False when there is none."""
        ...

    async def pass_over(self, workspace: str, topic: str, claim_id: str, at: datetime) -> None:
        """Take a claim out of the queue, and note when."""
        ...

    async def passed_over(self, workspace: str, topic: str) -> Mapping[str, datetime]:
        """When claims were last passed over, by id."""
        ...

    async def ask_pace(self, workspace: str, channel: str, topic: str) -> bool:
        """Note that organisers are asked about a channel's pace on a topic; False when they were before."""
        ...

    async def pace(self, workspace: str, channel: str, topic: str) -> Pace | None: ...

    async def set_pace(self, workspace: str, channel: str, topic: str, pace: Pace) -> None: ...

    # for whoever runs it
    async def backlog(self) -> Backlog:
        """What the calendar has still to do, over all workspaces."""
        ...

    async def prune(self, before: datetime) -> int:
        """Delete posts that were sent or dropped, and due times that are done with, from before a time; how many."""
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

    async def thread_topics(self, venue: Venue) -> Sequence[str]:
        """What a thread may be about, first what counts most; nothing where it is about what its channel is about.

        What was chosen in it, then the topic of the newest reply in it that all saw, then that of the post of ours that
        it hangs from.
        """
        ...

    async def set_thread_topic(self, venue: Venue, topic: str) -> None: ...
