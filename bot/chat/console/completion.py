"""What can be typed next: commands, subcommands, claims, stances, topics, members. Pure functions of the line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core.arguments import ArgumentMap
from bot.core.help import HELP
from bot.core.houserules import Setting
from bot.core.positions import Stance
from bot.core.schedule_parsing import SCHEDULE_VERBS
from bot.core.schedules import ScheduleKind
from bot.core.setting_parsing import SETTINGS, VALUES

COMMANDS: Final[Mapping[str, str]] = {
    "/steelman": "the best case for a view",
    "/counter": "the best case against it",
    "/stand": "record what you hold on a claim",
    "/crux": "the standing, the map, topics, help",
    "/as": "speak as another member",
    "/quit": "end the conversation",
}
SUBCOMMANDS: Final[Mapping[str, str]] = {
    "standing": "where the group stands",
    "digest": "what moved since the last digest",
    "map": "the claims as a tree, or one claim",
    "topic": "list the topics, or choose one",
    "credit": "say what changed your mind",
    "argue": "propose an argument",
    "proposals": "what is proposed, and what became of it",
    "approve": "put a proposal into the map",
    "decline": "decline a proposal, with a reason",
    "withdraw": "take a proposal of yours back",
    "reword": "give a claim new words",
    "retire": "take an argument out of use",
    "restore": "put a retired argument back",
    "schedule": "when prompts and digests are posted",
    "prompt": "put a claim to the group, or end that",
    "queue": "what is asked next",
    "settings": "what this channel has set",
    "me": "your positions and changes",
    "export-me": "all that is kept about you",
    "forget-me": "delete all that is kept about you",
    "help": "all commands, or one",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` takes the place of the last `replaces` characters; `meta` says what it is."""

    text: str
    replaces: int
    meta: str = ""


@dataclass
class Surroundings:
    """What a line is completed from; the console keeps it current."""

    map: ArgumentMap | None = None
    maps: Sequence[ArgumentMap] = ()
    members: list[str] = field(default_factory=list)


def suggestions(line: str, around: Surroundings) -> Iterator[Suggestion]:
    """What may follow a line up to the cursor, in order."""
    if not line.startswith("/"):
        return
    before, gap, typed = line.rpartition(" ")
    options = _options(before.split(), around) if gap else COMMANDS
    for text, meta in options.items():
        if text.casefold().startswith(typed.casefold()) and text != typed:
            yield Suggestion(text, len(typed), meta)


def _options(said: Sequence[str], around: Surroundings) -> Mapping[str, str]:
    """What a word may be, after the words that were said."""
    match [said[0].lower(), *said[1:]]:
        case ["/steelman" | "/counter"]:
            return {**_claims(around), "thesis": _thesis(around), "not": "its denial"}
        case ["/steelman" | "/counter", "not" | "against"]:
            return {**_claims(around), "thesis": _thesis(around)}
        case ["/stand"]:
            return {**_claims(around), "thesis": _thesis(around)}
        case ["/stand", _]:
            return {**{stance.value: "" for stance in Stance}, "withdraw": "hold no position any longer"}
        case ["/stand", _, "strongly"]:
            return {"agree": "", "disagree": ""}
        case ["/stand", _, *words]:
            return {
                flag: meta
                for flag, meta in {"crux": "your view hangs on it", "public": "show your name"}.items()
                if flag not in words
            }
        case ["/crux"]:
            return SUBCOMMANDS
        case ["/crux", name, *words]:
            return _crux_options(name, words, around)
        case [
            "/help"
            | "/topic"
            | "/map"
            | "/standing"
            | "/digest"
            | "/credit"
            | "/argue"
            | "/decline"
            | "/schedule"
            | "/prompt"
            | "/queue"
            | "/settings" as name,
            *words,
        ]:
            return _crux_options(name.lstrip("/"), words, around)
        case ["/as"]:
            return dict.fromkeys(around.members, "")
    return {}


