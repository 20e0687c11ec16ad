"""What a schedule posts: the next prompt of its channel, or the digest of the channel's topic."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from bot.core.debate import Debate
from bot.core.firings import Firing
from bot.core.outbox import Composed
from bot.core.schedules import ScheduleKind
from bot.errors import BadInput

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DebateComposer:
    """Composes firings by the use cases that commands have; a `bot.core.calendar.Composer`.

    What a firing makes is kept under a name that comes of the firing, so that composing it again, in another process
    too, finds the same prompt and the same digest.
    """

    debate: Debate

    async def compose(self, firing: Firing) -> Sequence[Composed]:
        """The posts of a firing; none where the schedule is gone, or nothing can be asked in its channel now."""
        schedule = await self.debate.store.schedule(firing.workspace, firing.schedule)
        if schedule is None:
            return ()
        if firing.kind is ScheduleKind.DIGEST:
            return (await self._digest(firing, schedule.channel),)
        return await self._prompt(firing, schedule.channel)

    async def _digest(self, firing: Firing, channel: str) -> Composed:
        found = await self.debate.digests.resolver.current(firing.workspace, channel)
        # Nobody in particular asked: what a language model costs counts for the workspace alone.
        message = await self.debate.digests.make(firing.workspace, found, name_of(firing), member="")
        return Composed(channel, "digest", message)

    async def _prompt(self, firing: Firing, channel: str) -> Sequence[Composed]:
        prompting = self.debate.prompting
        prompt = await self.debate.store.prompt(firing.workspace, name_of(firing))
        told: list[Composed] = []
        if prompt is None:
            ended = await self.debate.due(firing.workspace, channel, organiser=False)
            told += [Composed(channel, "note", message) for message in ended]
            try:
                prompt = await prompting.open(firing.workspace, channel, name_of(firing))
            except BadInput as error:
                log.info("nothing is asked in workspace %s this time: %s", firing.workspace, error.message)
                return told
        return [*told, Composed(channel, "prompt", await prompting.shown(prompt))]


def name_of(firing: Firing) -> str:
    """20 characters that stand for a firing, the same at every try."""
    said = f"{firing.workspace}\0{firing.schedule}\0{firing.due_at.isoformat()}"
    return blake2b(said.encode(errors="backslashreplace"), digest_size=10).hexdigest()
