"""The bot's words on schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.arguments import ArgumentMap
from bot.core.messages import Listing, Message, Paragraph
from bot.core.schedules import Schedule, ScheduleKind
from bot.core.standing_replies import day

MOST_LISTED: Final = 30
NAMES: Final = {ScheduleKind.PROMPTS: "prompts", ScheduleKind.DIGEST: "the digest"}
_ONE: Final = {ScheduleKind.PROMPTS: "a prompt", ScheduleKind.DIGEST: "a digest"}
_ON_QUIET_DAYS: Final = {
    ScheduleKind.PROMPTS: "a prompt that falls on one is dropped",
    ScheduleKind.DIGEST: "a digest that falls on one comes the day after",
}


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
        return None if self.paused_until is None else day(self.paused_until.astimezone(self.schedule.clock))


def kept(shown: Shown, topic: ArgumentMap, before: str | None) -> Message:
    """To the channel: what holds now, and what it was before when it was another."""
    kind = shown.schedule.kind
    lead = f"{NAMES[kind].capitalize()} for this channel: {shown.words}."
    blocks: list[Paragraph | Listing] = [Paragraph(f"{lead} In place of: {before}." if before is not None else lead)]
    if shown.quiet is not None:
        blocks.append(Paragraph(f"Quiet days: {shown.quiet}; {_ON_QUIET_DAYS[kind]}."))
    if shown.paused is not None:
        blocks.append(Paragraph(f"Paused until {shown.paused}; `/crux schedule resume {kind}` ends the pause."))
    if shown.next_times:
        blocks += [Paragraph("The next times:"), Listing(tuple(shown.next_times))]
    else:
        blocks.append(Paragraph("There are no more times; it has ended."))
    about = f"It is about the channel's topic, “{topic.title}”; `/crux topic` chooses another."
    return Message(tuple(blocks), notes=(about,))


def listed(every: Sequence[Shown], channel: str) -> Message:
    """To whoever asks: the schedules in the order given, which is not cut off without saying so."""
    if not every:
        text = "Nothing is scheduled here; an organiser does it with `/crux schedule prompts weekdays 9:00`."
        return Message((Paragraph(text),), private=True)
    items: list[str] = []
    for shown in every[:MOST_LISTED]:
        items += [
            _line(shown, channel),
            f"Next: {'; '.join(shown.next_times)}." if shown.next_times else "It has ended.",
        ]
    left = len(every) - MOST_LISTED
    notes = (f"Not listed here: {left} more; a channel lists its own first.",) if left > 0 else ()
    return Message(
        (Paragraph("What is posted when:"), Listing(tuple(items), (0, 1) * (len(items) // 2))),
        notes=notes,
        private=True,
    )


def _line(shown: Shown, channel: str) -> str:
    where = "this channel" if shown.schedule.channel == channel else shown.schedule.channel
    parts = [f"{NAMES[shown.schedule.kind].capitalize()} in {where}: {shown.words}"]
    parts += [f"quiet: {shown.quiet}"] if shown.quiet is not None else []
    parts += [f"paused until {shown.paused}"] if shown.paused is not None else []
    parts += ["every other time, as an organiser wished"] if shown.slower else []
    return "; ".join(parts) + "."


def removed(schedule: Schedule, words: str) -> Message:
    """To the channel: what is posted no longer, in words that set it again."""
    name = NAMES[schedule.kind].capitalize()
    return Message((Paragraph(f"{name} for this channel: no longer scheduled. It was: {words}."),))


def none_left(kind: ScheduleKind) -> Message:
    return Message((Paragraph(f"{NAMES[kind].capitalize()} for this channel: not scheduled any longer."),))


def due_now(schedule: Schedule) -> Message:
    """To the organiser: one will be posted, and the schedule goes on as it was."""
    one = _ONE[schedule.kind].capitalize()
    return Message((Paragraph(f"{one} is due in this channel now. The schedule goes on as before."),), private=True)


def waiting(schedule: Schedule) -> Message:
    one = _ONE[schedule.kind].capitalize()
    return Message(
        (Paragraph(f"{one} is due in this channel already and still to be posted; no other is added."),), private=True
    )


def posted_already(schedule: Schedule) -> Message:
    one = _ONE[schedule.kind].capitalize()
    return Message((Paragraph(f"{one} went out in this channel within this minute; no other is added."),), private=True)
