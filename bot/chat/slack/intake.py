"""Takes in what Slack sends: commits it, acknowledges it, and has it answered in the background."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from slack_bolt.async_app import AsyncAck, AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.desk import Desk
from bot.chat.slack import events, views
from bot.chat.slack.asides import Asides
from bot.chat.slack.clients import workspace_of
from bot.chat.slack.events import Heard
from bot.chat.slack.failures import FAILURES
from bot.chat.slack.forms import Forms
from bot.chat.slack.home import Home
from bot.chat.slack.notices import TRY_AGAIN, tell
from bot.chat.slack.organisers import UNKNOWN, People, Person
from bot.chat.slack.patience import within
from bot.chat.slack.posting import SHOWN, WORKING, Mark
from bot.chat.slack.surfaces import Illustrate, Place, SlackSurface
from bot.chat.slack.text import typed
from bot.chat.slack.tokens import Tokens
from bot.core.inbox import answer_post
from bot.core.language import Languages, say, speak
from bot.core.messages import Message
from bot.core.outbox import ANSWER
from bot.core.parsing import answers_privately, parse
from bot.core.ports import Clock
from bot.core.requests import Request
from bot.errors import BadInput, StorageBusy, StorageError

log = logging.getLogger(__name__)

COMMANDS: Final = ("/steelman", "/counter", "/stand", "/crux")
ASK_SECONDS: Final = 0.7
"""How long Slack may take to tell about a thread, and about a member, before an event is taken in.

