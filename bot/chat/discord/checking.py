"""Whether the bot can do in Discord what it should: its token, intents and permissions, channel by channel.

Everything is asked over REST, so that a bot that runs at the same time is not disturbed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import discord

from bot.chat.discord.client import shut
from bot.chat.discord.failures import FAILURES, as_error
from bot.chat.discord.platform import point_at
from bot.errors import ConfigurationError

NEEDED: Final[Mapping[str, str]] = {
    "view_channel": "to see the channel",
    "send_messages": "to answer and to post",
    "send_messages_in_threads": "to answer in threads",
    "create_public_threads": "to open a thread under a prompt",
    "read_message_history": "to look whether a post arrived, and to reply to a message",
    "attach_files": "for a digest's picture and for what members take along",
}
"""The least permissions that Crux works with, each with its reason."""
MOST_GUILDS: Final = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and how it is; `well` is None for what works, though an operator may want it otherwise."""

    well: bool | None
    told: str


def least_permissions() -> discord.Permissions:
    return discord.Permissions(**dict.fromkeys(NEEDED, True))


def lacking(held: discord.Permissions) -> list[str]:
    """The permissions that lack, by their names in Discord."""
    return [_shown(name) for name in NEEDED if not getattr(held, name)]


def invite_link(application: int) -> str:
    """The address by which the bot is added to a server, with the least permissions, or by a member for themselves."""
    return discord.utils.oauth_url(
        application, permissions=least_permissions(), scopes=("bot", "applications.commands")
    )


async def application_id(token: str, api_url: str | None = None) -> int:
    """The id of the application whose bot the token is for.

    Raises:
        ConfigurationError: Discord doesn't say; the sentence says why.
    """
    async with _logged_in(token, api_url) as client:
        return client.application_id or 0


async def examine(
    token: str, *, message_content: bool = False, guild: int | None = None, api_url: str | None = None
) -> AsyncIterator[Finding]:
    """Look at everything; one finding a line.

    Raises:
        ConfigurationError: the token can't be used.
    """
    async with _logged_in(token, api_url) as client:
        yield Finding(True, f"logged in as {client.user}")
        for finding in _intents(client, message_content=message_content):
            yield finding
        try:
            guilds = [each async for each in client.fetch_guilds(limit=MOST_GUILDS)]
        except FAILURES as error:
            raise ConfigurationError(f"Discord doesn't list the bot's servers: {as_error(error).message}") from error
        if not guilds:
            told = "in no server yet; `crux discord invite` prints the link that adds it"
            yield Finding(None, told)
        if guild is not None and guild not in {each.id for each in guilds} and len(guilds) < MOST_GUILDS:
            yield Finding(False, f"CRUX_DISCORD_GUILD is {guild}, a server that the bot is not in")
        for each in guilds:
            async for finding in _guild(client, each.id):
                yield finding


def _intents(client: discord.Client, *, message_content: bool) -> Iterator[Finding]:
    flags = client.application_flags
    granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if message_content and not granted:
        yield Finding(
            False,
            "CRUX_DISCORD_MESSAGE_CONTENT is on and the message-content intent is not: switch it on under Bot in the "
            "developer portal",
        )
    elif message_content:
        yield Finding(True, "the message-content intent is granted: plain messages are heard in the bot's own threads")
    else:
        yield Finding(True, "no privileged intent is needed: mentions, replies, buttons and commands are heard")


async def _guild(client: discord.Client, guild_id: int) -> AsyncIterator[Finding]:
    """The channels of one server that lack something."""
    try:
        guild = await client.fetch_guild(guild_id)
        channels = await guild.fetch_channels()
        me = await guild.fetch_member(client.user.id if client.user is not None else 0)
    except FAILURES as error:
        yield Finding(False, f"{guild_id}: {as_error(error).message}")
        return
    count = 0
    for channel in channels:
        if not isinstance(channel, discord.TextChannel | discord.ForumChannel):
            continue
        count += 1
        missing = lacking(channel.permissions_for(me))
        if _shown("view_channel") in missing:
            yield Finding(
                None, f"{guild.name}, #{channel.name}: hidden from Crux, which is fine if it has no use there"
            )
        elif missing:
            reasons = "; ".join(f"{name} {_REASONS[name]}" for name in missing)
            yield Finding(False, f"{guild.name}, #{channel.name}: lacks {reasons}")
    yield Finding(True, f"{guild.name}: {count} channels looked at")


def _shown(name: str) -> str:
    return name.replace("_", " ").title().replace(" In ", " in ")


_REASONS: Final = {_shown(name): reason for name, reason in NEEDED.items()}


@asynccontextmanager
async def _logged_in(token: str, api_url: str | None) -> AsyncIterator[discord.Client]:
    client = discord.Client(intents=discord.Intents.none())
    try:
        await point_at(api_url, token)
        await client.login(token)
    except discord.LoginFailure as error:
        await shut(client)
        raise ConfigurationError(
            "Discord refuses the bot's token: copy it anew from Bot in the developer portal into CRUX_DISCORD_TOKEN."
        ) from error
    except FAILURES as error:
        await shut(client)
        raise ConfigurationError(f"Discord can't be asked: {as_error(error).message}") from error
    try:
        yield client
    finally:
        await shut(client)
