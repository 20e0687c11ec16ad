"""What a Slack knows: workspaces, users, channels, messages, views, files and tokens, open to a test's eyes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.slack.clock import Clock
from tests.slack.seeing import Seen, seen

Json = dict[str, Any]


@dataclass
class User:
    id: str
    team: str
    name: str
    admin: bool = False
    owner: bool = False
    bot: bool = False
    guest: Literal["", "multi", "single"] = ""
    deleted: bool = False
    tz: str = "Europe/London"
    locale: str = "en-GB"


@dataclass
class Team:
    """A workspace; `bot` is the app's bot user here, None until the app is installed."""

    id: str
    name: str
    domain: str
    enterprise: str | None = None
    bot: User | None = None
    bot_id: str = ""
    bot_token: str = ""
    groups: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Channel:
    id: str
    team: str
    name: str
    kind: Literal["channel", "group", "im", "mpim"] = "channel"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    deleted: bool = False
    shared_with: set[str] = field(default_factory=set)
    """Teams that Slack Connect shares this channel with."""


@dataclass
class File:
    id: str
    team: str
    name: str
    length: int
    alt_text: str | None = None
    title: str | None = None
    content: bytes | None = None
    shared_in: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Version:
    """A message as it stood before an edit."""

    at: float
    text: str
    blocks: list[Json]


@dataclass
class Message:
    """One message, ephemeral or not; `seen` is what its readers see."""

    channel: str
    ts: str
    team: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    bot_id: str | None = None
    app_id: str | None = None
    ephemeral_to: str | None = None
    files: list[File] = field(default_factory=list)
    edits: list[Version] = field(default_factory=list)
    marked_edited: bool = False
    """Whether readers see `(edited)` on it."""
    deleted_at: float | None = None
    link_names: bool = False
    stream: Literal["", "streaming", "stopped"] = ""
    stream_started: float = 0.0
    streamed: str = ""
    tasks: dict[str, Json] = field(default_factory=dict)
    chunks: list[str] = field(default_factory=list)
    """What each call added to the stream, in order."""
    reactions: dict[str, set[str]] = field(default_factory=dict)

    @property
    def seen(self) -> Seen:
        return seen(
            text=self.text,
            blocks=self.blocks,
            streamed=self.streamed,
            files=[(file.alt_text or "", file.title or file.name) for file in self.files],
            link_names=self.link_names,
        )

    @property
    def mentions(self) -> tuple[str, ...]:
        """Whom it notifies; empty for a polite bot."""
        return self.seen.mentions

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class View:
    id: str
    team: str
    user: str
    payload: Json
    hash: str
    root: str
    previous: str | None = None
    open: bool = True
    versions: list[Json] = field(default_factory=list)
    state: Json = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.payload["type"])

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.payload["blocks"]
        return blocks

    @property
    def seen(self) -> Seen:
        return seen(text="", blocks=self.blocks)


@dataclass
class Token:
    value: str
    kind: Literal["bot", "user", "app"]
    team: str | None
    user: str
    scopes: frozenset[str]
    enterprise: str | None = None
    expires_at: float | None = None
    refresh: str | None = None
    revoked: bool = False
    uninstalled: bool = False


@dataclass
class Trigger:
    id: str
    team: str
    user: str
    made_at: float
    view: str | None = None
    used: bool = False


@dataclass
class Call:
    """One request to the Web API, and what came of it."""

    method: str
    args: Json
    token: str | None
    at: float
    team: str | None = None
    error: str | None = None
    status: int = 200
    response: Json = field(default_factory=dict)
    scopes: list[str] = field(default_factory=list)
    """The scopes that it took."""

    @property
    def ok(self) -> bool:
        return self.error is None and self.status == 200


@dataclass
class State:
    """Everything, in dictionaries by id; a message's key is (channel, ts)."""

    clock: Clock
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    homes: dict[tuple[str, str], View] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    statuses: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    prompts: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _last_ts: int = 0

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._ids):09d}"

    def new_ts(self) -> str:
        """A message's name: the time, in microseconds that never repeat."""
        self._last_ts = max(self._last_ts + 1, int(self.clock.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def bot_user(self, team: str) -> User:
        bot = self.teams[team].bot
        if bot is None:
            raise LookupError(f"The app is not installed in {team}")
        return bot

    def dm(self, team: str, *users: str) -> Channel:
        """The one direct-message channel of these users; made at first use."""
        for channel in self.channels.values():
            if channel.kind in {"im", "mpim"} and channel.team == team and channel.members == set(users):
                return channel
        kind: Literal["im", "mpim"] = "im" if len(users) == 2 else "mpim"
        channel = Channel(self.new_id("D" if kind == "im" else "G"), team, "", kind, set(users))
        self.channels[channel.id] = channel
        return channel

    def in_channel(self, channel: str, *, ephemeral_to: str | None = None) -> list[Message]:
        """What stands in a channel, oldest first; with the ephemerals of one user when named."""
        return sorted(
            (
                message
                for message in self.messages.values()
                if message.channel == channel
                and message.deleted_at is None
                and message.ephemeral_to in {None, ephemeral_to}
            ),
            key=lambda message: message.ts,
        )

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        return [m for m in self.in_channel(channel) if m.thread_ts == thread_ts and m.is_reply]

    def new_trigger(self, team: str, user: str, view: str | None = None) -> str:
        number = next(self._ids)
        trigger = Trigger(f"{number}.{number * 7}.{number:032x}", team, user, self.clock.now(), view)
        self.triggers[trigger.id] = trigger
        return trigger.id
