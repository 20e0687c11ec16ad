"""Digests: what was published now against what was published at the last digest; posted, kept, and read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Final

from bot.core import digest_replies as replies
from bot.core import digest_words as words
from bot.core import disclosure
from bot.core.arguments import ArgumentMap
from bot.core.commands import ListDigests, PostDigest, ReadDigest, Report
from bot.core.digest import Digest, Line, Part, Summary, Told, week_of
from bot.core.digest_words import Findings
from bot.core.inbox import reply_id
from bot.core.kept import PublishedClaim
from bot.core.language import say
from bot.core.messages import Message
from bot.core.overview import MOST_POSITIONS, Look, Overview, names_in
from bot.core.ports import Agenda, Clock, Narrator, Store
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.errors import BadInput, NotAnOrganiser

TRIES: Final = 5
"""How often a digest is composed anew when figures moved on while it was written."""


@dataclass(frozen=True)
class Digests:
    """Composes digests, and answers requests for them.

    Args:
        zone: the workspace's time zone, by whose weeks digests are named.
    """

    resolver: Resolver
    store: Store
    clock: Clock
    narrator: Narrator | None = None
    agenda: Agenda | None = None
    zone: tzinfo = UTC

    async def answer(self, request: Request, command: Report) -> Message:
        """Do what a command asks for; see the methods.

        Raises:
            BadInput: it can't be done.
        """
        match command:
            case PostDigest(preview):
                return await (self.preview(request) if preview else self.post(request))
            case ReadDigest(key):
                return await self.read(request, key)
            case ListDigests():
                found = await self.resolver.current(request.venue)
                return replies.listed(found, await self.store.digests(request.workspace, found.id))

    async def post(self, request: Request) -> Message:
        """Compose the digest of the channel's topic and keep it; the one that the same request kept before.

        Raises:
            NotAnOrganiser: somebody else asks.
            BadInput: the figures moved on at every try.
        """
        if not request.organiser:
            raise NotAnOrganiser(say("Only organisers post a digest; `/crux digest list` shows those that there are."))
        found = await self.resolver.current(request.venue)
        return await self.make(request.workspace, found, reply_id(request), request.member)

    async def make(self, workspace: str, argument_map: ArgumentMap, event: str, member: str) -> Message:
        """Compose a topic's digest, keep it, and say it; for a schedule as for a request. One event makes one digest.

        `member` pays for what a language model writes of it.

        Raises:
            BadInput: the figures moved on at every try.
        """
        kept = await self.store.digest_made_by(workspace, event)
        for attempt in range(TRIES):
            if kept is not None:
                return replies.whole(kept, await self.pairs(kept)).on(kept.topic)
            look, digest = await self._compose(workspace, argument_map, event)
            if attempt == 0:  # asked once, however often the figures move on: a reader waits
                digest = replace(digest, summary=await self._summary(digest, look, member))
            kept = await self.store.archive(digest, look.rows)
        if kept is None:
            raise BadInput(say("The figures are moving on right now; ask for the digest again in a moment."))
        return replies.whole(kept, await self.pairs(kept)).on(kept.topic)

    async def preview(self, request: Request) -> Message:
        """What `post` would say now; nothing is kept.

        Raises:
            NotAnOrganiser: somebody else asks.
        """
        if not request.organiser:
            raise NotAnOrganiser(
                say("Only organisers preview a digest; `/crux standing` shows where the group stands.")
            )
        found = await self.resolver.current(request.venue)
        look, digest = await self._compose(request.workspace, found, reply_id(request))
        digest = replace(digest, summary=await self._summary(digest, look, request.member))
        return replies.whole(digest, _pairs_of(digest, look), preview=True)

    async def read(self, request: Request, key: str) -> Message:
        """An archived digest of the channel's topic, as it is fit to be shown today.

        Raises:
            BadInput: there is none of that key.
        """
        found = await self.resolver.current(request.venue)
        digest = await self.store.digest(request.workspace, found.id, key)
        if digest is None:
            raise BadInput(
                say(
                    "There is no digest {digest} on this topic; `/crux digest list` shows those that there are.",
                    digest=key,
                )
            )
        return replace(replies.whole(digest, await self.pairs(digest)), private=True)

    # -- composing ----------------------------------------------------------------------------------------------------

    async def _compose(self, workspace: str, argument_map: ArgumentMap, event: str) -> tuple[Look, Digest]:
        at = self.clock.now()
        earlier = await self.store.digests(workspace, argument_map.id)
        before = earlier[-1] if earlier else None
        look = await Overview(self.resolver, self.store, self.clock).look(workspace, argument_map)
        then = await self.store.digest_claims(workspace, argument_map.id, before.key) if before is not None else ()
        found = await self._findings(workspace, look, before, then)
        digest = Digest(
            workspace=workspace,
            topic=argument_map.id,
            key=week_of(at, self.zone),
            title=argument_map.title,
            thesis_id=argument_map.thesis.id,
            at=at,
            event=event,
            sections=words.sections(found),
            figures=words.figures(found),
            before=before.key if before is not None else None,
            since=before.at if before is not None else None,
            quiet=before is not None and not found.credited and _same(look.published, then, before),
            whole=look.positions is not None,
        )
        return look, digest

    async def _findings(
        self, workspace: str, look: Look, before: Digest | None, then: Sequence[PublishedClaim]
    ) -> Findings:
        the_map = look.overall.map
        since = before.at if before is not None else None
        given = await self.store.credits_since(workspace, the_map.id, since)
        credited = {claim_id: disclosure.credited(members) for claim_id, members in given.items()}
        found = Findings(
            look.overall,
            before,
            credited={claim_id: at_least for claim_id, at_least in credited.items() if at_least},
            upcoming=await self.agenda.upcoming(workspace, the_map) if self.agenda is not None else None,
        )
        if look.positions is None:
            return found
        found = replace(found, took_part=disclosure.took_part(look.positions, since))
        if before is None:
            return found
        held = await self.store.digest_positions(workspace, the_map.id, before.key, MOST_POSITIONS)
        return replace(found, moved=disclosure.moved(then, held or (), look.published, look.positions))

    async def pairs(self, digest: Digest) -> tuple[Line, ...]:
        """The double cruxes of a kept digest, worked out from what its snapshots are now."""
        if digest.quiet or not digest.figures:
            return ()
        positions = await self.store.digest_positions(digest.workspace, digest.topic, digest.key, MOST_POSITIONS)
        versions = {figure.claim_id: figure.version for figure in digest.figures}
        doubles = disclosure.double_cruxes([p for p in positions or () if versions.get(p.claim_id) == p.claim_version])
        return words.double_lines(digest, doubles, await names_in(self.store, digest.workspace, doubles))

    async def _summary(self, digest: Digest, look: Look, member: str) -> Summary | None:
        """The model's paragraph over the figures, if there is a model and something to say."""
        if self.narrator is None or digest.quiet or not digest.figures:
            return None
        counted = words.double_lines(digest, look.overall.doubles, {})  # without names
        sections = words.with_pairs(digest, counted)
        said = tuple(section for section in sections if section.part not in _NOT_TOLD)
        return await self.narrator.narrate(Told(digest.workspace, member, digest.title, said))


_NOT_TOLD: Final = (Part.WITHOUT_FIGURES, Part.UNANSWERED)
"""Lists that a paragraph over the figures need not repeat, and that cost tokens."""


def _pairs_of(digest: Digest, look: Look) -> tuple[Line, ...]:
    return words.double_lines(digest, look.overall.doubles, look.overall.names)


def _same(now: Sequence[PublishedClaim], then: Sequence[PublishedClaim], before: Digest) -> bool:
    """Whether no claim's snapshot is another than in the digest before."""
    shown = {(figure.claim_id, figure.version) for figure in before.figures}
    earlier = {(found.claim_id, found.version, found.at) for found in then if (found.claim_id, found.version) in shown}
    return {(found.claim_id, found.version, found.at) for found in now} == earlier
