"""Buttons that work after a restart: what they do is in their custom ids, and the client is asked to do it."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, cast

import discord
from discord import ui

from bot.chat.discord.names import FORM, PRESS, Pressed


class Presses(Protocol):
    """What takes presses: the client."""

    async def pressed(self, interaction: discord.Interaction, pressed: Pressed) -> None: ...

    async def form_wanted(self, interaction: discord.Interaction, claim: str, guild: int | None) -> None: ...


def _button(label: str, custom_id: str) -> ui.Button[Any]:
    return ui.Button(style=discord.ButtonStyle.secondary, label=label, custom_id=custom_id)


def _label(item: ui.Item[Any]) -> str:
    return str(getattr(item, "label", None) or "…")


def _presses(interaction: discord.Interaction) -> Presses:
    return cast("Presses", interaction.client)


class PressButton(ui.DynamicItem[ui.Button[Any]], template=PRESS):
    """A button of the core's."""

    def __init__(self, label: str, custom_id: str) -> None:
        super().__init__(_button(label, custom_id))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(_label(item), match.string)

    async def callback(self, interaction: discord.Interaction) -> None:
        match = PRESS.fullmatch(self.custom_id)
        if match is not None:
            guild = int(match["guild"]) if match["guild"] else None
            await _presses(interaction).pressed(interaction, Pressed(match["action"], guild))


class FormButton(ui.DynamicItem[ui.Button[Any]], template=FORM):
    """Opens the form for a position."""

    def __init__(self, label: str, custom_id: str) -> None:
        super().__init__(_button(label, custom_id))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(_label(item), match.string)

    async def callback(self, interaction: discord.Interaction) -> None:
        match = FORM.fullmatch(self.custom_id)
        if match is not None:
            guild = int(match["guild"]) if match["guild"] else None
            await _presses(interaction).form_wanted(interaction, match["claim"], guild)


BUTTONS = (PressButton, FormButton)
