"""The Web API, one client a workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.language import say
from bot.errors import Refused

PREFIX: Final = "slack:"
"""How the ids of Slack's workspaces begin with us."""
SECONDS: Final = 10
"""How long one call may take."""

TokenOf: TypeAlias = Callable[[str], Awaitable[str | None]]
"""The bot's token in a team; None where the app is not installed."""


def workspace_of(team: str) -> str:
    return PREFIX + team


def team_of(workspace: str) -> str:
    return workspace.removeprefix(PREFIX)


def web_client(token: str | None, base_url: str) -> AsyncWebClient:
    """A client that sends a call once.

    Its own handlers would send again after a connection was cut, and so post twice; who retries here knows what can be
    known about the first try.
    """
    return AsyncWebClient(token=token, base_url=base_url, timeout=SECONDS, retry_handlers=[])


class Clients:
    """A client for each workspace, by the token that its installation has now."""

    def __init__(self, token_of: TokenOf, base_url: str) -> None:
        self._token_of = token_of
        self._base_url = base_url

    async def of(self, workspace: str) -> AsyncWebClient:
        """The client of a workspace.

        Raises:
            Refused: the app is not installed there.
        """
        token = await self._token_of(team_of(workspace))
        if token is None:
            raise Refused(say("The app is not installed in that workspace any longer."))
        return web_client(token, self._base_url)
