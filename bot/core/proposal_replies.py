"""The bot's words on the group's own questions: proposals, decisions on them, claims reworded and retired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from bot.core.actions import argue_action, proposal_action, stand_action, topic_action
from bot.core.amendments import NewArgument, NewTopic
from bot.core.arguments import Argument, ArgumentMap, Certainty, RelationKind, Retired, View
from bot.core.assignments import Task
from bot.core.language import mark, plural, say, spoken
from bot.core.messages import Button, Listing, Message, Paragraph
from bot.core.proposals import Proposal, ProposalState
from bot.core.replies import LABEL_LENGTH, sentence, shorten
from bot.errors import BadInput

_ADDED: Final = {
    RelationKind.SUPPORTS: mark("New in the map, for {target}: {claim}, “{words}”."),
    RelationKind.REBUTS: mark("New in the map, against {target}: {claim}, “{words}”."),
    RelationKind.UNDERCUTS: mark("New in the map, against the step from {target}: {claim}, “{words}”."),
}
_PUT: Final = {
    Certainty.TENTATIVE: mark("Put as tentative."),
    Certainty.SPECULATIVE: mark("Put as speculative."),
}
MOST_LISTED: Final = 10


def near_argument(proposal: Proposal, argument: Argument, *, denied: bool) -> Message:
    """Before it is proposed: the argument of the map that says much the same, or that it denies."""
    if denied:
        near = mark("Before it goes to the organisers: what you wrote denies {claim}, “{words}”.")
    else:
        near = mark("Before it goes to the organisers: what you wrote is much like {claim}, “{words}”.")
    return Message(
        (
            Paragraph(say(near, claim=argument.id, words=argument.claim)),
            Paragraph(sentence(argument.text)),
            Paragraph(
                say("Is yours another point? If not, nothing needs adding, and you can argue from what is there.")
            ),
        ),
        private=True,
        buttons=_draft_buttons(proposal),
    )


def near_proposal(proposal: Proposal, other: Proposal) -> Message:
    """Before it is proposed: an open proposal that says much the same."""
    return Message(
        (
            Paragraph(
                say(
                    "Proposal {number}, which is open, is much like yours: “{words}”.",
                    number=other.number,
                    words=other.edit.words.claim,
                )
            ),
        ),
        private=True,
        buttons=_draft_buttons(proposal),
    )


def _draft_buttons(proposal: Proposal) -> tuple[Button, ...]:
    return (
        Button(say("Propose it all the same"), proposal_action("submit", proposal.number)),
        Button(say("Leave it"), proposal_action("drop", proposal.number)),
    )


def proposed(proposal: Proposal, maps: Sequence[ArgumentMap]) -> Message:
    """To its author: how it was read, and what comes next."""
    return Message(
        (
            Paragraph(
                say("Proposed, as number {number}: {bearing}.", number=proposal.number, bearing=bearing(proposal, maps))
            ),
            Listing(tuple(_parts(proposal))),
        ),
        notes=(
            say(
                "Organisers decide; your name is not shown with it. `/crux withdraw {number}` takes it back.",
                number=proposal.number,
            ),
        ),
        private=True,
    )


def bearing(proposal: Proposal, maps: Sequence[ArgumentMap]) -> str:
    """What a proposal is: "an argument against MI-04, “…”", or "a topic, “…”"."""
    edit = proposal.edit
    if isinstance(edit, NewTopic):
        return say("a topic, “{question}”", question=edit.question)
    claims = {a.id: a.claim for found in maps if found.id == proposal.topic for a in found}
    target = edit.target
    if target in claims:
        target = say("{claim}, “{words}”", claim=target, words=claims[target])
    match edit.kind:
        case RelationKind.SUPPORTS:
            return say("an argument for {claim}", claim=target)
        case RelationKind.REBUTS:
            return say("an argument against {claim}", claim=target)
        case _:
            return say("an argument against the step from {claim} to {end}", claim=target, end=edit.of)


def _parts(proposal: Proposal) -> Iterable[str]:
    edit = proposal.edit
    claim = mark("Thesis: {words}") if isinstance(edit, NewTopic) else mark("Claim: {words}")
    yield say(claim, words=sentence(edit.words.claim))
    yield say("Those who deny it say: {words}", words=sentence(edit.words.contrary))
    if edit.words.text != sentence(edit.words.claim):
        yield say("Argument: {words}", words=edit.words.text)
    if isinstance(edit, NewArgument) and edit.certainty in _PUT:
        yield say(_PUT[edit.certainty])


def withdrawn(proposal: Proposal) -> Message:
    if proposal.state is ProposalState.DRAFT:
        return Message((Paragraph(say("Left as it is: nothing was proposed.")),), private=True)
    return Message((Paragraph(say("Proposal {number} is withdrawn.", number=proposal.number)),), private=True)


# -- lists ------------------------------------------------------------------------------------------------------------


def listed(
    opened: Sequence[Proposal], own: Sequence[Proposal], maps: Sequence[ArgumentMap], *, organiser: bool
) -> Message:
    """The open proposals, and what became of the member's others."""
    blocks: list[Paragraph | Listing] = []
    if opened:
        mine = {proposal.number for proposal in own}
        lines = [_line(p, maps, own=p.number in mine) for p in opened[:MOST_LISTED]]
        blocks += [Paragraph(say("Open proposals:")), Listing(tuple(lines))]
        if len(opened) > MOST_LISTED:
            more = len(opened) - MOST_LISTED
            text = plural(
                "And {number} more, once these are decided.", "And {number} more, once these are decided.", more
            )
            blocks.append(Paragraph(text))
    recent = [proposal for proposal in own if proposal.state is not ProposalState.OPEN][-MOST_LISTED:]
    if recent:
        blocks += [
            Paragraph(say("What became of yours:")),
            Listing(tuple(say("“{words}”. {outcome}", words=_short(p), outcome=outcome(p)) for p in recent)),
        ]
    if not blocks:
        blocks = [Paragraph(say("There are no proposals. `/crux argue CLAIM for …` proposes an argument."))]
    notes = (
        (say("To decide: `/crux approve NUMBER`, or `/crux decline NUMBER because …`."),)
        if organiser and opened
        else ()
    )
    waiting = [proposal for proposal in own if proposal.state is ProposalState.DRAFT]
    buttons = [
        Button(
            shorten(say("Look at {number}: {words}", number=p.number, words=p.edit.words.claim), LABEL_LENGTH),
            proposal_action("proposal", p.number),
        )
        for p in (*waiting[-2:], *opened[:5])
    ]
    return Message(tuple(blocks), private=True, notes=notes, buttons=tuple(buttons))


