"""Slack as `crux run` drives it: Socket Mode or HTTP in front, the desk behind."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.desk import Desk, Rhythm
from bot.chat.slack import events, views
from bot.chat.slack.clients import PREFIX, Clients, web_client, workspace_of
from bot.chat.slack.events import Heard
from bot.chat.slack.failures import FAILURES, error_of, reason_of
from bot.chat.slack.home import Home
from bot.chat.slack.messenger import ChartOf, SlackMessenger
from bot.chat.slack.organisers import UNKNOWN, GroupOf, People, Person, admins
from bot.chat.slack.patience import within
from bot.chat.slack.posting import SHOWN, WORKING
from bot.chat.slack.surfaces import Illustrate, Place, SlackSurface, deliver
from bot.chat.slack.text import typed
from bot.chat.slack.tokens import Tokens
from bot.core.commands import Argue, ArgueView, Turn
from bot.core.debate import Debate
from bot.core.inbox import Inbox, reply_id
from bot.core.messages import Message
from bot.core.outbox import ANSWER, Outbox, Post, post_id
from bot.core.parsing import parse
from bot.core.ports import Clock
from bot.core.requests import Request, Venue
from bot.errors import BadInput, ConfigurationError, CruxError, StorageBusy, StorageError

log = logging.getLogger(__name__)

COMMANDS: Final = ("/steelman", "/counter", "/stand", "/crux")
TRY_AGAIN: Final = "I can't take that right now; try again in a moment."
ASK_SECONDS: Final = 0.7
"""How long Slack may take to tell about a thread, and about a member, before an event is taken in.

