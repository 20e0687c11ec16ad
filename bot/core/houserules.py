"""What a channel, or a whole workspace, has set for itself: who may use commands, what the language model may cost,
which language the bot's own words are in.

A setting that was never made, or cannot be read by this version, is as `HouseRules` has it by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from bot.errors import StorageError, Unreachable


class Setting(StrEnum):
    COMMANDS = "commands"
    MODEL = "model"
    STRANGERS = "strangers"
    BUDGET = "budget"
    ORGANISERS = "organisers"
    NOTES = "notes"
    LANGUAGE = "language"


OF_WORKSPACE: Final = (Setting.BUDGET, Setting.ORGANISERS, Setting.NOTES)
"""What holds in all channels of a workspace; the others are a channel's own."""


LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch", "fr": "français"}
"""The languages that the bot's own words can be in, by code, each by its own name; see `bot.core.language`."""


@dataclass(frozen=True, slots=True)
class HouseRules:
    """What holds in a channel.

    Args:
        commands_for_all: whether everybody may use commands, or organisers alone; prompts can be answered by all.
        model: whether a language model writes here, where there is one.
        strangers: whether guests from other organisations may record what they hold.
        budget: tokens that the language model may cost the workspace a day; None for the operator's limit.
        organiser_group: the platform's id of the group of those who organise; None for the platform's own roles.
        notes_channel: the channel in which notes for organisers are posted; None for direct messages.
        language: the code of the language that the bot's own words are in; None for the operator's default.
    """

    commands_for_all: bool = True
    model: bool = True
    strangers: bool = False
    budget: int | None = None
    organiser_group: str | None = None
    language: str | None = None
    notes_channel: str | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """What the operator has set, for where a workspace or channel has set nothing.

    Args:
        token_limit: tokens that the language model may cost a workspace a day; 0 for no limit.
        language: the code of the language that the bot's own words are in.
    """

    token_limit: int = 0
    language: str = "en"


def rules_of(settings: Mapping[str, str]) -> HouseRules:
    """The rules that a store's settings make."""
    return HouseRules(
        commands_for_all=settings.get(Setting.COMMANDS) != "organisers",
        model=settings.get(Setting.MODEL) != "off",
        strangers=settings.get(Setting.STRANGERS) == "on",
        budget=budget_of(settings),
        organiser_group=settings.get(Setting.ORGANISERS) or None,
        notes_channel=settings.get(Setting.NOTES) or None,
        language=spoken if (spoken := settings.get(Setting.LANGUAGE)) in LANGUAGES else None,
    )


def budget_of(settings: Mapping[str, str]) -> int | None:
    """A workspace's own limit of tokens a day; None where it has set none."""
    found = settings.get(Setting.BUDGET, "")
    return int(found) if found.isascii() and found.isdigit() and int(found) > 0 else None


class Rulebook(Protocol):
    """The part of a store that keeps settings. It may raise StorageError, as all of a store."""

    async def settings(self, workspace: str, channel: str | None = None) -> Mapping[str, str]:
        """What is set for the workspace, and in the channel if there is one, by name; see `rules_of`."""
        ...

    async def set_setting(self, workspace: str, channel: str | None, name: str, value: str | None) -> None:
        """Set something for a channel, or without one for the workspace; None takes it back."""
        ...

    async def organiser_group(self, workspace: str) -> str | None:
        """The platform's id of the group of those who organise; None for the platform's own roles."""
        ...


async def notes_channel(rulebook: Rulebook, workspace: str) -> str | None:
    """The channel in which organisers want what is for them; None where they have chosen none.

    Raises:
        Unreachable: the database doesn't say, so that nothing can be posted now.
    """
    try:
        return rules_of(await rulebook.settings(workspace)).notes_channel
    except StorageError as error:
        raise Unreachable(error.message) from error
