"""The bot's words on the group's own questions: proposals, decisions on them, claims reworded and retired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from bot.core.actions import argue_action, proposal_action, stand_action, topic_action
from bot.core.amendments import NewArgument, NewTopic
from bot.core.arguments import Argument, ArgumentMap, RelationKind, Retired, View
from bot.core.assignments import Task
from bot.core.messages import Button, Listing, Message, Paragraph
from bot.core.proposals import Proposal, ProposalState
from bot.core.replies import LABEL_LENGTH, sentence, shorten
from bot.core.standing_replies import day
from bot.errors import BadInput

_BEARS: Final = {
    RelationKind.SUPPORTS: "for",
    RelationKind.REBUTS: "against",
    RelationKind.UNDERCUTS: "against the step from",
}
MOST_LISTED: Final = 10


def near_argument(proposal: Proposal, argument: Argument, *, denied: bool) -> Message:
    """Before it is proposed: the argument of the map that says much the same, or that it denies."""
    how = "denies" if denied else "is much like"
    return Message(
        (
            Paragraph(f"Before it goes to the organisers: what you wrote {how} {argument.id}, “{argument.claim}”."),
            Paragraph(sentence(argument.text)),
            Paragraph("Is yours another point? If not, nothing needs adding, and you can argue from what is there."),
        ),
        private=True,
        buttons=_draft_buttons(proposal),
    )


def near_proposal(proposal: Proposal, other: Proposal) -> Message:
    """Before it is proposed: an open proposal that says much the same."""
    return Message(
        (Paragraph(f"Proposal {other.number}, which is open, is much like yours: “{other.edit.words.claim}”."),),
        private=True,
        buttons=_draft_buttons(proposal),
    )


def _draft_buttons(proposal: Proposal) -> tuple[Button, ...]:
    return (
        Button("Propose it all the same", proposal_action("submit", proposal.number)),
        Button("Leave it", proposal_action("drop", proposal.number)),
    )


def proposed(proposal: Proposal, maps: Sequence[ArgumentMap]) -> Message:
    """To its author: how it was read, and what comes next."""
    return Message(
        (
            Paragraph(f"Proposed, as number {proposal.number}: {bearing(proposal, maps)}."),
            Listing(tuple(_parts(proposal))),
        ),
        notes=(
            f"Organisers decide; your name is not shown with it. `/crux withdraw {proposal.number}` takes it back.",
        ),
        private=True,
    )


def bearing(proposal: Proposal, maps: Sequence[ArgumentMap]) -> str:
    """What a proposal is: "an argument against MI-04, “…”", or "a topic, “…”"."""
    edit = proposal.edit
    if isinstance(edit, NewTopic):
        return f"a topic, “{edit.question}”"
    claims = {a.id: a.claim for found in maps if found.id == proposal.topic for a in found}
    target = f"{edit.target}, “{claims[edit.target]}”" if edit.target in claims else edit.target
    to = f" to {edit.of}" if edit.of is not None else ""
    return f"an argument {_BEARS[edit.kind]} {target}{to}"


def _parts(proposal: Proposal) -> Iterable[str]:
    edit = proposal.edit
    yield f"{'Thesis' if isinstance(edit, NewTopic) else 'Claim'}: {sentence(edit.words.claim)}"
    yield f"Those who deny it say: {sentence(edit.words.contrary)}"
    if edit.words.text != sentence(edit.words.claim):
        yield f"Argument: {edit.words.text}"
    if isinstance(edit, NewArgument) and edit.certainty.value != "asserted":
        yield f"Put as {edit.certainty.value}."


def withdrawn(proposal: Proposal) -> Message:
    if proposal.state is ProposalState.DRAFT:
        return Message((Paragraph("Left as it is: nothing was proposed."),), private=True)
    return Message((Paragraph(f"Proposal {proposal.number} is withdrawn."),), private=True)


# -- lists ------------------------------------------------------------------------------------------------------------


def listed(
    opened: Sequence[Proposal], own: Sequence[Proposal], maps: Sequence[ArgumentMap], *, organiser: bool
) -> Message:
    """The open proposals, and what became of the member's others."""
    blocks: list[Paragraph | Listing] = []
    if opened:
        mine = {proposal.number for proposal in own}
        lines = [f"{_line(p, maps)}{' (yours)' if p.number in mine else ''}" for p in opened[:MOST_LISTED]]
        blocks += [Paragraph("Open proposals:"), Listing(tuple(lines))]
        if len(opened) > MOST_LISTED:
            blocks.append(Paragraph(f"And {len(opened) - MOST_LISTED} more, once these are decided."))
    recent = [proposal for proposal in own if proposal.state is not ProposalState.OPEN][-MOST_LISTED:]
    if recent:
        blocks += [
            Paragraph("What became of yours:"),
            Listing(tuple(f"{p.number}: “{_short(p)}” {outcome(p)}" for p in recent)),
        ]
    if not blocks:
        blocks = [Paragraph("There are no proposals. `/crux argue CLAIM for …` proposes an argument.")]
    notes = ("To decide: `/crux approve NUMBER`, or `/crux decline NUMBER because …`.",) if organiser and opened else ()
    waiting = [proposal for proposal in own if proposal.state is ProposalState.DRAFT]
    buttons = [
        Button(
            shorten(f"Look at {p.number}: {p.edit.words.claim}", LABEL_LENGTH), proposal_action("proposal", p.number)
        )
        for p in (*waiting[-2:], *opened[:5])
    ]
    return Message(tuple(blocks), private=True, notes=notes, buttons=tuple(buttons))


