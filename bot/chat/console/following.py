"""One answer on the screen: from the first sign of work to the last button."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from bot.chat.console.buttons import Buttons
from bot.chat.console.rendering import rendered, streamed
from bot.chat.console.screen import Live, Screen
from bot.core.language import mark, say
from bot.core.messages import Added, Finished, Message, Replaced, ReplyEvent, Started

READING: Final = mark("reading …")
WRITING: Final = mark("writing …")


class Following:
    """Shows a reply while it is written. `title` and `text` are what was shown of it so far."""

    def __init__(self, screen: Screen, buttons: Buttons | None) -> None:
        self._live = Live(screen)
        self._buttons = buttons
        self.title: str | None = None
        self.text = ""

    async def follow(self, events: AsyncGenerator[ReplyEvent]) -> Finished | None:
        """Show a reply's events up to its end; None when there were none."""
        self._show(READING)
        finished: Finished | None = None
        async with aclosing(events):
            async for event in events:
                match event:
                    case Started(title):
                        self.title = title
                    case Added(text):
                        self.text += text
                    case Replaced(text):
                        self.text = text
                    case Finished():
                        finished = event
                if finished is None:
                    self._show(WRITING)
        if finished is not None:
            self.settle(finished.message)
        return finished

    def settle(self, message: Message) -> None:
        """Show the whole reply, which takes the place of what was shown."""
        numbers = self._buttons.number(message.buttons) if self._buttons is not None else ()
        self._live.settle(rendered(message, self._live.width, numbers))

    def abandon(self) -> None:
        """Take what was shown off the screen: no reply comes."""
        self._live.settle([])

    def _show(self, status: str) -> None:
        self._live.show(streamed(self.title, self.text, self._live.width, "" if self.text else say(status)))
