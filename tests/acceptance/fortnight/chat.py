"""What the fortnight needs of a chat: members who type, press and read, and a bot that can be killed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol, TypeVar

Found = TypeVar("Found")

LOOK_SECONDS: Final = 0.05
"""The longest time between two looks; the first ones follow each other faster."""
_SPACE: Final = re.compile(r"\s+")


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Text as it is compared: without backticks, and one space wherever there is any."""
    return _SPACE.sub(" ", text.replace("`", "")).strip()


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of the bot's as a member sees it now.

    Args:
        id: the same for whoever sees the message, as it grows or is edited, and after a restart.
        text: all words in it: title, body, sources, notes, what is folded away, what its pictures say; no markup.
        private: whether nobody else sees it.
        buttons: their labels.
        pictures: how many go with it.
    """

    id: str
    text: str
    private: bool = False
    buttons: tuple[str, ...] = ()
    pictures: int = 0


class Chat(Protocol):
    """One channel of one workspace, its members, and the bot in it. `bot.app` answers; how is the driver's business.

    Members are named as in the scenario (`ann`). Whatever a member does returns when the bot has acknowledged it; what
    comes of it is waited for with `until`.
    """

    async def command(self, member: str, text: str) -> None:
        """A member types a command in the channel, given as the terminal takes it: `/stand MI-04 agree because …`.

        Where a command has options, the driver takes the text apart as the platform's own client would.
        """
        ...

    async def says(self, member: str, text: str) -> None:
        """A member says something in the channel to the bot, in plain words."""
        ...

    async def presses(self, member: str, message: str, label: str) -> None:
        """A member presses the button with a label under the message with an id, which they see."""
        ...

    def sees(self, member: str) -> Sequence[Shown]:
        """The bot's messages that a member sees now, oldest first: the channel with its threads, and what is for them.

        Left out is what says nothing of a debate, as the platform's own line that a thread was begun. What Crux says as
        one message is one, also where it is posted in parts, or its picture comes after it: under the id of the first.
        """
        ...

    async def post_due(self) -> None:
        """Have done what is due by the stage's clock, and what waits sent; where an engine runs, `settled` is that."""
        ...

    async def settled(self) -> None:
        """Wait until the bot has nothing in hand: no answer being written or shown, nothing due, nothing to be sent."""
        ...

    async def restart(self) -> None:
        """Stop the bot as if it were killed, whatever it is doing, and start it anew on the same database."""
        ...


async def until(
    look: Callable[[], Found | None],
    seconds: float,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> Found:
    """Look again and again until something is found.

    Args:
        look: returns what it was looking for; None or False while it isn't there.
        meanwhile: done before every look.

    Raises:
        TimeoutError: it is not there after so many seconds.
    """
    deadline, pause = time.monotonic() + seconds, 0.002
    while True:
        if meanwhile is not None:
            await meanwhile()
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not seen within {seconds:g} s")
        await asyncio.sleep(pause)
        pause = min(LOOK_SECONDS, 1.5 * pause)