Slack waits three seconds for a sign. Twice this, `NOTE_SECONDS` and the desk's `RECEIVE_SECONDS` are less.
"""
CONNECT_SECONDS: Final = 90.0
NOTE_SECONDS: Final = 0.5
"""How long noting may take that a workspace has the app."""
NOTED_EVERY: Final = 300.0
"""Seconds after which it is noted anew: another process may have heard that the app was removed and installed again."""
Payload = dict[str, Any]


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
        self._core = core
        self._people = people or People(core.organiser_group)
        self._clients = Clients(connection.tokens.of, connection.base_url)
        self.messenger = SlackMessenger(self._clients, self._people, core.chart_of)
        self.desk = Desk(core.inbox, core.outbox, core.clock, PREFIX, self._deliver, rhythm=rhythm)
        self._home = Home(core.debate, core.clock)
        self._app = self._bolt()
        self._handlers: list[AsyncSocketModeHandler] = []
        self._here: dict[str, float] = {}
        """When it was noted, on the monotonic clock, that a team has the app."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads: dict[tuple[str, str], bool] = {}
        """Whether threads, by channel and ts, are ones that the bot opened with an answer."""

    # -- the process --------------------------------------------------------------------------------------------------

    def routes(self) -> Sequence[web.RouteDef]:
        found = [] if self._connection.app_token is not None else [web.post("/slack/events", self._over_http)]
        if self._app.oauth_flow is not None:
            found += [web.get("/slack/install", self._on_install), web.get("/slack/oauth_redirect", self._on_installed)]
        return found

    async def start(self) -> None:
        for team in await self._connection.tokens.check(self._connection.base_url):
            log.info("Slack: serving workspace %s", team)
            await self._is_here(team, None)
        if self._connection.app_token is not None:
            for _ in range(self._connection.sockets):
                self._handlers.append(await self._socket(self._connection.app_token))
        elif self._connection.signing_secret is None:
            raise ConfigurationError(
                "Slack needs one more secret: set CRUX_SLACK_APP_TOKEN for Socket Mode, or "
                "CRUX_SLACK_SIGNING_SECRET for HTTP."
            )
        self.desk.start()

    async def _socket(self, app_token: str) -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(self._app, app_token, ping_interval=self._connection.ping_seconds)
        try:
            handler.client.wss_uri = await self._socket_address(app_token)
            async with asyncio.timeout(CONNECT_SECONDS):
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except FAILURES as failure:
            await handler.client.close()  # type: ignore[no-untyped-call]
            raise ConfigurationError(
                f"Slack's Socket Mode can't be reached ({reason_of(failure)}); check CRUX_SLACK_APP_TOKEN, and that "
                "the app has Socket Mode switched on."
            ) from failure
        return handler

    async def _socket_address(self, app_token: str) -> str | None:
        """Where a socket is opened; slack_sdk itself would ask for ever, whatever Slack says of the token.

        None where Slack wants a pause, which slack_sdk keeps.
        """
        try:
            opened = await web_client(None, self._connection.base_url).apps_connections_open(app_token=app_token)
        except SlackApiError as failure:
            if error_of(failure) != "ratelimited":
                raise
            return None
        return str(opened["url"])

    def missing(self) -> str | None:
        if self._connection.app_token is None:
            return None
        sockets = [handler.client.current_session for handler in self._handlers]
        return None if any(each is not None and not each.closed for each in sockets) else "no socket is connected"

    async def stop(self, within: float) -> bool:
        for handler in self._handlers:
            # No more events on these, nor on others in their place; what is not acknowledged yet another process gets.
            handler.client.default_auto_reconnect_enabled = handler.client.auto_reconnect_enabled = False
            await handler.client.disconnect()  # type: ignore[no-untyped-call]
        ended, _ = await asyncio.gather(self.desk.stop(within), self._end_asides(within))
        for handler in self._handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]
        return ended

    async def _end_asides(self, within: float) -> None:
        """Let end what nobody waits for, as a Home tab that is being shown."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=within)
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _over_http(self, request: web.Request) -> web.Response:
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))

    async def _on_install(self, request: web.Request) -> web.Response:
        assert self._app.oauth_flow is not None
        return await to_aiohttp_response(await self._app.oauth_flow.handle_installation(await to_bolt_request(request)))

    async def _on_installed(self, request: web.Request) -> web.Response:
        assert self._app.oauth_flow is not None
        return await to_aiohttp_response(await self._app.oauth_flow.handle_callback(await to_bolt_request(request)))

    async def _is_here(self, team: str, enterprise: str | None) -> None:
        """Note, once in a while, that a workspace has the app."""
        noted, now = self._here.get(team), time.monotonic()
        if noted is not None and now - noted < NOTED_EVERY:
            return
        try:
            await within(NOTE_SECONDS, self._note(team, enterprise))
        except TimeoutError:
            raise StorageBusy from None
        self._here[team] = now

    async def _note(self, team: str, enterprise: str | None) -> None:
        await self._connection.tokens.seen(team, enterprise)
        await self._core.back(workspace_of(team))

    # -- taking in ----------------------------------------------------------------------------------------------------

    def _bolt(self) -> AsyncApp:
        app = AsyncApp(
            **self._connection.tokens.for_bolt(self._connection.base_url),
            signing_secret=self._connection.signing_secret,
            request_verification_enabled=self._connection.app_token is None,
            # Or Bolt would acknowledge an event before it is committed. What takes long goes on in the background.
            process_before_response=True,
            logger=logging.getLogger("slack_bolt"),
        )
        app.error(_failed)
        for command in COMMANDS:
            app.command(command)(self._on_command)
        app.event("app_mention")(self._on_message)
        app.event("message")(self._on_message)
        app.event("app_home_opened")(self._on_home)
        app.event("app_uninstalled")(self._on_left)
        app.event("tokens_revoked")(self._on_left)
        app.action(re.compile(r"^crux:"))(self._on_press)
        for callback_id in events.SHORTCUTS:
            app.message_shortcut(callback_id)(self._on_shortcut)
        app.message_shortcut(events.STAND_SHORTCUT)(self._on_stand_shortcut)
        app.view(views.POSITION)(self._on_submitted)
        return app

    async def _on_command(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        heard = events.command(body, self._core.clock.now())
        if heard.request.text == "/stand":
            await ack()
            self._aside(self._open_position(client, body["trigger_id"], heard.place, None))
            return
        try:
            await self._take(heard, client, body)
        except StorageError:
            await ack(TRY_AGAIN)
            return
        await ack()

    async def _on_message(
        self, body: Payload, ack: AsyncAck, client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        event, bot = body["event"], context.bot_user_id or ""
        heard = events.message(event, events.team_of(body), bot, self._core.clock.now())
        if heard is None:
            own = events.in_own_thread(event, events.team_of(body), bot, self._core.clock.now())
            if own is not None and await self._is_ours(client, own.place, bot):
                heard = own
        if heard is not None:
            await self._take(
                heard, client, body
            )  # a StorageError leaves it unacknowledged, so that Slack sends it again
        await ack()

    async def _on_press(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        heard = events.press(body, self._core.clock.now())
        if heard is None:
            await ack()
            return
        try:
            await self._take(heard, client, body)
        except StorageError:
            await ack()
            self._aside(self._say(heard.place, client, TRY_AGAIN))
            return
        await ack()

    async def _on_shortcut(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        heard = events.shortcut(body, self._core.clock.now())
        try:
            await self._take(heard, client, body)
        except StorageError:
            await ack()
            self._aside(self._say(heard.place, client, TRY_AGAIN))
            return
        await ack()

    async def _on_stand_shortcut(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        message = body.get("message") or {}
        thread = str(message.get("thread_ts") or body["message_ts"])
        place = Place(
            events.team_of(body), body["channel"]["id"], body["user"]["id"], thread, hook=body.get("response_url")
        )
        said = typed(str(message.get("text") or ""))
        self._aside(self._open_position(client, body["trigger_id"], place, said))

    async def _on_submitted(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        filled = views.filled(body["view"])
        if filled.errors is not None:
            await ack(response_action="errors", errors=dict(filled.errors))
            return
        channel = filled.channel or body["user"]["id"]
        heard = events.submitted(body, channel, filled.text, self._core.clock.now(), filled.thread)
        try:
            await self._take(heard, client, body)
        except StorageError:
            await ack(response_action="errors", errors={"claim": TRY_AGAIN})
            return
        await ack()

    async def _on_home(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        event = body["event"]
        if event.get("tab") == "messages":
            self._aside(self._home.suggest(client, event["channel"]))
        else:
            self._aside(self._show_home(body, client))

    async def _show_home(self, body: Payload, client: AsyncWebClient) -> None:
        event = body["event"]
        person = await self._person(client, body, event["user"])
        request = Request(
            workspace_of(events.team_of(body)),
            event["user"],
            event["user"],
            "/crux me",
            f"home:{event.get('event_ts', '')}",
            self._core.clock.now(),
            member_name=person.name,
            organiser=person.organiser,
        )
        await self._home.publish(client, request)

    async def _on_left(self, body: Payload, ack: AsyncAck) -> None:
        if body["event"]["type"] == "tokens_revoked" and not (body["event"].get("tokens") or {}).get("bot"):
            await ack()
            return
        for team in await self._connection.tokens.gone(events.team_of(body), events.organisation(body)):
            await self._core.left(workspace_of(team))
            self._here.pop(team, None)
        await ack()

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that no acknowledgement waits for."""
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, heard: Heard, client: AsyncWebClient, body: Payload) -> None:
        """Commit what was heard, and answer it in the background.

        Raises:
            StorageError: it is not committed.
        """
        await self._is_here(heard.place.team, events.organisation(body))
        person = await self._person(client, body, heard.request.member)
        if person.bot:
            return
        heard = events.known(heard, person.name, organiser=person.organiser, stranger=person.stranger)
        if await self.desk.receive(heard.request):
            self.desk.answer(heard.request, self._surface(client, heard))

    async def _person(self, client: AsyncWebClient, body: Payload, member: str) -> Person:
        """What is known of a member; whether they are a stranger, where Slack doesn't tell, as the event has it."""
        team, person = events.team_of(body), UNKNOWN
        try:
            enterprise = events.enterprise_of(body)
            asked = self._people.person(client, workspace_of(team), team, member, enterprise)
            person = await within(ASK_SECONDS, asked)
        except TimeoutError:
            log.warning("Slack doesn't tell about a member of %s in time", workspace_of(team))
        return replace(person, stranger=events.from_elsewhere(body)) if person is UNKNOWN else person

    async def _is_ours(self, client: AsyncWebClient, place: Place, bot: str) -> bool:
        """Whether a thread hangs below an answer of the bot's. Under prompts and digests the group is by itself."""
        key = (place.channel, place.thread or "")
        if key not in self._threads:
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    page = await client.conversations_replies(
                        channel=place.channel, ts=key[1], limit=1, include_all_metadata=True
                    )
            except FAILURES:
                return False
            root: Payload = next(iter(page.get("messages") or []), {})
            metadata = root.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if len(self._threads) > 10_000:
                self._threads.clear()
            own = root.get("user") == bot and metadata.get("event_type") in (SHOWN, WORKING)
            self._threads[key] = own and payload.get("kind") == ANSWER
        return self._threads[key]

    # -- answering ----------------------------------------------------------------------------------------------------

    def _surface(self, client: AsyncWebClient, heard: Heard) -> SlackSurface:
        request = heard.request
        shown = Post(request.workspace, post_id(reply_id(request), 0), "", ANSWER, Message(), request.received_at)
        return SlackSurface(
            client,
            heard.place,
            shown.nonce,
            self._illustrates(request.workspace),
            private=_for_oneself(request.text) and not heard.place.direct,
            stream=self._connection.streaming,
        )

    def _illustrates(self, workspace: str) -> Illustrate:
        async def illustrate(message: Message) -> Any:
            return await self._core.illustrate(workspace, message)

        return illustrate

    async def _deliver(self, request: Request, message: Message) -> None:
        client = await self._clients.of(request.workspace)
        place = Place(request.workspace.removeprefix(PREFIX), request.channel, request.member, request.thread)
        await deliver(client, place, message)

    async def _say(self, place: Place, client: AsyncWebClient, text: str) -> None:
        try:
            await client.chat_postEphemeral(channel=place.channel, user=place.member, text=text, thread_ts=place.thread)
        except FAILURES as failure:
            log.info("a member could not be told (%s)", reason_of(failure))

    async def _open_position(self, client: AsyncWebClient, trigger: str, place: Place, text: str | None) -> None:
        """Open the modal for a position, on the claim that a text is about where there is one."""
        workspace, choosing = workspace_of(place.team), self._core.debate.choosing
        try:
            venue = Venue(workspace, place.channel, place.thread)
            topic = await choosing.topic(venue)
            near = await choosing.claims(venue, text, views.MOST_CLAIMS) if text else []
        except CruxError as error:
            log.warning("a modal could not be opened: workspace=%s (%s)", workspace, type(error).__name__)
            await self._say(place, client, error.message if isinstance(error, BadInput) else TRY_AGAIN)
            return
        everything = [*near, *(each for each in (topic.thesis, *topic.arguments) if each not in near)]
        chosen = near[0].id if near else None
        view = views.position(everything, chosen, place.channel, place.thread, topic=topic.question)
        try:
            await client.views_open(trigger_id=trigger, view=view)
        except FAILURES as failure:
            log.info("a modal could not be opened (%s)", reason_of(failure))
            await self._say(place, client, "That took too long; try again, or type `/stand MI-04 agree because …`.")


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except CruxError as error:
        log.warning("something beside an answer could not be done: %s", type(error).__name__)
    except Exception:  # the last line of defence: nobody waits for it
        log.exception("something beside an answer could not be done")


async def _failed(error: Exception, body: Payload) -> BoltResponse | None:
    """What an event met that is not acknowledged, and comes again. A command does not: its member is told."""
    if isinstance(error, StorageError):
        log.warning("an event is not taken in, and will come again: %s", error.message)
    else:
        log.error("an event could not be taken in", exc_info=error)
    return BoltResponse(status=200, body=TRY_AGAIN) if "command" in body else None


def _for_oneself(text: str) -> bool:
    """Whether an answer is known to be for its member alone before it is written."""
    try:
        command = parse(text)
    except BadInput:
        return True
    return isinstance(command, Argue | ArgueView | Turn) and command.private
