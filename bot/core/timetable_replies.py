"""The bot's words on schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.arguments import ArgumentMap
from bot.core.language import mark, plural, say, spoken
from bot.core.messages import Listing, Message, Paragraph
from bot.core.schedules import Schedule, ScheduleKind

MOST_LISTED: Final = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """A schedule, and what is said of it in words.

    Args:
        quiet: its quiet days; None where it has none.
        paused_until: None where it isn't paused.
        next_times: on its own clock; none when it is over.
        slower: whether organisers said that only every other of them is posted.
    """

    schedule: Schedule
    words: str
    quiet: str | None
    paused_until: datetime | None
    next_times: Sequence[str]
    slower: bool = False

    @property
    def paused(self) -> str | None:
        """The day, on its own clock, on which a pause ends."""
        return None if self.paused_until is None else spoken().day(self.paused_until.astimezone(self.schedule.clock))


def kept(shown: Shown, topic: ArgumentMap, before: str | None) -> Message:
    """To the channel: what holds now, and what it was before when it was another."""
    kind = shown.schedule.kind
    prompts = kind is ScheduleKind.PROMPTS
    for_channel = mark("Prompts for this channel: {when}.") if prompts else mark("The digest for this channel: {when}.")
    lead = [say(for_channel, when=shown.words)]
    if before is not None:
        lead.append(say("In place of: {when}.", when=before))
    blocks: list[Paragraph | Listing] = [Paragraph(" ".join(lead))]
    if shown.quiet is not None:
        quiet = (
            mark("Quiet days: {days}; a prompt that falls on one is dropped.")
            if prompts
            else mark("Quiet days: {days}; a digest that falls on one comes the day after.")
        )
        blocks.append(Paragraph(say(quiet, days=shown.quiet)))
    if shown.paused is not None:
        blocks.append(
            Paragraph(
                say(
                    "Paused until {day}; `/crux schedule resume {kind}` ends the pause.",
                    day=shown.paused,
                    kind=kind,
                )
            )
        )
    if shown.next_times:
        blocks += [Paragraph(say("The next times:")), Listing(tuple(shown.next_times))]
    else:
        blocks.append(Paragraph(say("There are no more times; it has ended.")))
    about = say("It is about the channel's topic, “{topic}”; `/crux topic` chooses another.", topic=topic.title)
    return Message(tuple(blocks), notes=(about,))


def listed(every: Sequence[Shown], channel: str) -> Message:
    """To whoever asks: the schedules in the order given, which is not cut off without saying so."""
    if not every:
        text = say("Nothing is scheduled here; an organiser does it with `/crux schedule prompts weekdays 9:00`.")
        return Message((Paragraph(text),), private=True)
    items: list[str] = []
    for shown in every[:MOST_LISTED]:
        items += [
            _line(shown, channel),
            say("Next: {times}.", times="; ".join(shown.next_times)) if shown.next_times else say("It has ended."),
        ]
    left = len(every) - MOST_LISTED
    notes = (
        (
            plural(
                "Not listed here: {number} more; a channel lists its own first.",
                "Not listed here: {number} more; a channel lists its own first.",
                left,
            ),
        )
        if left > 0
        else ()
    )
    return Message(
        (Paragraph(say("What is posted when:")), Listing(tuple(items), (0, 1) * (len(items) // 2))),
        notes=notes,
        private=True,
        channels=tuple(
            {shown.schedule.channel: None for shown in every[:MOST_LISTED] if shown.schedule.channel != channel}
        ),
    )


def _line(shown: Shown, channel: str) -> str:
    prompts = shown.schedule.kind is ScheduleKind.PROMPTS
    if shown.schedule.channel == channel:
        what = mark("Prompts in this channel: {when}") if prompts else mark("The digest in this channel: {when}")
        parts = [say(what, when=shown.words)]
    else:
        what = mark("Prompts in {channel}: {when}") if prompts else mark("The digest in {channel}: {when}")
        parts = [say(what, channel=shown.schedule.channel, when=shown.words)]
    parts += [say("quiet: {days}", days=shown.quiet)] if shown.quiet is not None else []
    parts += [say("paused until {day}", day=shown.paused)] if shown.paused is not None else []
    parts += [say("every other time, as an organiser wished")] if shown.slower else []
    return "; ".join(parts) + "."


def removed(schedule: Schedule, words: str) -> Message:
    """To the channel: what is posted no longer, and when it was."""
    if schedule.kind is ScheduleKind.PROMPTS:
        text = say("Prompts for this channel: no longer scheduled. It was: {when}.", when=words)
    else:
        text = say("The digest for this channel: no longer scheduled. It was: {when}.", when=words)
    return Message((Paragraph(text),))


def none_left(kind: ScheduleKind) -> Message:
    if kind is ScheduleKind.PROMPTS:
        text = say("Prompts for this channel: not scheduled any longer.")
    else:
        text = say("The digest for this channel: not scheduled any longer.")
    return Message((Paragraph(text),))


def due_now(schedule: Schedule) -> Message:
    """To the organiser: one will be posted, and the schedule goes on as it was."""
    if schedule.kind is ScheduleKind.PROMPTS:
        text = say("A prompt is due in this channel now. The schedule goes on as before.")
    else:
        text = say("A digest is due in this channel now. The schedule goes on as before.")
    return Message((Paragraph(text),), private=True)


def waiting(schedule: Schedule) -> Message:
    if schedule.kind is ScheduleKind.PROMPTS:
        text = say("A prompt is due in this channel already and still to be posted; no other is added.")
    else:
        text = say("A digest is due in this channel already and still to be posted; no other is added.")
    return Message((Paragraph(text),), private=True)


def posted_already(schedule: Schedule) -> Message:
    if schedule.kind is ScheduleKind.PROMPTS:
        text = say("A prompt went out in this channel within this minute; no other is added.")
    else:
        text = say("A digest went out in this channel within this minute; no other is added.")
    return Message((Paragraph(text),), private=True)
