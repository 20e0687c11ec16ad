"""Requests, replies, positions, credits, proposals and amendments for storage tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.amendments import Amendment, NewArgument, Words
from bot.core.arguments import RelationKind
from bot.core.assignments import Usage
from bot.core.digest import ClaimFigures, Counts, Digest, Line, Part, Section, Summary
from bot.core.kept import Reply
from bot.core.messages import Button, Listing, Message, Paragraph, SourceLine
from bot.core.positions import Credit, Position, Stance
from bot.core.proposals import Proposal, ProposalState
from bot.core.requests import Request

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_request(event: str = "e1", workspace: str = "w1", at: float = 0, **fields: Any) -> Request:
    request = Request(
        workspace=workspace,
        channel="c1",
        member="ada",
        text="/steelman MI-04",
        event_id=event,
        received_at=after(at),
        thread="t1",
        member_name="Ada",
    )
    return replace(request, **fields)


def a_reply(request: Request, **fields: Any) -> Reply:
    reply = Reply(
        id=f"reply-{request.event_id}",
        workspace=request.workspace,
        channel=request.channel,
        member=request.member,
        event_id=request.event_id,
        command="steelman",
        message=Message(
            blocks=(Paragraph("A case [MI-04]."), Listing(("one", "two"), (0, 1))),
            title="The case",
            sources=(SourceLine("MI-04", "A claim", "A paper, p. 3", None),),
            notes=("Read as MI-04.",),
            buttons=(Button("I'd sign this", "sign:1"),),
            reply_id=f"reply-{request.event_id}",
        ),
        at=after(1),
        topic="mechanistic-interpretability",
        claim_id="MI-04",
        affirmed=True,
        cited=("MI-04", "MI-07"),
        writer="model",
        model="gpt-5-mini",
        prompt_version="abc123",
        usage=Usage(900, 210, 1),
        seconds=3.25,
    )
    return replace(reply, **fields)


def a_position(at: float = 0, **fields: Any) -> Position:
    position = Position(
        workspace="w1",
        topic="mechanistic-interpretability",
        claim_id="MI-04",
        claim_version=1,
        member="ada",
        stance=Stance.AGREE,
        at=after(at),
        reason="the demos",
        crux=True,
    )
    return replace(position, **fields)


def a_credit(at: float = 0, **fields: Any) -> Credit:
    credit = Credit(
        workspace="w1",
        topic="mechanistic-interpretability",
        claim_id="MI-04",
        member="ada",
        argument_id="MI-07",
        reason="the replication convinced me",
        at=after(at),
    )
    return replace(credit, **fields)


def a_digest(event: str = "d1", **fields: Any) -> Digest:
    figures = ClaimFigures("MI-04", "It works", 1, Counts(3, 9, 2, 1, 0), Counts(4, 9, 4, 0, 0))
    digest = Digest(
        workspace="w1",
        topic="mechanistic-interpretability",
        key="2026-W09",
        title="It",
        thesis_id="MI-00",
        at=after(0),
        event=event,
        sections=(
            Section(Part.MOVED, (Line("MI-04: 3 of 9 voted.", "MI-04"), Line("MI-05: 4 of 9 voted.", "MI-05"))),
            Section(Part.PARTICIPATION, (Line("4 of 9 members took part."),)),
        ),
        figures=(figures,),
        summary=Summary("It moved.", "m", "digest:1"),
    )
    return replace(digest, **fields)


WORDS = Words("Probes catch lies in tests", "Probes miss lies in tests", "They were tried on planted lies.")


def a_proposal(event: str = "p1", at: float = 0, **fields: Any) -> Proposal:
    proposal = Proposal(
        workspace="w1",
        number=0,
        member="ada",
        topic="mechanistic-interpretability",
        edit=NewArgument(WORDS, RelationKind.REBUTS, "MI-04"),
        state=ProposalState.OPEN,
        at=after(at),
        event=event,
    )
    return replace(proposal, **fields)


def an_amendment(number: int = 1, at: float = 0, **fields: Any) -> Amendment:
    amendment = Amendment(
        workspace="w1",
        number=number,
        topic="mechanistic-interpretability",
        claim_id="MI-501",
        edit=NewArgument(WORDS, RelationKind.REBUTS, "MI-04"),
        at=after(at),
        event=f"a{number}",
        author="ada",
    )
    return replace(amendment, **fields)
