"""Slack as `crux run` drives it: Socket Mode or HTTP in front, the desk behind."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.chat.desk import Desk, Rhythm
from bot.chat.slack import events, views
from bot.chat.slack.asides import Asides
from bot.chat.slack.clients import PREFIX, Clients
from bot.chat.slack.forms import Forms
from bot.chat.slack.home import Home
from bot.chat.slack.intake import COMMANDS, Intake, failed
from bot.chat.slack.messenger import ChartOf, SlackMessenger
from bot.chat.slack.organisers import GroupOf, People, admins
from bot.chat.slack.posting import Mark
from bot.chat.slack.sockets import Sockets
from bot.chat.slack.surfaces import Place, deliver
from bot.chat.slack.tokens import Tokens
from bot.core.debate import Debate
from bot.core.inbox import Inbox, answer_post
from bot.core.messages import Message
from bot.core.outbox import ANSWER, Outbox
from bot.core.ports import Clock
from bot.core.requests import Request, Venue
from bot.errors import ConfigurationError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach Slack.

    Args:
        app_token: for Socket Mode; None serves HTTP.
        base_url: of the Web API, ending in a slash.
        sockets: how many are opened.
        streaming: whether answers in threads are streamed.
        ping_seconds: how often a socket is looked after.
    """

    tokens: Tokens
    app_token: str | None = None
    signing_secret: str | None = None
    base_url: str = "https://slack.com/api/"
    sockets: int = 1
    streaming: bool = True
    ping_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Core:
    """What the adapter needs of the application.

    Args:
        left, back: note that a workspace has removed the app, and that it has it (again).
        organiser_group: the user group that organises a workspace.
    """

    inbox: Inbox
    outbox: Outbox
    clock: Clock
    debate: Debate
    illustrate: Callable[[str, Message], Awaitable[Any]]
    chart_of: ChartOf
    left: Callable[[str], Awaitable[None]]
    back: Callable[[str], Awaitable[None]]
    organiser_group: GroupOf = admins


class SlackPlatform:
    """A `bot.serving.platforms.Platform`."""

    name = "slack"
    prefix = PREFIX

    def __init__(
        self, connection: Connection, core: Core, *, people: People | None = None, rhythm: Rhythm | None = None
    ) -> None:
        self._connection = connection
        people = people or People(core.organiser_group)
        self._clients = Clients(connection.tokens.of, connection.base_url)
        self._store, self._clock = core.debate.store, core.clock
        self.messenger = SlackMessenger(self._clients, people, core.chart_of, self._gone, core.debate.store)
        self.desk = Desk(core.inbox, core.outbox, core.clock, PREFIX, self._deliver, _directly, rhythm=rhythm)
        self._asides = Asides()
        self._intake = Intake(
            connection.tokens,
            self.desk,
            people,
            Home(core.debate, core.clock),
            Forms(core.debate),
            self._asides,
            core.clock,
            core.debate.languages,
            core.illustrate,
            core.left,
            core.back,
            self._gone,
            streaming=connection.streaming,
        )
        self._app = self._bolt()
        self._sockets = (
            None
            if connection.app_token is None
            else Sockets(self._app, connection.app_token, connection.base_url, connection.ping_seconds)
        )

    def routes(self) -> Sequence[web.RouteDef]:
        found = [] if self._sockets is not None else [web.post("/slack/events", self._over_http)]
        if self._installs:
            found += [web.get("/slack/install", self._on_install), web.get("/slack/oauth_redirect", self._on_installed)]
        return found

    async def start(self) -> None:
        for team in await self._connection.tokens.check(self._connection.base_url):
            log.info("Slack: serving workspace %s", team)
            await self._intake.is_here(team, None)
        if self._sockets is not None:
            await self._sockets.open(self._connection.sockets)
        elif self._connection.signing_secret is None:
            raise ConfigurationError(
                "Slack needs one more secret: set CRUX_SLACK_APP_TOKEN for Socket Mode, or "
                "CRUX_SLACK_SIGNING_SECRET for HTTP."
            )
        self.desk.start()

    def missing(self) -> str | None:
        return "no socket is connected" if self._sockets is not None and not self._sockets.connected else None

    async def stop(self, within: float) -> bool:
        if self._sockets is not None:
            await self._sockets.disconnect()
        ended, _ = await asyncio.gather(self.desk.stop(within), self._asides.end(within))
        if self._sockets is not None:
            await self._sockets.close()
        return ended

    def _bolt(self) -> AsyncApp:
        intake = self._intake
        tokens = self._connection.tokens.for_bolt(self._connection.base_url)
        # By the tokens, since Bolt would make an install page of its own of SLACK_CLIENT_ID in the environment.
        self._installs = "oauth_flow" in tokens
        app = AsyncApp(
            **tokens,
            signing_secret=self._connection.signing_secret or "",
            request_verification_enabled=self._connection.app_token is None,
            # Or Bolt would acknowledge an event before it is committed. What takes long goes on in the background.
            process_before_response=True,
            logger=logging.getLogger("slack_bolt"),
        )
        app.error(failed)
        for command in COMMANDS:
            app.command(command)(intake.on_command)
        app.event("app_mention")(intake.on_message)
        app.event("message")(intake.on_message)
        app.event("app_home_opened")(intake.on_home)
        app.event("app_uninstalled")(intake.on_left)
        app.event("tokens_revoked")(intake.on_left)
        app.event("user_change")(intake.on_member_changed)
        app.action(re.compile(r"^crux:"))(intake.on_press)
        for callback_id in events.SHORTCUTS:
            app.message_shortcut(callback_id)(intake.on_shortcut)
        app.message_shortcut(events.STAND_SHORTCUT)(intake.on_stand_shortcut)
        app.action(views.OPEN_SETTINGS)(intake.on_open_settings)
        app.view(views.POSITION)(intake.on_position)
        app.view(views.SETTINGS)(intake.on_settings)
        return app

    async def _gone(self, workspace: str, member: str) -> None:
        await self._store.member_gone(workspace, member, self._clock.now())

    async def _deliver(self, request: Request, message: Message) -> None:
        client = await self._clients.of(request.workspace)
        place = Place(request.workspace.removeprefix(PREFIX), request.channel, request.member, request.thread)
        await deliver(client, place, message, Mark(answer_post(request, message).nonce, ANSWER))

    async def _over_http(self, request: web.Request) -> web.Response:
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))

    async def _on_install(self, request: web.Request) -> web.Response:
        assert self._app.oauth_flow is not None
        return await to_aiohttp_response(await self._app.oauth_flow.handle_installation(await to_bolt_request(request)))

    async def _on_installed(self, request: web.Request) -> web.Response:
        assert self._app.oauth_flow is not None
        return await to_aiohttp_response(await self._app.oauth_flow.handle_callback(await to_bolt_request(request)))


def _directly(request: Request) -> Venue:
    """Where a member reads the bot alone: by their id the messenger opens their direct message with it.

    A thread in a direct message stays the place of what was written there. Commands, shortcuts and forms may come from
    one of two members with each other, in which the bot can't write.
    """
    if request.channel.startswith("D") and request.event_id.startswith("message:"):
        return Venue(request.workspace, request.channel, request.thread)
    return Venue(request.workspace, request.member)