def _crux_options(name: str, said: Sequence[str], around: Surroundings) -> Mapping[str, str]:
    """What a word may be after `/crux NAME` and the words that were said since."""
    match [name.lower(), *said]:
        case ["map"]:
            return {**_claims(around), "all": "the whole tree"}
        case ["standing"]:
            return _claims(around)
        case ["digest"]:
            return {"preview": "see it first, for organisers", "list": "those that were posted"}
        case ["topic"]:
            return {**{found.id: found.question for found in around.maps}, "new": "propose a topic of your own"}
        case ["help"]:
            return {name: usage for name, (usage, _) in HELP.items()}
        case ["credit"]:
            return {**_claims(around), "undo": "take the last one back"}
        case ["credit", _]:
            return {"for": "the claim that you changed your mind on", "because": "your reason"}
        case ["credit", _, "for"]:
            return {**_claims(around), "thesis": _thesis(around)}
        case ["credit", _, "for", _]:
            return {"because": "your reason"}
        case ["schedule", *_]:
            return _schedule_options(said)
        case ["settings", *_]:
            return _setting_options(said)
    return _own_options(name.lower(), said, around)


def _own_options(name: str, said: Sequence[str], around: Surroundings) -> Mapping[str, str]:
    """The same for the commands about the group's own questions."""
    match [name, *said]:
        case ["argue"]:
            return {**_claims(around), "thesis": _thesis(around)}
        case ["argue", _]:
            return {"for": "a reason for it", "against": "a reason against it", "undercut": "grant it, attack the step"}
        case ["argue", _, "undercut"] | ["reword" | "retire"]:
            return _claims(around)
        case ["prompt"]:
            return {**_claims(around), "close": "end what is being asked"}
        case ["queue"]:
            return {"add": "have a claim asked soon", "skip": "pass a claim over", "first": "before all others"}
        case ["prompt", "close"] | ["queue", "add" | "skip" | "first"]:
            return {**_claims(around), "thesis": _thesis(around)}
        case ["restore"]:
            retired = around.map.retired if around.map is not None else ()
            return {found.argument.id: found.argument.claim for found in retired}
        case ["retire", _] | ["decline", _]:
            return {"because": "your reason"}
    return {}


_KINDS: Final[Mapping[str, str]] = {
    ScheduleKind.PROMPTS: "one claim put to the group",
    ScheduleKind.DIGEST: "what changed since the last one",
}
_WHENS: Final = ("weekdays", "daily", "every", "monday", "tuesday", "wednesday", "thursday", "friday")


def _schedule_options(said: Sequence[str]) -> Mapping[str, str]:
    """What a word may be after `/crux schedule` and the words that were said since."""
    match [word.lower() for word in said]:
        case []:
            return {**_KINDS, **SCHEDULE_VERBS}
        case [verb] if verb in SCHEDULE_VERBS and verb != "list":
            return _KINDS
        case ["pause", _]:
            return {"until": "a day"}
        case ["quiet", _]:
            return {"none": "post on all days", "weekends": ""}
        case [kind] if kind in _KINDS:
            return dict.fromkeys(_WHENS, "")
        case [kind, *words] if kind in _KINDS:
            offered = {"in": "a time zone, as Europe/Berlin", "quiet": "days without a post"}
            return {word: meta for word, meta in offered.items() if word not in words}
    return {}


def _setting_options(said: Sequence[str]) -> Mapping[str, str]:
    """What a word may be after `/crux settings` and the words that were said since."""
    match [word.lower() for word in said]:
        case []:
            return SETTINGS
        case [name] if name in VALUES:
            return dict.fromkeys(VALUES[Setting(name)], "")
        case ["budget"]:
            return {"none": "no limit of the workspace's own"}
        case ["organisers"]:
            return {"default": "those who administer the workspace"}
    return {}


def _claims(around: Surroundings) -> Mapping[str, str]:
    found: Iterable[tuple[str, str]] = ((argument.id, argument.claim) for argument in around.map or ())
    return dict(found)


def _thesis(around: Surroundings) -> str:
    return around.map.thesis.claim if around.map is not None else ""
