"""Fakes that ship with Crux, so that tests assert on state and mock nothing.

`MemoryStore` does what `bot.storage.store.SqlStore` does, held to the same tests; it keeps nothing on the disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.core.arguments import ArgumentMap
from bot.core.ports import Endorsement, EndorsementCount, Reply, Request, Usage
from bot.core.positions import Position
from bot.errors import BadInput
from bot.storage.codec import storable, utc

_WORD: Final = re.compile(r"\w+")


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)) -> None:
        self._at = utc(at)

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class FixedCatalogue:
    """The same maps for every workspace."""

    of_all: tuple[ArgumentMap, ...]

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        return self.of_all


class BagOfWordsEncoder:
    """Unit vectors of hashed word counts: texts that share words are near. No weights, the same on every machine.

    Args:
        dimensions: the length of a vector. Words share a dimension by chance, about one in `dimensions`.
    """

    def __init__(self, dimensions: int = 256) -> None:
        self.dimensions = dimensions
        self.encoded: list[str] = []
        """Every text that was ever asked for, so that a test can see what a cache saved."""

    @property
    def model_id(self) -> str:
        return f"bag-of-words-{self.dimensions}"

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded.extend(texts)
        counts = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()) or [""]:
                digest = hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest()
                counts[row, int.from_bytes(digest, "little") % self.dimensions] += 1
        norms: NDArray[np.float32] = np.linalg.norm(counts, axis=1, keepdims=True)
        return counts / norms


@dataclass(slots=True)
class _Entry:
    request: Request
    worker: str | None = None
    leased_until: datetime | None = None
    done: bool = False
    tries: int = 0

    def is_open(self, now: datetime) -> bool:
        return not self.done and (self.leased_until is None or self.leased_until <= utc(now))

    def take(self, worker: str, now: datetime, seconds: float) -> Request:
        taken = replace(self.request, tries=self.tries)
        self.worker, self.leased_until, self.tries = worker, utc(now) + timedelta(seconds=seconds), self.tries + 1
        return taken


class MemoryStore:
    """`core.ports.Store` in memory. No method waits between reading and writing, so that each is one transaction."""

    def __init__(self) -> None:
        self._inbox: dict[tuple[str, str], _Entry] = {}
        self._replies: dict[tuple[str, str], Reply] = {}
        self._endorsements: dict[tuple[str, str, str], Endorsement] = {}
        self._usage: list[tuple[str, str, datetime, Usage]] = []
        self._positions: list[Position] = []
        self._topics: dict[tuple[str, str], str] = {}
        self._vectors: dict[tuple[str, str], NDArray[np.float32]] = {}

    async def close(self) -> None:
        """Nothing to let go of."""

    # -- inbox --------------------------------------------------------------------------------------------------------

    async def receive(self, request: Request) -> bool:
        await asyncio.sleep(0)
        kept = _stored_request(request)
        key = (kept.workspace, kept.event_id)
        if key in self._inbox:
            return False
        self._inbox[key] = _Entry(kept)
        return True

    async def lease(self, worker: str, now: datetime, seconds: float, workspace: str | None = None) -> Request | None:
        await asyncio.sleep(0)
        found = [
            entry
            for entry in self._inbox.values()
            if entry.is_open(now) and workspace in {None, entry.request.workspace}
        ]
        if not found:
            return None
        entry = min(found, key=lambda entry: entry.request.received_at)
        return entry.take(worker, now, seconds)

    async def lease_this(self, request: Request, worker: str, now: datetime, seconds: float) -> bool:
        await asyncio.sleep(0)
        entry = self._entry(request)
        if entry is None or not entry.is_open(now):
            return False
        entry.take(worker, now, seconds)
        return True

    async def finish(self, request: Request, worker: str, reply: Reply | None) -> bool:
        await asyncio.sleep(0)
        if reply is not None and (reply.workspace, reply.event_id) != (request.workspace, request.event_id):
            raise ValueError("a reply answers its own request")
        entry = self._entry(request)
        if entry is None or entry.done or entry.worker != worker:
            return False
        entry.done, entry.leased_until = True, None
        if reply is not None:
            kept = _stored_reply(reply)
            self._replies[kept.workspace, kept.id] = kept
        return True

    def _entry(self, request: Request) -> _Entry | None:
        return self._inbox.get((storable(request.workspace), storable(request.event_id)))

    # -- replies ------------------------------------------------------------------------------------------------------

    async def reply(self, workspace: str, reply_id: str) -> Reply | None:
        return self._replies.get((storable(workspace), storable(reply_id)))

    async def reply_to(self, workspace: str, event_id: str) -> Reply | None:
        return next((r for r in self._replies_of(workspace) if r.event_id == storable(event_id)), None)

    async def times_answered(
        self, workspace: str, channel: str, command: str, topic: str, claim_id: str, affirmed: bool
    ) -> int:
        wanted = (*map(storable, (channel, command, topic, claim_id)), affirmed)
        return sum(
            (r.channel, r.command, r.topic, r.claim_id, r.affirmed) == wanted for r in self._replies_of(workspace)
        )

    def _replies_of(self, workspace: str) -> Iterable[Reply]:
        return [r for r in self._replies.values() if r.workspace == storable(workspace)]

    # -- endorsements -------------------------------------------------------------------------------------------------

    async def endorse(self, workspace: str, reply_id: str, member: str, endorsement: Endorsement, at: datetime) -> None:
        utc(at)
        if await self.reply(workspace, reply_id) is None:
            raise BadInput("That reply is no longer kept, so it can't be signed.")
        self._endorsements[storable(workspace), storable(reply_id), storable(member)] = endorsement

    async def endorsements(self, workspace: str, reply_id: str) -> Mapping[Endorsement, int]:
        wanted = (storable(workspace), storable(reply_id))
        found = Counter(e for key, e in self._endorsements.items() if key[:2] == wanted)
        return {kind: found[kind] for kind in Endorsement}

    async def endorsement_counts(self, workspace: str) -> Sequence[EndorsementCount]:
        groups: dict[tuple[str | None, str | None], list[Reply]] = {}
        for reply in self._replies_of(workspace):
            if reply.command == "steelman":
                # A model that was asked and not used wrote nothing that could be signed.
                key = (reply.prompt_version, reply.model) if reply.writer == "model" else (None, None)
                groups.setdefault(key, []).append(reply)
        newest_first = sorted(groups.items(), key=lambda group: max(r.at for r in group[1]), reverse=True)
        counts = []
        for (version, model), replies in newest_first:
            ids = {(r.workspace, r.id) for r in replies}
            found = Counter(e for key, e in self._endorsements.items() if key[:2] in ids)
            counts.append(
                EndorsementCount(version, model, len(replies), found[Endorsement.SIGNED], found[Endorsement.NOT_MINE])
            )
        return counts

    # -- usage --------------------------------------------------------------------------------------------------------

    async def record_usage(self, workspace: str, member: str, at: datetime, model: str, usage: Usage) -> None:
        self._usage.append((storable(workspace), storable(member), utc(at), usage))

    async def tokens_spent(self, workspace: str, since: datetime, member: str | None = None) -> int:
        return sum(
            usage.tokens_in + usage.tokens_out
            for whose, who, at, usage in self._usage
            if whose == storable(workspace) and at >= utc(since) and (member is None or who == storable(member))
        )

    # -- positions ----------------------------------------------------------------------------------------------------

    async def add_position(self, position: Position) -> None:
        self._positions.append(
            replace(
                position,
                workspace=storable(position.workspace),
                topic=storable(position.topic),
                claim_id=storable(position.claim_id),
                member=storable(position.member),
                at=utc(position.at),
                reason=_maybe(position.reason),
            )
        )

    async def current_position(self, workspace: str, topic: str, claim_id: str, member: str) -> Position | None:
        wanted = (storable(topic), storable(claim_id))
        found = [p for p in await self.position_history(workspace, member) if (p.topic, p.claim_id) == wanted]
        return found[-1] if found else None

    async def position_history(self, workspace: str, member: str) -> Sequence[Position]:
        whose = (storable(workspace), storable(member))
        return sorted((p for p in self._positions if (p.workspace, p.member) == whose), key=lambda p: p.at)

    # -- channels -----------------------------------------------------------------------------------------------------

    async def channel_topic(self, workspace: str, channel: str) -> str | None:
        return self._topics.get((storable(workspace), storable(channel)))

    async def set_channel_topic(self, workspace: str, channel: str, topic: str) -> None:
        self._topics[storable(workspace), storable(channel)] = storable(topic)

    # -- vectors ------------------------------------------------------------------------------------------------------

    async def vectors(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        known = ((text_hash, self._vectors.get((model_id, text_hash))) for text_hash in hashes)
        return {text_hash: vector.copy() for text_hash, vector in known if vector is not None}

    async def keep_vectors(self, model_id: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        for text_hash, vector in vectors.items():
            self._vectors[model_id, text_hash] = vector.astype(np.float32)


def _maybe(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _stored_request(request: Request) -> Request:
    return Request(
        workspace=storable(request.workspace),
        channel=storable(request.channel),
        member=storable(request.member),
        text=storable(request.text),
        event_id=storable(request.event_id),
        received_at=utc(request.received_at),
        thread=_maybe(request.thread),
        member_name=storable(request.member_name),
    )


def _stored_reply(reply: Reply) -> Reply:
    return replace(
        reply,
        id=storable(reply.id),
        workspace=storable(reply.workspace),
        channel=storable(reply.channel),
        member=storable(reply.member),
        event_id=storable(reply.event_id),
        command=storable(reply.command),
        at=utc(reply.at),
        topic=_maybe(reply.topic),
        claim_id=_maybe(reply.claim_id),
        writer=_maybe(reply.writer),
        model=_maybe(reply.model),
        prompt_version=_maybe(reply.prompt_version),
    )