def _line(proposal: Proposal, maps: Sequence[ArgumentMap]) -> str:
    return f"{proposal.number}, {bearing(proposal, maps)}: “{_short(proposal)}”"


def _short(proposal: Proposal) -> str:
    return proposal.edit.words.claim


def outcome(proposal: Proposal) -> str:
    """What became of a proposal, in words, with a final stop."""
    at = f" on {day(proposal.decided_at)}" if proposal.decided_at is not None else ""
    match proposal.state:
        case ProposalState.DRAFT:
            return "waits for you to say whether it is another point."
        case ProposalState.OPEN:
            return "is open."
        case ProposalState.APPROVED:
            return f"was approved{at}, as {proposal.made}."
        case ProposalState.DECLINED:
            return f"was declined{at}: {sentence(proposal.reason or 'no reason was given')}"
        case ProposalState.WITHDRAWN:
            return f"was withdrawn{at}."


def whole(proposal: Proposal, maps: Sequence[ArgumentMap], near: Argument | None, *, organiser: bool) -> Message:
    """One proposal with all its parts; for organisers with the buttons to decide."""
    blocks: list[Paragraph | Listing] = [
        Paragraph(f"Proposal {proposal.number}, {bearing(proposal, maps)}."),
        Listing(tuple(_parts(proposal))),
    ]
    if near is not None and proposal.undecided:
        blocks.append(Paragraph(f"The nearest in the map: {near.id}, “{near.claim}”."))
    if proposal.state is not ProposalState.OPEN:
        blocks.append(Paragraph(f"It {outcome(proposal)}"))
    if proposal.state is ProposalState.DRAFT:  # which its author alone is shown
        return Message(tuple(blocks), private=True, buttons=_draft_buttons(proposal))
    if not organiser or proposal.state is not ProposalState.OPEN:
        return Message(tuple(blocks), private=True)
    return Message(
        tuple(blocks),
        private=True,
        notes=(f"`/crux approve {proposal.number} TEXT` approves it in other words.",),
        buttons=(
            Button("Approve", proposal_action("approve", proposal.number)),
            Button("Decline", proposal_action("decline", proposal.number)),
        ),
    )


# -- decisions --------------------------------------------------------------------------------------------------------


def argument_added(argument_map: ArgumentMap, argument: Argument, kind: RelationKind, target: str) -> Message:
    """To the channel: what is new in the map."""
    return Message(
        (
            Paragraph(f"New in the map, {_BEARS[kind]} {target}: {argument.id}, “{argument.claim}”."),
            *([Paragraph(argument.text)] if argument.text != sentence(argument.claim) else []),
        ),
        buttons=_argue_buttons(argument_map, argument.id),
    )


