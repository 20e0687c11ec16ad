"""Crux on the small Discord: the real client, the real application, a database in a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.app import Application, running
from bot.chat.desk import Rhythm
from bot.chat.discord.names import guild_workspace
from bot.chat.discord.platform import DiscordPlatform
from bot.cli.running import SHOWING_SECONDS, _discord
from bot.core.messages import Message as CoreMessage
from bot.core.messages import Paragraph
from bot.core.outbox import Post, PostState
from bot.core.ports import Clock, Store, Writer
from bot.scheduling.engine import Engine
from bot.serving.platforms import Messengers
from bot.settings import EncoderKind, Settings
from tests.discord_wire import Channel, DiscordServer, Interaction, Member, Message, read

QUICK = Rhythm(grow=0.05, look=0.2)
EDIT = "PATCH /webhooks/*"
POSTS = "POST /channels/*/messages"
CALLBACK = "POST /interactions/*"


@dataclass
class Crux:
    """What runs."""

    application: Application
    platform: DiscordPlatform
    engine: Engine

    @property
    def store(self) -> Store:
        return self.application.store


@asynccontextmanager
async def crux(
    server: DiscordServer,
    folder: Path | Settings,
    *,
    clock: Clock | None = None,
    store: Store | None = None,
    writer: Writer | None = None,
    rhythm: Rhythm = QUICK,
    engine: bool = True,
    showing_seconds: float = SHOWING_SECONDS,
    lease_seconds: float = 90.0,
    stop_within: float = 2.0,
    **settings: object,
) -> AsyncIterator[Crux]:
    """Crux as `crux run` puts it together, connected to the server; `rhythm` and the first wait are made short.

    Its settings are those that are given, or those of a bot without an encoder whose database is in a folder.
    """
    chosen = folder
    if isinstance(chosen, Path):
        chosen = Settings.model_construct(
            data_dir=chosen,
            encoder=EncoderKind.NONE,
            lease_seconds=lease_seconds,
            **settings,  # type: ignore[arg-type]
        )
    parts = {"store": store, "writer": writer, "clock": clock}
    async with running(chosen, showing_seconds=showing_seconds, **parts) as application:  # type: ignore[arg-type]
        platform = _discord(application, server.token)
        assert isinstance(platform, DiscordPlatform)
        platform.client._connection.guild_ready_timeout = 0.03
        platform._desk._rhythm = rhythm
        messengers = Messengers([platform])
        calendar = application.engine(messengers, messengers.prefixes)
        await platform.start()
        if engine:
            calendar.start()
        try:
            yield Crux(application, platform, calendar)
        finally:
            if engine:
                await calendar.stop(stop_within)
            await platform.stop(stop_within)


async def seated(server: DiscordServer) -> tuple[Member, Channel]:
    """Ada, and the one channel of her guild."""
    guild = await server.guild()
    return await server.member(guild, "ada"), await server.channel(guild)


async def ended(server: DiscordServer, done: Interaction, words: str = "") -> Message:
    """The answer to a command or press, once it is whole."""

    def whole() -> bool:
        shown = done.messages[-1:] if done.answered or done.followups else []
        return (
            bool(shown) and not shown[0].loading and "Being written" not in read(shown[0]) and words in read(shown[0])
        )

    await server.until(whole, 15.0)
    await server.settles()
    return done.messages[-1]


async def nothing_waits(server: DiscordServer, running: Crux) -> None:
    """No post waits, is being sent or is held."""
    await server.settles()
    left = await running.store.outbox([PostState.PENDING, PostState.SENDING, PostState.HELD])
    assert [entry.reason for entry in left] == []


def whole(channel: Channel) -> list[str]:
    """The messages that show a whole steelman."""
    texts = [read(message) for message in channel.messages]
    return [text for text in texts if "The best case for MI-07" in text and "Sources" in text]


async def is_whole(server: DiscordServer, channel: Channel, seconds: float = 6.0) -> None:
    await server.until(lambda: whole(channel), seconds)
    await server.settles()
    assert len(whole(channel)) == 1


def a_post(guild: int, channel: Channel, text: str, *, post_id: str = "p1", **more: object) -> Post:
    values = {"kind": "note", "created_at": datetime.now(UTC), **more}
    return Post(guild_workspace(guild), post_id, str(channel.id), message=CoreMessage((Paragraph(text),)), **values)  # type: ignore[arg-type]
