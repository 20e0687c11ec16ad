"""`crux demo`: members of a group use the bot, and a narrator says what is going on. Every reply is the bot's own.

First the bot is asked four things; then nine sample members debate for a fortnight, most of it quickly. What they
type is data, `demo.json` and `fortnight.json`, by topic. For a topic without it the four lines come out of its map, and
there is no fortnight.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Final

from bot.chat.console.buttons import Buttons
from bot.chat.console.conversation import Conversation, Events
from bot.chat.console.layout import Style
from bot.chat.console.screen import Screen
from bot.core.arguments import ArgumentMap, Side
from bot.core.assignments import Task
from bot.core.messages import Added, Finished

LINES: Final = Path(__file__).parent / "demo.json"
FORTNIGHTS: Final = Path(__file__).parent / "fortnight.json"

WORD_SECONDS: Final = 0.035
"""About as fast as one skims; the whole demonstration then stays under a minute."""
KEY_SECONDS: Final = 0.007
NARRATOR_SECONDS: Final = 0.9


@dataclass(frozen=True, slots=True)
class Script:
    """What the members type: a claim's id, a denial in their own words, and something that the map has nothing on."""

    claim: str
    denial: str
    off_topic: str


def script_for(argument_map: ArgumentMap) -> Script:
    """The lines for a topic, or lines made from its map."""
    scripts = json.loads(LINES.read_text(encoding="utf-8"))
    if argument_map.id in scripts:
        return Script(**scripts[argument_map.id])
    against = [argument for argument in argument_map.arguments if argument.side is Side.CON] or [argument_map.thesis]
    strongest = max(against, key=lambda argument: (argument_map.strengths[argument.id], argument.id))
    deniable = [argument for argument in argument_map if argument.denials] or [argument_map.thesis]
    return Script(
        claim=strongest.id,
        denial=(deniable[-1].denials or (deniable[-1].contrary,))[0],
        off_topic=scripts["*"]["off_topic"],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What a member types; only some of it is shown, so that a fortnight passes in half a minute."""

    member: str
    text: str
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the fortnight, the first being 1: what the narrator says, then what members type."""

    day: int
    said: tuple[Line, ...]
    tell: str = ""


@dataclass(frozen=True, slots=True)
class Fortnight:
    organiser: str
    days: tuple[Day, ...] = ()

    @property
    def members(self) -> list[str]:
        return sorted({line.member for day in self.days for line in day.said})


def fortnight_for(argument_map: ArgumentMap) -> Fortnight | None:
    """The fortnight of a topic; None where nobody has written one."""
    found = json.loads(FORTNIGHTS.read_text(encoding="utf-8")).get(argument_map.id)
    if found is None:
        return None
    days = (Day(day["day"], tuple(Line(*line) for line in day["said"]), day.get("tell", "")) for day in found["days"])
    return Fortnight(found["organiser"], tuple(days))


class Calendar:
    """The demonstration's clock: it shows one moment until the day is turned."""

    def __init__(self, start: datetime) -> None:
        self._start = self._at = start

    def now(self) -> datetime:
        return self._at

    def turn_to(self, day: int) -> None:
        self._at = self._start + timedelta(days=day - 1)


class Demo:
    """Shows the bot to a newcomer.

    Args:
        conversation: on a database of its own.
        calendar: the clock of the application that the conversation is with.
        draw: puts the newest digest's picture into a file, and tells which.
        paced: give the reader time; without, everything comes at once.
    """

    def __init__(
        self,
        conversation: Conversation,
        calendar: Calendar,
        draw: Callable[[], Awaitable[Path | None]],
        *,
        paced: bool,
    ) -> None:
        self._draw = draw
        self._conversation = conversation
        self._calendar = calendar
        self._screen = conversation.screen
        self._paced = paced
        if paced:
            conversation.pace = slowly

    async def show(self) -> None:
        current = await self._conversation.look_around()
        script = script_for(current)
        await self._tell(f"A group debates: {current.question}", Style.BOLD)

        # A claim that is named needs no index of the map, which grows meanwhile.
        await self._tell("Ann wants the best case for one of its claims, as those who hold it would put it.")
        steelman = await self._say("ann", f"/steelman {script.claim}")

        await self._tell("Ben presses a button under it, for the best case against.")
        await self._say("ben", self._number_of_counter(current, steelman))

        await self._tell("Cyd just talks, without saying “not”. Crux finds what it is about, and that it is a denial.")
        await self._say("cyd", script.denial)

        await self._tell("Dan strays. What the map has nothing on, Crux does not argue.")
        await self._say("dan", script.off_topic)

        fortnight = fortnight_for(current)
        if fortnight is not None:
            await self._pass(fortnight)
            if (drawn := await self._draw()) is not None:
                await self._tell(f"The digest's picture is in {drawn}.")

        await self._tell(
            "All this came from the map alone, without a language model. Now you: crux chat",
            Style.BOLD,
        )

    async def _pass(self, fortnight: Fortnight) -> None:
        """A group's fortnight; what is not shown is answered all the same."""
        home = replace(self._conversation.home, organisers=(fortnight.organiser,))
        self._conversation.home = home
        quiet = Conversation(home, Screen(StringIO()), Buttons())
        names = ", ".join(name.capitalize() for name in fortnight.members)
        await self._tell(f"Now a fortnight of a sample group, with dates made up: {names}.", Style.BOLD)
        for day in fortnight.days:
            self._calendar.turn_to(day.day)
            if day.tell:
                await self._tell(day.tell)
            for line in day.said:
                if line.shown:
                    await self._say(line.member, line.text)
                else:
                    quiet.speak_as(line.member)
                    await quiet.answer(line.text)

    def _number_of_counter(self, current: ArgumentMap, steelman: Finished | None) -> str:
        """The number of "Counter this", or the command when the steelman has no such button."""
        for button in steelman.message.buttons if steelman is not None else ():
            if button.action.startswith(f"{Task.COUNTER}:"):
                return str(self._conversation.buttons.number_of(button.action))
        return f"/counter {current.thesis.id}"

    async def _tell(self, text: str, style: Style = Style.DIM) -> None:
        self._screen.say(text, style)
        await self._pause(NARRATOR_SECONDS)

    async def _say(self, member: str, line: str) -> Finished | None:
        """A member types a line, and Crux answers."""
        self._conversation.speak_as(member)
        typed = f"{self._conversation.prompt}{line}"
        if self._paced:
            for character in typed:
                self._screen.raw(character)
                await asyncio.sleep(KEY_SECONDS)
            self._screen.raw("\n\n")
        else:
            self._screen.say(typed)
        finished = await self._conversation.answer(self._conversation.pressed(line))
        await self._pause(NARRATOR_SECONDS)
        return finished

    async def _pause(self, seconds: float) -> None:
        if self._paced:
            await asyncio.sleep(seconds)


async def slowly(events: Events) -> Events:
    """Events at the speed of a reader."""
    async for event in events:
        yield event
        if isinstance(event, Added):
            await asyncio.sleep(WORD_SECONDS * len(event.text.split()))
