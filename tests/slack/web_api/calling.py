"""One call of the Web API: its arguments, its token, and the errors that stop it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.slack.hub import Hub
from tests.slack.posting import scope_word
from tests.slack.scopes import METHOD_SCOPES
from tests.slack.state import Channel, Json, Message, Team, Token, User


class ApiError(Exception):
    """Answered as {"ok": false, "error": name}."""

    def __init__(self, name: str, **extra: Any) -> None:
        super().__init__(name)
        self.name = name
        self.extra = extra


def invalid_arguments(*messages: str) -> ApiError:
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}" for message in messages]})


Handler = Callable[["Request"], Json]
METHODS: dict[str, Handler] = {}


def method(name: str) -> Callable[[Handler], Handler]:
    """Makes a function the one that answers this method."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = handler
        return handler

    return register


@dataclass
class Request:
    hub: Hub
    method: str
    args: Json
    token: Token
    team: Team
    used: list[str] = field(default_factory=list)
    """The scopes that this call took."""

    # Arguments

    def text(self, name: str) -> str | None:
        value = self.args.get(name)
        return None if value is None or value == "" else str(value)

    def need(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return str(self.args.get(name, "")).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        try:
            return default if value is None else int(value)
        except ValueError:
            raise invalid_arguments(f"must be an integer: {name}") from None

    def structure(self, name: str, error: str) -> Any:
        """A JSON argument, which comes as a string in forms; None when absent."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(error) from None

    # Whom and where

    @property
    def bot(self) -> User:
        return self.hub.state.users[self.token.user]

    def reaches(self, channel: Channel) -> bool:
        return self.team.id == channel.team or self.team.id in channel.shared_with

    def channel(self, name: str = "channel", *, member: bool = False, live: bool = False) -> Channel:
        """The named channel as far as this token may know of it.

        `member` insists that the bot is in it, `live` that it takes posts.
        """
        given = self.text(name) or ""
        channels = self.hub.state.channels
        channel = channels.get(given) or next(
            (one for one in channels.values() if given.startswith("#") and one.name == given[1:]), None
        )
        if channel is None or channel.deleted or not self.reaches(channel):
            raise ApiError("channel_not_found")
        inside = self.token.user in channel.members
        if not inside and channel.kind != "channel":
            raise ApiError("channel_not_found")
        if live and channel.archived:
            raise ApiError("is_archived")
        if member and not inside:
            raise ApiError("not_in_channel")
        return channel

    def scope_for(self, channel: Channel) -> None:
        """Raises missing_scope unless the token covers this method in this kind of channel."""
        self.scopes(*(one.format(kind=scope_word(channel)) for one in METHOD_SCOPES[self.method]))

    def scopes(self, *any_of: str) -> None:
        """Raises missing_scope unless the token has one of these."""
        had = next((scope for scope in any_of if scope in self.token.scopes), None)
        if any_of and had is None:
            provided = ",".join(sorted(self.token.scopes))
            raise ApiError("missing_scope", needed=any_of[0], provided=provided)
        self.used += [had] if had else []

    def check_scopes(self) -> None:
        """Checks the method's scopes, except for those that hang on the kind of channel: see `scope_for`."""
        any_of = METHOD_SCOPES[self.method]
        if not any("{" in scope for scope in any_of):
            self.scopes(*any_of)

    def user(self, name: str = "user") -> User:
        user = self.hub.state.users.get(self.text(name) or "")
        if user is None or not self.knows(user):
            raise ApiError("user_not_found")
        return user

    def knows(self, user: User) -> bool:
        """Users of this workspace, and strangers in the channels that it shares."""
        if user.team == self.team.id:
            return True
        return any(user.id in one.members for one in self.hub.state.channels.values() if self.reaches(one))

    def message(self, channel: Channel, ts: str | None) -> Message:
        message = self.hub.state.messages.get((channel.id, ts or ""))
        if message is None or message.deleted_at is not None or message.ephemeral_to is not None:
            raise ApiError("message_not_found")
        return message