def topic_added(argument_map: ArgumentMap) -> Message:
    thesis = argument_map.thesis
    return Message(
        (
            Paragraph(f"A new topic: {argument_map.question}"),
            Paragraph(f"Its thesis is {thesis.id}: “{thesis.claim}”."),
            Paragraph(
                "It has no arguments yet; everybody can propose some, as in "
                f"`/crux argue {thesis.id} for …` and `/crux argue {thesis.id} against …`."
            ),
        ),
        buttons=(
            Button(shorten(f"Debate {argument_map.title}", LABEL_LENGTH), topic_action(argument_map.id)),
            Button("Where do I stand?", stand_action(argument_map.id, thesis.id)),
        ),
    )


def _argue_buttons(argument_map: ArgumentMap, claim_id: str) -> tuple[Button, ...]:
    return (
        Button("Steelman it", argue_action(Task.STEELMAN, argument_map.id, View(claim_id))),
        Button("Counter it", argue_action(Task.COUNTER, argument_map.id, View(claim_id))),
        Button("Where do I stand?", stand_action(argument_map.id, claim_id)),
    )


def no_open_proposal(number: int) -> BadInput:
    """The refusal for a number that no open proposal has."""
    return BadInput(f"There is no open proposal {number}; `/crux proposals` lists them.")


def declined(proposal: Proposal) -> Message:
    return Message(
        (Paragraph(f"Proposal {proposal.number} is declined. Its author sees your reason under `/crux proposals`."),),
        private=True,
    )


def how_to_decline(proposal: Proposal) -> Message:
    text = f"Say why, so that its author can learn from it: `/crux decline {proposal.number} because …`."
    return Message((Paragraph(text),), private=True)


# -- amendments -------------------------------------------------------------------------------------------------------


def reworded(argument_map: ArgumentMap, claim_id: str) -> Message:
    """To the channel: what the claim says now, and that votes stay with what they were cast on."""
    argument = argument_map[claim_id]
    before = argument.claim_as_of(argument.version - 1)
    return Message(
        (
            Paragraph(f"{claim_id} has new words: “{argument.claim}”."),
            Paragraph(
                f"Before, it was: “{before}”. Positions stay with the words that they were taken on; say with "
                f"`/stand {claim_id} …` where you stand on the new ones."
            ),
        ),
        buttons=_argue_buttons(argument_map, claim_id),
    )


def retired(argument_map: ArgumentMap, claim_id: str) -> Message:
    """To the channel: what is out of use, and what rests with it."""
    gone = argument_map.retired_by_id[claim_id]
    along = [r.argument.id for r in argument_map.retired if r.along_with == claim_id]
    blocks = [Paragraph(f"{claim_id}, “{gone.argument.claim}”, is retired: {sentence(gone.reason)}")]
    if along:
        blocks.append(Paragraph(f"With it rest those that bear on nothing else: {', '.join(along)}."))
    return Message(
        tuple(blocks),
        notes=(
            f"Replies that cited it keep it, and `/crux map {claim_id}` still shows it. "
            f"`/crux restore {claim_id}` puts it back.",
        ),
    )


def restored(argument_map: ArgumentMap, claim_id: str) -> Message:
    return Message(
        (Paragraph(f"{claim_id}, “{argument_map[claim_id].claim}”, is in use again."),),
        buttons=_argue_buttons(argument_map, claim_id),
    )


def retired_claim(found: Retired) -> Message:
    """A retired claim, for whoever looks it up."""
    argument = found.argument
    gone = "Retired" if found.along_with is None else f"It bears on {found.along_with} alone, which was retired"
    why = f"{gone} on {day(found.at)}: {sentence(found.reason)}"
    return Message(
        (
            Paragraph(f"{argument.id}: “{argument.claim}”."),
            Paragraph(argument.text),
            Paragraph(f"{why} Nothing is argued from it any longer."),
        )
    )
