"""The bot's own words around an argument: titles, sources, notes, buttons, and every reply that needs no writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.core import actions
from bot.core.actions import argue_action, reply_action, stand_action, topic_action
from bot.core.arguments import Argument, ArgumentMap, Certainty, RelationKind, Source, View
from bot.core.assignments import Assignment, Task, Written
from bot.core.disclosure import Shared
from bot.core.language import mark, plural, say, say_as, spoken
from bot.core.messages import Button, Listing, Message, Paragraph, SourceLine, cited_ids
from bot.core.reading import Leaning
from bot.core.resolving import Resolved, Unresolved
from bot.core.thread_replies import marked, read_as, sounds_like
from bot.core.walks import Role

LABEL_LENGTH: Final = 75
"""Characters of a button's label: Slack's limit, below Discord's 80."""


def shorten(text: str, length: int) -> str:
    """Text cut at a word, with an ellipsis, to at most `length` characters."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def sentence(text: str) -> str:
    """A claim as a sentence: with its final stop."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


# -- a steelman or counterargument ------------------------------------------------------------------------------------


def title(assignment: Assignment) -> str:
    """What the reply is; the body opens with the view itself."""
    claim = assignment.target.claim_id
    match assignment.task, assignment.target.affirmed:
        case Task.STEELMAN, True:
            return say("The best case for {claim}", claim=claim)
        case Task.STEELMAN, False:
            return say("The best case for denying {claim}", claim=claim)
        case _, True:
            return say("The best case against {claim}", claim=claim)
        case _:
            return say("The best case against denying {claim}", claim=claim)


def argued(assignment: Assignment, resolved: Resolved, written: Written, reply_id: str) -> Message:
    """The whole reply, as it is stored and shown."""
    return Message(
        title=title(assignment),
        blocks=tuple(Paragraph(text) for text in written.text.split("\n\n") if text.strip()),
        sources=tuple(source_lines(assignment.map, cited_ids(written.text))),
        notes=tuple(_notes(assignment, resolved, written)),
        buttons=tuple(_argued_buttons(assignment, resolved, reply_id)),
        reply_id=reply_id,
    )


def to_oneself(message: Message) -> Message:
    """An answer for whoever asked alone, who may share it; so are the answers to its buttons."""
    share = (
        ()
        if message.reply_id is None
        else (Button(say("Share with the channel"), reply_action("share", message.reply_id)),)
    )
    buttons = (replace(button, action=actions.to_oneself(button.action)) for button in message.buttons)
    return replace(message, private=True, buttons=(*share, *buttons))


def shared_with_all(message: Message) -> Message:
    """An answer that was for one member, as they share it with the channel; it does not say who did."""
    buttons = tuple(
        replace(button, action=actions.to_all(button.action))
        for button in message.buttons
        if not actions.shares(button.action)
    )
    return replace(message, private=False, buttons=buttons)


def source_lines(argument_map: ArgumentMap, ids: Iterable[str]) -> Iterable[SourceLine]:
    for argument_id in ids:
        argument = argument_map[argument_id]
        yield SourceLine(
            argument_id=argument_id,
            claim=argument.claim,
            origin=origin(argument),
            address=next((source.address for source in argument.sources if source.address), None),
        )


def origin(argument: Argument) -> str:
    """Where an argument comes from, in words, with its author's certainty where that is less than firm."""
    places = [_place(source) for source in argument.sources]
    certainty = [say(_CERTAINTY[argument.certainty])] if argument.certainty in _CERTAINTY else []
    return "; ".join([*places, *certainty]) or say_as("where an argument comes from", "the question itself")


def _place(source: Source) -> str:
    if source.added is not None:
        return say("This group, added on {day}", day=spoken().day(source.added))
    return f"{source.title}, {source.where}" if source.where else source.title


_CERTAINTY: Final = {
    Certainty.TENTATIVE: mark("tentative"),
    Certainty.SPECULATIVE: mark("speculative"),
}
"""How firmly an argument's author puts it, where that is less than firm."""


