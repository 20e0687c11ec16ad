"""The bot's words on what a member holds and what changed it. All of them are for that member alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.core.actions import stand_action
from bot.core.arguments import Argument, ArgumentMap, View
from bot.core.disclosure import Live
from bot.core.language import capital, mark, say
from bot.core.messages import Button, Listing, Message, Paragraph
from bot.core.positions import Credit, Position, Stance
from bot.core.replies import sentence
from bot.core.standing import side


def where_i_stand(argument_map: ArgumentMap, claim_id: str, position: Position | None, figures: Live | None) -> Message:
    """What a member holds on a claim, with its live figures if they hold anything."""
    argument = argument_map[claim_id]
    if position is None or position.stance is None:
        lead = say("You hold no position on {claim}: “{words}”.", claim=claim_id, words=argument.claim)
    else:
        said = [say(_HOLDS[position.stance], claim=claim_id, words=argument.claim_as_of(position.claim_version))]
        if position.reason:
            said.append(say("Your reason: {reason}", reason=sentence(position.reason)))
        if position.claim_version != argument.version:
            said.append(say("Since then it says: “{words}”. Where do you stand on that?", words=argument.claim))
        lead = " ".join(said)
    return Message(
        (Paragraph(lead), *_now(figures)), private=True, buttons=tuple(_stance_buttons(argument_map, claim_id))
    )


def position_recorded(
    argument_map: ArgumentMap, before: Position | None, now: Position, figures: Live | None
) -> Message:
    if now.stance is None:
        raise ValueError("a withdrawal has words of its own")
    parts = [say(_RECORDED[now.stance], claim=now.claim_id, words=argument_map[now.claim_id].claim)]
    same_words = before is not None and before.claim_version == now.claim_version
    held = before.stance if before is not None and same_words else None
    if held is not None and held is not now.stance:
        parts.append(say("Before, you were at “{stance}”.", stance=held.words))
    if now.crux:
        parts.append(say("It is marked as a crux for you."))
    parts.append(say("Your name is shown with it.") if now.public else say("Your name stays hidden."))
    blocks = [Paragraph(" ".join(parts)), *_now(figures)]
    if side(held) is not None and side(now.stance) is not None and side(held) is not side(now.stance):
        blocks.append(Paragraph(_what_changed(argument_map, now)))
    return Message(tuple(blocks), private=True)


def _now(figures: Live | None) -> Iterable[Paragraph]:
    if figures is not None:
        yield Paragraph(say("As of now, for your eyes: {words}.", words=figures.words))


def _what_changed(argument_map: ArgumentMap, now: Position) -> str:
    """Asks a member who changed sides for what did it; the example is an argument that speaks for their new side."""
    speaks = (
        argument_map.supporters(now.claim_id)
        if side(now.stance)
        else (*argument_map.rebutters(now.claim_id), *argument_map.undercutters(now.claim_id))
    )
    example = speaks[0].id if speaks else now.claim_id
    return say(
        "You changed sides. What changed your mind? If it was an argument, credit it: `/crux credit "
        "{example} for {claim} because …`.",
        example=example,
        claim=now.claim_id,
    )


def position_withdrawn(argument: Argument) -> Message:
    text = say(
        "Withdrawn: you hold no position on {claim}, “{words}”, any longer.", claim=argument.id, words=argument.claim
    )
    return Message((Paragraph(text),), private=True)


def how_to_credit(argument_map: ArgumentMap, claim_id: str, cited: Iterable[str]) -> Message:
    """After a press of "This changed my mind": first where one stands now, then which argument did it."""
    arguments = [argument_map[argument_id] for argument_id in cited if argument_id in argument_map]
    example = next((argument.id for argument in arguments if argument.id != claim_id), claim_id)
    return Message(
        (
            Paragraph(
                say(
                    "If you have not yet, say where you now stand on {claim}; then name the argument that did it and "
                    "why: `/crux credit {example} for {claim} because …`. The reply drew on:",
                    claim=claim_id,
                    example=example,
                )
            ),
            Listing(tuple(f"{argument.id}: {argument.claim}" for argument in arguments)),
        ),
        private=True,
        buttons=tuple(_stance_buttons(argument_map, claim_id)),
    )


def credit_recorded(argument_map: ArgumentMap, credit: Credit) -> Message:
    argument = argument_map[credit.argument_id]
    return Message(
        (
            Paragraph(
                say(
                    "Noted: {argument}, “{words}”, changed your mind on {claim}. Your name is not shown with it; "
                    "`/crux credit undo` takes it back.",
                    argument=argument.id,
                    words=argument.claim,
                    claim=credit.claim_id,
                )
            ),
        ),
        private=True,
    )


def credit_undone(credit: Credit) -> Message:
    text = say(
        "Taken back: your credit to {argument} for changing your mind on {claim}.",
        argument=credit.argument_id,
        claim=credit.claim_id,
    )
    return Message((Paragraph(text),), private=True)


def _stance_buttons(argument_map: ArgumentMap, claim_id: str) -> Iterable[Button]:
    for stance in Stance:
        yield Button(capital(stance.words), stand_action(argument_map.id, claim_id, stance))


_HOLDS: Final = {
    Stance.STRONGLY_DISAGREE: mark("You strongly disagree with {claim}: “{words}”."),
    Stance.DISAGREE: mark("You disagree with {claim}: “{words}”."),
    Stance.AGREE: mark("You agree with {claim}: “{words}”."),
    Stance.STRONGLY_AGREE: mark("You strongly agree with {claim}: “{words}”."),
    Stance.UNSURE: mark("You are unsure about {claim}: “{words}”."),
}
_RECORDED: Final = {
    Stance.STRONGLY_DISAGREE: mark("Recorded: you strongly disagree with {claim}, “{words}”."),
    Stance.DISAGREE: mark("Recorded: you disagree with {claim}, “{words}”."),
    Stance.AGREE: mark("Recorded: you agree with {claim}, “{words}”."),
    Stance.STRONGLY_AGREE: mark("Recorded: you strongly agree with {claim}, “{words}”."),
    Stance.UNSURE: mark("Recorded: you are unsure about {claim}, “{words}”."),
}
"""Each whole: where the claim goes among a verb's parts is for each language to say."""


def holds_against(position: Position, view: View) -> bool:
    """Whether a position is on the other side of a view."""
    held = side(position.stance)
    return held is not None and held is not view.affirmed
