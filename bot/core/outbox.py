"""Posts on their way to a platform, and what can be known about each.

A send may time out after the post has appeared, and its process may die or be stopped at any moment. So every try is
noted *before* it begins, as one whose outcome is unknown, and only an answer from the platform makes it known. What
follows an unknown outcome depends on what the platform can do against doubles (`Guard`), and `next_step` decides it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final, Protocol

from bot.core.firings import Firing
from bot.core.messages import Message, Picture

ANSWER: Final = "answer"
"""The kind of a post that shows a reply. It waits for no other post of its channel, and none for it."""

ORGANISERS: Final = "organisers"
"""The kind of a post that is for the organisers alone: about its channel, but not to be seen there."""


@dataclass(frozen=True, slots=True)
class Composed:
    """One post as a composer hands it over; the engine gives it its id.

    Args:
        kind: prompt, digest, note, organisers: what it is, in one word.
        until: later than this it is not sent but held; None leaves that to the schedule's grace.
    """

    channel: str
    kind: str
    message: Message
    thread: str | None = None
    picture: Picture | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post. `id` is unique in the workspace and the same on every try: see `post_id`.

    It names nobody by id, but for a private answer the member whom it goes to. Its words may name members who chose to
    be public, as a digest's double cruxes do: what forgetting does about them is in `bot/storage/forgetting.py`.

    Args:
        firing: the due time that it belongs to, if it does; with `part` it is unique.
        until: later than this it is not sent but held.
        begun: the platform's id of a message without a marker in which an answer had begun to appear, and which becomes
            the post.
    """

    workspace: str
    id: str
    channel: str
    kind: str
    message: Message
    created_at: datetime
    thread: str | None = None
    picture: Picture | None = None
    firing: Firing | None = None
    part: int = 0
    until: datetime | None = None
    begun: str | None = None

    @property
    def nonce(self) -> str:
        """What the platform knows the post by, as its nonce or in its marker: 20 characters, the same on every try."""
        return _digest(self.workspace, self.id)

    @property
    def shown(self) -> Message:
        """All of its words: the message, with what the picture says as a note."""
        return self.message if self.picture is None else self.message.with_notes(self.picture.alt)


def post_id(cause: str, part: int) -> str:
    """The id of one of the posts that an event or a firing causes: 20 characters."""
    return _digest(cause, str(part))


def firing_post_id(firing: Firing, part: int) -> str:
    """The id of one of a firing's posts, whoever composes it."""
    return post_id(f"{firing.schedule}\0{firing.due_at.astimezone(UTC).isoformat()}", part)


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(errors="backslashreplace"), digest_size=10).hexdigest()


class PostState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    """Leased: the holder may be sending it, or have died over it."""
    SENT = "sent"
    HELD = "held"
    """Somebody has to look: it can't be known whether it arrived, or the platform won't have it."""
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Entry:
    """A post and how far it is.

    Args:
        tries: leases that counted, the present one included.
        free_at: nobody takes it up before this; while it is being sent, the end of the lease.
        unknown_since: when the first try began whose outcome is not known; None when all are. In what a lease returns,
            this is how it was before.
        settled_at: by when the last such try had ended; what it sent may still be under way.
        reference: the platform's own id of the message, once it is sent.
        reason: why it waits or is held.
    """

    post: Post
    state: PostState
    tries: int
    free_at: datetime
    worker: str | None = None
    unknown_since: datetime | None = None
    settled_at: datetime | None = None
    sent_at: datetime | None = None
    reference: str | None = None
    reason: str | None = None

    @property
    def unsent_for_certain(self) -> bool:
        """It waits, and no try is in doubt."""
        return self.state is PostState.PENDING and self.unknown_since is None


@dataclass(frozen=True, slots=True)
class Guard:
    """What a platform can do against doubles.

    Args:
        nonce_seconds: for how long after a post a second one with its nonce is taken for the same; None for never.
        shows_within: the longest time after a send ended, answered, given up or cut, until its post is found if there
            is one: time under way, and the delay of the history or search that is looked into. None where the platform
            can't be asked.
    """

    nonce_seconds: float | None = None
    shows_within: float | None = None