def _notes(assignment: Assignment, resolved: Resolved, written: Written) -> Iterable[str]:
    yield how_read(assignment, resolved)
    if resolved.by_words:
        yield say(BY_WORDS)
    if written.writer == "outline":
        yield say(written.why_outline or mark("Written from the map's outline, without a language model."))
    else:
        yield say(
            "Written by {model} from the map; each sentence was checked against what it cites.", model=written.model
        )
    answer = best_reply(assignment)
    if answer is not None:
        yield say("The best reply from the other side: {claim}, “{words}”.", claim=answer.id, words=answer.claim)


def how_read(assignment: Assignment, resolved: Resolved) -> str:
    claim_id = resolved.view.claim_id
    if resolved.leaning is None:
        return read_as(claim_id, affirmed=resolved.view.affirmed, from_before=resolved.from_before)
    found = {
        Leaning.AFFIRMS: mark("Your words were read as saying {claim}, “{words}”."),
        Leaning.DENIES: mark("Your words were read as denying {claim}, “{words}”."),
        Leaning.UNCLEAR: mark(
            "Your words were read as about (which way it leans is unclear, so it is taken as affirming) {claim}, "
            "“{words}”."
        ),
    }
    return say(found[resolved.leaning], claim=claim_id, words=assignment.map[claim_id].claim)


def best_reply(assignment: Assignment) -> Argument | None:
    """The other side's strongest point against the case just made; one that it could not answer, if there is one."""
    walk = assignment.walk
    objections = walk.of_role(Role.OBJECTION)
    unanswered = [step for step in objections if not walk.of_role(Role.ANSWER, about=step.argument.id)]
    strongest = max(unanswered or objections, key=lambda step: (step.weight, step.argument.id), default=None)
    if strongest is not None:
        return strongest.argument
    return None if walk.view.affirmed else assignment.map[walk.view.claim_id]


def _argued_buttons(assignment: Assignment, resolved: Resolved, reply_id: str) -> Iterable[Button]:
    topic, target = assignment.map.id, assignment.target
    if assignment.task is Task.STEELMAN:
        yield Button(say("I'd sign this"), reply_action("sign", reply_id))
        yield Button(say("Not my view"), reply_action("notmine", reply_id))
        yield Button(say("Counter this"), argue_action(Task.COUNTER, topic, target))
    else:
        yield Button(say("Steelman it"), argue_action(Task.STEELMAN, topic, target))
    yield Button(say("Where do I stand?"), stand_action(topic, target.claim_id))
    yield Button(say("This changed my mind"), reply_action("changed", reply_id))
    if resolved.leaning is not None:
        yield Button(say("I meant the opposite"), reply_action("turn", reply_id))


# -- nothing to argue from --------------------------------------------------------------------------------------------


def nothing_for(argument_map: ArgumentMap, view: View) -> Message:
    """The map has the claim but no word for this side of it."""
    return Message(
        (
            Paragraph(
                say(
                    "The map has nothing to say for “{words}”: no argument in it attacks {claim} or the step from "
                    "it. If you know one, it is missing here.",
                    words=argument_map.words_of(view),
                    claim=view.claim_id,
                )
            ),
        ),
        buttons=(
            Button(
                say("Steelman {claim}", claim=view.claim_id),
                argue_action(Task.STEELMAN, argument_map.id, view.opposite),
            ),
            Button(say("Where do I stand?"), stand_action(argument_map.id, view.claim_id)),
        ),
    )


BY_WORDS: Final = mark("Your text was compared word by word, without an encoder for meanings, so less of it is found.")


def said_by_words(message: Message, found: Resolved | Unresolved) -> Message:
    """The message, with a note where the text was read without an encoder."""
    return message.with_notes(say(BY_WORDS)) if found.by_words else message


def unresolved(found: Unresolved, task: Task | None) -> Message:
    """A question back with the nearest claims as buttons, or that the map has nothing on it."""
    topic = found.map
    buttons = []
    for candidate in found.nearest:
        view = View(candidate.argument_id, affirmed=candidate.leaning is not Leaning.DENIES)
        label = shorten(f"{view.claim_id}: {topic.words_of(view)}", LABEL_LENGTH)
        buttons.append(Button(label, argue_action(task or Task.STEELMAN, topic.id, view)))
    return said_by_words(_which(found, buttons) or _nothing_to_argue(topic), found)


