"""What was said before: what "it" means, in a thread, a direct message or a channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.core.commands import Command
from bot.core.messages import About
from bot.core.parsing import clean, parse
from bot.core.pointing import meaning, pointed
from bot.core.ports import Store
from bot.core.requests import Request
from bot.core.resolving import Resolver

RECENT: Final = timedelta(minutes=30)
"""For how long a member's words at a channel's top level point back to their own last turn: others talk there, too."""


@dataclass(frozen=True)
class Recalling:
    """Reads requests, with what was said before them."""

    resolver: Resolver
    store: Store

    async def read(self, request: Request) -> tuple[Command, About | None]:
        """The command that a request asks for, and what it points back to, where it does.

        Where nothing came before, words that point back are read like any others.

        Raises:
            BadInput: it can't be read; the message says what to type.
        """
        text = clean(request.text)
        what = pointed(text)
        if what is not None and (about := await self._before(request)) is not None:
            return meaning(what, about), about
        topic = await self._topic(request, text) if text else None
        return topic or parse(text), None

    async def _before(self, request: Request) -> About | None:
        """What the last turn was about that a request may mean, if its topic is still there."""
        found = None
        if request.replies_to is not None:
            post = replace(request.venue, thread=request.replies_to)
            found = await self.store.last_turn(post, request.member)
        if found is None and request.within is not None:
            found = await self.store.last_turn(request.venue, request.member)
        if found is None and (request.within is None or request.direct):
            since = None if request.direct else request.received_at - RECENT
            found = await self.store.last_turn(request.venue.top, request.member, since)
        if found is None:
            return None
        return found if any(found.topic == each.id for each in await self.resolver.maps(request.workspace)) else None

    async def _topic(self, request: Request, text: str) -> Command | None:
        """What "topic four-day-week" asks for, if that is a topic: no slash can be typed in Slack's threads."""
        word, *rest = text.lower().split()
        if word != "topic" or len(rest) != 1 + (rest[:1] == ["channel"]):
            return None
        maps = await self.resolver.maps(request.workspace)
        return parse(f"/crux {text}") if any(rest[-1] == each.id for each in maps) else None
