"""Channels by their ids: where a post goes, and what Discord's library knows of it without asking."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import discord

from bot.chat.discord.failures import told
from bot.chat.discord.names import guild_of, member_for, owner_of
from bot.core.language import say
from bot.core.outbox import ORGANISERS, Post
from bot.errors import OutcomeUnknown, Refused

Target: TypeAlias = discord.PartialMessageable | discord.DMChannel | discord.Thread

LOOKED_AT = 1_000
"""Messages of a channel that are looked through for a post, from just before it was made."""


@dataclass(frozen=True)
class Places:
    """Finds where posts go. Nothing is asked of Discord that its library knows."""

    client: discord.Client

    def channel_id(self, post: Post) -> int:
        """The channel or thread that a post is for."""
        name = post.thread or post.channel
        if not (name.isascii() and name.isdigit()):
            raise Refused(say("“{name}” is no channel of Discord.", name=name[:40]))
        return int(name)

    def reader(self, post: Post) -> int | None:
        """The member whose DM a post goes to; None where it goes to a channel. An organiser's is not known yet."""
        own = owner_of(post.workspace)
        if post.kind == ORGANISERS and own is not None:
            return own
        return member_for(post.thread)

    def known(self, post: Post) -> discord.abc.GuildChannel | discord.Thread | None:
        """The channel as the library knows it; None for a DM, and for one of another process's shards."""
        guild_id = guild_of(post.workspace)
        guild = None if guild_id is None else self.client.get_guild(guild_id)
        if guild is None or self.reader(post) is not None or post.kind == ORGANISERS:
            return None
        return guild.get_channel_or_thread(self.channel_id(post))

    async def forum(self, post: Post) -> discord.ForumChannel | None:
        """The forum that a post is for; None where it is for anything else.

        Raises:
            MessengerError: Discord has no such channel, or doesn't say.
        """
        channel = self.known(post)
        if channel is not None:
            return channel if isinstance(channel, discord.ForumChannel) else None
        guild_id = guild_of(post.workspace)
        if guild_id is None or self.client.get_guild(guild_id) is not None:
            return None  # what the library doesn't know of a guild that it has is an archived thread, or gone
        with told():
            fetched = await self.client.fetch_channel(self.channel_id(post))
        return fetched if isinstance(fetched, discord.ForumChannel) else None

    async def target(self, post: Post) -> discord.abc.Messageable:
        """What a post is sent to.

        Raises:
            MessengerError: there is no such place, or Discord doesn't say.
        """
        reader = self.reader(post)
        if reader is None and post.kind == ORGANISERS:
            return await self.dm(await self._owner(post))
        if reader is not None:
            return await self.dm(reader)
        guild_id = guild_of(post.workspace)
        return self.client.get_partial_messageable(self.channel_id(post), guild_id=guild_id)

    async def notes(self, post: Post, channel: str | None) -> discord.abc.Messageable | None:
        """The channel that organisers chose for what is for them; None where they chose none that Crux can use.

        It must be one of their own server, in which Crux can also look for what it posted.

        Raises:
            MessengerError: Discord doesn't say.
        """
        guild_id = guild_of(post.workspace)
        if channel is None or guild_id is None or not (channel.isascii() and channel.isdigit()):
            return None
        guild = self.client.get_guild(guild_id)
        if guild is not None:
            found = guild.get_channel(int(channel))
            return found if isinstance(found, discord.TextChannel) and _usable(found) else None
        try:
            with told():
                fetched = await self.client.fetch_channel(int(channel))
        except Refused:
            return None
        return fetched if isinstance(fetched, discord.TextChannel) and fetched.guild.id == guild_id else None

    async def dm(self, user: int) -> discord.DMChannel:
        """The DM with a member.

        Raises:
            MessengerError: Discord won't open it.
        """
        with told():
            return await self.client.create_dm(discord.Object(user))

    async def _owner(self, post: Post) -> int:
        guild_id = guild_of(post.workspace)
        if guild_id is None:
            raise Refused(say("That workspace is no server of Discord."))
        guild = self.client.get_guild(guild_id)
        if guild is None:
            with told():
                guild = await self.client.fetch_guild(guild_id)
        if guild.owner_id is None:
            raise Refused(say("Discord doesn't say who owns that server."))
        return guild.owner_id

    async def history(self, channel: discord.abc.Messageable, since: datetime) -> AsyncIterator[discord.Message]:
        """The bot's own messages of a channel since just before a time, oldest first.

        Raises:
            OutcomeUnknown: there are more than can be looked through.
            MessengerError: Discord didn't say.
        """
        count = 0
        with told():
            async for message in channel.history(
                limit=LOOKED_AT, after=since - timedelta(minutes=1), oldest_first=True
            ):
                count += 1
                if self.client.user is not None and message.author.id == self.client.user.id:
                    yield message
        if count >= LOOKED_AT:
            raise OutcomeUnknown(
                say("It is not among the {most} messages that came first after it was made.", most=LOOKED_AT)
            )


def _usable(channel: discord.TextChannel) -> bool:
    held = channel.permissions_for(channel.guild.me)
    return held.view_channel and held.send_messages and held.read_message_history
