"""What the commands say of themselves in German and French. Their names stay the same, so that all can name them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place

_LANGUAGES: Final = {discord.Locale.german: "de", discord.Locale.french: "fr"}
_NAMES: Final = frozenset({Place.command_name, Place.group_name, Place.parameter_name, Place.choice_name})


@cache
def translations() -> Mapping[str, Mapping[str, str]]:
    """By the English words, then by language."""
    text = files("bot.chat.discord").joinpath("translations.json").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = json.loads(text)
    return found


class Translations(app_commands.Translator):
    """German and French descriptions, and names of message commands."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        menu = isinstance(context.data, app_commands.ContextMenu)
        if locale not in _LANGUAGES or (context.location in _NAMES and not menu):
            return None
        return translations().get(string.message, {}).get(_LANGUAGES[locale])
