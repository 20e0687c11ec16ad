"""Socket Mode: the sockets by which Slack sends events to a process that it can't reach itself."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from aiohttp import ClientSession
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.chat.slack.clients import web_client
from bot.chat.slack.failures import FAILURES, error_of, reason_of
from bot.errors import ConfigurationError

CONNECT_SECONDS: Final = 90.0


class Sockets:
    """One or several, over which Slack spreads what it sends; slack_sdk opens one anew that is cut.

    Args:
        ping_seconds: how often a socket is looked after.
    """

    def __init__(self, app: AsyncApp, app_token: str, base_url: str, ping_seconds: float) -> None:
        self._app = app
        self._token = app_token
        self._base_url = base_url
        self._ping_seconds = ping_seconds
        self._handlers: list[AsyncSocketModeHandler] = []

    async def open(self, count: int) -> None:
        """Connect.

        Raises:
            ConfigurationError: Slack won't have it.
        """
        for _ in range(count):
            self._handlers.append(await self._opened())

    async def _opened(self) -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(self._app, self._token, ping_interval=self._ping_seconds)
        session = _OneTry(handler.client, handler.client.aiohttp_client_session)
        handler.client.aiohttp_client_session = cast("ClientSession", session)
        try:
            handler.client.wss_uri = await self._address()
            async with asyncio.timeout(CONNECT_SECONDS):
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except FAILURES as failure:
            await handler.client.close()  # type: ignore[no-untyped-call]
            raise ConfigurationError(
                f"Slack's Socket Mode can't be reached ({reason_of(failure)}); check CRUX_SLACK_APP_TOKEN, and that "
                "the app has Socket Mode switched on."
            ) from failure
        return handler

    async def _address(self) -> str | None:
        """Where a socket is opened; slack_sdk itself would ask for ever, whatever Slack says of the token.

        None where Slack wants a pause, which slack_sdk keeps.
        """
        try:
            opened = await web_client(None, self._base_url).apps_connections_open(app_token=self._token)
        except SlackApiError as failure:
            if error_of(failure) != "ratelimited":
                raise
            return None
        return str(opened["url"])

    @property
    def connected(self) -> bool:
        """Whether at least one is."""
        sockets = [handler.client.current_session for handler in self._handlers]
        return any(each is not None and not each.closed for each in sockets)

    async def disconnect(self) -> None:
        """Take no more events; what is not acknowledged yet another process gets."""
        for handler in self._handlers:
            # Nor on others in their place.
            handler.client.default_auto_reconnect_enabled = handler.client.auto_reconnect_enabled = False
            await handler.client.disconnect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """End what is left of them, once what came over them has been dealt with."""
        for handler in self._handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]


class _OneTry:
    """What slack_sdk opens sockets by. An address is good for one try, and it would try the same one for ever."""

    def __init__(self, client: SocketModeClient, session: ClientSession) -> None:
        self._client = client
        self._session = session

    @property
    def closed(self) -> bool:
        return self._session.closed

    async def ws_connect(self, address: str, **how: Any) -> Any:
        self._client.wss_uri = None
        return await self._session.ws_connect(address, **how)

    async def close(self) -> None:
        await self._session.close()
