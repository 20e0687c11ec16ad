"""What is kept about a member, for that member: to see, to take along, to have deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from bot.core.actions import FORGET_ACTION
from bot.core.arguments import Argument, ArgumentMap
from bot.core.commands import ExportMe, ForgetMe, Me
from bot.core.kept import Forgotten, MemberRecord
from bot.core.language import plural, say, say_as, spoken
from bot.core.messages import Attachment, Button, Listing, Message, Paragraph
from bot.core.ports import Clock, Store
from bot.core.positions import Credit, Position
from bot.core.requests import Request
from bot.core.resolving import Resolver


@dataclass(frozen=True)
class Records:
    """A member's own data. Every answer is private."""

    resolver: Resolver
    store: Store
    clock: Clock

    async def answer(self, request: Request, command: Me | ExportMe | ForgetMe) -> Message:
        """Do what a command asks for; see the methods."""
        match command:
            case Me():
                return await self.me(request)
            case ExportMe():
                return await self.export(request)
            case ForgetMe(sure):
                return await self.forget(request, sure=sure)

    async def me(self, request: Request) -> Message:
        """The member's positions and changes, and what they credited."""
        history = await self.store.position_history(request.workspace, request.member)
        given = await self.store.credits_given(request.workspace, request.member)
        maps = {found.id: found for found in await self.resolver.maps(request.workspace)}
        return me(maps, history, [credit for credit in given if credit.standing])

    async def export(self, request: Request) -> Message:
        """All that is kept about the member, as JSON in an attachment that is not kept itself."""
        record = await self.store.member_record(request.workspace, request.member)
        return Message(
            (Paragraph(say("All that Crux keeps about you here, as JSON:")),),
            notes=(say("This copy is not kept; `/crux export-me` makes another."),),
            private=True,
            attachment=Attachment("crux-export.json", as_json(record)),
        )

    async def forget(self, request: Request, *, sure: bool) -> Message:
        """Delete all that is kept about the member, once they are sure."""
        if not sure:
            return ask_before_forgetting()
        return forgotten(await self.store.forget(request.workspace, request.member, self.clock.now()))


def as_json(record: MemberRecord) -> str:
    """A member's record as indented JSON; times as ISO 8601."""
    return json.dumps(asdict(record), default=_plain, ensure_ascii=False, indent=2)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an export")


def me(maps: Mapping[str, ArgumentMap], history: Sequence[Position], given: Sequence[Credit]) -> Message:
    """A member's current positions by topic, each with what came before it."""
    by_claim: dict[tuple[str, str], list[Position]] = {}
    for position in history:
        by_claim.setdefault((position.topic, position.claim_id), []).append(position)
    blocks: list[Paragraph | Listing] = []
    for topic in dict.fromkeys(topic for topic, _ in by_claim):
        title = maps[topic].title if topic in maps else topic
        lines = [_held(maps.get(topic), held) for (of, _), held in sorted(by_claim.items()) if of == topic]
        blocks += [Paragraph(say("What you hold on “{title}”:", title=title)), Listing(tuple(lines))]
    if not blocks:
        blocks = [
            Paragraph(say("You hold no position yet; `/stand CLAIM agree` records one, `/crux map` lists the claims."))
        ]
    if given:
        items = tuple(
            say("{argument}, for {claim}: {reason}", argument=c.argument_id, claim=c.claim_id, reason=c.reason)
            for c in given
        )
        blocks += [Paragraph(say("What you credit with a change of mind:")), Listing(items)]
    return Message(
        tuple(blocks),
        notes=(say("For you alone. `/crux export-me` has all that is kept about you, `/crux forget-me` deletes it."),),
        private=True,
    )


