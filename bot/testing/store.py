"""`MemoryStore` does what `bot.storage.store.SqlStore` does, held to the same tests; it keeps nothing on the disk."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.core.assignments import Task, Usage
from bot.core.kept import (
    NAMING,
    OF_DIGESTS,
    QUOTING,
    Endorsed,
    Endorsement,
    EndorsementCount,
    Forgotten,
    MemberRecord,
    Reply,
    Spent,
)
from bot.core.language import say
from bot.core.messages import About
from bot.core.outbox import Entry, post_id
from bot.core.requests import Request, Venue
from bot.errors import BadInput
from bot.storage.codec import dump_message, names_any, storable, utc
from bot.testing.amendments import MemoryAmendments
from bot.testing.digests import Edition, MemoryDigests
from bot.testing.prompts import MemoryPrompts


@dataclass(slots=True)
class _Entry:
    request: Request
    worker: str | None = None
    leased_until: datetime | None = None
    done: bool = False
    tries: int = 0
    begun: str | None = None

    def is_open(self, now: datetime) -> bool:
        return not self.done and (self.leased_until is None or self.leased_until <= utc(now))

    def take(self, worker: str, now: datetime, seconds: float) -> Request:
        taken = replace(self.request, tries=self.tries)
        self.worker, self.leased_until, self.tries = worker, utc(now) + timedelta(seconds=seconds), self.tries + 1
        return taken


class MemoryStore(MemoryDigests, MemoryPrompts, MemoryAmendments):
    """`core.ports.Store` in memory. No method waits between reading and writing, so that each is one transaction."""

    def __init__(self) -> None:
        MemoryDigests.__init__(self)
        MemoryPrompts.__init__(self)
        MemoryAmendments.__init__(self)
        self._inbox: dict[tuple[str, str], _Entry] = {}
        self._replies: dict[tuple[str, str], Reply] = {}
        self._endorsements: dict[tuple[str, str, str], Endorsed] = {}
        self._usage: list[tuple[str, str, Spent]] = []
        self._topics: dict[tuple[str, str], str] = {}
        self._thread_topics: dict[tuple[str, str, str], str] = {}
        self._vectors: dict[tuple[str, str], NDArray[np.float32]] = {}

    async def close(self) -> None:
        """Nothing to let go of."""

    # -- inbox --------------------------------------------------------------------------------------------------------

    async def receive(self, request: Request, worker: str | None = None, seconds: float = 0.0) -> bool:
        await asyncio.sleep(0)
        kept = _stored_request(request)
        key = (kept.workspace, kept.event_id)
        if key in self._inbox:
            return False
        self._inbox[key] = entry = _Entry(kept)
        if worker is not None:
            entry.take(worker, kept.received_at, seconds)
        return True

    async def lease(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Request | None:
        await asyncio.sleep(0)
        found = [
            entry
            for entry in self._inbox.values()
            if entry.is_open(now)
            and entry.request.workspace not in self._departures
            and workspace in {None, entry.request.workspace}
            and entry.request.workspace.startswith(tuple(prefixes) or "")
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

    async def finish(self, request: Request, worker: str, reply: Reply | None, answer: Entry | None = None) -> bool:
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
        if answer is not None:
            self._put(replace(answer, post=replace(answer.post, begun=entry.begun)))
        return True

    async def note_begun(self, request: Request, worker: str, reference: str) -> bool:
        await asyncio.sleep(0)
        entry = self._entry(request)
        if entry is None or entry.done or entry.worker != worker:
            return False
        entry.begun = storable(reference)
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
        given = Endorsed(storable(reply_id), endorsement, utc(at))
        if await self.reply(workspace, reply_id) is None:
            raise BadInput(say("That reply is no longer kept, so it can't be signed."))
        self._endorsements[storable(workspace), storable(reply_id), storable(member)] = given

    async def endorsements(self, workspace: str, reply_id: str) -> Mapping[Endorsement, int]:
        wanted = (storable(workspace), storable(reply_id))
        found = Counter(e.endorsement for key, e in self._endorsements.items() if key[:2] == wanted)
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
            found = Counter(e.endorsement for key, e in self._endorsements.items() if key[:2] in ids)
            counts.append(
                EndorsementCount(version, model, len(replies), found[Endorsement.SIGNED], found[Endorsement.NOT_MINE])
            )
        return counts

    # -- usage --------------------------------------------------------------------------------------------------------

    async def record_usage(self, workspace: str, member: str, at: datetime, model: str, usage: Usage) -> None:
        self._usage.append((storable(workspace), storable(member), Spent(utc(at), storable(model), usage)))

    async def tokens_spent(self, workspace: str, since: datetime, member: str | None = None) -> int:
        return sum(
            spent.usage.tokens_in + spent.usage.tokens_out
            for whose, who, spent in self._usage
            if whose == storable(workspace) and spent.at >= utc(since) and (member is None or who == storable(member))
        )

    # -- a member's own data ------------------------------------------------------------------------------------------

    async def member_record(self, workspace: str, member: str) -> MemberRecord:
        workspace, member = storable(workspace), storable(member)
        known = self._members.get((workspace, member))
        endorsed = [e for key, e in self._endorsements.items() if (key[0], key[2]) == (workspace, member)]
        requests = [entry for entry in self._inbox.values() if _asked_by(entry.request, workspace, member)]
        replies = [reply for reply in self._replies_of(workspace) if reply.member == member]
        usage = [spent for whose, who, spent in self._usage if (whose, who) == (workspace, member)]
        return MemberRecord(
            workspace=workspace,
            member=member,
            name=known.name if known is not None else None,
            first_seen=known.first_seen if known is not None else None,
            last_seen=known.last_seen if known is not None else None,
            positions=tuple(await self.position_history(workspace, member)),
            credits=tuple(await self.credits_given(workspace, member)),
            endorsements=tuple(sorted(endorsed, key=lambda each: (each.at, each.reply_id))),
            requests=tuple(
                replace(entry.request, tries=entry.tries)
                for entry in sorted(requests, key=lambda entry: entry.request.received_at)
            ),
            replies=tuple(sorted(replies, key=lambda reply: (reply.at, reply.id))),
            usage=tuple(sorted(usage, key=lambda spent: spent.at)),
            proposals=tuple(await self.proposals(workspace, member)),
            queued=tuple(queued for queued in await self.queue(workspace) if queued.member == member),
            digests=self._in_digests(workspace, member),
            installed=self._installed(workspace, member),
        )

    async def forget(self, workspace: str, member: str, at: datetime) -> Forgotten:
        utc(at)
        workspace, member = storable(workspace), storable(member)
        record = await self.member_record(workspace, member)
        names = {member, record.name or "", *(request.member_name for request in record.requests)}
        proposed = self._forget_proposals(workspace, member)
        claims = [proposal.edit.words.claim for proposal in proposed]
        digests = self._forget_in_digests(workspace, member)
        replies = {
            key
            for key, reply in self._replies.items()
            if reply.workspace == workspace
            and (
                reply.member == member
                or (digests > 0 and reply.command in OF_DIGESTS)
                or (reply.command in NAMING and names_any(reply.message, names))
                or (
                    reply.command in QUOTING
                    and any(json.dumps(claim)[1:-1] in dump_message(reply.message) for claim in claims)
                )
            )
        }
        posts = self._forget_posts(workspace, names - {""}, at)
        self._inbox = {k: e for k, e in self._inbox.items() if not _asked_by(e.request, workspace, member)}
        self._replies = {key: reply for key, reply in self._replies.items() if key not in replies}
        self._forget_answers({(workspace, post_id(reply_id, 0)) for _, reply_id in replies})
        self._endorsements = {
            key: given
            for key, given in self._endorsements.items()
            if key[:2] not in replies and (key[0], key[2]) != (workspace, member)
        }
        self._usage = [each for each in self._usage if each[:2] != (workspace, member)]
        positions, credits_given, withdrawn = self._forget_standing(workspace, member)
        return Forgotten(
            positions=positions,
            credits=credits_given,
            endorsements=len(record.endorsements),
            requests=len(record.requests),
            replies=len(replies),
            usage=len(record.usage),
            proposals=len(proposed),
            posts=posts,
            queued=self._forget_prompts(workspace, member),
            digests=digests,
            installed=self._forget_installations(workspace, member),
            withdrawn=withdrawn,
        )

    # -- workspaces ---------------------------------------------------------------------------------------------------

    async def workspaces_here(self, prefix: str) -> Sequence[str]:
        found: set[str] = set()
        for name, kept in vars(self).items():
            if name in _OF_NO_WORKSPACE or name == "_departures":
                continue
            if isinstance(kept, dict):
                found |= {key if isinstance(key, str) else key[0] for key in kept}
            elif isinstance(kept, list):
                found |= {_workspace_of(each) for each in kept}
        begun = storable(prefix)
        return sorted(each for each in found if each.startswith(begun) and each not in self._departures)

    async def delete_workspace(self, workspace: str, at: datetime, left_before: datetime | None = None) -> int:
        utc(at)
        workspace = storable(workspace)
        left = self._departures.get(workspace)
        if left_before is not None and (left is None or left >= utc(left_before)):
            return 0
        deleted = 0
        for name, kept in vars(self).items():
            if name in _OF_NO_WORKSPACE:
                continue
            if isinstance(kept, dict):
                gone = [key for key in kept if (key if isinstance(key, str) else key[0]) == workspace]
                deleted += len(gone)
                for key in gone:
                    del kept[key]
            elif isinstance(kept, list):
                stays = [each for each in kept if _workspace_of(each) != workspace]
                deleted += len(kept) - len(stays)
                kept[:] = stays
        return deleted

    # -- channels -----------------------------------------------------------------------------------------------------

    async def channel_topic(self, workspace: str, channel: str) -> str | None:
        return self._topics.get((storable(workspace), storable(channel)))

    async def set_channel_topic(self, workspace: str, channel: str, topic: str) -> None:
        self._topics[storable(workspace), storable(channel)] = storable(topic)

    # -- threads ------------------------------------------------------------------------------------------------------

    async def last_turn(self, venue: Venue, member: str, own_since: datetime | None = None) -> About | None:
        found = [reply for reply in self._replies_in(venue, member) if reply.claim_id is not None]
        if venue.thread is None and own_since is not None:
            found = [reply for reply in found if reply.member == storable(member) and reply.at >= utc(own_since)]
        if found:
            newest = max(found, key=_newness)
            return About(newest.topic or "", newest.claim_id, newest.affirmed, newest.command == Task.COUNTER)
        root = self._root(venue)
        return root if root is not None and root.claim_id is not None else None

    async def thread_topics(self, venue: Venue) -> Sequence[str]:
        chosen = self._thread_topics.get(_thread(venue))
        newest = max((r for r in self._replies_in(venue, None) if r.topic is not None), key=_newness, default=None)
        root = self._root(venue)
        found = (chosen, None if newest is None else newest.topic, None if root is None else root.topic)
        return [topic for topic in found if topic is not None]

    async def set_thread_topic(self, venue: Venue, topic: str) -> None:
        if venue.thread is None:
            raise ValueError("a channel's topic is no thread's")
        self._thread_topics[_thread(venue)] = storable(topic)

    def _replies_in(self, venue: Venue, member: str | None) -> Iterable[Reply]:
        """Replies in a thread, or in a channel and its threads, that all saw, or that were for a member."""
        return [
            reply
            for reply in self._replies_of(venue.workspace)
            if reply.channel == storable(venue.channel)
            and (venue.thread is None or reply.thread == storable(venue.thread))
            and (not reply.message.private or (member is not None and reply.member == storable(member)))
        ]

    def _root(self, venue: Venue) -> About | None:
        root = self._roots.get(_thread(venue))
        return None if root is None else root.about

    # -- vectors ------------------------------------------------------------------------------------------------------

    async def vectors(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        known = ((text_hash, self._vectors.get((model_id, text_hash))) for text_hash in hashes)
        return {text_hash: vector.copy() for text_hash, vector in known if vector is not None}

    async def keep_vectors(self, model_id: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        for text_hash, vector in vectors.items():
            self._vectors[model_id, text_hash] = vector.astype(np.float32)


def _thread(venue: Venue) -> tuple[str, str, str]:
    return storable(venue.workspace), storable(venue.channel), storable(venue.thread or "")


def _newness(reply: Reply) -> tuple[datetime, str]:
    return reply.at, reply.id


_OF_NO_WORKSPACE: Final = ("_vectors", "_states")


def _workspace_of(kept: Any) -> str:
    """Of what is in a list: a position, a credit, a digest's edition, tokens that somebody used."""
    if isinstance(kept, tuple):
        return str(kept[0])
    return str((kept.digest if isinstance(kept, Edition) else kept).workspace)


def _asked_by(request: Request, workspace: str, member: str) -> bool:
    return (request.workspace, request.member) == (workspace, member)


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
        organiser=request.organiser,
        stranger=request.stranger,
        within=_maybe(request.within),
        direct=request.direct,
        replies_to=_maybe(request.replies_to),
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
        thread=_maybe(reply.thread),
    )
