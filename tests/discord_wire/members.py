"""Members as tests drive them: they can do what the Discord client would let them, else `Impossible` is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.discord_wire.component_limits import BUTTON, SELECT, SELECTS
from tests.discord_wire.errors import Impossible
from tests.discord_wire.filling import command_data, find, submission
from tests.discord_wire.payloads import message_json
from tests.discord_wire.permissions import bits
from tests.discord_wire.reading import read
from tests.discord_wire.state import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    PUBLIC_THREAD,
    THREADS,
    Channel,
    Guild,
    Interaction,
    Json,
    Message,
    User,
)

if TYPE_CHECKING:
    from tests.discord_wire.server import DiscordServer


class Member:
    """A user with hands and eyes. What they do returns at once, except for autocompletion, which waits for choices."""

    def __init__(self, server: DiscordServer, user: User, guild: Guild) -> None:
        self.server = server
        self.world = server.world
        self.user = user
        self.guild = guild

    @property
    def dm(self) -> Channel:
        """The DM with the bot."""
        return self.world.dm(self.user)

    async def may(self, *names: str) -> None:
        """Gets further permissions in the guild, by a role, such as manage_guild."""
        await self.world.grant(self.guild, self.user, *names)

    def _check(self, channel: Channel, *names: str) -> None:
        held = self.world.held(self.user, channel)
        if channel.deleted or (channel.guild is None and channel.recipient is not self.user):
            raise Impossible(f"{self.user.name} has no such channel")
        for name in ("view_channel", *names):
            if not held & bits(name):
                raise Impossible(f"{self.user.name} lacks {name} in #{channel.name}")

    # Commands.

    def commands(self, channel: Channel) -> list[Json]:
        """What the picker offers in a channel: a guild's own command hides that of everywhere with the same name."""
        guild = channel.guild
        places = [guild.id, None] if guild is not None and guild.present else [None]
        found: dict[tuple[int, str], Json] = {}
        for place in places:
            for command in self.world.commands.get(place, []):
                if self._offered(command, channel):
                    found.setdefault((command["type"], command["name"]), command)
        return list(found.values())

    def _offered(self, command: Json, channel: Channel) -> bool:
        guild, contexts = channel.guild, command.get("contexts")
        if contexts is not None and (0 if guild else 1) not in contexts:
            return False
        if contexts is None and guild is None and command.get("dm_permission") is False:
            return False
        if guild is None:
            return True
        if not guild.present:
            return 1 in (command.get("integration_types") or [0])
        wanted = command.get("default_member_permissions")
        held = self.world.held(self.user, channel)
        chosen = self.server.command_users.get(command["name"])
        if chosen is not None and not held & bits("administrator"):
            return self.user.id in chosen
        if wanted is None or held & bits("administrator"):
            return True
        return int(wanted) != 0 and held & int(wanted) == int(wanted)

    def _command(self, channel: Channel, name: str, kind: int) -> Json:
        self._check(channel, "use_application_commands")
        offered = self.commands(channel)
        for command in offered:
            if (command["type"], command["name"]) == (kind, name):
                return command
        names = [command["name"] for command in offered if command["type"] == kind]
        raise Impossible(f"{self.user.name} is offered no command {name!r}, but {names}")

    async def command(self, channel: Channel, name: str, /, **options: object) -> Interaction:
        """Sends a slash command; subcommands follow after spaces, options are by name."""
        head, *path = name.split()
        data = command_data(self._command(channel, head, 1), path, options)
        return await self.world.interact(self.world.new_interaction(COMMAND, self.user, channel, data))

    async def autocompletes(
        self, channel: Channel, name: str, option: str, typed: str, /, **filled: object
    ) -> list[Json]:
        """Types into an option and waits for the choices; none if the bot doesn't answer in time."""
        head, *path = name.split()
        data = command_data(self._command(channel, head, 1), path, {**filled, option: typed}, option)
        asked = await self.world.interact(self.world.new_interaction(AUTOCOMPLETE, self.user, channel, data))
        await self.server.until(lambda: asked.acknowledged or bool(asked.refusals), self.server.interactions.deadline)
        return asked.choices or []

    async def message_command(self, name: str, message: Message) -> Interaction:
        """Chooses a command from a message's context menu."""
        self._must_see(message)
        command = self._command(message.channel, name, 3)
        data: Json = {"id": command["id"], "name": name, "type": 3, "target_id": str(message.id)}
        data["resolved"] = {"messages": {str(message.id): message_json(message)}}
        return await self.world.interact(self.world.new_interaction(COMMAND, self.user, message.channel, data))

    # Components and modals.

    async def presses(self, message: Message, button: str) -> Interaction:
        """Presses a button by its label or custom id."""
        self._must_see(message)
        found = find(message, button, frozenset({BUTTON}))
        return await self._component(message, {"component_type": BUTTON, "custom_id": found["custom_id"]})

    async def presses_anyhow(self, message: Message, custom_id: str) -> Interaction:
        """Presses what the client may still show though it changed or went: a button of an older version."""
        return await self._component(message, {"component_type": BUTTON, "custom_id": custom_id})

    async def selects(self, message: Message, *values: str, select: str | None = None) -> Interaction:
        """Chooses values of a select of texts, by its custom id if there are several."""
        self._must_see(message)
        found = find(message, select, SELECTS)
        known = {option["value"] for option in found.get("options") or []}
        if found["type"] != SELECT or not known >= set(values):
            raise Impossible(f"{values} are not among {sorted(known)}")
        data = {"component_type": SELECT, "custom_id": found["custom_id"], "values": list(values)}
        return await self._component(message, data)

    async def _component(self, message: Message, data: Json) -> Interaction:
        made = self.world.new_interaction(COMPONENT, self.user, message.channel, data | {"id": 1}, message)
        return await self.world.interact(made)

    async def submits(self, shown: Interaction, values: Mapping[str, object]) -> Interaction:
        """Fills in and sends the modal that an interaction of this member was answered with."""
        if shown.modal is None or shown.user is not self.user:
            raise Impossible(f"{self.user.name} is shown no modal")
        data = submission(shown.modal, values)
        made = self.world.new_interaction(MODAL_SUBMIT, self.user, shown.channel, data, shown.source)
        return await self.world.interact(made)

    # Messages.

    async def says(
        self,
        channel: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        mentions_bot: bool = False,
        pings: bool = True,
    ) -> Message:
        """Writes a message; `mentions_bot` puts the bot's mention first, a reply pings unless told not to."""
        self._check(channel, "send_messages_in_threads" if channel.kind in THREADS else "send_messages")
        bot = self.world.bot
        text = f"<@{bot.id}> {text}" if mentions_bot else text
        named = bot if f"<@{bot.id}>" in text or f"<@!{bot.id}>" in text else None
        message = Message(self.world.new_id(), channel, self.user, text, at=self.world.clock.now())
        message.mentions = [named] if named else []
        if reply_to is not None:
            self._must_see(reply_to)
            message.kind, message.reply_to = 19, reply_to
            if pings and reply_to.author not in message.mentions:
                message.mentions.append(reply_to.author)
        if channel.archived:
            await self.world.set_thread(channel, archived=False)
        await self.world.posted(message)
        return message

    async def edits(self, message: Message, text: str) -> None:
        """Changes a message of one's own."""
        if message.author is not self.user:
            raise Impossible("only one's own messages can be edited")
        message.content, message.edited_at = text, self.world.clock.now()
        await self.world.changed(message)

    async def deletes(self, message: Message) -> None:
        """Deletes one's own message, or another's with manage_messages."""
        if message.author is not self.user:
            self._check(message.channel, "manage_messages")
        await self.world.delete_message(message)

    async def opens_thread(self, channel: Channel, name: str) -> Channel:
        """Opens a public thread, or a post where the channel is a forum."""
        self._check(channel, "create_public_threads")
        thread = Channel(self.world.new_id(), PUBLIC_THREAD, name, channel.guild, channel, owner=self.user)
        return await self.world.start_thread(thread)

    # Eyes.

    def seen(self, channel: Channel) -> list[Message]:
        """The messages that this member has before them, oldest first, with the ephemeral ones meant for them."""
        self._check(channel)
        every = sorted(channel.every.values(), key=lambda message: message.id)
        return [m for m in every if not m.deleted and m.only_for in {None, self.user}]

    def sees(self, channel: Channel) -> list[str]:
        """The same as text."""
        return [read(message) for message in self.seen(channel)]

    def _must_see(self, message: Message) -> None:
        if message not in self.seen(message.channel):
            raise Impossible(f"{self.user.name} doesn't see that message")

    async def waits_for(self, channel: Channel, matches: Callable[[str], bool], seconds: float = 3.0) -> Message:
        """The newest message whose text fits, once it is there."""
        await self.server.until(lambda: any(matches(text) for text in self.sees(channel)), seconds)
        return next(message for message in reversed(self.seen(channel)) if matches(read(message)))
