"""The local Discord of the tests against the real discord.py client, over sockets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from discord import app_commands, ui

from tests.discord_wire import Channel, DiscordServer, Impossible, Member, masked_links, pings, read, running

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


class Press(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"sign:(?P<id>\d+)"):
    """A button that works after a restart."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="I'd sign this", custom_id=f"sign:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: object, match: object) -> Press:
        return cls(int(match["id"]))  # type: ignore[index]

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Stance())


class Stance(ui.Modal, title="Where do you stand?"):
    stance: ui.Label[Stance] = ui.Label(
        text="Stance",
        component=ui.RadioGroup(
            custom_id="stance",
            options=[
                discord.RadioGroupOption(label="Agree", value="a"),
                discord.RadioGroupOption(label="No", value="n"),
            ],
        ),
    )
    why: ui.Label[Stance] = ui.Label(
        text="Why?", component=ui.TextInput(custom_id="why", required=False, max_length=300)
    )
    crux: ui.Label[Stance] = ui.Label(text="A crux for me", component=ui.Checkbox(custom_id="crux"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        parts = [item.component.value for item in (self.stance, self.why, self.crux)]  # type: ignore[attr-defined]
        await interaction.response.send_message(f"Noted: {parts}", ephemeral=True)


def page(text: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container[ui.LayoutView](ui.TextDisplay(text)))
    view.add_item(ui.ActionRow(Press(7)))
    return view


class Bot(discord.Client):
    """A small bot with one thing of each kind; `gate` holds back what waits for it."""

    def __init__(self, *, intents: discord.Intents = INTENTS, **options: float) -> None:
        options = {"guild_ready_timeout": 0.03, "heartbeat_timeout": 60.0, **options}
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=options["guild_ready_timeout"],
            heartbeat_timeout=options["heartbeat_timeout"],
        )
        self.tree = app_commands.CommandTree(self)
        self.gate = asyncio.Event()
        self.gate.set()
        self.heard: list[str] = []
        self.errors: list[discord.HTTPException] = []
        add_commands(self)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Press)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits five seconds before it identifies again."""

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self.heard.append(f"said {message.content!r} {self.user in message.mentions}")

    async def on_resumed(self) -> None:
        self.heard.append("resumed")

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        self.heard.append("outage")

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self.heard.append("available")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.heard.append("removed")


def add_commands(bot: Bot) -> None:
    @bot.tree.command(description="The best case for a view")
    async def steelman(interaction: discord.Interaction, view: str, private: bool = False) -> None:
        await bot.gate.wait()
        try:
            await interaction.response.defer(ephemeral=private)
        except discord.HTTPException as error:
            bot.errors.append(error)
            return
        for text in ("Half", f"The case for {view} @everyone [here](https://example.org/x)"):
            await interaction.edit_original_response(view=page(text))

    @steelman.autocomplete("view")
    async def complete(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed} {n}", value=str(n)) for n in range(25)]

    @bot.tree.context_menu(name="Counter this")
    async def counter(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Against: {message.content}")
        try:
            await interaction.response.defer()
        except discord.InteractionResponded:
            await interaction.followup.send("And more")


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
