"""The local Discord against the real discord.py client, over sockets: the gateway and interactions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest
from discord import app_commands

from tests.discord_wire import Channel, DiscordServer, Impossible, Member, masked_links, pings, read, running
from tests.discord_wire.sample_bot import INTENTS, Bot, page


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as found:
        yield found


async def seated(server: DiscordServer) -> tuple[Member, Channel]:
    """Ada, and the one channel of her guild."""
    guild = await server.guild()
    return await server.member(guild, "ada"), await server.channel(guild)


async def test_a_deferred_command_is_answered_by_edits(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()):
        done = await ada.command(channel, "steelman", view="moral realism")
        await server.until(lambda: done.answered and len(channel.last.versions) == 2)
        assert done.callback == 5
        assert done.reached == 1
        text = "The case for moral realism @everyone [here](https://example.org/x)"
        assert ada.sees(channel) == [f"{text}\n[I'd sign this](sign:7)"]
        assert channel.last.v2
        assert pings(channel.last) == []
        assert masked_links(channel.last) == [("here", "https://example.org/x")]
        with pytest.raises(Impossible, match="no option"):
            await ada.command(channel, "steelman", vew="x")
        with pytest.raises(Impossible, match="needs"):
            await ada.command(channel, "steelman")


async def test_a_private_answer_is_seen_by_its_reader_alone(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    bo = await server.member(ada.guild, "bo")
    async with running(server, Bot()):
        done = await ada.command(channel, "steelman", view="x", private=True)
        await server.until(lambda: done.response and len(done.response.versions) == 2)
    assert ada.sees(channel)
    assert not bo.sees(channel)
    assert not channel.messages


async def test_button_and_modal(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        await bot.get_partial_messageable(channel.id).send(view=page("Sign?"))
        pressed = await ada.presses(channel.last, "I'd sign this")
        await server.until(lambda: pressed.modal)
        sent = await ada.submits(pressed, {"Stance": "Agree", "why": "because", "A crux for me": True})
        await server.until(lambda: sent.answered)
        assert [read(message) for message in sent.messages] == ["Noted: ['a', 'because', True]"]
        with pytest.raises(Impossible, match="can't be"):
            await ada.submits(pressed, {"Stance": "Maybe"})
        with pytest.raises(Impossible, match="can't be"):
            await ada.submits(pressed, {"why": "but no stance"})


async def test_autocompletion_and_message_command(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()):
        choices = await ada.autocompletes(channel, "steelman", "view", "mor")
        assert (
            choices[:1] == [{"name": "mor 0", "value": "0", "name_localizations": {}}] or choices[0]["name"] == "mor 0"
        )
        assert len(choices) == 25
        said = await ada.says(channel, "Ethics is made up.")
        done = await ada.message_command("Counter this", said)
        await server.until(lambda: len(done.messages) == 2)
        assert [read(m) for m in done.messages] == ["Against: Ethics is made up.", "And more"]


async def test_content_comes_only_with_a_mention_a_reply_or_in_a_dm(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        own = await bot.get_partial_messageable(channel.id).send("Hello")
        await ada.says(channel, "plain")
        await ada.says(channel, "named", mentions_bot=True)
        await ada.says(channel, "answer", reply_to=channel.every[own.id])
        await ada.says(channel, "quiet answer", reply_to=channel.every[own.id], pings=False)
        await ada.says(ada.dm, "direct")
        await server.until(lambda: len(bot.heard) >= 6)
        assert bot.heard[1:] == [
            "said '' False",
            f"said '<@{server.bot.id}> named' True",
            "said 'answer' True",
            "said '' False",
            "said 'direct' False",
        ]


@pytest.mark.parametrize("ending", ["cut", "close", "op 7"])
async def test_what_was_missed_comes_after_a_resume(server: DiscordServer, ending: str) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        if ending == "op 7":
            await server.gateway.ask_reconnect()
        else:
            await server.gateway.drop(None if ending == "cut" else 4000)
        done = await ada.command(channel, "steelman", view="x")
        await server.until(lambda: done.answered)
        await server.until(lambda: "resumed" in bot.heard)
        assert server.gateway.resumes == 1
        assert len(server.gateway.identifies) == 1
        assert server.gateway.urls[-1].startswith("/resume")


async def test_an_invalid_session_identifies_anew(server: DiscordServer) -> None:
    await seated(server)
    async with running(server, Bot()):
        await server.gateway.invalidate()
        await server.until(lambda: len(server.gateway.identifies) == 2)


async def test_a_zombie_is_left_and_resumed(server: DiscordServer) -> None:
    await seated(server)
    async with running(server, Bot(heartbeat_timeout=0.3)):
        server.gateway.acknowledges = False
        await server.until(lambda: server.gateway.resumes == 1)


async def test_refused_at_the_gateway(server: DiscordServer) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(server, Bot(intents=discord.Intents(INTENTS.value, message_content=True))):
            pass
    bot = Bot()
    with pytest.raises(discord.LoginFailure):
        await bot.login("another token")
    await bot.close()
    server.gateway.token = "changed"
    with pytest.raises(discord.ConnectionClosed, match="4004"):
        async with running(server, Bot()):
            pass


async def test_an_outage_is_no_removal(server: DiscordServer) -> None:
    ada, _ = await seated(server)
    async with running(server, Bot()) as bot:
        bot.heard.clear()
        await server.world.outage(ada.guild)
        await server.world.join(ada.guild)
        await server.world.remove_bot(ada.guild)
        await server.until(lambda: len(bot.heard) == 3)
        assert bot.heard == ["outage", "available", "removed"]


async def test_late_and_second_acknowledgements_are_refused(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    async with running(server, Bot()) as bot:
        bot.gate.clear()
        done = await ada.command(channel, "steelman", view="x")
        server.clock.advance(3.5)
        bot.gate.set()
        await server.until(lambda: bot.errors)
        assert bot.errors[0].code == 10062
        assert done.refusals == [10062]
        done = await ada.command(channel, "steelman", view="x")
        await server.until(lambda: done.answered)
        route = discord.http.Route("POST", f"/interactions/{done.id}/{done.token}/callback")
        with pytest.raises(discord.HTTPException) as second:
            await bot.http.request(route, json={"type": 5})
        assert second.value.code == 40060
        server.clock.advance(900)
        webhook = discord.Webhook.partial(server.bot.id, done.token, client=bot)
        with pytest.raises(discord.HTTPException) as expired:
            await webhook.send("Late")
        assert expired.value.code == 50027


async def test_shards_get_their_own_guilds(server: DiscordServer) -> None:
    server.gateway.shards = 2
    guilds = [await server.guild(f"group {n}") for n in range(4)]

    class Sharded(discord.AutoShardedClient):
        async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
            """No five seconds between shards."""

    async with running(server, Sharded(intents=INTENTS, guild_ready_timeout=0.03)) as bot:
        assert sorted(one.shard for one in server.gateway.identifies) == [(0, 2), (1, 2)]
        assert {guild.id for guild in bot.guilds} == {guild.id for guild in guilds}
        assert sorted(guild.shard_id for guild in bot.guilds) == [0, 0, 1, 1]


async def test_a_command_in_a_dm_and_of_a_user_install(server: DiscordServer) -> None:
    ada, _ = await seated(server)
    away = await server.guild("Elsewhere", present=False)
    there, channel = Member(server, ada.user, away), await server.channel(away)
    await server.joins(there)
    bot = Bot()
    everywhere = app_commands.AppInstallationType(guild=True, user=True)
    bot.tree.allowed_installs = everywhere
    async with running(server, bot):
        done = await ada.command(ada.dm, "steelman", view="x")
        await server.until(lambda: done.answered and "x" in ada.sees(ada.dm)[0])
        done = await there.command(channel, "steelman", view="y")
        await server.until(lambda: done.answered and "y" in there.sees(channel)[0])
        webhook = discord.Webhook.partial(server.bot.id, done.token, client=bot)
        for n in range(5):
            await webhook.send(str(n))
        with pytest.raises(discord.HTTPException) as sixth:
            await webhook.send("5")
        assert sixth.value.code == 40094
        with pytest.raises(discord.Forbidden) as absent:
            await bot.get_partial_messageable(channel.id).send("x")
        assert absent.value.code == 50001


async def test_who_is_offered_a_command(server: DiscordServer) -> None:
    ada, channel = await seated(server)
    chair = await server.member(ada.guild, "chair", "manage_guild")
    bot = Bot()

    @bot.tree.command(description="Settings of this server")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only
    async def settings(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send("Done", ephemeral=True)

    async with running(server, bot):
        done = await chair.command(channel, "settings")
        await server.until(lambda: done.answered)
        assert [read(message) for message in done.messages] == ["Done"]  # in place of "thinking", so for all to see
        assert ada.sees(channel) == ["Done"]
        for member, place in ((ada, channel), (chair, chair.dm)):
            with pytest.raises(Impossible, match="offered no command"):
                await member.command(place, "settings")
        server.command_users["settings"] = {ada.user.id}
        assert (await ada.command(channel, "settings")).reached == 1