def unresolved_to_stand_on(found: Unresolved) -> Message:
    """The same where a position is to be taken: its buttons tell where one stands on the claims."""
    topic = found.map
    buttons = _stands(topic, (candidate.argument_id for candidate in found.nearest))
    message = _which(found, buttons) or Message(
        (
            Paragraph(
                say("The map on “{topic}” has nothing on that; `/crux map` shows what there is.", topic=topic.title)
            ),
        )
    )
    return replace(said_by_words(message, found), private=True)


def claims_to_stand_on(text: str, argument_map: ArgumentMap, nearest: Iterable[str]) -> Message:
    """A sentence that says what is wrong with a claim's id, with the claims that it may stand for."""
    return Message((Paragraph(text),), private=True, buttons=tuple(_stands(argument_map, nearest)))


def _stands(argument_map: ArgumentMap, claims: Iterable[str]) -> list[Button]:
    return [
        Button(
            shorten(f"{claim_id}: {argument_map[claim_id].claim}", LABEL_LENGTH),
            stand_action(argument_map.id, claim_id),
        )
        for claim_id in claims
        if claim_id in argument_map
    ]


def _which(found: Unresolved, buttons: Sequence[Button]) -> Message | None:
    """Which of some claims is meant, or which topic; None where the text sounds like nothing that there is."""
    other = found.elsewhere
    if other is None:
        switch = []
    else:
        label = shorten(say("Switch to {topic}", topic=other.title), LABEL_LENGTH)
        switch = [Button(label, topic_action(other.id))]
    if buttons:
        text = say("I'm not sure which claim that is. Did you mean one of these?")
    elif other is not None:
        text = sounds_like(found.map.title, other.title, in_thread=found.in_thread)
    else:
        return None
    return Message((Paragraph(text),), buttons=(*buttons, *switch))


def _nothing_to_argue(topic: ArgumentMap) -> Message:
    return Message(
        (
            Paragraph(
                say(
                    "The map on “{topic}” has nothing on that, so I won't argue it. Put it in other words, or see "
                    "`/crux map` for what there is.",
                    topic=topic.title,
                )
            ),
        )
    )


# -- a claim seen from both sides -------------------------------------------------------------------------------------


def both_sides(resolved: Resolved) -> Message:
    """A short answer to plain words: what they were read as, one line from each side, and where to go on."""
    return said_by_words(_both_sides(resolved), resolved)


def _both_sides(resolved: Resolved) -> Message:
    argument_map, view = resolved.map, resolved.view
    argument = argument_map[view.claim_id]
    listing, shown = two_sides(argument_map, argument)
    lead = {
        None: mark("That is {claim}: “{words}”."),
        Leaning.AFFIRMS: mark("You say what the map has as {claim}: “{words}”."),
        Leaning.DENIES: mark("You deny what the map has as {claim}: “{words}”."),
        Leaning.UNCLEAR: mark("You bring up what the map has as {claim}: “{words}”."),
    }[resolved.leaning]
    return Message(
        (Paragraph(say(lead, claim=argument.id, words=argument.claim)), listing),
        sources=tuple(source_lines(argument_map, shown)),
        buttons=(
            Button(
                say("Steelman your view") if resolved.leaning else say("Steelman it"),
                argue_action(Task.STEELMAN, argument_map.id, view),
            ),
            Button(say("Counter it"), argue_action(Task.COUNTER, argument_map.id, view)),
            Button(say("Where do I stand?"), stand_action(argument_map.id, argument.id)),
        ),
    )


def two_sides(argument_map: ArgumentMap, argument: Argument) -> tuple[Listing, list[str]]:
    """A line from each side on a claim, its strongest supporter and attacker, cited; and the ids to give sources of.

    Without a supporter the claim's own text speaks for it.
    """
    speaks_for = argument_map.supporters(argument.id)
    against = [*argument_map.rebutters(argument.id), *argument_map.undercutters(argument.id)]
    against.sort(key=lambda other: (-argument_map.strengths[other.id], other.id))
    said_for = sentence(speaks_for[0].claim if speaks_for else first_sentence(argument.text))
    items = [say("For it: {words} [{claim}]", words=said_for, claim=(speaks_for[0] if speaks_for else argument).id)]
    items.append(
        say("Against it: {words} [{claim}]", words=sentence(against[0].claim), claim=against[0].id)
        if against
        else say("Against it: the map has no direct answer.")
    )
    return Listing(tuple(items)), [argument.id, *(other.id for other in (*speaks_for[:1], *against[:1]))]


