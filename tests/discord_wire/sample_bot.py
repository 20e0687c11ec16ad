"""A small bot with one thing of each kind, for the tests of the server: the real discord.py client."""

from __future__ import annotations

import asyncio
import re

import discord
from discord import app_commands, ui

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


class Press(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"sign:(?P<id>\d+)"):
    """A button that works after a restart."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="I'd sign this", custom_id=f"sign:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: object, match: re.Match[str]) -> Press:
        return cls(int(match["id"]))

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
