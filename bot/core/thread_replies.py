"""The words around what was said before, and around topics of threads."""

from __future__ import annotations

from bot.core.arguments import ArgumentMap
from bot.core.language import say
from bot.core.messages import About, Message, Paragraph


def read_as(claim_id: str, *, affirmed: bool, from_before: bool) -> str:
    """What a command was read as that named a claim, or pointed back to one."""
    match affirmed, from_before:
        case True, True:
            return say("Read as {claim}, from before.", claim=claim_id)
        case False, True:
            return say("Read as {claim}, denied, from before.", claim=claim_id)
        case False, False:
            return say("Read as {claim}, denied.", claim=claim_id)
        case _:
            return say("Read as {claim}.", claim=claim_id)


def from_before(message: Message, before: About | None) -> Message:
    """The message, with what words that point back were taken to mean, so that a wrong guess shows."""
    if before is None or before.claim_id is None:
        return message
    return message.with_notes(read_as(before.claim_id, affirmed=True, from_before=True))


def sounds_like(topic: str, other: str, *, in_thread: bool) -> str:
    """What is said of words that sound like another topic; both by their titles."""
    if in_thread:
        return say("This thread debates “{topic}”, and that sounds like “{other}”.", topic=topic, other=other)
    return say("This channel debates “{topic}”, and that sounds like “{other}”.", topic=topic, other=other)


def thread_topic_chosen(chosen: ArgumentMap, of_channel: ArgumentMap) -> Message:
    """A topic was chosen for one thread."""
    if chosen.id == of_channel.id:
        around = say("That is the channel's topic, too; this thread keeps it when the channel goes over to another.")
    else:
        around = say(
            "The channel keeps its own: {question} `/crux topic channel {topic}` is for the channel.",
            question=of_channel.question,
            topic=chosen.id,
        )
    return Message(
        (
            Paragraph(say("This thread now debates: {question}", question=chosen.question)),
            Paragraph(
                say("The thesis is {claim}: “{words}”.", claim=chosen.thesis.id, words=chosen.thesis.claim),
            ),
            Paragraph(around),
        )
    )


def marked(argument_map: ArgumentMap, of_channel: ArgumentMap, of_thread: ArgumentMap | None) -> str:
    """Where a topic of a list is the one that is debated, after a space; nothing elsewhere."""
    here = of_thread is not None and argument_map.id == of_thread.id
    around = argument_map.id == of_channel.id
    if here and around:
        return " " + say("(this thread, and the channel)")
    if here:
        return " " + say("(this thread)")
    return " " + say("(this channel)") if around else ""
