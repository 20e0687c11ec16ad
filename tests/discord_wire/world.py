"""The simulated Discord without its wire: what exists, what happens, and who is told."""

from __future__ import annotations

import secrets
import time

from tests.discord_wire.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, Gateway
from tests.discord_wire.payloads import (
    channel_json,
    guild_json,
    interaction_json,
    message_json,
    role_json,
    seat_json,
    stamp,
    user_json,
    without_content,
)
from tests.discord_wire.permissions import MEMBER, bits, permissions
from tests.discord_wire.state import (
    DM_CHANNEL,
    HAS_THREAD,
    TEXT_CHANNEL,
    Channel,
    Guild,
    Interaction,
    Json,
    Message,
    Overwrite,
    Role,
    Seat,
    User,
)

EPOCH = 1_420_070_400_000


class Clock:
    """Real time plus what a test has added to it."""

    def __init__(self) -> None:
        self.added = 0.0

    def now(self) -> float:
        return time.time() + self.added

    def advance(self, seconds: float) -> None:
        self.added += seconds


class World:
    """Guilds, channels, users, interactions and commands, and the events that their changes cause."""

    def __init__(self, token: str, *, bot_name: str = "Crux") -> None:
        self.clock = Clock()
        self._ids = (0, 0)
        self.api_base = self.ws_base = self.files_base = ""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.interactions: dict[int, Interaction] = {}
        self.tokens: dict[str, Interaction] = {}
        self.commands: dict[int | None, list[Json]] = {None: []}
        self.nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        self.bot = self.add_user(bot_name, bot=True)
        self.owner = self.add_user("app-owner")
        self.gateway = Gateway(self, token)

    # What a test sets up.

    def new_id(self) -> int:
        """A snowflake: its time is that of the server's clock, and no two are equal."""
        now = int(self.clock.now() * 1000) - EPOCH
        last, count = self._ids
        self._ids = (now, 0) if now > last else (last, count + 1)
        return self._ids[0] << 22 | self._ids[1]

    def add_user(self, name: str, *, bot: bool = False) -> User:
        user = User(self.new_id(), name, bot)
        self.users[user.id] = user
        return user

    def make_guild(self, name: str, *, guild_id: int | None = None, present: bool = True) -> Guild:
        """A guild, not told to anybody; those made one after another fall on different shards."""
        owner = self.add_user(f"owner of {name}")
        spread = (self.new_id() >> 22) // 1024 * 1024 + len(self.guilds)
        guild = Guild(guild_id or spread << 22, name, owner, present=present)
        guild.roles[guild.id] = Role(guild.id, "@everyone", MEMBER)
        guild.seats[owner.id] = Seat(owner)
        if present:
            guild.seats[self.bot.id] = Seat(self.bot)
        self.guilds[guild.id] = guild
        return guild

    def make_channel(self, guild: Guild, name: str, kind: int = TEXT_CHANNEL, *, flags: int = 0) -> Channel:
        channel = Channel(self.new_id(), kind, name, guild, flags=flags)
        guild.channels[channel.id] = self.channels[channel.id] = channel
        return channel

    def dm(self, user: User) -> Channel:
        """The one DM of the bot with a user."""
        for channel in self.channels.values():
            if channel.kind == DM_CHANNEL and channel.recipient is user:
                return channel
        channel = Channel(self.new_id(), DM_CHANNEL, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def held(self, user: User, channel: Channel) -> int:
        """A user's permissions in a channel."""
        return permissions(channel.guild, user.id, channel, self.clock.now())

    # What happens, and who is told.

    async def join(self, guild: Guild) -> None:
        """The bot comes into a guild, or Discord can reach it again after an outage."""
        guild.present = guild.available = True
        guild.seats.setdefault(self.bot.id, Seat(self.bot))
        await self.gateway.tell("GUILD_CREATE", guild_json(guild, self.bot), guild, intent=GUILDS)

    async def outage(self, guild: Guild) -> None:
        """Discord can't reach a guild for a while."""
        guild.available = False
        await self.gateway.tell("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, guild, intent=GUILDS)

    async def remove_bot(self, guild: Guild) -> None:
        """The bot is thrown out of a guild, or the guild is deleted."""
        guild.present = False
        guild.seats.pop(self.bot.id, None)
        await self.gateway.tell("GUILD_DELETE", {"id": str(guild.id)}, guild, intent=GUILDS)

    async def channel_event(self, name: str, channel: Channel, **more: object) -> None:
        """CHANNEL_CREATE, THREAD_UPDATE and the like."""
        await self.gateway.tell(name, channel_json(channel) | more, channel.guild, intent=GUILDS)

    async def delete_channel(self, channel: Channel) -> None:
        """The channel goes, with its threads."""
        for gone in [*channel.threads, channel]:
            gone.deleted = True
        await self.channel_event(
            "CHANNEL_DELETE" if channel.kind < 10 or channel.kind > 12 else "THREAD_DELETE", channel
        )

    async def set_thread(self, thread: Channel, *, archived: bool | None = None, locked: bool | None = None) -> None:
        """A moderator archives, locks or reopens a thread."""
        thread.archived = thread.archived if archived is None else archived
        thread.locked = thread.locked if locked is None else locked
        await self.channel_event("THREAD_UPDATE", thread)

    async def forbid(self, channel: Channel, *names: str, user: User | None = None) -> None:
        """Takes permissions from a user (the bot if none is given) in one channel."""
        await self._overwrite(channel, user or self.bot, deny=bits(*names))

    async def permit(self, channel: Channel, *names: str, user: User | None = None) -> None:
        """Gives permissions to a user (the bot if none is given) in one channel."""
        await self._overwrite(channel, user or self.bot, allow=bits(*names))

    async def _overwrite(self, channel: Channel, user: User, *, allow: int = 0, deny: int = 0) -> None:
        own = channel.overwrites.setdefault(user.id, Overwrite(user.id, 1))
        own.allow, own.deny = (own.allow | allow) & ~deny, (own.deny | deny) & ~allow
        await self.channel_event("CHANNEL_UPDATE", channel)

    async def grant(self, guild: Guild, user: User, *names: str) -> Role:
        """A new role with these permissions, given to a user."""
        role = Role(self.new_id(), f"role of {user.name}", bits(*names))
        guild.roles[role.id] = role
        guild.seats[user.id].roles.append(role.id)
        data = {"guild_id": str(guild.id), "role": role_json(role, guild)}
        await self.gateway.tell("GUILD_ROLE_CREATE", data, guild, intent=GUILDS)
        if user is self.bot:
            seat = seat_json(guild.seats[user.id]) | {"guild_id": str(guild.id)}
            await self.gateway.tell("GUILD_MEMBER_UPDATE", seat, guild)
        return role

    async def posted(self, message: Message) -> None:
        """Keeps a new message; an ephemeral one is told to nobody, as its reader alone has it."""
        channel = message.channel
        channel.every[message.id] = message
        if message.only_for is None:
            await self._message_event("MESSAGE_CREATE", message)

    async def changed(self, message: Message) -> None:
        """Tells of an edit."""
        if message.only_for is None:
            await self._message_event("MESSAGE_UPDATE", message)

    async def _message_event(self, name: str, message: Message) -> None:
        data = message_json(message, event=True)
        plain = message.author is self.bot or self.bot in message.mentions or message.channel.guild is None
        intent = DIRECT_MESSAGES if message.channel.guild is None else GUILD_MESSAGES
        bare = None if plain else without_content(data)
        if self.held(self.bot, message.channel) & bits("view_channel"):
            await self.gateway.tell(name, data, message.channel.guild, intent=intent, bare=bare)

    async def delete_message(self, message: Message) -> None:
        message.deleted = True
        data = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.guild is not None:
            data["guild_id"] = str(message.channel.guild.id)
        intent = DIRECT_MESSAGES if message.channel.guild is None else GUILD_MESSAGES
        if message.only_for is None:
            await self.gateway.tell("MESSAGE_DELETE", data, message.channel.guild, intent=intent)

    async def start_thread(self, thread: Channel, *, starter: Message | None = None) -> Channel:
        """Opens a made thread; a starter message gets its mark and shares its id."""
        assert thread.guild is not None
        thread.guild.channels[thread.id] = self.channels[thread.id] = thread
        if starter is not None:
            starter.thread = thread
            starter.flags |= HAS_THREAD
            await self.changed(starter)
        await self.channel_event("THREAD_CREATE", thread, newly_created=True)
        return thread

    async def interact(self, interaction: Interaction) -> Interaction:
        """Tells the bot of what a member did; `reached` is how many sessions got it."""
        self.interactions[interaction.id] = self.tokens[interaction.token] = interaction
        channel = interaction.channel
        data = interaction_json(
            interaction, self.bot, self.held(interaction.user, channel), self.held(self.bot, channel)
        )
        interaction.reached = await self.gateway.tell("INTERACTION_CREATE", data, channel.guild)
        return interaction

    def new_interaction(
        self, kind: int, user: User, channel: Channel, data: Json, source: Message | None = None
    ) -> Interaction:
        token = secrets.token_urlsafe(48)
        return Interaction(self.new_id(), token, kind, user, channel, data, self.clock.now(), source)

    def application_json(self) -> Json:
        """The bot's application, as `GET /oauth2/applications/@me` shows it."""
        flags = 0
        for privileged, mark in ((1 << 15, 1 << 19), (1 << 1, 1 << 15), (1 << 8, 1 << 13)):
            flags |= mark if self.gateway.allowed & privileged else 0
        return {
            "id": str(self.bot.id),
            "name": self.bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": user_json(self.owner),
            "team": None,
            "flags": flags,
            "summary": "",
            "approximate_guild_count": sum(guild.present for guild in self.guilds.values()),
            "approximate_user_install_count": 0,
            "created": stamp(self.clock.now()),
        }
