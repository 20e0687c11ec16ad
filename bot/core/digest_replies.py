"""A digest as a message: the post, the archive's list, and the few words of a quiet week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.core.actions import stand_action
from bot.core.arguments import ArgumentMap
from bot.core.digest import Digest, Line, Part
from bot.core.digest_words import lead, summary, with_pairs
from bot.core.language import mark, plural, say, spoken
from bot.core.messages import Button, Charted, Listing, Message, Paragraph

MOST_LISTED: Final = 12
"""Digests that a list shows, the newest ones."""

HIDDEN: Final = mark("Some figures are no longer shown, since somebody whom they counted has been forgotten.")
"""What stands in a digest out of which figures were taken."""


def whole(digest: Digest, pairs: tuple[Line, ...] = (), *, preview: bool = False) -> Message:
    """A digest as it is posted, or read again; a preview is private.

    Where there are figures it is charted; a preview is kept nowhere, so nothing can be drawn from it.
    """
    title = mark("Preview of the digest {digest}: {topic}") if preview else mark("Digest {digest}: {topic}")
    buttons = (Button(say("Where do I stand?"), stand_action(digest.topic, digest.thesis_id)),)
    return Message(
        _quiet(digest) if digest.quiet or not digest.figures else _blocks(digest, pairs),
        title=say(title, digest=digest.key, topic=digest.title),
        notes=notes(digest),
        buttons=buttons,
        private=preview,
        charted=Charted(digest.topic, digest.key) if digest.figures and not digest.quiet and not preview else None,
    )


def _blocks(digest: Digest, pairs: tuple[Line, ...]) -> tuple[Paragraph | Listing, ...]:
    blocks: list[Paragraph | Listing] = [Paragraph(summary(digest))]
    for section in with_pairs(digest, pairs):
        texts = tuple(line.text for line in section.lines)
        if (above := lead(section.part)) is not None:
            blocks += [Paragraph(above), Listing(texts)]
        else:
            blocks += map(Paragraph, texts)
    return tuple(blocks)


def _quiet(digest: Digest) -> tuple[Paragraph, ...]:
    """Two lines: that there is nothing new, and where things stand or what comes."""
    return tuple(map(Paragraph, quiet_lines(digest)))


def quiet_lines(digest: Digest) -> tuple[str, str]:
    """What is said where there is nothing to report."""
    if digest.hidden and not digest.figures:
        first = say("No figures of this digest are left.")
    elif not digest.figures:
        first = say("No claim has three answers on its present words, so there is nothing to show yet.")
    else:
        first = say("Quiet since {digest}: no figures have moved.", digest=digest.before)
    return first, (digest.lines(Part.NEXT) or digest.lines(Part.THESIS) or (_how(digest),))[0].text


def _how(digest: Digest) -> Line:
    return Line(say("`/stand {thesis} agree` records what you hold on the thesis.", thesis=digest.thesis_id))


def notes(digest: Digest) -> tuple[str, ...]:
    """What a reader must know of the figures: what they are compared with, of when they are, what is missing."""
    found = [
        say(
            "Figures as they were published on {day}; they move on when three members or more change.",
            day=spoken().day(digest.at),
        )
    ]
    if digest.before is None or digest.since is None:
        found.append(say("The first digest on this topic, so there is nothing to compare it with."))
    else:
        found.append(say("Compared with {digest}, of {day}.", digest=digest.before, day=spoken().day(digest.since)))
    if not digest.whole:
        found.append(say("There are too many positions to compare them, and to look for cruxes and camps among them."))
    if digest.summary is not None:
        found.append(say("First paragraph by {model}; its numbers are among the figures.", model=digest.summary.model))
    if digest.hidden:
        found.append(say(HIDDEN))
    return tuple(found)


def listed(argument_map: ArgumentMap, digests: Sequence[Digest]) -> Message:
    """The archive of a topic, given oldest first, shown newest first."""
    if not digests:
        text = say(
            "There is no digest on “{topic}” yet; an organiser posts one with `/crux digest`.", topic=argument_map.title
        )
        return Message((Paragraph(text),), private=True)
    newest = list(reversed(digests))
    items = tuple(map(_one_line, newest[:MOST_LISTED]))
    lead = say(
        "Digests on “{topic}”; `/crux digest {digest}` shows the newest again:",
        topic=argument_map.title,
        digest=newest[0].key,
    )
    more = len(newest) - MOST_LISTED
    notes = (plural("And {number} older.", "And {number} older.", more),) if more > 0 else ()
    return Message((Paragraph(lead), Listing(items)), notes=notes, private=True)


def _one_line(digest: Digest) -> str:
    day = spoken().day(digest.at)
    if digest.quiet:
        return say("{digest}, of {day}, quiet", digest=digest.key, day=day)
    return say("{digest}, of {day}", digest=digest.key, day=day)
