"""Requests, replies, positions, credits, proposals, amendments and prompts for storage tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.core.amendments import Amendment, NewArgument, Words
from bot.core.arguments import RelationKind
from bot.core.assignments import Usage
from bot.core.digest import ClaimFigures, Counts, Digest, Line, Part, Section, Summary
from bot.core.firings import Firing
from bot.core.kept import Reply
from bot.core.messages import Button, Listing, Message, Paragraph, Picture, SourceLine
from bot.core.outbox import Post
from bot.core.positions import Credit, Position, Stance
from bot.core.prompts import Ending, Prompt, Queued
from bot.core.proposals import Proposal, ProposalState
from bot.core.requests import Request
from bot.core.schedules import QuietDays, Recurrence, Schedule, ScheduleKind

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


def a_schedule(**fields: Any) -> Schedule:
    schedule = Schedule(
        workspace="w1",
        id="s1",
        kind=ScheduleKind.DIGEST,
        recurrence=Recurrence("FREQ=WEEKLY;BYDAY=FR", datetime(2026, 2, 27, 16)),  # noqa: DTZ001 (local time)
        zone="Europe/Berlin",
        channel="c1",
        created_at=after(0),
        quiet=QuietDays(frozenset({5, 6}), frozenset({date(2026, 4, 3)})),
    )
    return replace(schedule, **fields)


def a_firing(at: float = 0, **fields: Any) -> Firing:
    return replace(Firing("w1", "s1", ScheduleKind.DIGEST, after(at)), **fields)


def a_post(post_id: str = "p1", at: float = 0, **fields: Any) -> Post:
    post = Post(
        workspace="w1",
        id=post_id,
        channel="c1",
        kind="digest",
        message=Message((Paragraph("Where you stand."),), title="The week"),
        created_at=after(at),
        thread="t1",
        picture=Picture(b"\x89PNG\0", "Bars"),
    )
    return replace(post, **fields)


def a_prompt(prompt_id: str = "p1", at: float = 0, **fields: Any) -> Prompt:
    prompt = Prompt(
        workspace="w1",
        id=prompt_id,
        channel="c1",
        topic="mechanistic-interpretability",
        claim_id="MI-04",
        claim_version=1,
        opened_at=after(at),
        closes_at=after(at + 100),
    )
    return replace(prompt, **fields)


def a_closed(prompt: Prompt, at: float = 100, **fields: Any) -> Prompt:
    closed = replace(
        prompt,
        closed_at=after(at),
        ending=Ending.TIME,
        answered=True,
        closing=Message((Paragraph("What changed"),), notes=("a note",)),
    )
    return replace(closed, **fields)


def a_queued(claim_id: str = "MI-04", at: float = 0, **fields: Any) -> Queued:
    return replace(Queued("w1", "mechanistic-interpretability", claim_id, "ada", after(at)), **fields)
