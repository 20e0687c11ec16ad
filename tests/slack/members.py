"""People at their keyboards: what they say, press and see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.slack import interactions, posting
from tests.slack.delivery import Delivery, Json
from tests.slack.hooks import answer
from tests.slack.hub import Hub, Shown
from tests.slack.interactions import NotPossible
from tests.slack.oauth import uninstall
from tests.slack.state import Channel, Message, Team, User, View
from tests.slack.web_api.calling import ApiError
from tests.slack.web_api.views import changed, checked, opened, view_json


@dataclass(frozen=True)
class Submitted:
    """What came of submitting a modal: the errors shown in it by block id, or the view that stands there now."""

    delivery: Delivery
    errors: dict[str, str] = field(default_factory=dict)
    view: View | None = None


@dataclass(eq=False)
class Member:
    """A user as a test drives them. Actions that need an answer wait until it is there, or given up."""

    hub: Hub
    user: User

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def team(self) -> Team:
        return self.hub.state.teams[self.user.team]

    @property
    def errors(self) -> list[Shown]:
        """What Slack itself told this member went wrong."""
        return [error for error in self.hub.errors if error.user == self.id]

    # Saying

    def _at(self, channel: Channel | str) -> Channel:
        """The channel, which a member of its workspace joins on the way if it is public."""
        found = self.hub.state.channels[channel] if isinstance(channel, str) else channel
        if self.user.deleted:
            raise NotPossible(f"{self.name} is deactivated")
        if self.id not in found.members:
            if found.kind != "channel" or found.team != self.user.team or self.user.guest:
                raise NotPossible(f"{self.name} is not in {found.name or found.id}")
            found.members.add(self.id)
        return found

    def _installed(self, channel: Channel) -> Team:
        """The workspace whose app a member uses here; strangers have the app only if their workspace has."""
        if self.team.bot is None:
            raise NotPossible(f"{self.name}'s workspace does not have the app")
        return self.team

    async def says(self, channel: Channel | str, text: str, thread_ts: str | None = None) -> Message:
        """Posts a message; `@name` in it mentions. Returns at once, with the events on their way."""
        there = self._at(channel)
        if there.archived:
            raise NotPossible(f"{there.name} is archived")
        if there.kind == "im" and not self.hub.app.messages_tab and self._is_bots(there):
            raise NotPossible("the app takes no messages")
        if thread_ts is not None:
            parent = self.hub.state.messages.get((there.id, thread_ts))
            if parent is None:
                raise NotPossible("there is no such thread")
            thread_ts = parent.thread_ts or parent.ts
        words = posting.typed(self.hub, text, there.team)
        ts = self.hub.state.new_ts()
        message = Message(there.id, ts, self.user.team, self.id, words, thread_ts=thread_ts)
        return posting.post(self.hub, message)

    def _is_bots(self, channel: Channel) -> bool:
        return self.team.bot is not None and self.team.bot.id in channel.members

    async def edits(self, message: Message, text: str) -> None:
        self._own(message)
        posting.edit(self.hub, message, text=posting.typed(self.hub, text, message.team), blocks=[])

    async def deletes(self, message: Message) -> None:
        self._own(message)
        posting.delete(self.hub, message)

    def _own(self, message: Message) -> None:
        if message.user != self.id and not (self.user.admin and message.ephemeral_to is None):
            raise NotPossible("not theirs")

    async def invites_bot(self, channel: Channel) -> None:
        bot = self.hub.state.bot_user(self.user.team)
        self._at(channel).members.add(bot.id)
        joined = {"type": "member_joined_channel", "user": bot.id, "channel": channel.id, "team": self.user.team}
        self.hub.emit(self.team, "member_joined_channel", {**joined, "inviter": self.id})

    async def removes_bot(self, channel: Channel) -> None:
        self._at(channel).members.discard(self.hub.state.bot_user(self.user.team).id)

    # Using the app

    async def command(self, channel: Channel | str, name: str, text: str = "", *, in_thread: bool = False) -> Delivery:
        """Runs a slash command, and waits for its acknowledgement; an answer that comes with it is posted."""
        there = self._at(channel)
        team = self._installed(there)
        known = self.hub.app.commands
        if in_thread:
            raise NotPossible(f"{name} is not supported in threads")
        if (known is not None and name not in known) or "commands" not in self.hub.granted(team):
            raise NotPossible(f"{name} is not a valid command")
        words = posting.typed(self.hub, text, there.team, command=name)
        body = interactions.command(self.hub, team, self.user, there, name, words)
        delivery = await self._await(self.hub.send("slash_commands", body), name)
        if delivery.response and (delivery.response.get("text") or delivery.response.get("blocks")):
            status, error = answer(self.hub, self._hook(body), delivery.response)
            if status != 200:
                self._shown(name, error)
        return delivery

    async def presses(self, where: Message | View, which: str, choice: object = None) -> Delivery:
        """Presses the button with this label or action id, or picks `choice` in a menu. Confirms what asks."""
        if isinstance(where, View):
            if not where.open:
                raise NotPossible("the view is closed")
            team, blocks = self.hub.state.teams[where.team], where.blocks
        else:
            there = self._at(where.channel)
            if where.deleted_at is not None or where.ephemeral_to not in {None, self.id}:
                raise NotPossible("the message is not there")
            team, blocks = self._presses_in(there, where), where.blocks
        action = interactions.find_action(self.hub, blocks, which, choice)
        body = interactions.press(self.hub, team, self.user, where, action)
        return await self._await(self.hub.send("interactive", body), which)

    def _presses_in(self, channel: Channel, message: Message) -> Team:
        """The installation that posted a message: its buttons work for everybody who sees them."""
        if message.app_id != self.hub.app.id:
            raise NotPossible("not the app's message")
        return self.hub.state.teams[message.team]

    async def shortcut(self, message: Message, callback_id: str) -> Delivery:
        """Uses a message shortcut, on anybody's message."""
        self._known_shortcut(callback_id)
        team = self._installed(self._at(message.channel))
        body = interactions.message_action(self.hub, team, self.user, message, callback_id)
        return await self._await(self.hub.send("interactive", body), callback_id)

    async def global_shortcut(self, callback_id: str) -> Delivery:
        self._known_shortcut(callback_id)
        body = interactions.shortcut(self.hub, self.team, self.user, callback_id)
        return await self._await(self.hub.send("interactive", body), callback_id)

    def _known_shortcut(self, callback_id: str) -> None:
        known = self.hub.app.shortcuts
        if (known is not None and callback_id not in known) or "commands" not in self.hub.granted(self.team):
            raise NotPossible(f"no shortcut {callback_id}")

    async def submits(self, view: View, values: Mapping[str, object] | None = None) -> Submitted:
        """Fills in a modal (by block id, action id or label), submits it, and does as the answer says."""
        if not view.open or view.user != self.id:
            raise NotPossible("the modal is not there")
        interactions.fill(view, values or {})
        team = self.hub.state.teams[view.team]
        body = interactions.submission(self.hub, team, self.user, view)
        delivery = await self._await(self.hub.send("interactive", body), view.id)
        if not delivery.acked:
            return Submitted(delivery, view=view)
        return self._after(view, delivery, delivery.response or {})

    def _after(self, view: View, delivery: Delivery, response: Json) -> Submitted:
        action = response.get("response_action")
        try:
            match action:
                case None:
                    view.open = False
                    return Submitted(delivery)
                case "clear":
                    for one in self.hub.state.views.values():
                        one.open = one.open and one.root != view.root
                    return Submitted(delivery)
                case "errors":
                    return Submitted(delivery, self._errors(view, response), view)
                case "update":
                    changed(self.hub, view, checked(self.hub, response.get("view"), "modal", besides=view))
                    return Submitted(delivery, view=view)
                case "push":
                    payload = checked(self.hub, response.get("view"), "modal")
                    return Submitted(delivery, view=opened(self.hub, view.team, self.id, payload, view))
        except ApiError as refused:
            self._shown(view.id, f"{refused.name} {refused.extra}")
            return Submitted(delivery, view=view)
        self._shown(view.id, f"unknown response_action {action!r}")
        return Submitted(delivery, view=view)

    def _errors(self, view: View, response: Json) -> dict[str, str]:
        errors: dict[str, str] = response.get("errors") or {}
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not errors or not set(errors) <= inputs:
            raise ApiError("errors for unknown blocks")
        return errors

    async def closes(self, view: View) -> Delivery | None:
        """Cancels a modal, or the topmost of a stack; the app hears of it if it asked to."""
        view.open = False
        if not view.payload.get("notify_on_close"):
            return None
        body = interactions.submission(self.hub, self.hub.state.teams[view.team], self.user, view, "view_closed")
        return await self._await(self.hub.send("interactive", body), view.id)

    async def _await(self, delivery: Delivery, what: str) -> Delivery:
        await delivery.done()
        if delivery.shown_error:
            self._shown(what, delivery.shown_error)
        return delivery

    def _shown(self, what: str, error: str) -> None:
        self.hub.errors.append(Shown(self.id, what, error, self.hub.clock.now()))

    def _hook(self, body: Json) -> Any:
        return self.hub.hooks[str(body["response_url"]).rpartition("/")[2]]

    # Places of the app

    async def opens_dm(self) -> Channel:
        """Opens the app's messages; fires app_home_opened with that tab."""
        return self._opens("messages")

    async def opens_home(self) -> View | None:
        """Opens the app's home; what stood there before the app hears of it, if anything."""
        self._opens("home")
        return self.home

    def _opens(self, tab: str) -> Channel:
        if self.user.deleted:
            raise NotPossible(f"{self.name} is deactivated")
        channel = self.hub.state.dm(self.user.team, self.hub.state.bot_user(self.user.team).id, self.id)
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": channel.id, "tab": tab}
        event["event_ts"] = self.hub.state.new_ts()
        if tab == "home" and self.home is not None:
            event["view"] = view_json(self.hub, self.home)
        self.hub.emit(self.team, "app_home_opened", event)
        return channel

    @property
    def home(self) -> View | None:
        return self.hub.state.homes.get((self.user.team, self.id))

    @property
    def modal(self) -> View | None:
        """The modal on top, if any is open."""
        views = [v for v in self.hub.state.views.values() if v.user == self.id and v.open and v.type == "modal"]
        return views[-1] if views else None

    # Seeing

    def sees(self, channel: Channel | str, thread_ts: str | None = None) -> list[Message]:
        """What this member sees in a channel, their ephemeral messages included; or in one thread."""
        found = self.hub.state.channels[channel] if isinstance(channel, str) else channel
        if found.kind != "channel" and self.id not in found.members:
            return []
        standing = self.hub.state.in_channel(found.id, ephemeral_to=self.id)
        return [m for m in standing if thread_ts is None or thread_ts in {m.ts, m.thread_ts}]

    def reads(self, channel: Channel | str, thread_ts: str | None = None) -> list[str]:
        """`sees`, as plain text."""
        return [message.seen.text for message in self.sees(channel, thread_ts)]

    # Coming and going

    async def deactivated(self) -> None:
        """An admin deactivates this member."""
        self.user.deleted = True
        change = {"type": "user_change", "user": {"id": self.id, "team_id": self.user.team, "deleted": True}}
        self.hub.emit(self.team, "user_change", {**change, "event_ts": self.hub.state.new_ts()})

    async def uninstalls(self) -> None:
        """Removes the app from the workspace."""
        if not self.user.admin:
            raise NotPossible("only admins remove apps")
        uninstall(self.hub, self.team)