Slack waits three seconds for a sign. Twice this, `NOTE_SECONDS` and the desk's `RECEIVE_SECONDS` are less.
"""
NOTE_SECONDS: Final = 0.5
"""How long noting may take that a workspace has the app."""
NOTED_EVERY: Final = 300.0
"""Seconds after which it is noted anew: another process may have heard that the app was removed and installed again."""
Payload = dict[str, Any]


@dataclass
class Intake:
    """One method for each thing that Slack sends.

    Args:
        left, back: note that a workspace has removed the app, and that it has it (again).
        gone: note that a workspace has a member no longer.
        streaming: whether answers in threads are streamed.
    """

    tokens: Tokens
    desk: Desk
    people: People
    home: Home
    forms: Forms
    asides: Asides
    clock: Clock
    languages: Languages
    illustrate: Callable[[str, Message], Awaitable[Any]]
    left: Callable[[str], Awaitable[None]]
    back: Callable[[str], Awaitable[None]]
    gone: Callable[[str, str], Awaitable[None]]
    streaming: bool = True
    _here: dict[str, float] = field(default_factory=dict)
    """When it was noted, on the monotonic clock, that a team has the app."""
    _threads: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Whether threads, by channel and ts, are ones that the bot opened with an answer."""

    # -- what members type, press and open ----------------------------------------------------------------------------

    async def on_command(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        heard = events.command(body, self.clock.now())
        if heard.request.text == "/stand":
            await ack()
            self.asides.run(self.forms.position(client, body["trigger_id"], heard.place, None))
            return
        try:
            await self._take(heard, client, body)
        except StorageError:
            await ack(self._try_again())
            return
        await ack()

    async def on_message(self, body: Payload, ack: AsyncAck, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        event, bot = body["event"], context.bot_user_id or ""
        heard = events.message(event, events.team_of(body), bot, self.clock.now())
        if heard is None:
            own = events.in_own_thread(event, events.team_of(body), bot, self.clock.now())
            if own is not None and await self._is_ours(client, own.place, bot):
                heard = own
        if heard is not None:
            # A StorageError leaves it unacknowledged, so that Slack sends it again.
            await self._take(heard, client, body)
        await ack()

    async def on_press(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        heard = events.press(body, self.clock.now())
        if heard is not None:
            await self._take_or_tell(heard, client, body)
        await ack()

    async def on_open_settings(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        member = body["user"]["id"]
        place = Place(events.team_of(body), member, member, direct=True)
        self.asides.run(self.forms.settings(client, body["trigger_id"], place))

    async def on_settings(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The workspace's settings, each as the command that it stands for."""
        commands = views.set_by(body["view"])
        await self.languages.speak_if_told(workspace_of(events.team_of(body)), body["user"]["id"])
        errors = {}
        for name, text in commands.items():
            try:
                parse(text)
            except BadInput as error:
                errors[name] = error.message
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        try:
            for name, text in commands.items():
                await self._take(events.set_at_home(body, name, text, self.clock.now()), client, body)
        except StorageError:
            await ack(response_action="errors", errors={next(iter(commands)): self._try_again()})
            return
        await ack()

    async def on_shortcut(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        await self._take_or_tell(events.shortcut(body, self.clock.now()), client, body)
        await ack()

    async def on_stand_shortcut(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        message = body.get("message") or {}
        thread = str(message.get("thread_ts") or body["message_ts"])
        place = Place(
            events.team_of(body), body["channel"]["id"], body["user"]["id"], thread, hook=body.get("response_url")
        )
        said = typed(str(message.get("text") or ""))
        self.asides.run(self.forms.position(client, body["trigger_id"], place, said))

    async def on_position(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        filled = views.filled(body["view"])
        if filled.errors is not None:
            await ack(response_action="errors", errors=dict(filled.errors))
            return
        channel = filled.channel or body["user"]["id"]
        heard = events.submitted(body, channel, filled.text, self.clock.now(), filled.thread)
        try:
            await self._take(heard, client, body)
        except StorageError:
            await ack(response_action="errors", errors={"claim": self._try_again()})
            return
        await ack()

    async def on_home(self, body: Payload, ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        event = body["event"]
        if event.get("tab") == "messages":
            self.asides.run(self.home.suggest(client, workspace_of(events.team_of(body)), event["channel"]))
        else:
            self.asides.run(self._show_home(body, client, event["user"]))

    async def _show_home(self, body: Payload, client: AsyncWebClient, member: str) -> None:
        person = await self._person(client, body, member)
        now = self.clock.now()
        request = Request(
            workspace_of(events.team_of(body)),
            member,
            member,
            "/crux me",
            f"home:{member}:{now.timestamp()}",
            now,
            member_name=person.name,
            organiser=person.organiser,
            stranger=person.stranger,
        )
        await self.home.publish(client, request)

    # -- installed and removed ----------------------------------------------------------------------------------------

    async def is_here(self, team: str, enterprise: str | None) -> None:
        """Note, once in a while, that a workspace has the app.

        Raises:
            StorageError: it is not noted.
        """
        noted, now = self._here.get(team), time.monotonic()
        if noted is not None and now - noted < NOTED_EVERY:
            return
        try:
            await within(NOTE_SECONDS, self._note(team, enterprise))
        except TimeoutError:
            raise StorageBusy from None
        self._here[team] = now

    async def _note(self, team: str, enterprise: str | None) -> None:
        await self.tokens.seen(team, enterprise)
        await self.back(workspace_of(team))

    async def on_left(self, body: Payload, ack: AsyncAck) -> None:
        if body["event"]["type"] == "tokens_revoked" and not (body["event"].get("tokens") or {}).get("bot"):
            await ack()
            return
        for team in await self.tokens.gone(events.team_of(body), events.organisation(body)):
            await self.left(workspace_of(team))
            self._here.pop(team, None)
        await ack()

    async def on_member_changed(self, body: Payload, ack: AsyncAck) -> None:
        """Slack tells of every change of an account, as of a status; of those, only that it is deactivated counts."""
        member = events.deactivated(body)
        if member is not None:
            workspace = workspace_of(events.team_of(body))
            self.people.forget(workspace, member)
            await self.gone(workspace, member)  # a StorageError leaves it unacknowledged, so that it comes again
        await ack()

    # -- taking in ----------------------------------------------------------------------------------------------------

    async def _take(self, heard: Heard, client: AsyncWebClient, body: Payload) -> None:
        """Commit what was heard, and answer it in the background.

        Raises:
            StorageError: it is not committed.
        """
        await self.is_here(heard.place.team, events.organisation(body))
        person = await self._person(client, body, heard.request.member)
        if person.bot:
            return
        heard = events.known(heard, person.name, organiser=person.organiser, stranger=person.stranger)
        if await self.desk.receive(heard.request):
            self.desk.answer(heard.request, self._surface(client, heard, body))

    async def _take_or_tell(self, heard: Heard, client: AsyncWebClient, body: Payload) -> None:
        """As `_take`, for what Slack doesn't send again: its member is told to try again."""
        try:
            await self._take(heard, client, body)
        except StorageError:
            self.asides.run(tell(client, heard.place, self._try_again()))

    def _try_again(self) -> str:
        """Without a database nobody knows which language the channel has chosen."""
        speak(self.languages.chosen(None))
        return say(TRY_AGAIN)

    async def _person(self, client: AsyncWebClient, body: Payload, member: str) -> Person:
        """What is known of a member; whether they are a stranger, where Slack doesn't tell, as the event has it."""
        team, person = events.team_of(body), UNKNOWN
        try:
            enterprise = events.enterprise_of(body)
            asked = self.people.person(client, workspace_of(team), team, member, enterprise)
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

    def _surface(self, client: AsyncWebClient, heard: Heard, body: Payload) -> SlackSurface:
        request = heard.request

        def shown() -> None:
            if heard.place.at_home:  # which shows positions, topics and settings
                self.asides.run(self._show_home(body, client, request.member))

        return SlackSurface(
            client,
            heard.place,
            Mark(answer_post(request, Message()).nonce, ANSWER),
            self._illustrates(request.workspace),
            private=answers_privately(request.text) and not heard.place.direct,
            stream=self.streaming,
            shown=shown,
            begun=partial(self.desk.begun, request),
        )

    def _illustrates(self, workspace: str) -> Illustrate:
        async def illustrate(message: Message) -> Any:
            return await self.illustrate(workspace, message)

        return illustrate


async def failed(error: Exception, body: Payload) -> BoltResponse | None:
    """What an event met that is not acknowledged, and comes again. A command does not: its member is told."""
    if isinstance(error, StorageError):
        log.warning("an event is not taken in, and will come again: %s", error.message)
    else:
        log.error("an event could not be taken in", exc_info=error)
    return BoltResponse(status=200, body=say(TRY_AGAIN)) if "command" in body else None
