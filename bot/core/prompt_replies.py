"""The bot's words around a prompt. No figure is in any of them but in `closed`, which gets it as `Between`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.core.actions import answer_action, crux_action, pace_action, stand_action
from bot.core.agenda import Weighed
from bot.core.arguments import Argument, ArgumentMap
from bot.core.disclosure import TOO_FEW, Between
from bot.core.language import capital, mark, plural, say, say_as, spoken
from bot.core.messages import Button, Listing, Message, Paragraph
from bot.core.positions import Stance
from bot.core.prompts import Ending, Pace, Prompt
from bot.core.replies import source_lines, two_sides

LISTED: Final = 5
"""Claims of the queue and agenda that are shown: what comes after depends on what is answered until then."""

MUCH: Final = 0.05
"""What hangs on a claim, from which it is said to be much. In maps of 40 to 70 claims five or six reach it."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A claim that may come next; `own` where the member who looks has put it into the queue."""

    weighed: Weighed
    queued: bool = False
    own: bool = False

    @property
    def claim_id(self) -> str:
        return self.weighed.claim_id


# -- a prompt ---------------------------------------------------------------------------------------------------------


def prompt(argument_map: ArgumentMap, asked: Prompt) -> Message:
    """The post that opens a prompt: no tally, nor whether anybody has answered.

    It puts one claim. One that put several would shuffle them here, seeded by the prompt's id, so that no claim gains
    by its place.
    """
    argument = argument_map[asked.claim_id]
    listing, shown = two_sides(argument_map, argument)
    how = say(
        "Press where you stand; who answers is not shown. `/stand {claim} agree because …` gives a "
        "reason. What others hold you see once you have answered, for yourself.",
        claim=argument.id,
    )
    return Message(
        (Paragraph(say("“{words}”.", words=argument.claim)), listing, Paragraph(how)),
        title=say("Where do you stand on {claim}?", claim=argument.id),
        sources=tuple(source_lines(argument_map, shown)),
        notes=(say("Closes on {moment}, and then says what changed.", moment=moment(asked.closes_at)),),
        buttons=(*_stances(asked), Button(say(CRUX), crux_action(asked.id))),
        prompt_id=asked.id,
    )


CRUX: Final = mark("This is a crux for me")


def _stances(asked: Prompt) -> Sequence[Button]:
    return [Button(capital(stance.words), answer_action(asked.id, stance)) for stance in Stance]


def moment(at: datetime) -> str:
    """As "7 January 2026, 09:00 UTC". `at` is in UTC."""
    return say("{day}, {time} UTC", day=spoken().day(at), time=f"{at:%H:%M}")


# -- answers to it, each for its member alone -------------------------------------------------------------------------


def answered(message: Message, asked: Prompt, *, over: bool, marked: bool, stance: Stance) -> Message:
    """What recording a position said, with what its prompt adds."""
    if over:
        message = replace(message, blocks=(*message.blocks, Paragraph(say(HAS_CLOSED))))
    if not marked:
        message = replace(message, buttons=(*message.buttons, Button(say(CRUX), crux_action(asked.id))))
    return message.with_notes(
        say("`/stand {claim} {stance} because …` adds your reason.", claim=asked.claim_id, stance=stance.value)
    )


HAS_CLOSED: Final = mark("The prompt has closed; your position is recorded all the same.")


def first_answer(argument: Argument, asked: Prompt) -> Message:
    """After a press of the crux button by a member who has no position to mark."""
    text = say(
        "Say first where you stand on {claim}, “{words}”; then mark it as a crux.",
        claim=argument.id,
        words=argument.claim,
    )
    return Message((Paragraph(text),), private=True, buttons=tuple(_stances(asked)))


def other_words(argument: Argument, asked: Prompt, topic: str) -> Message:
    """After a press under words that the claim no longer has: a position on them would be one on nothing."""
    text = say(
        "{claim} was reworded after that prompt, so nothing is recorded. It said “{before}”, and "
        "says “{words}”. Where do you stand on that?",
        claim=argument.id,
        before=argument.claim_as_of(asked.claim_version),
        words=argument.claim,
    )
    buttons = [Button(capital(stance.words), stand_action(topic, argument.id, stance)) for stance in Stance]
    return Message((Paragraph(text),), private=True, buttons=tuple(buttons))


# -- its end ----------------------------------------------------------------------------------------------------------


UNTOLD: Final = mark("too few to show, or no figures to compare with")
"""Of the moves between two votes; the same for none, one and two, and where there was no first vote."""