def first_sentence(text: str) -> str:
    """A text up to its first full stop followed by a capital."""
    for index, character in enumerate(text):
        if character in ".!?" and text[index + 1 : index + 2] == " " and text[index + 2 : index + 3].isupper():
            return text[: index + 1]
    return text


# -- topics and maps --------------------------------------------------------------------------------------------------


def topics(maps: Sequence[ArgumentMap], of_channel: ArgumentMap, of_thread: ArgumentMap | None = None) -> Message:
    """All topics, the channel's marked, and in a thread the thread's; another can be chosen for where one is."""
    items = []
    for found in maps:
        size = say("its thesis alone") if len(found) == 1 else plural("{number} claim", "{number} claims", len(found))
        items.append(f"{found.id}: {found.question} ({size}){marked(found, of_channel, of_thread)}")
    others = [found for found in maps if found.id != (of_thread or of_channel).id]
    return Message(
        (Paragraph(say("The topics here:")), Listing(tuple(items))),
        buttons=tuple(
            Button(shorten(say("Debate {topic}", topic=found.title), LABEL_LENGTH), topic_action(found.id))
            for found in others[:5]
        ),
    )


def topic_chosen(chosen: ArgumentMap) -> Message:
    return Message(
        (
            Paragraph(say("This channel now debates: {question}", question=chosen.question)),
            Paragraph(say("The thesis is {claim}: “{words}”.", claim=chosen.thesis.id, words=chosen.thesis.claim)),
        )
    )


def _bearing(kind: RelationKind) -> str:
    """What an argument does to the one above it in a tree, in a word or two."""
    match kind:
        case RelationKind.SUPPORTS:
            return say_as("an argument in a tree", "for")
        case RelationKind.REBUTS:
            return say_as("an argument in a tree", "against")
        case RelationKind.UNDERCUTS:
            return say_as("an argument in a tree", "so what?")
        case RelationKind.BEARS_ON:
            return say_as("an argument in a tree", "bears on")


def tree(argument_map: ArgumentMap, root_id: str, depth: int, figures: Mapping[str, Shared]) -> Message:
    """What bears on a claim, as a tree; each argument is shown once, where it is met first, with its figures if any."""
    items: list[str] = []
    indents: list[int] = []
    seen = {root_id}

    def walk(argument_id: str, level: int) -> None:
        for relation in argument_map.relations_to(argument_id):
            other = argument_map[relation.source]
            if other.id in seen:
                continue
            seen.add(other.id)
            counts = f" ({figures[other.id].short})" if other.id in figures else ""
            items.append(f"{other.id} ({_bearing(relation.kind)}) {other.claim}{counts}")
            indents.append(level)
            if level + 1 < depth:
                walk(other.id, level + 1)

    walk(root_id, 0)
    root = argument_map[root_id]
    blocks: list[Paragraph | Listing] = [Paragraph(f"{root.id}: “{root.claim}”.")]
    if root_id != argument_map.thesis.id:
        blocks.append(Paragraph(root.text))
        blocks.append(Paragraph(say("Those who deny it say: “{words}”.", words=root.contrary)))
    if root_id in figures:
        blocks.append(Paragraph(f"{figures[root_id].words}."))
    blocks.append(Listing(tuple(items), tuple(indents)) if items else Paragraph(say("Nothing in the map bears on it.")))
    return Message(
        tuple(blocks),
        title=argument_map.title,
        sources=tuple(source_lines(argument_map, [root_id])) if root.sources else (),
        buttons=(
            Button(say("Steelman it"), argue_action(Task.STEELMAN, argument_map.id, View(root_id))),
            Button(say("Counter it"), argue_action(Task.COUNTER, argument_map.id, View(root_id))),
            Button(say("Where do I stand?"), stand_action(argument_map.id, root_id)),
        ),
    )


# -- what can't be done -----------------------------------------------------------------------------------------------


def refusal(message: str, nearest: Sequence[tuple[str, str]] = ()) -> Message:
    """One sentence that says what to do, with a button for each (label, action) that may have been meant."""
    return Message(
        (Paragraph(message),),
        private=True,
        buttons=tuple(Button(shorten(label, LABEL_LENGTH), action) for label, action in nearest),
    )
