"""The server: a Discord on 127.0.0.1 for one test, with its state and its knobs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import discord
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord_wire.members import Member
from tests.discord_wire.rest import PREFIX, Rest
from tests.discord_wire.rest_application import Application
from tests.discord_wire.rest_channels import Channels, Guilds
from tests.discord_wire.rest_interactions import Interactions
from tests.discord_wire.state import FORUM, REQUIRE_TAG, TEXT_CHANNEL, Call, Channel, Guild, Seat, Tag
from tests.discord_wire.world import World

TOKEN = "MTIz.simulated.token"


class DiscordServer:
    """A running Discord; use it in `async with`.

    With `points_client` discord.py in this process is pointed at it until the end: `Route.BASE` for REST, and
    `DiscordWebSocket.DEFAULT_GATEWAY`, which every client uses that doesn't ask `GET /gateway/bot` (of discord.py's
    only AutoShardedClient without a shard count does).
    """

    def __init__(self, token: str = TOKEN, *, points_client: bool = True) -> None:
        self.token = token
        self.world = World(token)
        self.gateway = self.world.gateway
        self.clock = self.world.clock
        self.bot = self.world.bot
        self.rest = Rest(self.world, token)
        self.faults = self.rest.faults
        self.rates = self.rest.rates
        self.interactions = Interactions(self.rest)
        self.channels = Channels(self.rest)
        self.application = Application(self.rest)
        self.command_users: dict[str, set[int]] = {}  # who may use a command, by the guild's integration settings
        self.api_url = self.gateway_url = ""
        self._points_client = points_client
        self._pointed_at: tuple[str, yarl.URL] | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        for part in (self.interactions, self.channels, Guilds(self.rest), self.application):
            part.mount(self.rest, app)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/resume", self.gateway.serve)
        app.router.add_get("/attachments/{attachment}/{name}", self._attachment)
        app.router.add_route("*", PREFIX + "/{rest:.*}", self.rest.unknown)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.api_url, self.gateway_url = f"http://{host}:{port}{PREFIX}", f"ws://{host}:{port}/gateway"
        self.world.ws_base, self.world.files_base = f"ws://{host}:{port}", f"http://{host}:{port}/attachments"
        if self._points_client:
            self._pointed_at = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.api_url, yarl.URL(self.gateway_url)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pointed_at is not None:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self._pointed_at
        self.faults.release()
        await self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _attachment(self, request: web.Request) -> web.Response:
        for channel in self.world.channels.values():
            for message in channel.every.values():
                for attachment in message.attachments:
                    if str(attachment.id) == request.match_info["attachment"]:
                        return web.Response(body=attachment.data, content_type=attachment.kind)
        raise web.HTTPNotFound

    # What a test sets up; the client is told if it is connected.

    async def guild(self, name: str = "Reading group", *, guild_id: int | None = None, present: bool = True) -> Guild:
        """A guild with the bot in it, or without it for commands of user installs."""
        guild = self.world.make_guild(name, guild_id=guild_id, present=present)
        if present:
            await self.world.join(guild)
        return guild

    async def channel(self, guild: Guild, name: str = "general") -> Channel:
        """A text channel."""
        channel = self.world.make_channel(guild, name, TEXT_CHANNEL)
        await self.world.channel_event("CHANNEL_CREATE", channel)
        return channel

    async def forum(
        self, guild: Guild, name: str = "forum", *, tags: tuple[str, ...] = (), tagged: bool = False
    ) -> Channel:
        """A forum with these tags; `tagged` requires each post to have one."""
        forum = self.world.make_channel(guild, name, FORUM, flags=REQUIRE_TAG if tagged else 0)
        forum.tags = [Tag(self.world.new_id(), tag) for tag in tags]
        await self.world.channel_event("CHANNEL_CREATE", forum)
        return forum

    async def member(self, guild: Guild, name: str, *permissions: str) -> Member:
        """A new user in a guild, with further permissions such as "manage_guild"."""
        user = self.world.add_user(name)
        return await self.joins(Member(self, user, guild), *permissions)

    async def joins(self, member: Member, *permissions: str) -> Member:
        """Seats a user, also one who is elsewhere already."""
        member.guild.seats[member.user.id] = Seat(member.user)
        if permissions:
            await member.may(*permissions)
        return member

    def bot_may(self, guild: Guild, **allowed: bool) -> None:
        """Sets permissions of everyone, so also the bot's; before the client connects, as nobody is told."""
        role = guild.roles[guild.id]
        now = discord.Permissions(role.permissions)
        now.update(**allowed)
        role.permissions = now.value

    # What a test looks at.

    @property
    def calls(self) -> list[Call]:
        """Every REST call."""
        return self.rest.calls

    def calls_of(self, method: str, route: str) -> list[Call]:
        """The calls of a route, such as ("POST", "/channels/{channel}/messages")."""
        return [call for call in self.calls if call.route == f"{method} {route}"]

    @property
    def invalid_calls(self) -> int:
        """Those that count towards Discord's ban at 10,000 in ten minutes: 401, 403 and 429."""
        return sum(call.status in {401, 403, 429} for call in self.calls)

    @property
    def unknown_routes(self) -> list[str]:
        """Calls that this server has no answer for: a gap of the simulation, or a bug of the bot."""
        return [call.key for call in self.calls if call.route == "unknown"]

    async def until(self, holds: Callable[[], object], seconds: float = 3.0) -> None:
        """Waits until something holds; TimeoutError if it doesn't, with the last calls."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                last = [f"{call.key} {call.status} {call.code or ''}" for call in self.calls[-8:]]
                raise TimeoutError(f"not within {seconds} s; the last calls were {last}")
            await asyncio.sleep(0.004)

    async def settles(self, seconds: float = 0.1) -> None:
        """Waits until no call is under way and none came for so long: to show that nothing more happens."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            if self.rest.open_calls or len(self.calls) != count:
                count, since = len(self.calls), time.monotonic()
            await asyncio.sleep(0.004)
