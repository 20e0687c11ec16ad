"""What a schedule posts: the next prompt of its channel, or the digest of the channel's topic."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from bot.core.debate import Debate
from bot.core.firings import Firing
from bot.core.language import English, speaking
from bot.core.messages import Message, Picture
from bot.core.outbox import Composed
from bot.core.prompts import Pace
from bot.core.requests import Venue
from bot.core.schedules import Schedule, ScheduleKind
from bot.errors import BadInput

log = logging.getLogger(__name__)

Illustrate: TypeAlias = Callable[[str, Message], Awaitable[Picture | None]]
"""Draws what goes with a workspace's message; None where nothing does, or it can't be drawn."""


async def without_pictures(_: str, __: Message) -> None:
    """For platforms that show none."""


@dataclass(frozen=True)
class DebateComposer:
    """Composes firings by the use cases that commands have; a `bot.core.calendar.Composer`.

    What a firing makes is kept under a name that comes of the firing, so that composing it again, in another process
    too, finds the same prompt and the same digest.
    """

    debate: Debate
    illustrate: Illustrate = without_pictures

    async def compose(self, firing: Firing) -> Sequence[Composed]:
        """The posts of a firing; none where the schedule is gone, or nothing can be asked in its channel now."""
        schedule = await self.debate.store.schedule(firing.workspace, firing.schedule)
        if schedule is None:
            return ()
        await self.debate.languages.speak_in(firing.workspace, schedule.channel)
        if firing.kind is ScheduleKind.DIGEST:
            return (await self._digest(firing, schedule.channel),)
        return await self._prompt(firing, schedule)

    # -- digests ------------------------------------------------------------------------------------------------------

    async def _digest(self, firing: Firing, channel: str) -> Composed:
        digests = await self.debate.digests_in(firing.workspace, channel)
        found = await digests.resolver.current(Venue(firing.workspace, channel))
        # Nobody in particular asked: what a language model costs counts for the workspace alone.
        message = await digests.make(firing.workspace, found, name_of(firing), member="")
        return Composed(channel, "digest", message, picture=await self.illustrate(firing.workspace, message))

    # -- prompts ------------------------------------------------------------------------------------------------------

    async def _prompt(self, firing: Firing, schedule: Schedule) -> Sequence[Composed]:
        prompting = self.debate.prompting
        prompt = await self.debate.store.prompt(firing.workspace, name_of(firing))
        if prompt is None:
            await self.debate.end_due(firing.workspace, schedule.channel)
            if await self._spared(firing, schedule):
                log.info("workspace %s is asked every other time, and not this time", firing.workspace)
                return ()
            try:
                with speaking(English()):  # a refusal is for the log alone
                    prompt = await prompting.open(Venue(firing.workspace, schedule.channel), name_of(firing))
            except BadInput as error:
                log.info("nothing is asked in workspace %s this time: %s", firing.workspace, error.message)
                return ()
        return (Composed(schedule.channel, "prompt", await prompting.shown(prompt)),)

    async def _spared(self, firing: Firing, schedule: Schedule) -> bool:
        """Whether a group that is to be asked less often is left alone: every other of the schedule's own times."""
        store = self.debate.store
        found = await self.debate.digests.resolver.current(Venue(firing.workspace, schedule.channel))
        if await store.pace(firing.workspace, schedule.channel, found.id) is not Pace.SLOWER:
            return False
        if not self.debate.recurrences.is_due(schedule, firing.due_at):
            return False  # somebody had it run
        states = await store.firing_states(firing.workspace, firing.schedule)
        own = [each for each, _, _ in states if self.debate.recurrences.is_due(schedule, each.due_at)]
        before = max((each for each in own if each.due_at < firing.due_at), key=lambda each: each.due_at, default=None)
        return before is not None and await store.prompt(firing.workspace, name_of(before)) is not None


def name_of(firing: Firing) -> str:
    """20 characters that stand for a firing, the same at every try."""
    said = f"{firing.workspace}\0{firing.schedule}\0{firing.due_at.isoformat()}"
    return blake2b(said.encode(errors="backslashreplace"), digest_size=10).hexdigest()