class Messenger(Protocol):
    """Posts to a platform. One may serve several platforms, and choose by the workspace."""

    def guard(self, post: Post) -> Guard:
        """What the post's platform can do. Quick, and without I/O."""
        ...

    async def send(self, post: Post) -> str:
        """Post it, with its nonce or marker; the platform's id of the message.

        It must stop when cancelled: the caller's time is limited, and whatever goes out later could be a double.

        Raises:
            RateLimited, Refused, Unreachable: it was certainly not posted.
            OutcomeUnknown: it may have been. Any other exception counts as this.
        """
        ...

    async def find(self, post: Post) -> str | None:
        """The id of the message that carries the post's marker; None when there is none, or none yet.

        Raises:
            MessengerError: the platform didn't say.
        """
        ...


class Step(StrEnum):
    SEND = "send"
    LOOK = "look"
    """Look for it; when it is not there, `may_resend` says whether that settles it."""
    HOLD = "hold"


def next_step(entry: Entry, guard: Guard, now: datetime, seconds: float) -> Step:
    """What to do with a post that was just leased, when a try may take `seconds`.

    - No try is in doubt: send.
    - The nonce of the first doubtful try is remembered for certain until this try is over: send again. The platform saw
      that one at its beginning or later, so its memory lasts until `unknown_since` + `nonce_seconds` at the least.
    - It can be looked for: look.
    - Else it can't be known: hold.
    """
    if entry.unknown_since is None:
        return Step.SEND
    if guard.nonce_seconds is not None and now + timedelta(seconds=seconds) <= entry.unknown_since + timedelta(
        seconds=guard.nonce_seconds
    ):
        return Step.SEND
    return Step.HOLD if guard.shows_within is None else Step.LOOK


def may_resend(entry: Entry, guard: Guard, looked_at: datetime) -> datetime | None:
    """When a look that finds nothing settles that nothing was posted; None when this one, begun at a time, does."""
    if entry.settled_at is None or guard.shows_within is None:
        return None
    sure_from = entry.settled_at + timedelta(seconds=guard.shows_within)
    return None if looked_at >= sure_from else sure_from


class Outbox(Protocol):
    """The part of a store that is about posts. It may raise StorageError, as all of a store."""

    async def enqueue(self, posts: Sequence[Post]) -> int:
        """Put posts into the outbox, in one transaction; those whose ids are there already are left. How many are new.

        Raises:
            ValueError: a post belongs to a firing: `finish_firing` is for those.
        """
        ...

    async def lease_post(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        spacing: float = 0.0,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Entry | None:
        """Take the post that has been waiting longest, and note that a try of unknown outcome has begun.

        None when there is none that may be sent now: a post waits for those of its channel that were there before it,
        and until `spacing` seconds after the channel's last one was sent. Without a workspace, of any, or of those
        whose ids begin with one of the prefixes. `worker` names this one lease: give every call another.
        """
        ...

    async def post_sent(self, workspace: str, post_id: str, reference: str, at: datetime) -> bool:
        """Note that a post is there, whoever holds it now: that it is known ends all doubt. Its picture is let go.

        A post that shows a reply is deleted: the reply itself is kept.

        False when that was known already, or the post is gone.
        """
        ...

    async def give_back(self, entry: Entry, worker: str) -> bool:
        """End a lease without a post, PENDING for another try or HELD for an organiser to decide on.

        Kept are `state`, `tries`, `free_at`, `unknown_since`, `settled_at` and `reason` of the entry. False when the
        lease has passed to another.
        """
        ...

    async def retry_post(self, workspace: str, post_id: str, at: datetime) -> bool:
        """Send a held or dropped post after all, as if for the first time; a waiting one now, by the usual rules.

        False when it is sent, being sent or not there.
        """
        ...

    async def drop_post(self, workspace: str, post_id: str, at: datetime) -> bool:
        """Never send a post that waits or is held; False when it is sent, being sent or not there."""
        ...

    async def outbox_entry(self, workspace: str, post_id: str) -> Entry | None: ...

    async def outbox(self, states: Collection[PostState], workspace: str | None = None) -> Sequence[Entry]:
        """Posts in some states, oldest first.

        Without a workspace, of all: for whoever runs the database, and never for a chat.
        """
        ...