def closed(argument_map: ArgumentMap, asked: Prompt, between: Between) -> Message:
    """What a prompt's channel is told at its end: the vote before, the vote after, and the moves between them."""
    argument = argument_map[asked.claim_id]
    lines = [say("Now: {counts}.", counts=between.after or say(TOO_FEW))]
    if between.before is not None:
        lines.insert(0, say("When it opened: {counts}.", counts=between.before))
    lines.append(say("What changed: {moves}.", moves=between.moves or say(UNTOLD)))
    return Message(
        (Paragraph(say("“{words}”.", words=argument.claim)), Listing(tuple(lines))),
        title=say("Closed: where the group stands on {claim}", claim=argument.id),
        notes=(say("Figures move on when three members or more have changed."),),
        buttons=(Button(say("Where do I stand?"), stand_action(argument_map.id, argument.id)),),
    )


def ended(asked: Prompt, ending: Ending, argument: Argument | None) -> Message:
    """The one line about a prompt whose claim is no longer what was asked."""
    if ending is Ending.REWORDED and argument is not None:
        text = say(
            "The prompt on {claim} has closed, since the claim was reworded: “{words}”. Answers stay with "
            "the words that they were given on.",
            claim=asked.claim_id,
            words=argument.claim,
        )
    else:
        text = say("The prompt on {claim} has closed, since the claim was retired.", claim=asked.claim_id)
    return Message((Paragraph(text),))


# -- whether to slow down ---------------------------------------------------------------------------------------------


def slow_down(asked: Prompt) -> Message:
    """For organisers alone, once a channel and topic."""
    return Message(
        (Paragraph(say("Nobody answered the last two prompts here. Should they come less often?")),),
        notes=(say("For organisers; this is asked once, and not again."),),
        buttons=(
            Button(say("Slower"), pace_action(asked.id, slower=True)),
            Button(say("Keep it so"), pace_action(asked.id, slower=False)),
        ),
        private=True,
    )


def pace_set(pace: Pace) -> Message:
    text = {
        Pace.SLOWER: mark(
            "Noted: slower. A schedule posts a prompt here every other time from now on; setting its times anew, as in "
            "`/crux schedule prompts mondays 9:00`, ends that."
        ),
        Pace.KEEP: mark("Noted: prompts go on as they are."),
    }[pace]
    return Message((Paragraph(say(text)),), private=True)


# -- the queue --------------------------------------------------------------------------------------------------------


def queue(argument_map: ArgumentMap, coming: Sequence[Coming], *, organiser: bool) -> Message:
    """What is asked next, and why, in a few words each."""
    if not coming:
        blocks: tuple[Paragraph | Listing, ...] = (
            Paragraph(say("Every claim was asked lately; none comes next for now.")),
        )
    else:
        lines = [_line(argument_map[each.claim_id], each) for each in coming[:LISTED]]
        blocks = (Paragraph(say("Next on “{topic}”:", topic=argument_map.title)), Listing(tuple(lines)))
    notes = [say("`/crux queue add CLAIM` has a claim asked soon. What is not queued comes by how open it is.")]
    if organiser:
        notes.append(
            say("`/crux prompt` asks the first; `/crux queue skip CLAIM` and `/crux queue first CLAIM` change that.")
        )
    return Message(blocks, notes=tuple(notes), private=True)


def _line(argument: Argument, coming: Coming) -> str:
    return say("{claim}, “{words}”: {why}.", claim=argument.id, words=argument.claim, why=why(coming))


def why(coming: Coming) -> str:
    """As "queued (yours); no figures yet, much hangs on it, never asked"."""
    found = coming.weighed
    if found.open:
        state = say("no figures yet")
    elif found.unsettled >= 0.5:
        state = say_as("claim", "open")
    else:
        state = say("mostly settled")
    parts = [state, *([say("much hangs on it")] if found.hangs >= MUCH else [])]
    if found.asked_at is None:
        parts.append(say("never asked"))
    else:
        parts.append(say("asked on {day}", day=spoken().day(found.asked_at)))
    if not coming.queued:
        return ", ".join(parts)
    queued = say("queued (yours)") if coming.own else say("queued")
    return f"{queued}; {', '.join(parts)}"


def queued(argument: Argument, place: int) -> Message:
    """`place` is 1 for the claim that is asked next."""
    if place == 1:
        text = say("Queued: {claim}, “{words}”; it comes next.", claim=argument.id, words=argument.claim)
    else:
        text = plural(
            "Queued: {claim}, “{words}”; {number} is before it.",
            "Queued: {claim}, “{words}”; {number} are before it.",
            place - 1,
            claim=argument.id,
            words=argument.claim,
        )
    hidden = say("Your name is not shown.")
    return Message((Paragraph(f"{text} {hidden}"),), private=True)


def unqueued(claim_id: str) -> Message:
    return Message((Paragraph(say("Taken back: {claim} is no longer in the queue.", claim=claim_id)),), private=True)


def passed_over(claim_id: str, until: datetime) -> Message:
    text = say(
        "Passed over: {claim} does not come by itself before {day}; `/crux queue first {claim}` has it come sooner.",
        claim=claim_id,
        day=spoken().day(until),
    )
    return Message((Paragraph(text),), private=True)
