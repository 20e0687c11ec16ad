"""Who organises a server: those who may manage it, and those with the role that organisers chose."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import discord

from bot.chat.discord.origins import Origin
from bot.errors import StorageError

log = logging.getLogger(__name__)

FRESH: Final = 30.0
"""Seconds for which the chosen role is remembered, so that no event waits for the database twice."""
MOST: Final = 10_000

GroupOf: TypeAlias = Callable[[str], Awaitable[str | None]]
"""The id of the role that organises a workspace; None where none is chosen."""


@dataclass
class Organisers:
    group_of: GroupOf
    monotonic: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[float, str | None]] = field(default_factory=dict)

    async def known(self, origin: Origin, user: discord.abc.User) -> Origin:
        """Where an event comes from, and whether its member is an organiser by their role."""
        if origin.organiser or not isinstance(user, discord.Member):
            return origin
        role = await self._role(origin.workspace)
        held = role is not None and any(str(each.id) == role for each in user.roles)
        return replace(origin, organiser=True) if held else origin

    async def _role(self, workspace: str) -> str | None:
        known = self._known.get(workspace)
        if known is not None and self.monotonic() - known[0] < FRESH:
            return known[1]
        try:
            role = await self.group_of(workspace)
        except StorageError as error:
            log.warning("the organisers' role is not known: workspace=%s (%s)", workspace, error.message)
            return known[1] if known is not None else None
        if len(self._known) > MOST:
            self._known.clear()
        self._known[workspace] = (self.monotonic(), role)
        return role