def _held(argument_map: ArgumentMap | None, held: Sequence[Position]) -> str:
    """One claim's line: "T-01, “…”: agree since 5 January 2026 (crux); before: disagree, unsure. Your reason: …"."""
    now = held[-1]
    argument = _argument(argument_map, now.claim_id) if argument_map is not None else None
    claim = now.claim_id
    if argument is not None:
        claim = say("{claim}, “{words}”", claim=claim, words=argument.claim_as_of(now.claim_version))
    said_of_it = (
        (say_as("a position", "a crux for you"), now.crux),
        (say_as("a position", "public"), now.public),
        (say_as("a claim", "reworded since"), argument is not None and argument.version != now.claim_version),
        (
            say_as("a claim", "retired since"),
            argument_map is not None and now.claim_id in argument_map.retired_by_id,
        ),
    )
    marks = ", ".join(words for words, holds in said_of_it if holds)
    line = say("{claim}: {stance} since {day}", claim=claim, stance=_stance(now), day=spoken().day(_since(held)))
    if marks:
        line = f"{line} ({marks})"
    before = [_stance(position) for position in _changed(held)][:-1]
    if before:
        line = "; ".join((line, say("before: {stances}", stances=", ".join(before))))
    return ". ".join((line, say("Your reason: {reason}", reason=now.reason))) if now.reason else f"{line}."


def _argument(argument_map: ArgumentMap, claim_id: str) -> Argument | None:
    """An argument of the map, in use or retired."""
    retired = argument_map.retired_by_id.get(claim_id)
    return retired.argument if retired is not None else argument_map.by_id.get(claim_id)


def _changed(held: Iterable[Position]) -> list[Position]:
    """A claim's positions without those that repeat the stance before them."""
    kept: list[Position] = []
    for position in held:
        if not kept or kept[-1].stance is not position.stance:
            kept.append(position)
    return kept


def _since(held: Sequence[Position]) -> datetime:
    """When a member first took the stance that they hold, on the words that they hold it on."""
    now = held[-1]
    same = takewhile(lambda p: (p.stance, p.claim_version) == (now.stance, now.claim_version), reversed(held))
    return min(position.at for position in same)


def _stance(position: Position) -> str:
    return position.stance.words if position.stance is not None else say_as("a position", "withdrawn")


def ask_before_forgetting() -> Message:
    return Message(
        (
            Paragraph(
                say(
                    "This deletes your positions and their history, your credits, endorsements, proposals and queued "
                    "claims, and what you asked here with its answers; it can't be undone. Arguments of yours that "
                    "are in the map stay there, without your name. `/crux export-me` gives you a copy first. `/crux "
                    "forget-me yes` goes ahead."
                )
            ),
        ),
        private=True,
        buttons=(Button(say("Forget me"), FORGET_ACTION),),
    )


def forgotten(what: Forgotten) -> Message:
    """What was deleted, and what that means for the figures."""
    counted = (
        plural("{number} position", "{number} positions", what.positions) if what.positions else "",
        plural("{number} credit", "{number} credits", what.credits) if what.credits else "",
        plural("{number} endorsement", "{number} endorsements", what.endorsements) if what.endorsements else "",
        plural("{number} request", "{number} requests", what.requests) if what.requests else "",
        plural("{number} answer", "{number} answers", what.replies) if what.replies else "",
        plural("{number} proposal", "{number} proposals", what.proposals) if what.proposals else "",
        plural("{number} queued claim", "{number} queued claims", what.queued) if what.queued else "",
        plural("{number} installation", "{number} installations", what.installed) if what.installed else "",
    )
    said = ", ".join(filter(None, counted))
    text = say("Forgotten: {counted}.", counted=said) if said else say("Forgotten: nothing was kept about you.")
    blocks = [Paragraph(text)]
    if what.proposals:
        blocks.append(Paragraph(say("What was taken into the map from your proposals stays there, without your name.")))
    if what.withdrawn:
        blocks.append(
            Paragraph(
                say("Figures that you were part of are hidden until others have changed, so that they don't tell.")
            )
        )
    if what.digests:
        blocks.append(Paragraph(say("Past digests no longer show figures that you were part of.")))
    notes = (
        () if what.erased else (say("The database was busy: the deleted bytes are overwritten at its next chance."),)
    )
    return Message(tuple(blocks), notes=notes, private=True)
