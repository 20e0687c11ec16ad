"""Servers that removed Crux while no process was there to be told: those that Discord doesn't name any longer.

Whenever a shard connects anew, Discord names all servers of that shard that Crux is in, also those that it can't reach
itself for now. So each shard is judged for itself, by the process that has it, and an outage is no removal.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import discord

from bot.chat.discord.failures import FAILURES
from bot.chat.discord.names import PREFIX, guild_of, guild_workspace
from bot.errors import StorageError

log = logging.getLogger(__name__)

Note: TypeAlias = Callable[[str], Awaitable[None]]
"""Notes something of a workspace."""
Known: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
"""The workspaces whose ids begin with a prefix, of which anything is kept and which have not left."""


@dataclass
class Attendance:
    """Notes which servers have Crux, and which no longer.

    Args:
        left, back: note that a workspace has removed the bot, and that it has it (again).
    """

    known: Known
    left: Note
    back: Note
    _met: set[int] = field(default_factory=set)
    """Shards that were ready before."""

    async def is_in(self, guild: int) -> None:
        await _noted("is in", guild, self.back)

    async def was_removed(self, guild: int) -> None:
        await _noted("was removed from", guild, self.left)

    async def judge(self, client: discord.AutoShardedClient, shard: int) -> None:
        """Note the servers of a shard that is ready, and that Discord did not name then."""
        try:
            known = await self.known(PREFIX)
            kept = {guild for each in known if (guild := guild_of(each)) is not None}
            stale = kept & await _stale(client, shard) if shard in self._met else set()
            self._met.add(shard)
        except (StorageError, *FAILURES) as error:
            log.warning("whether servers have removed Crux meanwhile is not known: %s", error)
            return
        for guild in sorted(each for each in kept if _shard_of(client, each) == shard):
            if guild in stale or client.get_guild(guild) is None:
                log.info("Discord names the server %s no longer", guild)
                await self.was_removed(guild)


async def _noted(what: str, guild: int, note: Note) -> None:
    try:
        await note(guild_workspace(guild))
    except StorageError as error:
        log.warning("that Crux %s the server %s could not be noted: %s", what, guild, error.message)


def _shard_of(client: discord.AutoShardedClient, guild: int) -> int:
    return (guild >> 22) % (client.shard_count or 1)


async def _stale(client: discord.AutoShardedClient, shard: int) -> set[int]:
    """Servers that discord.py remembers from an earlier connection of a shard, and Crux is no longer in.

    It forgets none when a shard connects anew. Those that can't be reached may be missing from Discord's list.
    """
    listed = {guild.id async for guild in client.fetch_guilds(limit=None, with_counts=False)}
    remembered = (guild for guild in client.guilds if guild.shard_id == shard and not guild.unavailable)
    return {guild.id for guild in remembered} - listed