def _line(proposal: Proposal, maps: Sequence[ArgumentMap], *, own: bool) -> str:
    bears, words = bearing(proposal, maps), _short(proposal)
    if own:
        return say("{number}, {bearing}: “{words}” (yours)", number=proposal.number, bearing=bears, words=words)
    return say("{number}, {bearing}: “{words}”", number=proposal.number, bearing=bears, words=words)


def _short(proposal: Proposal) -> str:
    return proposal.edit.words.claim


def outcome(proposal: Proposal) -> str:
    """What became of a proposal, in a sentence."""
    number, day = proposal.number, spoken().day(proposal.decided_at or proposal.at)
    match proposal.state:
        case ProposalState.DRAFT:
            return say("Proposal {number} waits for you to say whether it is another point.", number=number)
        case ProposalState.OPEN:
            return say("Proposal {number} is open.", number=number)
        case ProposalState.APPROVED:
            return say(
                "Proposal {number} was approved on {day}, as {claim}.", number=number, day=day, claim=proposal.made
            )
        case ProposalState.DECLINED if proposal.reason:
            reason = sentence(proposal.reason)
            return say("Proposal {number} was declined on {day}: {reason}", number=number, day=day, reason=reason)
        case ProposalState.DECLINED:
            return say("Proposal {number} was declined on {day}; no reason was given.", number=number, day=day)
        case ProposalState.WITHDRAWN:
            return say("Proposal {number} was withdrawn on {day}.", number=number, day=day)


def whole(proposal: Proposal, maps: Sequence[ArgumentMap], near: Argument | None, *, organiser: bool) -> Message:
    """One proposal with all its parts; for organisers with the buttons to decide."""
    blocks: list[Paragraph | Listing] = [
        Paragraph(say("Proposal {number}, {bearing}.", number=proposal.number, bearing=bearing(proposal, maps))),
        Listing(tuple(_parts(proposal))),
    ]
    if near is not None and proposal.undecided:
        blocks.append(Paragraph(say("The nearest in the map: {claim}, “{words}”.", claim=near.id, words=near.claim)))
    if proposal.state is not ProposalState.OPEN:
        blocks.append(Paragraph(outcome(proposal)))
    if proposal.state is ProposalState.DRAFT:  # which its author alone is shown
        return Message(tuple(blocks), private=True, buttons=_draft_buttons(proposal))
    if not organiser or proposal.state is not ProposalState.OPEN:
        return Message(tuple(blocks), private=True)
    return Message(
        tuple(blocks),
        private=True,
        notes=(say("`/crux approve {number} TEXT` approves it in other words.", number=proposal.number),),
        buttons=(
            Button(say("Approve"), proposal_action("approve", proposal.number)),
            Button(say("Decline"), proposal_action("decline", proposal.number)),
        ),
    )


# -- decisions --------------------------------------------------------------------------------------------------------


