"""The assembled Slack: one aiohttp server on 127.0.0.1, and the handles that tests hold it by."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

from aiohttp import web
from yarl import URL

from tests.slack.delivery import Delivery
from tests.slack.hooks import respond
from tests.slack.http_delivery import HttpDelivery
from tests.slack.hub import Hub
from tests.slack.members import Member
from tests.slack.oauth import Consent, OAuth, uninstall
from tests.slack.sockets import Sockets
from tests.slack.state import Call, Channel, Message, Team, Token, User
from tests.slack.web_api.calling import METHODS
from tests.slack.web_api.endpoint import Endpoint, broken, drop
from tests.slack.web_api.files import uploaded


@dataclass
class SlackServer(Hub):
    """An async context manager. It starts with one workspace, `home`, with the app in it, and Socket Mode.

    `api_url` is the base_url of AsyncWebClient.
    """

    installed: bool = True
    """Whether `home` has the app from the start."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sockets = Sockets(self)
        self.http: HttpDelivery | None = None
        self.oauth = OAuth(self)
        self.endpoint = Endpoint(self, self.oauth, self.sockets.url)
        self.home = self.team("Readers", installed=self.installed)
        app = Token(self.app.app_token, "app", None, "", frozenset({"connections:write"}))
        self.state.tokens[app.value] = app

    async def __aenter__(self) -> SlackServer:
        routes = web.Application(client_max_size=64 * 1024**2)
        routes.router.add_route("*", "/api/{method}", self.endpoint.handle)
        routes.router.add_get("/link/", self.sockets.connect)
        routes.router.add_post("/actions/{hook}", self._respond)
        routes.router.add_post("/upload/v1/{file}", self._upload)
        routes.router.add_get("/oauth/v2/authorize", self._authorize)
        self._runner = web.AppRunner(routes, shutdown_timeout=0.5, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}"
        self.carrier = self.carrier or self.sockets
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cancel_tasks()
        self.faults.released.set()
        await self.sockets.close()
        if self.http is not None:
            await self.http.close()
        await self._runner.cleanup()
        if error is None and self.crashes:
            raise ExceptionGroup("The small Slack itself failed", [c for c in self.crashes if isinstance(c, Exception)])

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/"

    @property
    def authorize_url(self) -> str:
        return f"{self.base_url}/oauth/v2/authorize"

    @property
    def bot_token(self) -> str:
        """Of the `home` workspace."""
        return self.home.bot_token

    def uses_http(self, url: str) -> HttpDelivery:
        """Delivers everything to this request URL from now on, in place of sockets."""
        self.http = HttpDelivery(self, url)
        self.carrier = self.http
        return self.http

    # The world

    def team(self, name: str, *, enterprise: str | None = None, installed: bool = True) -> Team:
        """Another workspace."""
        team = Team(self.state.new_id("T"), name, name.lower().replace(" ", "-"), enterprise)
        self.state.teams[team.id] = team
        if installed:
            self.install(team)
        return team

    def channel(
        self,
        name: str,
        *members: Member,
        private: bool = False,
        bot: bool = True,
        team: Team | None = None,
        shared_with: tuple[Team, ...] = (),
    ) -> Channel:
        """A channel with these members, and the bot unless told otherwise."""
        team = team or self.home
        kind: Literal["group", "channel"] = "group" if private else "channel"
        channel = Channel(self.state.new_id("C"), team.id, name, kind, {member.id for member in members})
        channel.shared_with = {other.id for other in shared_with}
        if bot:
            channel.members |= {one.bot.id for one in (team, *shared_with) if one.bot is not None}
        self.state.channels[channel.id] = channel
        return channel

    def member(
        self,
        name: str,
        *,
        admin: bool = False,
        owner: bool = False,
        guest: Literal["", "multi", "single"] = "",
        bot: bool = False,
        team: Team | None = None,
        tz: str = "Europe/London",
        locale: str = "en-GB",
    ) -> Member:
        """The member of this name, made at first mention. Of another `team`: a stranger, in shared channels."""
        team = team or self.home
        user = self.user_named(name, team.id)
        if user is None:
            user = User(self.state.new_id("U"), team.id, name, admin, owner, bot, guest, tz=tz, locale=locale)
            self.state.users[user.id] = user
        return Member(self, user)

    def group(self, handle: str, *members: Member, team: Team | None = None) -> str:
        """The id of a new user group."""
        number = self.state.new_id("S")
        (team or self.home).groups[number] = [member.id for member in members]
        return number

    def archive(self, channel: Channel) -> None:
        channel.archived = True
        for team in self.teams_of(channel):
            event = {"type": "channel_archive", "channel": channel.id, "event_ts": self.state.new_ts()}
            self.emit(team, "channel_archive", event)

    def delete_channel(self, channel: Channel) -> None:
        channel.deleted = True
        for team in self.teams_of(channel):
            event = {"type": "channel_deleted", "channel": channel.id, "event_ts": self.state.new_ts()}
            self.emit(team, "channel_deleted", event)

    def consents(self, member: Member, *, whole_organisation: bool = False, denied: bool = False) -> None:
        """Who is at the consent screen from now on, and what they answer."""
        self.oauth.consent = Consent(member.user.team, member.id, whole_organisation, denied)

    def uninstall(self, team: Team) -> None:
        uninstall(self, team)

    # What happened

    def calls(self, method: str | None = None) -> list[Call]:
        return [call for call in self.state.calls if method is None or call.method == method]

    def messages(self, channel: Channel | str | None = None) -> list[Message]:
        """All messages, deleted and ephemeral ones too, oldest first."""
        name = channel.id if isinstance(channel, Channel) else channel
        found = [message for message in self.state.messages.values() if name in {None, message.channel}]
        return sorted(found, key=lambda message: message.ts)

    def posts(self, channel: Channel | str | None = None) -> list[Message]:
        """The bot's messages that still stand, ephemeral ones too."""
        return [m for m in self.messages(channel) if m.app_id == self.app.id and m.deleted_at is None]

    def events(self, kind: str | None = None) -> list[Delivery]:
        """Deliveries of events, of one type if named."""
        return [d for d in self.deliveries if d.is_event and kind in {None, d.event["type"]}]

    def scopes_used(self) -> frozenset[str]:
        """The scopes without which something that happened so far would not have: to hold a manifest against."""
        used = {scope for call in self.state.calls if call.ok for scope in call.scopes}
        for delivery in self.deliveries:
            used.add(delivery.scope if delivery.is_event else "commands" if delivery.needs_commands else "")
        return frozenset(used - {""})

    @property
    def ack_seconds(self) -> list[float]:
        """How long each acknowledgement took, first attempts and later ones."""
        attempts = [attempt for delivery in self.deliveries for attempt in delivery.attempts]
        return [attempt.seconds for attempt in attempts if attempt.seconds is not None]

    async def until(self, holds: Callable[[], object], seconds: float = 15.0) -> None:
        """Waits until something holds; TimeoutError with the last calls if it does not."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():  # noqa: ASYNC110  (what holds is the test's affair, and fires no event)
                    await asyncio.sleep(0.005)
        except TimeoutError:
            last = [f"{call.method} {call.error or 'ok'}" for call in self.state.calls[-8:]]
            raise TimeoutError(f"Not within {seconds} s. Last calls: {last}. Errors shown: {self.errors}") from None

    async def settled(self, seconds: float = 15.0) -> None:
        """Waits until every delivery so far is acknowledged or given up."""
        await self.until(lambda: all(delivery.outcome != "waiting" for delivery in self.deliveries), seconds)

    # Routes beside the Web API

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.take("response_url")
        if fault is not None and (answer := await broken(request, self.faults, fault)) is not None:
            return answer
        try:
            body = json.loads(await request.text())
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        call = Call("response_url", body, None, self.clock.now())
        self.state.calls.append(call)
        call.status, said = respond(self, request.match_info["hook"], body)
        call.error = None if isinstance(said, str) else str(said["error"])
        if fault is not None and fault.kind == "dropped_after":
            return drop(request)
        if isinstance(said, str):
            return web.Response(status=call.status, text=said)
        return web.json_response(said, status=call.status)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.take("upload")
        if fault is not None and (answer := await broken(request, self.faults, fault)) is not None:
            return answer
        status, said = uploaded(self.state.files.get(request.match_info["file"]), await request.read())
        return drop(request) if fault and fault.kind == "dropped_after" else web.Response(status=status, text=said)

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        status, said = self.oauth.authorize(request.query)
        if status != 302:
            return web.Response(status=status, text=said)
        with contextlib.suppress(ValueError):
            raise web.HTTPFound(URL(said, encoded=True))
        return web.Response(status=400)


METHOD_NAMES = frozenset(METHODS) | {"oauth.v2.access", "apps.connections.open"}
"""What the Web API here knows."""
