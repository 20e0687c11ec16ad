"""`/crux schedule …` as a command. When, where and on which days is read later, on the channel's own clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from bot.core.commands import (
    PauseSchedule,
    QuietSchedule,
    RemoveSchedule,
    Reschedule,
    ResumeSchedule,
    RunSchedule,
    Schedules,
    SetSchedule,
)
from bot.core.language import say
from bot.core.schedules import ScheduleKind
from bot.errors import BadInput, EmptyText

SCHEDULE_VERBS: Final[Mapping[str, str]] = {
    "list": "what is posted when",
    "pause": "post nothing until a day",
    "resume": "end a pause",
    "quiet": "days without a post",
    "run": "post one now",
    "remove": "post it no longer",
}
"""What follows `/crux schedule` beside a kind, and what it does."""

_KINDS: Final = {
    **dict.fromkeys(("prompts", "prompt"), ScheduleKind.PROMPTS),
    **dict.fromkeys(("digest", "digests"), ScheduleKind.DIGEST),
}
_EXAMPLES: Final = {ScheduleKind.PROMPTS: "weekdays 9:00", ScheduleKind.DIGEST: "fri 16:00"}

_QUIET: Final = re.compile(r"(?:^|\s)quiet(?:\s+days?)?(?:\s+on)?:?(?=\s|$)", re.IGNORECASE)
_NAMED_ZONE: Final = re.compile(r"(?:^|\s)in\s+([a-z_]+(?:/[\w+-]+)+|utc)(?=\s|$)", re.IGNORECASE)
_LAST_IN: Final = re.compile(r"(?:^|\s)in\s+((?:(?!in\s)[^\s\d:]\S*(?:\s+|$))+)$", re.IGNORECASE)
_OF_TIME: Final = frozenset({"a", "the", "every", "each", "month", "months", "year", "years", "week"})
"""Words that make what follows "in" a part of when, as in "last friday in every month"."""


def read_schedule(rest: str) -> Schedules | Reschedule:
    """The command that follows `/crux schedule`.

    Raises:
        BadInput: it can't be read; the message says what to type.
    """
    word, _, tail = rest.strip().partition(" ")
    name, tail = word.lower(), tail.strip()
    if not name or (name == "list" and not tail):
        return Schedules()
    if name in _KINDS:
        return _set(_KINDS[name], tail)
    if name not in SCHEDULE_VERBS or name == "list":
        raise BadInput(
            say(
                "Say prompts or digest and when, as in `/crux schedule prompts weekdays 9:00`; `/crux schedule` "
                "lists what is set."
            )
        )
    kind_word, _, tail = tail.partition(" ")
    kind = _KINDS.get(kind_word.lower())
    if kind is None:
        raise BadInput(
            say("Say which, prompts or digest, as in `/crux schedule {name} {usage}`.", name=name, usage=_USAGE[name])
        )
    return _CHANGES[name](kind, tail.strip())


def _set(kind: ScheduleKind, text: str) -> SetSchedule:
    quiet, zone = None, None
    if (found := _QUIET.search(text)) is not None:
        text, quiet = text[: found.start()], text[found.end() :]
        zone, quiet = _zone(quiet)
        if not quiet:
            raise EmptyText(
                say("Name the quiet days after `quiet`, as in `quiet sat, sun, 25 december`, or `quiet none`.")
            )
    if zone is None:
        zone, text = _zone(text)
    when = text.strip(" ,")
    if not when:
        raise EmptyText(
            say(
                "Say when, as in `/crux schedule {kind} {example} in Europe/Berlin`.",
                kind=kind,
                example=_EXAMPLES[kind],
            )
        )
    return SetSchedule(kind, when, zone, quiet)


def _zone(text: str) -> tuple[str | None, str]:
    """The zone that follows "in", and the text without both. What is no zone's name is left to be refused as one."""
    for pattern in (_LAST_IN, _NAMED_ZONE):
        found = pattern.search(text)
        if found is not None and not _OF_TIME & set(found[1].lower().split()):
            return found[1].strip(" ,."), f"{text[: found.start()]} {text[found.end() :]}".strip(" ,")
    return None, text.strip(" ,")


def _pause(kind: ScheduleKind, text: str) -> PauseSchedule:
    first, _, rest = text.partition(" ")
    until = rest.strip() if first.lower() in ("until", "till") else text
    if not until:
        raise EmptyText(say("Say until which day, as in `/crux schedule pause {kind} until 1 september`.", kind=kind))
    return PauseSchedule(kind, until)


def _quiet(kind: ScheduleKind, text: str) -> QuietSchedule:
    if not text:
        raise EmptyText(
            say("Name the days, as in `/crux schedule quiet {kind} sat, sun, 25 december`, or `none`.", kind=kind)
        )
    return QuietSchedule(kind, text)


def _bare(
    name: str, command: type[ResumeSchedule | RemoveSchedule | RunSchedule]
) -> Callable[[ScheduleKind, str], Reschedule]:
    """A command that is a kind and nothing else, so that a typed "remove digest in june" doesn't remove it now."""

    def read(kind: ScheduleKind, text: str) -> Reschedule:
        if text and (name, text.lower()) != ("run", "now"):
            raise BadInput(
                say("Nothing follows it: `/crux schedule {name} {kind}` does it at once.", name=name, kind=kind)
            )
        return command(kind)

    return read


_CHANGES: Final[Mapping[str, Callable[[ScheduleKind, str], Reschedule]]] = {
    "pause": _pause,
    "resume": _bare("resume", ResumeSchedule),
    "quiet": _quiet,
    "remove": _bare("remove", RemoveSchedule),
    "run": _bare("run", RunSchedule),
}
_USAGE: Final = {
    "pause": "prompts until 1 september",
    "resume": "prompts",
    "quiet": "prompts sat, sun",
    "remove": "prompts",
    "run": "prompts",
}