def argument_added(argument_map: ArgumentMap, argument: Argument, kind: RelationKind, target: str) -> Message:
    """To the channel: what is new in the map."""
    return Message(
        (
            Paragraph(say(_ADDED[kind], target=target, claim=argument.id, words=argument.claim)),
            *([Paragraph(argument.text)] if argument.text != sentence(argument.claim) else []),
        ),
        buttons=_argue_buttons(argument_map, argument.id),
    )


def topic_added(argument_map: ArgumentMap) -> Message:
    thesis = argument_map.thesis
    return Message(
        (
            Paragraph(say("A new topic: {question}", question=argument_map.question)),
            Paragraph(say("Its thesis is {thesis}: “{words}”.", thesis=thesis.id, words=thesis.claim)),
            Paragraph(
                say(
                    "It has no arguments yet; everybody can propose some, as in `/crux argue {thesis} for …` and "
                    "`/crux argue {thesis} against …`.",
                    thesis=thesis.id,
                )
            ),
        ),
        buttons=(
            Button(
                shorten(say("Debate {topic}", topic=argument_map.title), LABEL_LENGTH), topic_action(argument_map.id)
            ),
            Button(say("Where do I stand?"), stand_action(argument_map.id, thesis.id)),
        ),
    )


def _argue_buttons(argument_map: ArgumentMap, claim_id: str) -> tuple[Button, ...]:
    return (
        Button(say("Steelman it"), argue_action(Task.STEELMAN, argument_map.id, View(claim_id))),
        Button(say("Counter it"), argue_action(Task.COUNTER, argument_map.id, View(claim_id))),
        Button(say("Where do I stand?"), stand_action(argument_map.id, claim_id)),
    )


def no_open_proposal(number: int) -> BadInput:
    """The refusal for a number that no open proposal has."""
    return BadInput(say("There is no open proposal {number}; `/crux proposals` lists them.", number=number))


def declined(proposal: Proposal) -> Message:
    return Message(
        (
            Paragraph(
                say(
                    "Proposal {number} is declined. Its author sees your reason under `/crux proposals`.",
                    number=proposal.number,
                )
            ),
        ),
        private=True,
    )


def how_to_decline(proposal: Proposal) -> Message:
    text = say(
        "Say why, so that its author can learn from it: `/crux decline {number} because …`.", number=proposal.number
    )
    return Message((Paragraph(text),), private=True)


# -- amendments -------------------------------------------------------------------------------------------------------


def reworded(argument_map: ArgumentMap, claim_id: str) -> Message:
    """To the channel: what the claim says now, and that votes stay with what they were cast on."""
    argument = argument_map[claim_id]
    before = argument.claim_as_of(argument.version - 1)
    return Message(
        (
            Paragraph(say("{claim} has new words: “{words}”.", claim=claim_id, words=argument.claim)),
            Paragraph(
                say(
                    "Before, it was: “{words}”. Positions stay with the words that they were taken on; say with "
                    "`/stand {claim} …` where you stand on the new ones.",
                    words=before,
                    claim=claim_id,
                )
            ),
        ),
        buttons=_argue_buttons(argument_map, claim_id),
    )


def retired(argument_map: ArgumentMap, claim_id: str) -> Message:
    """To the channel: what is out of use, and what rests with it."""
    gone = argument_map.retired_by_id[claim_id]
    along = [r.argument.id for r in argument_map.retired if r.along_with == claim_id]
    blocks = [
        Paragraph(
            say(
                "{claim}, “{words}”, is retired: {reason}",
                claim=claim_id,
                words=gone.argument.claim,
                reason=sentence(gone.reason),
            )
        )
    ]
    if along:
        blocks.append(
            Paragraph(say("With it rest those that bear on nothing else: {claims}.", claims=", ".join(along)))
        )
    return Message(
        tuple(blocks),
        notes=(
            say(
                "Replies that cited it keep it, and `/crux map {claim}` still shows it. `/crux restore {claim}` "
                "puts it back.",
                claim=claim_id,
            ),
        ),
    )


def restored(argument_map: ArgumentMap, claim_id: str) -> Message:
    return Message(
        (Paragraph(say("{claim}, “{words}”, is in use again.", claim=claim_id, words=argument_map[claim_id].claim)),),
        buttons=_argue_buttons(argument_map, claim_id),
    )


def retired_claim(found: Retired) -> Message:
    """A retired claim, for whoever looks it up."""
    argument, day, reason = found.argument, spoken().day(found.at), sentence(found.reason)
    if found.along_with is None:
        why = say("Retired on {day}: {reason}", day=day, reason=reason)
    else:
        why = say(
            "It bears on {claim} alone, which was retired on {day}: {reason}",
            claim=found.along_with,
            day=day,
            reason=reason,
        )
    return Message(
        (
            Paragraph(say("{claim}: “{words}”.", claim=argument.id, words=argument.claim)),
            Paragraph(argument.text),
            Paragraph(" ".join((why, say("Nothing is argued from it any longer.")))),
        )
    )
