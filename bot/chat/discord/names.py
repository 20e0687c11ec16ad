"""How Crux and Discord name the same things: workspaces, channels, the member that a post is for, and buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.core.actions import shortened

PREFIX: Final = "discord:"
"""How the ids of Discord's workspaces begin."""

EVERYWHERE: Final = PREFIX
"""In place of a workspace, for what Crux keeps of Discord as a whole: neither a server nor a member has this id."""

CUSTOM_ID: Final = 100
"""Characters of a component's custom id."""


def guild_workspace(guild: int) -> str:
    return f"{PREFIX}{guild}"


def own_workspace(user: int) -> str:
    """The workspace of one member: their DMs with the bot, and the app where they brought it along themselves."""
    return f"{PREFIX}@{user}"


def guild_of(workspace: str) -> int | None:
    """The guild that a workspace is; None for a member's own."""
    name = workspace.removeprefix(PREFIX)
    return int(name) if name.isascii() and name.isdigit() else None


def owner_of(workspace: str) -> int | None:
    """The member whose own workspace it is; None for a guild."""
    return _user(workspace.removeprefix(PREFIX))


def interaction_event(interaction: int) -> str:
    """The id of the event that a command, press or form is."""
    return f"interaction:{interaction}"


def for_member(user: int) -> str:
    """In place of a thread: what a request is answered with is for this member alone, and goes to their DM."""
    return f"@{user}"


def member_for(thread: str | None) -> int | None:
    """The member whom an answer is for alone; None where it goes to a channel or thread."""
    return _user(thread or "")


def _user(name: str) -> int | None:
    return int(name[1:]) if re.fullmatch(r"@\d{1,20}", name) else None


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press is: the core's action, and the guild that it is about where the button stands in a DM."""

    action: str
    guild: int | None = None


PRESS: Final = re.compile(r"(?:crux|c)(?:@(?P<guild>\d{1,20}))?:(?P<action>.+)", re.DOTALL)
"""The custom ids of the core's buttons. `c:` stands for `crux:` where an action is too long for that.

Where it is too long for that, too, the action's topic is in its short form. Buttons of all three kinds stay in use.
"""


def press_id(action: str, guild: int | None = None) -> str | None:
    """The custom id of a button; None where no id of that length can carry the action."""
    if not action.strip():
        return None
    home = "" if guild is None else f"@{guild}"
    for made in (f"crux{home}:{action}", f"c{home}:{action}", f"c{home}:{shortened(action)}"):
        if _units(made) <= CUSTOM_ID:
            return made
    return None


def pressed(custom_id: str) -> Pressed | None:
    """What a custom id of `press_id` stands for."""
    found = PRESS.fullmatch(custom_id)
    if found is None:
        return None
    return Pressed(found["action"], int(found["guild"]) if found["guild"] else None)


FORM: Final = re.compile(r"form(?:@(?P<guild>\d{1,20}))?:(?P<claim>[\w-]{0,40})")
"""The custom ids of the form for a position, and of the button that opens it."""


def form_id(claim: str, guild: int | None = None) -> str:
    return f"form{'' if guild is None else f'@{guild}'}:{claim}"


def _units(text: str) -> int:
    """Characters as Discord's client counts them."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
