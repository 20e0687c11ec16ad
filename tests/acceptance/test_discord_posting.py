"""Posts of the outbox in Discord: there once, found again, and refused in words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat.discord.names import guild_workspace
from bot.core.messages import Message, Paragraph
from bot.core.outbox import ANSWER, Post
from bot.errors import MessengerError, OutcomeUnknown, RateLimited, Refused, Unreachable
from tests.discord_crux import POSTS, a_post, crux, nothing_waits, seated
from tests.discord_wire import DiscordServer

pytestmark = pytest.mark.usefixtures("soon")


async def test_what_discord_says_to_a_post_is_told_apart(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, engine=False) as running:
        messenger = running.platform.messenger

        async def raised(number: int) -> MessengerError:
            with pytest.raises(MessengerError) as found:
                await messenger.send(a_post(ada.guild.id, channel, "x", post_id=f"p{number}"))
            return found.value

        for n, code in enumerate((10003, 50001, 50013, 50083, 160005)):
            server.faults.refuse(POSTS, code)
            refused = await raised(n)
            assert isinstance(refused, Refused)
            assert refused.message.endswith((".", ";", "one."))
        server.faults.limit(POSTS, retry_after=45.0)
        limited = await raised(10)
        assert isinstance(limited, RateLimited)
        assert limited.retry_after == 45.0
        server.faults.fail(POSTS, status=503)
        assert isinstance(await raised(11), OutcomeUnknown)
        server.faults.lose(POSTS)
        assert isinstance(await raised(12), OutcomeUnknown)
        assert len(channel.messages) == 1


async def test_a_post_that_was_cut_is_there_once_by_its_nonce_and_later_by_its_mark(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, engine=False) as running:
        messenger = running.platform.messenger
        post = a_post(ada.guild.id, channel, "hello")
        assert await messenger.find(post) is None
        server.faults.lose(POSTS)
        with pytest.raises(OutcomeUnknown):
            await messenger.send(post)
        reference = await messenger.send(post)
        assert [str(message.id) for message in channel.messages] == [reference]
        server.clock.advance(301)  # the nonce is forgotten
        assert await messenger.find(post) == reference
        assert await messenger.find(a_post(ada.guild.id, channel, "hello", post_id="p2")) is None
        guard = messenger.guard(post)
        assert guard.nonce_seconds is not None
        assert guard.nonce_seconds < server.channels.nonce_seconds
        assert guard.shows_within == 0.5
        assert messenger.guard(a_post(ada.guild.id, channel, "x", kind=ANSWER)).nonce_seconds is None


async def test_of_a_long_post_only_what_is_missing_is_sent_after_a_look(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, engine=False) as running:
        messenger = running.platform.messenger
        long = Message(tuple(Paragraph(f"Part {n}. " + "word " * 200) for n in range(8)))
        post = Post(guild_workspace(ada.guild.id), "p1", str(channel.id), "note", long, datetime.now(UTC))
        await messenger.send(post)
        parts = len(channel.messages)
        assert parts >= 3
        await server.world.delete_message(channel.messages[1])
        server.clock.advance(301)
        assert await messenger.find(post) is None
        await messenger.send(post)
        assert len(channel.messages) == parts
        assert await messenger.find(post) == str(channel.messages[0].id)


async def test_the_history_is_looked_through_only_where_it_can_be_read(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path, engine=False) as running:
        post = a_post(ada.guild.id, channel, "hello")
        await server.world.forbid(channel, "read_message_history")
        await server.settles()
        assert running.platform.messenger.guard(post).shows_within is None
        with pytest.raises(Refused, match="history"):
            await running.platform.messenger.find(post)


async def test_a_cut_post_of_the_outbox_is_there_once(server: DiscordServer, tmp_path: Path) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path) as running:
        server.faults.lose(POSTS)
        await running.store.enqueue([a_post(ada.guild.id, channel, "hello")])
        await server.until(lambda: len(server.calls_of("POST", "/channels/{channel}/messages")) >= 2, 10)
        await asyncio.sleep(0.3)
        assert ada.sees(channel) == ["hello"]
        await nothing_waits(server, running)


async def test_a_forum_gets_a_post_with_a_tag_and_it_is_found_again(server: DiscordServer, tmp_path: Path) -> None:
    guild = await server.guild()
    forum = await server.forum(guild, tags=("debate", "other"), tagged=True)
    ada = await server.member(guild, "ada")
    async with crux(server, tmp_path, engine=False) as running:
        post = a_post(guild.id, forum, "hello")
        assert running.platform.messenger.guard(post).nonce_seconds is None
        reference = await running.platform.messenger.send(post)
        (thread,) = forum.threads
        assert [tag.name for tag in forum.tags if tag.id in thread.applied_tags] == ["debate"]
        assert ada.sees(thread) == ["hello"]
        assert await running.platform.messenger.find(post) == reference
        assert await running.platform.messenger.find(a_post(guild.id, forum, "hello", post_id="p2")) is None


async def test_discord_out_of_reach_is_told_as_such(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        ada, channel = await seated(server)
        async with crux(server, tmp_path, engine=False, stop_within=0.0) as running:
            from discord.http import Route

            Route.BASE, base = "http://127.0.0.1:9/api", Route.BASE
            try:
                with pytest.raises(Unreachable):
                    await running.platform.messenger.send(a_post(ada.guild.id, channel, "x"))
            finally:
                Route.BASE = base


async def test_a_post_of_a_stranger_workspace_is_refused(server: DiscordServer, tmp_path: Path) -> None:
    async with crux(server, tmp_path, engine=False) as running:
        now = datetime.now(UTC) - timedelta(minutes=1)
        for workspace in ("discord:x", "discord:12345"):
            post = Post(workspace, "p", "no channel", "note", Message((Paragraph("x"),)), now)
            with pytest.raises(Refused):
                await running.platform.messenger.send(post)
