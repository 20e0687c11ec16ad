"""Members, positions, snapshots and credits of `MemoryStore`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.disclosure import may_move
from bot.core.kept import PublishedClaim
from bot.core.positions import Credit, Position, Stance, creditable
from bot.core.standing import Tally
from bot.storage.codec import storable, utc


@dataclass(slots=True)
class Member:
    """Who was seen, first and last; and since when the platform has them no longer."""

    name: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None = None


@dataclass(slots=True)
class Snapshot:
    """What a claim's published figures are made of; hidden while somebody in it has been forgotten."""

    at: datetime
    members: int
    version: int = 1
    positions: dict[str, Position] = field(default_factory=dict)
    departed: int = 0
    shown: bool = True

    @property
    def stances(self) -> dict[str, Stance]:
        return {who: position.stance for who, position in self.positions.items() if position.stance is not None}


class MemoryPositions:
    """The part of `core.ports.Store` that is about what members hold. No method waits between reading and writing."""

    def __init__(self) -> None:
        self._members: dict[tuple[str, str], Member] = {}
        self._positions: list[Position] = []
        self._snapshots: dict[tuple[str, str, str], Snapshot] = {}
        self._credits: list[Credit] = []

    # -- members ------------------------------------------------------------------------------------------------------

    async def join(self, workspace: str, member: str, name: str, at: datetime) -> None:
        key, name, at = (storable(workspace), storable(member)), storable(name), utc(at)
        known = self._members.setdefault(key, Member(name, at, at))
        if name and (at >= known.last_seen or not known.name):
            known.name = name
        known.first_seen, known.last_seen = min(known.first_seen, at), max(known.last_seen, at)
        if known.gone_at is not None and at > known.gone_at:
            known.gone_at = None

    async def member_gone(self, workspace: str, member: str, at: datetime) -> bool:
        known = self._members.get((storable(workspace), storable(member)))
        if known is None:
            return False
        known.gone_at = utc(at)
        return True

    async def member_count(self, workspace: str, since: datetime) -> int:
        return len(self._seen(workspace, since))

    async def member_names(self, workspace: str, members: Sequence[str]) -> Mapping[str, str]:
        known = {who: self._members.get((storable(workspace), storable(who))) for who in members}
        return {
            storable(who): found.name
            for who, found in known.items()
            if found is not None and found.name and found.gone_at is None
        }

    def _seen(self, workspace: str, since: datetime) -> set[str]:
        return {
            who
            for (whose, who), member in self._members.items()
            if whose == storable(workspace) and member.last_seen >= utc(since) and member.gone_at is None
        }

    # -- positions ----------------------------------------------------------------------------------------------------

    async def add_position(self, position: Position) -> None:
        kept = replace(
            position,
            workspace=storable(position.workspace),
            topic=storable(position.topic),
            claim_id=storable(position.claim_id),
            member=storable(position.member),
            at=utc(position.at),
            reason=None if position.reason is None else storable(position.reason),
        )
        self._positions.append(kept)
        snapshot = self._snapshots.get((kept.workspace, kept.topic, kept.claim_id))
        if not kept.public and snapshot is not None and kept.member in snapshot.positions:
            snapshot.positions[kept.member] = replace(snapshot.positions[kept.member], public=False)

    async def current_position(self, workspace: str, topic: str, claim_id: str, member: str) -> Position | None:
        wanted = (storable(topic), storable(claim_id))
        found = [p for p in await self.position_history(workspace, member) if (p.topic, p.claim_id) == wanted]
        return found[-1] if found else None

    async def position_history(self, workspace: str, member: str) -> Sequence[Position]:
        whose = (storable(workspace), storable(member))
        return sorted((p for p in self._positions if (p.workspace, p.member) == whose), key=lambda p: p.at)

    async def current_positions(self, workspace: str, topic: str, claim_id: str) -> Sequence[Position]:
        wanted = (storable(workspace), storable(topic), storable(claim_id))
        on_claim = (p for p in self._positions if (p.workspace, p.topic, p.claim_id) == wanted)
        newest = {position.member: position for position in sorted(on_claim, key=lambda p: p.at)}
        return [newest[member] for member in sorted(newest) if not newest[member].withdrawn]

    # -- snapshots ----------------------------------------------------------------------------------------------------

    async def publish(
        self, workspace: str, topic: str, claim_id: str, version: int, at: datetime, since: datetime
    ) -> bool:
        positions = await self.current_positions(workspace, topic, claim_id)
        current = {position.member: position for position in positions if position.claim_version == version}
        key = (storable(workspace), storable(topic), storable(claim_id))
        new = Snapshot(utc(at), len(self._seen(workspace, since) | current.keys()), version)
        new.positions = {who: replace(position, reason=None) for who, position in current.items()}
        old = self._snapshots.get(key)
        if old is None or old.version != version:
            old = Snapshot(utc(at), 0, version)
        # Who was forgotten may be among those who joined, with the stance of before: then neither differs.
        maybe_back = sorted(new.stances.keys() - old.stances.keys())[: old.departed]
        others = {who: stance for who, stance in new.stances.items() if who not in maybe_back}
        if not may_move(old.stances, others, old.departed - len(maybe_back)):
            return False
        self._snapshots[key] = new
        return True

    async def published(self, workspace: str, topic: str) -> Sequence[PublishedClaim]:
        return [
            PublishedClaim(
                claim_id,
                Tally.of(claim_id, snapshot.stances.values(), snapshot.members),
                sum(position.crux for position in snapshot.positions.values()),
                snapshot.at,
                snapshot.version,
            )
            for claim_id, snapshot in self._shown(workspace, topic)
        ]

    async def published_positions(self, workspace: str, topic: str, most: int) -> Sequence[Position] | None:
        found = [
            snapshot.positions[member]
            for _, snapshot in self._shown(workspace, topic)
            for member in sorted(snapshot.positions)
        ]
        return found if len(found) <= most else None

    def _shown(self, workspace: str, topic: str) -> list[tuple[str, Snapshot]]:
        wanted = (storable(workspace), storable(topic))
        return sorted(
            ((key[2], found) for key, found in self._snapshots.items() if key[:2] == wanted and found.shown),
            key=lambda each: each[0],
        )

    # -- credits ------------------------------------------------------------------------------------------------------

    async def add_credit(self, credit: Credit) -> bool:
        kept = replace(
            credit,
            workspace=storable(credit.workspace),
            topic=storable(credit.topic),
            claim_id=storable(credit.claim_id),
            member=storable(credit.member),
            argument_id=storable(credit.argument_id),
            reason=storable(credit.reason),
            at=utc(credit.at),
            undone_at=None,
        )
        history = await self.position_history(kept.workspace, kept.member)
        given = await self.credits_given(kept.workspace, kept.member)
        if creditable(history, given, kept.topic, kept.claim_id) is None:
            return False
        self._credits.append(kept)
        return True

    async def undo_credit(self, workspace: str, member: str, at: datetime) -> Credit | None:
        at = utc(at)
        standing = [given for given in await self.credits_given(workspace, member) if given.standing]
        if not standing:
            return None
        undone = replace(standing[-1], undone_at=at)
        self._credits[next(n for n, each in enumerate(self._credits) if each is standing[-1])] = undone
        return undone

    async def credits_given(self, workspace: str, member: str) -> Sequence[Credit]:
        whose = (storable(workspace), storable(member))
        return sorted((c for c in self._credits if (c.workspace, c.member) == whose), key=lambda c: c.at)

    async def credits(self, workspace: str, topic: str) -> Mapping[str, int]:
        wanted = (storable(workspace), storable(topic))
        standing = {(c.argument_id, c.member) for c in self._credits if (c.workspace, c.topic) == wanted and c.standing}
        return Counter(argument_id for argument_id, _ in standing)

    async def credits_since(
        self, workspace: str, topic: str, since: datetime | None
    ) -> Mapping[str, Mapping[str, int]]:
        wanted = (storable(workspace), storable(topic))
        given = {
            (credit.claim_id, credit.argument_id, credit.member)
            for credit in self._credits
            if (credit.workspace, credit.topic) == wanted
            and credit.standing
            and (since is None or credit.at > utc(since))
        }
        found: dict[str, Counter[str]] = {}
        for claim_id, argument_id, _ in given:
            found.setdefault(claim_id, Counter())[argument_id] += 1
        return found

    # -- forgetting ---------------------------------------------------------------------------------------------------

    def _forget_standing(self, workspace: str, member: str) -> tuple[int, int, tuple[tuple[str, str], ...]]:
        """Delete what a member held; the numbers of positions and of credits, and the snapshots that this withdrew."""
        kept_positions = [p for p in self._positions if (p.workspace, p.member) != (workspace, member)]
        kept_credits = [c for c in self._credits if (c.workspace, c.member) != (workspace, member)]
        gone = len(self._positions) - len(kept_positions), len(self._credits) - len(kept_credits)
        self._positions, self._credits = kept_positions, kept_credits
        self._members.pop((workspace, member), None)
        withdrawn = []
        for (whose, topic, claim_id), snapshot in sorted(self._snapshots.items(), key=lambda each: each[0]):
            if whose == workspace and snapshot.positions.pop(member, None) is not None:
                snapshot.departed += 1
                snapshot.shown = False
                withdrawn.append((topic, claim_id))
        return *gone, tuple(withdrawn)
