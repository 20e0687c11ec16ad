"""Rows of the database as the core's own values, and back."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from sqlalchemy import Row

from bot.core.amendments import Amendment, NewArgument, NewTopic
from bot.core.assignments import Usage
from bot.core.digest import Digest
from bot.core.kept import PublishedClaim, Reply
from bot.core.positions import Credit, Position, Stance
from bot.core.proposals import Proposal, ProposalState
from bot.core.requests import Request
from bot.core.standing import Tally
from bot.storage.codec import (
    dump_digest,
    dump_edit,
    dump_ids,
    dump_message,
    load_digest,
    load_edit,
    load_ids,
    load_message,
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
        tries=row.attempts,
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
