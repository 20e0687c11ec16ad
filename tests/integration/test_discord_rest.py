"""The local Discord against the real discord.py client, over sockets: channels, limits and faults of REST."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from discord import ui

from tests.discord_wire import Channel, DiscordServer, Member, running
from tests.discord_wire.sample_bot import Bot, page

WEBHOOK = "/webhooks/{application}/{token}/messages/{message}"


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as found:
        yield found


async def seated(server: DiscordServer) -> tuple[Member, Channel]:
    """Ada, and the one channel of her guild."""
    guild = await server.guild()
    return await server.member(guild, "ada"), await server.channel(guild)


async def test_429_is_honoured_and_faults_happen_on_demand(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        place = bot.get_partial_messageable(channel.id)
        server.rates.set("POST /channels/*/messages", 2, 0.3)
        for n in range(5):
            await place.send(str(n))
        calls = server.calls_of("POST", "/channels/{channel}/messages")
        assert [call.status for call in calls] == [200] * 5
        assert calls[-1].at - calls[0].at > 0.5
        server.rates.set_by.clear()
        server.faults.limit("POST /channels/*", retry_after=0.1, everywhere=True)
        await place.send("again")
        assert [call.status for call in server.calls[-2:]] == [429, 200]
        assert server.calls[-1].at - server.calls[-2].at >= 0.1
        server.faults.refuse("POST /channels/*/messages", 50013)
        with pytest.raises(discord.Forbidden):
            await place.send("no")
        server.faults.fail("POST /channels/*/messages", status=503)
        with pytest.raises(discord.DiscordServerError):
            await place.send("broken")
        server.faults.hang("POST /channels/*/messages")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(place.send("hung"), 0.1)
        server.faults.lose("POST /channels/*/messages")
        with pytest.raises(aiohttp.ClientError):  # no error of discord.py's own
            await place.send("lost", nonce=5)
        assert ada.sees(channel)[-1] == "lost"
        await place.send("lost", nonce=5)
        assert ada.sees(channel)[-2:] == ["again", "lost"]
        server.clock.advance(301)
        await place.send("lost", nonce=5)
        assert ada.sees(channel)[-2:] == ["lost", "lost"]


async def test_a_file_comes_in_a_form_and_sits_in_a_component(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        place = bot.get_partial_messageable(channel.id)
        view = ui.LayoutView()
        view.add_item(ui.MediaGallery(discord.MediaGalleryItem("attachment://digest.png", description="Seven agree")))
        file = discord.File(io.BytesIO(b"png"), "digest.png", description="Seven agree")
        sent = await place.send(view=view, file=file)
        assert ada.sees(channel) == ["{digest.png: Seven agree}"]
        assert await sent.attachments[0].read() == b"png"
        with pytest.raises(discord.HTTPException, match="not attached"):
            await place.send(view=view)


async def test_threads_and_forums(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    forum = await server.forum(ada.guild, tags=("debate",), tagged=True)
    async with running(server, Bot()) as bot:
        first = await bot.get_partial_messageable(channel.id, guild_id=ada.guild.id).send("A prompt")
        thread = await first.create_thread(name="A prompt")
        assert thread.id == first.id
        with pytest.raises(discord.HTTPException) as again:
            await first.create_thread(name="A prompt")
        assert again.value.code == 160004
        place = bot.get_channel(forum.id)
        assert isinstance(place, discord.ForumChannel)
        with pytest.raises(discord.HTTPException) as untagged:
            await place.create_thread(name="x", content="y")
        assert untagged.value.code == 40067
        post = await place.create_thread(name="x", content="y", applied_tags=place.available_tags)
        assert server.world.channels[post.thread.id].last.content == "y"
        await server.world.set_thread(server.world.channels[thread.id], archived=True, locked=True)
        with pytest.raises(discord.HTTPException) as locked:
            await thread.send("closed")
        assert locked.value.code == 50083


async def test_permissions_dms_and_what_is_gone(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        place = bot.get_partial_messageable(channel.id)
        for name, code in (("send_messages", 50013), ("view_channel", 50001)):
            await server.world.forbid(channel, name)
            with pytest.raises(discord.Forbidden) as refused:
                await place.send("x")
            assert refused.value.code == code
        await server.world.delete_channel(channel)
        with pytest.raises(discord.NotFound) as gone:
            await place.send("x")
        assert gone.value.code == 10003
        user = await bot.fetch_user(ada.user.id)
        await user.send("in private")
        assert ada.sees(ada.dm) == ["in private"]
        ada.user.dms_closed = True
        with pytest.raises(discord.Forbidden) as closed:
            await user.send("x")
        assert closed.value.code == 50007
        assert server.unknown_routes == []


async def test_history_typing_and_a_message_that_goes_while_it_grows(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        place = bot.get_channel(channel.id)
        assert isinstance(place, discord.TextChannel)
        sent = [await place.send(str(n), nonce=n) for n in range(5)]
        assert [m.content async for m in place.history(limit=2)] == ["4", "3"]
        assert [m.content async for m in place.history(limit=2, after=sent[0])] == ["1", "2"]
        assert [m.content async for m in place.history(limit=2, before=sent[2])] == ["1", "0"]
        assert [m.content async for m in place.history(limit=3, around=sent[2])] == ["3", "2", "1"]
        assert [m.nonce async for m in place.history(limit=1)] == ["4"]
        async with place.typing():
            assert channel.typing
        moderator = await server.member(ada.guild, "mod", "manage_messages")
        await moderator.deletes(channel.every[sent[4].id])
        with pytest.raises(discord.NotFound) as gone:
            await sent[4].edit(content="more")
        assert gone.value.code == 10008
        server.faults.limit("PATCH /webhooks/*", retry_after=0.05)
        done = await ada.command(channel, "steelman", view="x")
        await server.until(lambda: done.response and len(done.response.versions) == 2)
        assert [call.status for call in server.calls_of("PATCH", WEBHOOK)] == [429, 200, 200]


async def test_an_archived_thread_opens_by_a_post_and_takes_no_edit(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        place = bot.get_channel(channel.id)
        assert isinstance(place, discord.TextChannel)
        thread = await place.create_thread(name="Debate", type=discord.ChannelType.public_thread)
        known = server.world.channels[thread.id]
        first = await thread.send("one")
        await server.world.set_thread(known, archived=True)
        with pytest.raises(discord.HTTPException) as archived:
            await first.edit(content="two")
        assert archived.value.code == 50083
        await thread.send("three")
        assert not known.archived
        await server.world.set_thread(known, locked=True)
        with pytest.raises(discord.HTTPException) as locked:
            await thread.send("four")
        assert locked.value.code == 160005
        assert channel.threads == [known]
        assert ada.sees(known) == ["one", "three"]


async def test_limits_are_enforced_on_the_wire(server: DiscordServer) -> None:
    _, channel = await seated(server)
    async with running(server, Bot()) as bot:
        place = bot.get_partial_messageable(channel.id)
        with pytest.raises(discord.HTTPException, match="2000 in length"):
            await place.send("x" * 2001)
        v2 = await place.send(view=page("x"))
        with pytest.raises(discord.HTTPException, match="beside the IS_COMPONENTS_V2"):
            await v2.edit(content="plain")
        with pytest.raises(discord.HTTPException) as empty:
            await place.send("")
        assert empty.value.code == 50006
        bad = [{"name": "Steelman", "description": "x", "type": 1}]
        with pytest.raises(discord.HTTPException, match="lower-case"):
            await bot.http.bulk_upsert_global_commands(server.bot.id, bad)
        assert server.invalid_calls == 0
