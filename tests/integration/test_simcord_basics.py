"""How this project drives a real discord.py client in-process with simcord: patterns for the adapter's tests.

What the bot does beside answering (queues, workers) is started outside the client: simcord waits after each action
until every task that the client started has ended or sleeps, and fails on one that waits for anything else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands, ui


class Sign(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"sign:(?P<argument>[A-Z]+-\d+)"):
    """A button whose meaning is in its custom id, so that it outlives the process."""

    def __init__(self, argument: str) -> None:
        super().__init__(ui.Button(label="I'd sign this", custom_id=f"sign:{argument}"))
        self.argument = argument

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str]) -> Sign:
        return cls(match["argument"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Stance(self.argument))


class Stance(ui.Modal):
    """A modal with one input of each kind that Crux uses."""

    def __init__(self, argument: str) -> None:
        super().__init__(title="Where do you stand?", custom_id=f"stance:{argument}")
        options = [discord.RadioGroupOption(label=word, value=word[0].lower()) for word in ("Agree", "Disagree")]
        self.stance = ui.RadioGroup[Stance](custom_id="stance", options=options)
        self.reason = ui.TextInput[Stance](custom_id="reason", required=False, max_length=300)
        self.crux = ui.Checkbox[Stance](custom_id="crux")
        self.add_item(ui.Label(text="Your stance", component=self.stance))
        self.add_item(ui.Label(text="Why?", component=self.reason))
        self.add_item(ui.Label(text="This is a crux for me", component=self.crux))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        noted = f"Noted: {self.stance.value}, {self.reason.value}, {self.crux.value}"
        await interaction.response.send_message(noted, ephemeral=True)


def page(text: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container[ui.LayoutView](ui.TextDisplay(text)))
    view.add_item(ui.ActionRow(Sign("MI-04")))
    return view


async def claims(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed} {n}", value=f"MI-{n:02}") for n in range(25)]


class Bot(discord.Client):
    """The real client; `ask` reaches a worker that lives outside it."""

    def __init__(self, work: asyncio.Queue[asyncio.Future[str]]) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none())
        self.work = work
        self.heard: list[str] = []
        self.tree = app_commands.CommandTree(self)
        crux = app_commands.Group(name="crux", description="What you hold")
        crux.command(name="map", description="Show a claim")(self.show)
        self.tree.add_command(crux)
        self.tree.command(name="steelman", description="The best case for a view")(self.steelman)
        self.tree.context_menu(name="Counter this")(self.counter)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Sign)
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message.content)

    async def ask(self) -> str:
        asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.work.put_nowait(asked)
        return await asked

    async def steelman(self, interaction: discord.Interaction, view: str) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(view=page("…"))
        await interaction.edit_original_response(view=page(f"{await self.ask()} for {view}"))

    async def counter(self, interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Against: {message.content}", ephemeral=True)

    @app_commands.autocomplete(claim=claims)
    async def show(self, interaction: discord.Interaction, claim: str) -> None:
        await interaction.response.send_message(claim, ephemeral=True)


def shown(message: simcord.ResponseMessage | discord.Message) -> list[str]:
    """The texts of a Components V2 message, as simcord keeps it."""
    components = message.components if isinstance(message, simcord.ResponseMessage) else []
    return [part["content"] for box in components for part in box.get("components", []) if part["type"] == 10]


@pytest.fixture
async def simcord_bot() -> AsyncIterator[Bot]:
    """What simcord's own fixture runs; `simcord.run` itself can't stand in an async fixture, only in a test."""
    work: asyncio.Queue[asyncio.Future[str]] = asyncio.Queue()

    async def worker() -> None:
        while True:
            (await work.get()).set_result("The case")

    outside = asyncio.create_task(worker())
    yield Bot(work)
    outside.cancel()


@pytest.fixture
def env(simcord_env: simcord.Env) -> simcord.Env:
    """A running client in a guild with one channel."""
    simcord_env.create_guild().create_text_channel("general")
    return simcord_env


async def test_a_deferred_command_is_answered_by_edits_to_a_layout(env: simcord.Env) -> None:
    channel = env.guild.channels["general"]
    ada = env.guild.add_member(env.create_user("ada"))
    result = await ada.slash(channel, "steelman", view="realism")
    assert result.acknowledged
    assert result.response is not None
    assert shown(result.response) == ["The case for realism"]
    callbacks = [request.json for request in env.http_requests if request.path.endswith("/callback")]
    assert callbacks == [{"type": 5}]


async def test_a_button_outlives_the_process_and_opens_a_modal(env: simcord.Env) -> None:
    channel = env.guild.channels["general"]
    ada, bo = (env.guild.add_member(env.create_user(name)) for name in ("ada", "bo"))
    result = await ada.slash(channel, "steelman", view="realism")
    assert result.response is not None
    await env.restart_bot(Bot(asyncio.Queue()))
    pressed = await ada.click(result.response, custom_id="sign:MI-04")
    assert pressed.modal is not None
    assert pressed.modal["title"] == "Where do you stand?"
    sent = await ada.submit_modal(pressed, {"stance": "a", "reason": "It fits", "crux": True})
    assert sent.ephemeral
    assert sent.response is not None
    assert sent.response.content == "Noted: a, It fits, True"
    assert "Noted" in str([message.content for message in channel.history(viewer=ada)])
    assert "Noted" not in str([message.content for message in channel.history(viewer=bo)])


async def test_autocompletion_in_a_group_and_a_message_command(env: simcord.Env) -> None:
    channel = env.guild.channels["general"]
    ada = env.guild.add_member(env.create_user("ada"))
    choices = await ada.autocomplete(channel, "crux map", "claim", "mor")
    assert choices[4] == {"name": "mor 4", "value": "MI-04"}
    answered = await ada.slash(channel, "crux map", claim=choices[4]["value"])
    assert answered.response is not None
    assert answered.response.content == "MI-04"
    said = await ada.send(channel, "Ethics is made up.")
    countered = await ada.context_menu(channel, "Counter this", said)
    assert countered.response is not None
    assert countered.response.content == "Against: Ethics is made up."


async def test_content_comes_with_a_mention_a_reply_or_in_a_dm(env: simcord.Env) -> None:
    channel = env.guild.channels["general"]
    ada = env.guild.add_member(env.create_user("ada"))
    bot = env.bot
    assert isinstance(bot, Bot)
    assert bot.user is not None
    await ada.send(channel, "plain")
    await ada.send(channel, f"{bot.user.mention} named")
    await ada.send_dm("direct")
    assert bot.heard == ["", f"{bot.user.mention} named", "direct"]


async def test_an_injected_error_reaches_the_client(env: simcord.Env) -> None:
    channel = env.guild.channels["general"]
    place = env.bot.get_channel(channel.id)
    assert isinstance(place, discord.TextChannel)
    env.inject_error("POST", "/channels/*/messages", status=403, code=50013, message="Missing Permissions", times=1)
    with pytest.raises(discord.Forbidden) as refused:
        await place.send("no")
    assert refused.value.code == 50013
    await place.send("yes")
    assert channel.last_message is not None
    assert channel.last_message.content == "yes"
