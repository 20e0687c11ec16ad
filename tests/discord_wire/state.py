"""What exists in the simulated Discord: plain records, which tests may read and change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEXT_CHANNEL, DM_CHANNEL, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 11, 12, 15
THREADS = frozenset({PUBLIC_THREAD, PRIVATE_THREAD})
EPHEMERAL, LOADING, HAS_THREAD, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 5, 1 << 15
REQUIRE_TAG = 1 << 4


@dataclass(eq=False)
class User:
    """An account; `dms_closed` refuses what the bot sends to it."""

    id: int
    name: str
    bot: bool = False
    dms_closed: bool = False
    locale: str = "en-US"


@dataclass(eq=False)
class Role:
    """A role of a guild, with its permissions as bits."""

    id: int
    name: str
    permissions: int


@dataclass(eq=False)
class Seat:
    """A user's membership of a guild; `timed_out_until` is in seconds of the server's clock."""

    user: User
    roles: list[int] = field(default_factory=list)
    timed_out_until: float = 0.0


@dataclass(eq=False)
class Overwrite:
    """What one role (kind 0) or user (kind 1) may and may not do in one channel."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(eq=False)
class Guild:
    """A server. `present` is whether the bot is in it, `available` whether Discord can reach it now."""

    id: int
    name: str
    owner: User
    roles: dict[int, Role] = field(default_factory=dict)
    seats: dict[int, Seat] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict, repr=False)
    present: bool = True
    available: bool = True
    locale: str = "en-US"


@dataclass(eq=False)
class Tag:
    """A tag that posts of a forum can carry."""

    id: int
    name: str


@dataclass(eq=False)
class Channel:
    """A text channel, DM, thread or forum; messages by id, deleted and ephemeral ones too."""

    id: int
    kind: int
    name: str = ""
    guild: Guild | None = field(default=None, repr=False)
    parent: Channel | None = field(default=None, repr=False)
    recipient: User | None = None
    owner: User | None = field(default=None, repr=False)
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    flags: int = 0
    tags: list[Tag] = field(default_factory=list)
    applied_tags: list[int] = field(default_factory=list)
    archived: bool = False
    locked: bool = False
    deleted: bool = False
    every: dict[int, Message] = field(default_factory=dict, repr=False)
    typing: list[float] = field(default_factory=list)

    @property
    def messages(self) -> list[Message]:
        """What everybody in the channel sees, oldest first."""
        return [m for m in sorted(self.every.values(), key=lambda m: m.id) if not m.deleted and m.only_for is None]

    @property
    def last(self) -> Message:
        """The newest of them."""
        return self.messages[-1]

    @property
    def threads(self) -> list[Channel]:
        """The threads and posts under it, oldest first."""
        channels = self.guild.channels.values() if self.guild else ()
        return [c for c in channels if c.parent is self and not c.deleted]


@dataclass(eq=False)
class Attachment:
    """A file of a message; `description` is its alternative text."""

    id: int
    filename: str
    data: bytes = field(repr=False)
    description: str | None = None
    url: str = ""
    kind: str = "application/octet-stream"


@dataclass(eq=False)
class Message:
    """A message with all that was said in it; `versions` holds the earlier contents, oldest first."""

    id: int
    channel: Channel = field(repr=False)
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    kind: int = 0
    nonce: str | None = None
    reply_to: Message | None = field(default=None, repr=False)
    allowed_mentions: Json | None = None
    mentions: list[User] = field(default_factory=list)
    at: float = 0.0
    edited_at: float | None = None
    versions: list[Json] = field(default_factory=list, repr=False)
    deleted: bool = False
    only_for: User | None = None
    interaction: Interaction | None = field(default=None, repr=False)
    thread: Channel | None = field(default=None, repr=False)

    @property
    def ephemeral(self) -> bool:
        return self.only_for is not None

    @property
    def loading(self) -> bool:
        """Whether members see "the bot is thinking"."""
        return bool(self.flags & LOADING)

    @property
    def v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)


COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5


@dataclass(eq=False)
class Interaction:
    """One thing that a member did with the bot, and what came back."""

    id: int
    token: str
    kind: int
    user: User
    channel: Channel = field(repr=False)
    data: Json
    at: float
    source: Message | None = field(default=None, repr=False)
    callback: int | None = None
    acknowledged_at: float | None = None
    response: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    refusals: list[int] = field(default_factory=list)
    reached: int = 0

    @property
    def acknowledged(self) -> bool:
        return self.callback is not None

    @property
    def deferred(self) -> bool:
        """Whether the bot asked for time first (callback types 5 and 6)."""
        return self.callback in {5, 6}

    @property
    def answered(self) -> bool:
        """Whether the member sees an answer: a message that no longer loads, a modal, choices or an update."""
        if self.response is not None:
            return not self.response.loading
        return self.callback in {6, 7, 8, 9}

    @property
    def messages(self) -> list[Message]:
        """The answer and its follow-ups, without what was deleted."""
        every = [self.response, *self.followups] if self.response else self.followups
        return [message for message in every if not message.deleted]


@dataclass(frozen=True)
class Call:
    """One REST call as it arrived; `code` is Discord's error code, `status` 0 if the connection was dropped or hung."""

    method: str
    path: str
    route: str
    body: Json | list[Any] | None
    files: tuple[str, ...]
    at: float
    status: int
    code: int | None = None

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"
