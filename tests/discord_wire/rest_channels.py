"""REST: channels, their messages and threads, DMs."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from tests.discord_wire import posting
from tests.discord_wire.errors import Json, Refused
from tests.discord_wire.gateway import CONTENT
from tests.discord_wire.limits import thread_errors
from tests.discord_wire.payloads import channel_json, guild_json, message_json, seat_json, without_content
from tests.discord_wire.permissions import bits, need
from tests.discord_wire.rest import Ask, Rest
from tests.discord_wire.state import (
    DM_CHANNEL,
    FORUM,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    REQUIRE_TAG,
    THREADS,
    Channel,
    Message,
)


class Channels:
    """The handlers, by what they do."""

    def __init__(self, rest: Rest) -> None:
        self.world = rest.world
        self.nonce_seconds = 300.0  # how long a nonce brings back the earlier message

    def mount(self, rest: Rest, app: web.Application) -> None:
        channel = "/channels/{channel}"
        one = channel + "/messages/{message}"
        rest.add(app, "GET", channel, self.channel)
        rest.add(app, "PATCH", channel, self.edit_channel)
        rest.add(app, "DELETE", channel, self.delete_channel)
        rest.add(app, "POST", channel + "/messages", self.post)
        rest.add(app, "GET", channel + "/messages", self.history)
        rest.add(app, "GET", one, self.message)
        rest.add(app, "PATCH", one, self.edit)
        rest.add(app, "DELETE", one, self.delete)
        rest.add(app, "POST", channel + "/typing", self.typing)
        rest.add(app, "POST", channel + "/threads", self.thread)
        rest.add(app, "POST", one + "/threads", self.thread_from_message)
        rest.add(app, "PUT", channel + "/thread-members/{user}", self.nothing)
        rest.add(app, "DELETE", channel + "/thread-members/{user}", self.nothing)
        rest.add(app, "GET", "/guilds/{guild}/threads/active", self.active)
        rest.add(app, "POST", "/users/@me/channels", self.open_dm)

    def _channel(self, ask: Ask) -> Channel:
        """The channel of the path, if it exists and the bot sees it."""
        channel = self.world.channels.get(ask.id("channel"))
        if channel is None or channel.deleted:
            raise Refused(10003)
        need(self.world.held(self.world.bot, channel))
        return channel

    def _message(self, ask: Ask, channel: Channel) -> Message:
        message = channel.every.get(ask.id("message"))
        if message is None or message.deleted or message.only_for is not None:
            raise Refused(10008)
        return message

    async def channel(self, ask: Ask) -> Json:
        return channel_json(self._channel(ask))

    async def edit_channel(self, ask: Ask) -> Json:
        """Of threads only: their name, tags, archiving and locking."""
        channel = self._channel(ask)
        if channel.kind not in THREADS:
            raise Refused(50013)
        held = self.world.held(self.world.bot, channel)
        own = channel.owner is self.world.bot
        body: Json = ask.body
        if not held & bits("manage_threads") and ("locked" in body or channel.locked or not own):
            raise Refused(50013)
        if channel.archived and body.get("archived", True):
            raise Refused(50083)
        errors = thread_errors({"name": channel.name, **body})
        if errors:
            raise Refused(50035, errors)
        channel.name = body.get("name", channel.name)
        channel.applied_tags = [int(tag) for tag in body.get("applied_tags", channel.applied_tags)]
        await self.world.set_thread(channel, archived=body.get("archived"), locked=body.get("locked"))
        return channel_json(channel)

    async def delete_channel(self, ask: Ask) -> Json:
        channel = self._channel(ask)
        if channel.kind != DM_CHANNEL:
            name = "manage_threads" if channel.kind in THREADS else "manage_channels"
            need(self.world.held(self.world.bot, channel), name)
            await self.world.delete_channel(channel)
        return channel_json(channel)

    async def post(self, ask: Ask) -> Json:
        channel = self._channel(ask)
        body: Json = ask.body or {}
        posting.may_post(self.world, channel, body, ask.files)
        nonce = body.get("nonce")
        key = (channel.id, str(nonce))
        if nonce is not None and body.get("enforce_nonce"):
            at, earlier = self.world.nonces.get(key, (0.0, None))
            if earlier is not None and self.world.clock.now() - at <= self.nonce_seconds:
                return message_json(earlier)
        message = posting.make(self.world, channel, body, ask.files)
        if nonce is not None:
            self.world.nonces[key] = (message.at, message)
        await posting.wake(self.world, channel)
        await self.world.posted(message)
        return message_json(message)

    async def history(self, ask: Ask) -> list[Json]:
        """Newest first; `after` counts from the oldest that is newer, `around` from both sides."""
        channel = self._channel(ask)
        if not self.world.held(self.world.bot, channel) & bits("read_message_history"):
            return []  # so documented: without the permission the list is empty
        query = ask.query
        limit = int(query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise Refused(50035, ["limit: Must be between 1 and 100."])
        every = channel.messages
        if "around" in query:
            middle = int(query["around"])
            older = [m for m in every if m.id <= middle][-(limit // 2 + 1) :]
            newer = [m for m in every if m.id > middle][: limit - len(older)]
            found: Sequence[Message] = [*older, *newer]
        elif "after" in query:
            found = [m for m in every if m.id > int(query["after"])][:limit]
        else:
            found = [m for m in every if m.id < int(query.get("before", 2**63))][-limit:]
        return [self._read(message) for message in reversed(found)]

    def _read(self, message: Message) -> Json:
        """A message as the bot may read it: REST hides content without the intent, as the gateway does."""
        data = message_json(message)
        own = message.author is self.world.bot or self.world.bot in message.mentions or message.channel.guild is None
        return data if own or self.world.gateway.allowed & CONTENT else without_content(data)

    async def message(self, ask: Ask) -> Json:
        channel = self._channel(ask)
        need(self.world.held(self.world.bot, channel), "read_message_history")
        return self._read(self._message(ask, channel))

    async def edit(self, ask: Ask) -> Json:
        channel = self._channel(ask)
        message = self._message(ask, channel)
        if message.author is not self.world.bot:
            raise Refused(50005)
        if channel.archived:
            raise Refused(50083)
        posting.change(self.world, message, ask.body or {}, ask.files)
        await self.world.changed(message)
        return message_json(message)

    async def delete(self, ask: Ask) -> None:
        channel = self._channel(ask)
        message = self._message(ask, channel)
        if message.author is not self.world.bot:
            need(self.world.held(self.world.bot, channel), "manage_messages")
        if channel.archived:
            raise Refused(50083)
        await self.world.delete_message(message)

    async def typing(self, ask: Ask) -> None:
        channel = self._channel(ask)
        posting.may_post(self.world, channel, {}, {})
        channel.typing.append(self.world.clock.now())

    async def thread(self, ask: Ask) -> Json:
        """A thread without a message, or a post of a forum with its first one."""
        channel = self._channel(ask)
        body: Json = ask.body or {}
        held = self.world.held(self.world.bot, channel)
        errors = thread_errors(body)
        if errors:
            raise Refused(50035, errors)
        if channel.kind == FORUM:
            return await self._forum_post(channel, body, ask)
        if channel.kind in THREADS or channel.kind == DM_CHANNEL:
            raise Refused(50024)
        private = body.get("type", PRIVATE_THREAD) == PRIVATE_THREAD
        need(held, "create_private_threads" if private else "create_public_threads")
        thread = self._new(channel, body, self.world.new_id(), PRIVATE_THREAD if private else PUBLIC_THREAD)
        return channel_json(await self.world.start_thread(thread))

    def _new(self, parent: Channel, body: Json, thread_id: int, kind: int = PUBLIC_THREAD) -> Channel:
        return Channel(thread_id, kind, body["name"], parent.guild, parent, owner=self.world.bot)

    async def _forum_post(self, forum: Channel, body: Json, ask: Ask) -> Json:
        need(self.world.held(self.world.bot, forum), "send_messages")
        tags = [int(tag) for tag in body.get("applied_tags") or []]
        if forum.flags & REQUIRE_TAG and not tags:
            raise Refused(40067)
        if not {tag.id for tag in forum.tags} >= set(tags):
            raise Refused(50035, ["applied_tags: Unknown tag."])
        if not body.get("message"):
            raise Refused(50035, ["message: This field is required."])
        thread = self._new(forum, body, self.world.new_id())
        thread.applied_tags = tags
        message = posting.make(self.world, thread, body["message"], ask.files)
        message.id = thread.id  # the first message of a post has the post's id
        await self.world.start_thread(thread)
        await self.world.posted(message)
        return channel_json(thread) | {"message": message_json(message)}

    async def thread_from_message(self, ask: Ask) -> Json:
        channel = self._channel(ask)
        message = self._message(ask, channel)
        body: Json = ask.body or {}
        need(self.world.held(self.world.bot, channel), "create_public_threads")
        errors = thread_errors(body)
        if errors:
            raise Refused(50035, errors)
        if channel.kind in THREADS or channel.kind == DM_CHANNEL:
            raise Refused(50024)
        if message.thread is not None:
            raise Refused(160004)
        thread = self._new(channel, body, message.id)
        return channel_json(await self.world.start_thread(thread, starter=message))

    async def nothing(self, ask: Ask) -> None:
        self._channel(ask)

    async def active(self, ask: Ask) -> Json:
        guild = self.world.guilds.get(ask.id("guild"))
        if guild is None or not guild.present:
            raise Refused(10004)
        threads = [c for c in guild.channels.values() if c.kind in THREADS and not c.archived and not c.deleted]
        return {"threads": [channel_json(thread) for thread in threads], "members": []}

    async def open_dm(self, ask: Ask) -> Json:
        user = self.world.users.get(int((ask.body or {}).get("recipient_id") or 0))
        if user is None or user.bot:
            raise Refused(10013)
        return channel_json(self.world.dm(user))


class Guilds:
    """The guild, its members and roles: what is needed to work out permissions."""

    def __init__(self, rest: Rest) -> None:
        self.world = rest.world

    def mount(self, rest: Rest, app: web.Application) -> None:
        rest.add(app, "GET", "/users/@me/guilds", self.mine)
        rest.add(app, "GET", "/guilds/{guild}", self.guild)
        rest.add(app, "GET", "/guilds/{guild}/channels", self.channels)
        rest.add(app, "GET", "/guilds/{guild}/roles", self.roles)
        rest.add(app, "GET", "/guilds/{guild}/members/{user}", self.member)

    def _guild(self, ask: Ask) -> Json:
        guild = self.world.guilds.get(ask.id("guild"))
        if guild is None or not guild.present:
            raise Refused(10004)
        return guild_json(guild, self.world.bot)

    async def mine(self, ask: Ask) -> object:
        """The bot's guilds by id, `limit` of those after or before one."""
        after, before = int(ask.query.get("after", 0)), int(ask.query.get("before", 2**63))
        found = [guild for _, guild in sorted(self.world.guilds.items()) if guild.present and after < guild.id < before]
        shown = ("id", "name", "icon", "features")
        most = int(ask.query.get("limit", 200))
        return [{k: guild_json(guild, self.world.bot)[k] for k in shown} | {"owner": False} for guild in found[:most]]

    async def guild(self, ask: Ask) -> Json:
        return {k: v for k, v in self._guild(ask).items() if k not in {"members", "channels", "threads"}}

    async def channels(self, ask: Ask) -> object:
        return self._guild(ask)["channels"]

    async def roles(self, ask: Ask) -> object:
        return self._guild(ask)["roles"]

    async def member(self, ask: Ask) -> Json:
        self._guild(ask)
        seat = self.world.guilds[ask.id("guild")].seats.get(ask.id("user"))
        if seat is None:
            raise Refused(10007)
        return seat_json(seat)
