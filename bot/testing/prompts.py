"""Prompts, queue and pace of `MemoryStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.outbox import Post
from bot.core.positions import Position
from bot.core.prompts import Pace, Prompt, Queued, Vote, Votes
from bot.storage.codec import dump_message, load_message, storable, utc
from bot.testing.calendar import MemoryCalendar
from bot.testing.positions import MemoryPositions, Snapshot


@dataclass(slots=True)
class _Kept:
    """A prompt, and the snapshot that it opened with while it is open and nobody in that is forgotten."""

    prompt: Prompt
    members: int | None = None
    before: tuple[Position, ...] = ()


class MemoryPrompts(MemoryPositions, MemoryCalendar):
    """The part of `core.ports.Store` that is about prompts. No method waits between reading and writing."""

    def __init__(self) -> None:
        super().__init__()
        MemoryCalendar.__init__(self)
        self._prompts: dict[tuple[str, str], _Kept] = {}
        self._queue: list[Queued] = []
        """In the order in which they come."""
        self._passed_over: dict[tuple[str, str, str], datetime] = {}
        self._paces: dict[tuple[str, str, str], Pace] = {}

    # -- prompts ------------------------------------------------------------------------------------------------------

    async def open_prompt(self, prompt: Prompt, since: datetime) -> Prompt | None:
        kept = _stored_prompt(prompt)
        known = self._prompts.get((kept.workspace, kept.id))
        if known is not None:
            return known.prompt
        claim = (kept.topic, kept.claim_id)
        for other in self._of(kept.workspace):
            same_claim = (other.topic, other.claim_id) == claim
            asked = other.claim_version == kept.claim_version and other.opened_at > utc(since)
            if (other.is_open and (other.channel == kept.channel or same_claim)) or (same_claim and asked):
                return None
        snapshot = self._shown_snapshot(kept)
        self._prompts[kept.workspace, kept.id] = _Kept(
            kept,
            None if snapshot is None else snapshot.members,
            () if snapshot is None else tuple(snapshot.positions.values()),
        )
        self._queue = [q for q in self._queue if (q.workspace, q.topic, q.claim_id) != (kept.workspace, *claim)]
        return kept

    def _shown_snapshot(self, prompt: Prompt) -> Snapshot | None:
        snapshot = self._snapshots.get((prompt.workspace, prompt.topic, prompt.claim_id))
        if snapshot is None or not snapshot.shown or snapshot.version != prompt.claim_version:
            return None
        return snapshot

    def _of(self, workspace: str) -> list[Prompt]:
        return [kept.prompt for (whose, _), kept in self._prompts.items() if whose == storable(workspace)]

    async def prompt(self, workspace: str, prompt_id: str) -> Prompt | None:
        kept = self._prompts.get((storable(workspace), storable(prompt_id)))
        return None if kept is None else kept.prompt

    async def open_prompts(self, workspace: str) -> Sequence[Prompt]:
        return sorted((p for p in self._of(workspace) if p.is_open), key=lambda p: (p.opened_at, p.id))

    async def closed_prompts(
        self, workspace: str, channel: str, most: int, topic: str | None = None
    ) -> Sequence[Prompt]:
        found = [
            prompt
            for prompt in self._of(workspace)
            if not prompt.is_open
            and prompt.channel == storable(channel)
            and (topic is None or prompt.topic == storable(topic))
        ]
        by_id = sorted(found, key=lambda p: p.id)
        return sorted(by_id, key=lambda p: p.opened_at, reverse=True)[:most]

    async def prompt_closed_by(self, workspace: str, closed_by: str) -> Prompt | None:
        return next((p for p in self._of(workspace) if p.closed_by == storable(closed_by)), None)

    async def last_asked(self, workspace: str, topic: str) -> Mapping[tuple[str, int], datetime]:
        found: dict[tuple[str, int], datetime] = {}
        for prompt in self._of(workspace):
            if prompt.topic == storable(topic):
                key = (prompt.claim_id, prompt.claim_version)
                found[key] = max(prompt.opened_at, found.get(key, prompt.opened_at))
        return found

    async def votes(self, prompt: Prompt) -> Votes:
        asked = _stored_prompt(prompt)
        kept = self._prompts.get((asked.workspace, asked.id))
        snapshot = self._shown_snapshot(asked)
        claim = (asked.workspace, asked.topic, asked.claim_id, asked.claim_version)
        return Votes(
            before=None if kept is None else _vote(kept.before, kept.members),
            after=None if snapshot is None else Vote(snapshot.stances, snapshot.members),
            answered=any(
                (p.workspace, p.topic, p.claim_id, p.claim_version) == claim
                and p.stance is not None
                and p.at >= asked.opened_at
                for p in self._positions
            ),
        )

    async def workspaces_to_close(self, now: datetime, most: int) -> Sequence[str]:
        over = {kept.prompt.workspace for kept in self._prompts.values() if _over(kept.prompt, utc(now))}
        return sorted(over - self._departures.keys())[:most]

    async def close_prompt(self, prompt: Prompt, votes: Votes, told: Sequence[Post] = ()) -> bool:
        closed = _stored_prompt(prompt)
        kept = self._prompts.get((closed.workspace, closed.id))
        if kept is None or not kept.prompt.is_open or await self.votes(prompt) != votes:
            return False
        self._prompts[closed.workspace, closed.id] = _Kept(
            replace(
                kept.prompt,
                closed_at=closed.closed_at,
                ending=closed.ending,
                closed_by=closed.closed_by,
                answered=closed.answered,
                closing=closed.closing,
            )
        )
        await self.enqueue(told)
        return True

    # -- the queue ----------------------------------------------------------------------------------------------------

    async def queue(self, workspace: str, topic: str | None = None) -> Sequence[Queued]:
        of_workspace = [queued for queued in self._queue if queued.workspace == storable(workspace)]
        return of_workspace if topic is None else [q for q in of_workspace if q.topic == storable(topic)]

    async def queue_claim(self, queued: Queued, *, first: bool = False) -> bool:
        new = replace(
            queued,
            workspace=storable(queued.workspace),
            topic=storable(queued.topic),
            claim_id=storable(queued.claim_id),
            member=storable(queued.member),
            at=utc(queued.at),
        )
        there = [q for q in self._queue if _key(q) == _key(new)]
        if there and not first:
            return False
        others = [q for q in self._queue if _key(q) != _key(new)]
        self._queue = [*(there or [new]), *others] if first else [*others, new]
        return True

    async def dequeue(self, workspace: str, topic: str, claim_id: str, member: str) -> bool:
        mine = (*map(storable, (workspace, topic, claim_id)), storable(member))
        left = [q for q in self._queue if (*_key(q), q.member) != mine]
        gone = len(left) < len(self._queue)
        self._queue = left
        return gone

    async def pass_over(self, workspace: str, topic: str, claim_id: str, at: datetime) -> None:
        key = (storable(workspace), storable(topic), storable(claim_id))
        self._passed_over[key] = utc(at)
        self._queue = [queued for queued in self._queue if _key(queued) != key]

    async def passed_over(self, workspace: str, topic: str) -> Mapping[str, datetime]:
        wanted = (storable(workspace), storable(topic))
        return {key[2]: at for key, at in self._passed_over.items() if key[:2] == wanted}

    # -- the pace -----------------------------------------------------------------------------------------------------

    async def ask_pace(self, workspace: str, channel: str, topic: str) -> bool:
        key = (storable(workspace), storable(channel), storable(topic))
        if key in self._paces:
            return False
        self._paces[key] = Pace.ASKED
        return True

    async def pace(self, workspace: str, channel: str, topic: str) -> Pace | None:
        return self._paces.get((storable(workspace), storable(channel), storable(topic)))

    async def set_pace(self, workspace: str, channel: str, topic: str, pace: Pace) -> None:
        self._paces[storable(workspace), storable(channel), storable(topic)] = pace

    # -- being forgotten ----------------------------------------------------------------------------------------------

    def _forget_prompts(self, workspace: str, member: str) -> int:
        """Take a member out of the queue, and drop the openings that they were in; how many claims they queued."""
        left = [q for q in self._queue if (q.workspace, q.member) != (workspace, member)]
        queued = len(self._queue) - len(left)
        self._queue = left
        for (whose, _), kept in self._prompts.items():
            if whose == workspace and any(position.member == member for position in kept.before):
                kept.members, kept.before = None, ()
        return queued


def _over(prompt: Prompt, now: datetime) -> bool:
    return prompt.is_open and prompt.closes_at <= now


def _key(queued: Queued) -> tuple[str, str, str]:
    return queued.workspace, queued.topic, queued.claim_id


def _vote(positions: tuple[Position, ...], members: int | None) -> Vote | None:
    if members is None:
        return None
    return Vote({p.member: p.stance for p in positions if p.stance is not None}, members)


def _stored_prompt(prompt: Prompt) -> Prompt:
    return replace(
        prompt,
        workspace=storable(prompt.workspace),
        id=storable(prompt.id),
        channel=storable(prompt.channel),
        topic=storable(prompt.topic),
        claim_id=storable(prompt.claim_id),
        opened_at=utc(prompt.opened_at),
        closes_at=utc(prompt.closes_at),
        closed_at=None if prompt.closed_at is None else utc(prompt.closed_at),
        closed_by=None if prompt.closed_by is None else storable(prompt.closed_by),
        closing=None if prompt.closing is None else load_message(dump_message(prompt.closing)),
    )
