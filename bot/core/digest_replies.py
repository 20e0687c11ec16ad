"""A digest as a message: the post, the archive's list, and the few words of a quiet week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.core.actions import stand_action
from bot.core.arguments import ArgumentMap
from bot.core.digest import Digest, Line, Part
from bot.core.digest_words import LEADS, summary, with_pairs
from bot.core.messages import Button, Charted, Listing, Message, Paragraph
from bot.core.standing_replies import day

MOST_LISTED: Final = 12
"""Digests that a list shows, the newest ones."""

HIDDEN: Final = "Some figures are no longer shown, since somebody whom they counted has been forgotten."
"""What stands in a digest out of which figures were taken."""


def whole(digest: Digest, pairs: tuple[Line, ...] = (), *, preview: bool = False) -> Message:
    """A digest as it is posted, or read again; a preview is private.

    Where there are figures it is charted; a preview is kept nowhere, so nothing can be drawn from it.
    """
    lead = "Preview of the digest" if preview else "Digest"
    buttons = (Button("Where do I stand?", stand_action(digest.topic, digest.thesis_id)),)
    return Message(
        _quiet(digest) if digest.quiet or not digest.figures else _blocks(digest, pairs),
        title=f"{lead} {digest.key}: {digest.title}",
        notes=notes(digest),
        buttons=buttons,
        private=preview,
        charted=Charted(digest.topic, digest.key) if digest.figures and not digest.quiet and not preview else None,
    )


def _blocks(digest: Digest, pairs: tuple[Line, ...]) -> tuple[Paragraph | Listing, ...]:
    blocks: list[Paragraph | Listing] = [Paragraph(summary(digest))]
    for section in with_pairs(digest, pairs):
        texts = tuple(line.text for line in section.lines)
        if section.part in LEADS:
            blocks += [Paragraph(LEADS[section.part]), Listing(texts)]
        else:
            blocks += map(Paragraph, texts)
    return tuple(blocks)


def _quiet(digest: Digest) -> tuple[Paragraph, ...]:
    """Two lines: that there is nothing new, and where things stand or what comes."""
    return tuple(map(Paragraph, quiet_lines(digest)))


def quiet_lines(digest: Digest) -> tuple[str, str]:
    """What is said where there is nothing to report."""
    if digest.hidden and not digest.figures:
        first = "No figures of this digest are left."
    elif not digest.figures:
        first = "No claim has three answers on its present words, so there is nothing to show yet."
    else:
        first = f"Quiet since {digest.before}: no figures have moved."
    return first, (digest.lines(Part.NEXT) or digest.lines(Part.THESIS) or (_how(digest),))[0].text


def _how(digest: Digest) -> Line:
    return Line(f"`/stand {digest.thesis_id} agree` records what you hold on the thesis.")


def notes(digest: Digest) -> tuple[str, ...]:
    """What a reader must know of the figures: what they are compared with, of when they are, what is missing."""
    found = [f"Figures as they were published on {day(digest.at)}; they move on when three members or more change."]
    if digest.before is None or digest.since is None:
        found.append("The first digest on this topic, so there is nothing to compare it with.")
    else:
        found.append(f"Compared with {digest.before}, of {day(digest.since)}.")
    if not digest.whole:
        found.append("There are too many positions to compare them, and to look for cruxes and camps among them.")
    if digest.summary is not None:
        found.append(f"First paragraph by {digest.summary.model}; its numbers are among the figures.")
    if digest.hidden:
        found.append(HIDDEN)
    return tuple(found)


def listed(argument_map: ArgumentMap, digests: Sequence[Digest]) -> Message:
    """The archive of a topic, given oldest first, shown newest first."""
    if not digests:
        text = f"There is no digest on “{argument_map.title}” yet; an organiser posts one with `/crux digest`."
        return Message((Paragraph(text),), private=True)
    newest = list(reversed(digests))
    items = tuple(f"{each.key}, of {day(each.at)}{', quiet' if each.quiet else ''}" for each in newest[:MOST_LISTED])
    lead = f"Digests on “{argument_map.title}”; `/crux digest {newest[0].key}` shows the newest again:"
    more = len(newest) - MOST_LISTED
    notes = (f"And {more} older.",) if more > 0 else ()
    return Message((Paragraph(lead), Listing(items)), notes=notes, private=True)
