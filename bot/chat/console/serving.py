"""The terminal as a platform of `crux run`: it shows posts, and nobody types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from bot.chat.console.buttons import Buttons
from bot.chat.console.conversation import WORKSPACE
from bot.chat.console.following import Following
from bot.chat.console.posting import TerminalMessenger
from bot.chat.console.screen import Screen
from bot.core.messages import Message


class Terminal:
    """A `bot.serving.platforms.Platform`."""

    name = "terminal"
    prefix = WORKSPACE

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    @property
    def messenger(self) -> TerminalMessenger:
        return TerminalMessenger(self._show)

    def _show(self, message: Message) -> None:
        # Nobody types here, so its buttons are left out; `crux chat` has the commands that they stand for.
        Following(self._screen, Buttons()).settle(replace(message, buttons=()))

    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    async def start(self) -> None:
        return

    def missing(self) -> str | None:
        return None

    async def stop(self, within: float) -> None:
        return
