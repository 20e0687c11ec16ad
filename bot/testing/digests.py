"""The archive of digests of `MemoryStore`, and a narrator that says what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.core.digest import Digest, Summary, Told, next_key, without
from bot.core.kept import InDigest, PublishedClaim
from bot.core.positions import Position
from bot.storage.codec import dump_digest, load_digest, storable
from bot.testing.positions import MemoryPositions


@dataclass
class FixedNarrator:
    """A `core.ports.Narrator` that always says the same, and keeps what it was told."""

    text: str | None
    told: list[Told] = field(default_factory=list)

    async def narrate(self, told: Told) -> Summary | None:
        self.told.append(told)
        return None if self.text is None else Summary(self.text, "fixed", "digest:fixed")


@dataclass
class Edition:
    """A digest and the copy of what it was made of."""

    digest: Digest
    claims: list[PublishedClaim]
    positions: list[Position]


class MemoryDigests(MemoryPositions):
    """The part of `core.ports.Store` that is about digests."""

    def __init__(self) -> None:
        super().__init__()
        self._editions: list[Edition] = []

    async def add_position(self, position: Position) -> None:
        await super().add_position(position)
        if position.public:
            return
        whose = tuple(map(storable, (position.workspace, position.topic, position.claim_id, position.member)))
        for edition in self._editions:
            edition.positions = [
                replace(held, public=False)
                if (held.workspace, held.topic, held.claim_id, held.member) == whose
                else held
                for held in edition.positions
            ]

    async def archive(self, digest: Digest, made_of: Sequence[PublishedClaim]) -> Digest | None:
        made = await self.digest_made_by(digest.workspace, digest.event)
        if made is not None:
            return made
        published = await self.published(digest.workspace, digest.topic)
        keys = [each.key for each in await self.digests(digest.workspace, digest.topic)]
        if list(published) != list(made_of) or digest.before != (keys[-1] if keys else None):
            return None
        keyed = replace(digest, key=next_key(digest.key, keys))
        kept = load_digest(storable(digest.workspace), storable(digest.event), dump_digest(keyed))
        shown = self._shown(digest.workspace, digest.topic)
        positions = [snapshot.positions[member] for _, snapshot in shown for member in sorted(snapshot.positions)]
        self._editions.append(Edition(kept, list(published), positions))
        return kept

    async def digest(self, workspace: str, topic: str, key: str) -> Digest | None:
        edition = self._edition(workspace, topic, key)
        return edition.digest if edition is not None else None

    async def digest_made_by(self, workspace: str, event: str) -> Digest | None:
        wanted = (storable(workspace), storable(event))
        made = (each.digest for each in self._editions if (each.digest.workspace, each.digest.event) == wanted)
        return next(made, None)

    async def digests(self, workspace: str, topic: str) -> Sequence[Digest]:
        return [edition.digest for edition in self._of_topic(workspace, topic)]

    async def digest_claims(self, workspace: str, topic: str, key: str) -> Sequence[PublishedClaim]:
        edition = self._edition(workspace, topic, key)
        return list(edition.claims) if edition is not None else []

    async def digest_positions(self, workspace: str, topic: str, key: str, most: int) -> Sequence[Position] | None:
        edition = self._edition(workspace, topic, key)
        found = list(edition.positions) if edition is not None else []
        return found if len(found) <= most else None

    def _of_topic(self, workspace: str, topic: str) -> list[Edition]:
        wanted = (storable(workspace), storable(topic))
        return [each for each in self._editions if (each.digest.workspace, each.digest.topic) == wanted]

    def _edition(self, workspace: str, topic: str, key: str) -> Edition | None:
        return next((e for e in self._of_topic(workspace, topic) if e.digest.key == storable(key)), None)

    def _in_digests(self, workspace: str, member: str) -> tuple[InDigest, ...]:
        found = [
            InDigest(edition.digest.key, held)
            for edition in self._editions
            for held in edition.positions
            if (held.workspace, held.member) == (workspace, member)
        ]
        return tuple(sorted(found, key=lambda each: (each.position.topic, each.key, each.position.claim_id)))

    def _forget_in_digests(self, workspace: str, member: str) -> int:
        """Take out of digests what a member was counted in; how many digests show less than before."""
        gone: dict[tuple[str, str | None], set[str]] = {}
        for each in self._in_digests(workspace, member):
            gone.setdefault((each.position.topic, each.key), set()).add(each.position.claim_id)
        changed = 0
        for edition in self._editions:
            digest = edition.digest
            if digest.workspace != workspace:
                continue
            here = gone.get((digest.topic, digest.key), set())
            before = gone.get((digest.topic, digest.before), set())
            if not here and not before:
                continue
            changed += 1
            edition.digest = without(digest, here, before - here)
            edition.claims = [claim for claim in edition.claims if claim.claim_id not in here]
            edition.positions = [held for held in edition.positions if held.claim_id not in here]
        return changed
