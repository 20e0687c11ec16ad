"""`/crux settings …` as a command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.core.commands import ChangeSetting, Settings
from bot.core.houserules import LANGUAGES, Setting
from bot.core.language import say, spoken
from bot.errors import BadInput

SETTINGS: Final[Mapping[str, str]] = {
    Setting.COMMANDS.value: "who may use commands here: everyone or organisers",
    Setting.MODEL.value: "whether a language model writes here: on or off",
    Setting.STRANGERS.value: "whether guests may record positions here: on or off",
    Setting.LANGUAGE.value: f"the language of my own words here: {', '.join(LANGUAGES)}, or default",
    Setting.BUDGET.value: "what the model may cost the workspace a day: tokens, or none",
    Setting.ORGANISERS.value: "which group organises: its id, or default",
    Setting.NOTES.value: "where notes for organisers are posted: here, a channel, or default",
}
"""What follows `/crux settings`, and what it says."""

VALUES: Final[Mapping[Setting, Mapping[str, str | None]]] = {
    Setting.COMMANDS: {"everyone": None, "organisers": "organisers"},
    Setting.MODEL: {"on": None, "off": "off"},
    Setting.STRANGERS: {"on": "on", "off": None},
    Setting.LANGUAGE: {**{code: code for code in LANGUAGES}, "default": None},
}
"""The words that a setting takes, and what is kept of them; None is the default."""

MOST_TOKENS: Final = 10**12
_GROUP: Final = re.compile(r"<!subteam\^([\w-]{1,64})(?:\|[^>]*)?>|<@&([\w-]{1,64})>|([\w-]{1,64})", re.ASCII)
"""A group as Slack and Discord write a mention of one, or its bare id."""

_CHANNEL: Final = re.compile(r"<#([\w-]{1,64})(?:\|[^>]*)?>|([\w-]{1,64})", re.ASCII)
"""A channel in the same ways."""

HERE: Final = "here"
"""In place of a channel: the one in which that is said."""


def read_settings(rest: str) -> Settings | ChangeSetting:
    """The command that follows `/crux settings`.

    Raises:
        BadInput: it can't be read; the message says what to type.
    """
    name, _, value = rest.strip().partition(" ")
    value = value.strip()
    if not name:
        return Settings()
    name = name.lower().replace("organizers", "organisers")
    if name not in list(Setting):
        raise BadInput(
            say(
                "Settings are {settings}, as in `/crux settings model off`; `/crux settings` shows them.",
                settings=spoken().listed([f"`{setting}`" for setting in Setting]),
            )
        )
    setting = Setting(name)
    match setting:
        case Setting.BUDGET:
            return ChangeSetting(setting, _tokens(value))
        case Setting.ORGANISERS:
            return ChangeSetting(setting, _group(value))
        case Setting.NOTES:
            return ChangeSetting(setting, _channel(value))
        case Setting.LANGUAGE:
            return ChangeSetting(setting, _language(value))
        case _:
            return ChangeSetting(setting, _word(setting, value))


def _word(setting: Setting, value: str) -> str | None:
    taken = VALUES[setting]
    word = value.lower().replace("organizers", "organisers")
    if word not in taken:
        one, other = taken
        raise BadInput(
            say(
                "Say `/crux settings {name} {one}` or `/crux settings {name} {other}`.",
                name=setting,
                one=one,
                other=other,
            )
        )
    return taken[word]


def _tokens(value: str) -> str | None:
    if value.lower() == "none":
        return None
    digits = re.sub(r"[,_ ']", "", value)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 14 and 0 < int(digits) <= MOST_TOKENS):
        raise BadInput(
            say(
                "Say how many tokens a day the language model may cost this workspace, as in `/crux settings budget "
                "50000`, or `none` for no limit of your own; `/crux settings model off` does without it."
            )
        )
    return str(int(digits))


def _group(value: str) -> str | None:
    if value.lower() == "default":
        return None
    found = _GROUP.fullmatch(value)
    if found is None:
        raise BadInput(
            say(
                "Name one group of this platform by a mention of it or by its id, as in `/crux settings organisers "
                "S0614TZR7`, or say `default` for those who administer the workspace."
            )
        )
    return next(part for part in found.groups() if part)


def _channel(value: str) -> str | None:
    word = value.lower()
    if word in ("default", HERE):
        return None if word == "default" else HERE
    found = _CHANNEL.fullmatch(value)
    if found is None:
        raise BadInput(
            say(
                "Say `/crux settings notes here` in the channel that organisers read, name it by a mention of it or by "
                "its id, or say `default` for direct messages."
            )
        )
    return next(part for part in found.groups() if part)


def _language(value: str) -> str | None:
    """The code of a language, which may be called by its own name."""
    word = value.lower()
    codes = {name.lower(): code for code, name in LANGUAGES.items()}
    taken = VALUES[Setting.LANGUAGE]
    word = codes.get(word, word)
    if word not in taken:
        known = ", ".join(f"`{code}` ({name})" for code, name in LANGUAGES.items())
        raise BadInput(
            say(
                "Say which language my own words should be in, as in `/crux settings language de`: {languages}, or "
                "`default` for the operator's.",
                languages=known,
            )
        )
    return taken[word]
