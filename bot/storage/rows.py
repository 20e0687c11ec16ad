"""Rows of the database as the core's own values, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Row

from bot.core.amendments import Amendment, NewArgument, NewTopic
from bot.core.assignments import Usage
from bot.core.digest import Digest
from bot.core.firings import Firing
from bot.core.kept import PublishedClaim, Reply
from bot.core.messages import Picture
from bot.core.outbox import Entry, Post, PostState
from bot.core.positions import Credit, Position, Stance
from bot.core.prompts import Ending, Prompt, Queued
from bot.core.proposals import Proposal, ProposalState
from bot.core.requests import Request
from bot.core.schedules import Recurrence, Schedule, ScheduleKind
from bot.core.standing import Tally
from bot.storage.codec import (
    dump_digest,
    dump_edit,
    dump_ids,
    dump_message,
    dump_quiet,
    load_digest,
    load_edit,
    load_ids,
    load_message,
    load_quiet,
)

AnyRow: TypeAlias = Row[*tuple[Any, ...]]

STANCE_COLUMNS: Final = {stance: stance.value.replace(" ", "_") for stance in Stance}
"""The column in which a snapshot has the count of each stance."""


def request_of(row: AnyRow) -> Request:
    return Request(
        workspace=row.workspace_id,
        channel=row.channel_id,
        member=row.member_id,
        text=row.text,
        event_id=row.event_id,
        received_at=row.received_at,
        thread=row.thread_id,
        member_name=row.member_name,
        organiser=row.organiser,
        stranger=row.stranger,
        tries=row.attempts,
        within=row.within_id,
        direct=row.direct,
        replies_to=row.replies_to,
    )


def reply_values(reply: Reply) -> dict[str, object]:
    return {
        "workspace_id": reply.workspace,
        "id": reply.id,
        "event_id": reply.event_id,
        "channel_id": reply.channel,
        "member_id": reply.member,
        "command": reply.command,
        "message": dump_message(reply.message),
        "at": reply.at,
        "topic": reply.topic,
        "claim_id": reply.claim_id,
        "affirmed": reply.affirmed,
        "cited": dump_ids(reply.cited),
        "writer": reply.writer,
        "model": reply.model,
        "prompt_version": reply.prompt_version,
        "tokens_in": reply.usage.tokens_in,
        "tokens_out": reply.usage.tokens_out,
        "calls": reply.usage.calls,
        "seconds": reply.seconds,
        "thread_id": reply.thread,
        "private": reply.message.private,
    }


def reply_of(row: AnyRow) -> Reply:
    return Reply(
        id=row.id,
        workspace=row.workspace_id,
        channel=row.channel_id,
        member=row.member_id,
        event_id=row.event_id,
        command=row.command,
        message=load_message(row.message),
        at=row.at,
        topic=row.topic,
        claim_id=row.claim_id,
        affirmed=row.affirmed,
        cited=load_ids(row.cited),
        writer=row.writer,
        model=row.model,
        prompt_version=row.prompt_version,
        usage=Usage(row.tokens_in, row.tokens_out, row.calls),
        seconds=row.seconds,
        thread=row.thread_id,
    )


def position_of(row: AnyRow) -> Position:
    return Position(
        workspace=row.workspace_id,
        topic=row.topic,
        claim_id=row.claim_id,
        claim_version=row.claim_version,
        member=row.member_id,
        stance=None if row.stance is None else Stance(row.stance),
        at=row.at,
        reason=row.reason,
        crux=row.crux,
        public=row.public,
    )


def published_of(row: AnyRow) -> Position:
    """A position in a snapshot, which has no reason."""
    return Position(
        workspace=row.workspace_id,
        topic=row.topic,
        claim_id=row.claim_id,
        claim_version=row.claim_version,
        member=row.member_id,
        stance=Stance(row.stance),
        at=row.at,
        crux=row.crux,
        public=row.public,
    )


def published_claim_of(row: AnyRow) -> PublishedClaim:
    return PublishedClaim(
        row.claim_id,
        Tally(row.claim_id, {stance: getattr(row, name) for stance, name in STANCE_COLUMNS.items()}, row.members),
        row.marks,
        row.at,
        row.claim_version,
    )


def digest_values(digest: Digest) -> dict[str, object]:
    return {
        "workspace_id": digest.workspace,
        "topic": digest.topic,
        "key": digest.key,
        "event": digest.event,
        "at": digest.at,
        "before": digest.before,
        "content": dump_digest(digest),
    }


def digest_of(row: AnyRow) -> Digest:
    return load_digest(row.workspace_id, row.event, row.content)


def credit_of(row: AnyRow) -> Credit:
    return Credit(
        workspace=row.workspace_id,
        topic=row.topic,
        claim_id=row.claim_id,
        member=row.member_id,
        argument_id=row.argument_id,
        reason=row.reason,
        at=row.at,
        undone_at=row.undone_at,
    )


def proposal_values(proposal: Proposal) -> dict[str, object]:
    kind, content = dump_edit(proposal.edit)
    return {
        "workspace_id": proposal.workspace,
        "number": proposal.number,
        "member_id": proposal.member,
        "topic": proposal.topic,
        "kind": kind,
        "content": content,
        "state": proposal.state.value,
        "at": proposal.at,
        "event": proposal.event,
        "decided_at": proposal.decided_at,
        "decided_by": proposal.decided_by,
        "reason": proposal.reason,
        "made": proposal.made,
    }


def proposal_of(row: AnyRow) -> Proposal:
    edit = load_edit(row.kind, row.content)
    if not isinstance(edit, NewTopic | NewArgument):
        raise TypeError(f"proposal {row.number} is a {row.kind}")
    return Proposal(
        workspace=row.workspace_id,
        number=row.number,
        member=row.member_id,
        topic=row.topic,
        edit=edit,
        state=ProposalState(row.state),
        at=row.at,
        event=row.event,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        made=row.made,
    )


def amendment_values(amendment: Amendment) -> dict[str, object]:
    kind, content = dump_edit(amendment.edit)
    return {
        "workspace_id": amendment.workspace,
        "number": amendment.number,
        "topic": amendment.topic,
        "claim_id": amendment.claim_id,
        "kind": kind,
        "content": content,
        "at": amendment.at,
        "event": amendment.event,
        "author_id": amendment.author,
    }


def amendment_of(row: AnyRow) -> Amendment:
    return Amendment(
        workspace=row.workspace_id,
        number=row.number,
        topic=row.topic,
        claim_id=row.claim_id,
        edit=load_edit(row.kind, row.content),
        at=row.at,
        event=row.event,
        author=row.author_id,
    )


def schedule_values(schedule: Schedule) -> dict[str, object]:
    return {
        "workspace_id": schedule.workspace,
        "id": schedule.id,
        "kind": schedule.kind.value,
        "channel_id": schedule.channel,
        "rule": schedule.recurrence.rule,
        "anchor": schedule.recurrence.anchor.isoformat(),
        "zone": schedule.zone,
        "quiet": dump_quiet(schedule.quiet),
        "created_at": schedule.created_at,
        "paused_until": schedule.paused_until,
    }


def schedule_of(row: AnyRow) -> Schedule:
    return Schedule(
        workspace=row.workspace_id,
        id=row.id,
        kind=ScheduleKind(row.kind),
        recurrence=Recurrence(row.rule, datetime.fromisoformat(row.anchor)),
        zone=row.zone,
        channel=row.channel_id,
        created_at=row.created_at,
        quiet=load_quiet(row.quiet),
        paused_until=row.paused_until,
    )


def firing_of(row: AnyRow) -> Firing:
    return Firing(row.workspace_id, row.schedule_id, ScheduleKind(row.kind), row.due_at, row.tries)


def post_values(post: Post) -> dict[str, object]:
    return {
        "workspace_id": post.workspace,
        "id": post.id,
        "channel_id": post.channel,
        "thread_id": post.thread,
        "kind": post.kind,
        "message": dump_message(post.message),
        "picture": None if post.picture is None else post.picture.data,
        "picture_alt": None if post.picture is None else post.picture.alt,
        "created_at": post.created_at,
        "schedule_id": None if post.firing is None else post.firing.schedule,
        "due_at": None if post.firing is None else post.firing.due_at,
        "firing_kind": None if post.firing is None else post.firing.kind.value,
        "part": post.part,
        "until": post.until,
        "begun": post.begun,
    }


def post_of(row: AnyRow) -> Post:
    return Post(
        workspace=row.workspace_id,
        id=row.id,
        channel=row.channel_id,
        kind=row.kind,
        message=load_message(row.message),
        created_at=row.created_at,
        thread=row.thread_id,
        picture=None if row.picture is None else Picture(row.picture, row.picture_alt),
        firing=None
        if row.schedule_id is None
        else Firing(row.workspace_id, row.schedule_id, ScheduleKind(row.firing_kind), row.due_at),
        part=row.part,
        until=row.until,
        begun=row.begun,
    )


def entry_of(row: AnyRow) -> Entry:
    return Entry(
        post=post_of(row),
        state=PostState(row.state),
        tries=row.tries,
        free_at=row.free_at,
        worker=row.worker,
        unknown_since=row.unknown_since,
        settled_at=row.settled_at,
        sent_at=row.sent_at,
        reference=row.reference,
        reason=row.reason,
    )


def prompt_values(prompt: Prompt) -> dict[str, object]:
    """All columns but the snapshot's."""
    return {
        "workspace_id": prompt.workspace,
        "id": prompt.id,
        "channel_id": prompt.channel,
        "topic": prompt.topic,
        "claim_id": prompt.claim_id,
        "claim_version": prompt.claim_version,
        "opened_at": prompt.opened_at,
        "closes_at": prompt.closes_at,
        "open_channel": prompt.channel if prompt.is_open else None,
        "open_claim": prompt.claim_id if prompt.is_open else None,
        "closed_at": prompt.closed_at,
        "ending": None if prompt.ending is None else prompt.ending.value,
        "closed_by": prompt.closed_by,
        "answered": prompt.answered,
        "closing": None if prompt.closing is None else dump_message(prompt.closing),
    }


def prompt_of(row: AnyRow) -> Prompt:
    return Prompt(
        workspace=row.workspace_id,
        id=row.id,
        channel=row.channel_id,
        topic=row.topic,
        claim_id=row.claim_id,
        claim_version=row.claim_version,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        ending=None if row.ending is None else Ending(row.ending),
        closed_by=row.closed_by,
        answered=row.answered,
        closing=None if row.closing is None else load_message(row.closing),
    )


def queued_of(row: AnyRow) -> Queued:
    return Queued(row.workspace_id, row.topic, row.claim_id, row.member_id, row.at)
