"""What a member typed, as a command. Every chat adapter hands over plain text and gets the same reading of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from bot.core.actions import press
from bot.core.arguments import RelationKind
from bot.core.assignments import Task
from bot.core.commands import (
    Approve,
    Argue,
    Close,
    Command,
    Credit,
    Decline,
    Drop,
    Enqueue,
    ExportMe,
    ForgetMe,
    Help,
    ListDigests,
    Map,
    Me,
    PassOver,
    Post,
    PostDigest,
    Proposals,
    ProposeArgument,
    ProposeTopic,
    Queue,
    ReadDigest,
    Restore,
    Retire,
    Reword,
    Say,
    Stand,
    Standing,
    Topic,
    UndoCredit,
    Withdraw,
)
from bot.core.language import say, spoken
from bot.core.positions import Stance
from bot.core.schedule_parsing import read_schedule
from bot.core.setting_parsing import read_settings
from bot.errors import BadInput, EmptyText, TextTooLong, UnknownCommand, UnknownStance

MAX_LENGTH: Final = 2_000
"""Characters of one command: a Discord message's length, and more than a claim needs."""

CLAIM_ID: Final = re.compile(r"(?<![\w-])([A-Za-z][A-Za-z0-9]{0,7})[-‐‑–_](\d{1,4})(?![\w-])")


def clean(text: str) -> str:
    """A member's text without what could deceive a reader or a terminal: control, bidi and invisible characters.

    Raises:
        TextTooLong: more than MAX_LENGTH characters are left.
    """
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(" " if ch in "\t\n\r\v\f\u2028\u2029" else ch for ch in normal if not _invisible(ch))
    kept = " ".join(kept.split())
    if len(kept) > MAX_LENGTH:
        raise TextTooLong(
            say(
                "That is {count} characters and Crux reads up to {most}; shorten it to the claim that you want argued.",
                count=spoken().number(len(kept)),
                most=spoken().number(MAX_LENGTH),
            )
        )
    return kept


def _invisible(character: str) -> bool:
    if character in "\t\n\r\v\f\u2028\u2029\u200d":  # the joiner holds emoji together
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")


def normal_id(text: str) -> str | None:
    """The claim id that a text consists of, in its usual form (`mi-4` is `MI-04`); None if it is something else."""
    found = CLAIM_ID.fullmatch(text.strip().strip("[]()."))
    return f"{found[1].upper()}-{found[2].zfill(2)}" if found else None


def parse(text: str) -> Command:
    """Read a command.

    Raises:
        BadInput: it can't be read; the message says what to type.
    """
    text = clean(text)
    if not text:
        raise EmptyText(say("Type a claim to talk about, or `/crux help`."))
    if not text.startswith("/"):
        return Say(text)
    word, _, rest = text[1:].partition(" ")
    name, rest = word.lower(), rest.strip()
    if name in ("steelman", "counter"):
        if not rest:
            raise EmptyText(
                say(
                    "Say what to argue about after the command, as in `/{name} {example}`.",
                    name=name,
                    example=_EXAMPLES[name],
                )
            )
        return _argued(Task(name), rest)
    if name == "stand":
        return _stand(rest)
    if name == "crux":
        return _crux(rest)
    if name == "press":
        return press(rest)
    if name in _SHORT:
        return _crux(f"{name} {rest}")
    raise UnknownCommand(
        say("There is no command /{name}; try /steelman, /counter, /stand or `/crux help`.", name=name)
    )


def answers_privately(text: str) -> bool:
    """Whether the answer to a text will be for its member alone, so far as its words tell; see `core.commands`."""
    try:
        return parse(text).private
    except BadInput:
        return True


def _argued(task: Task, rest: str) -> Argue:
    first, _, text = rest.partition(" ")
    if first.lower() == "privately" and text.strip():
        return Argue(task, text.strip(), private=True)
    return Argue(task, rest)


_SHORT: Final = (
    *("help", "topic", "map", "standing", "digest", "me", "credit"),
    *("argue", "proposals", "approve", "decline", "schedule", "prompt", "queue", "settings"),
)
"""What may be said without `/crux` before it."""
_EXAMPLES: Final = {"steelman": "there is no concrete plan", "counter": "the results so far prove little"}
_FLAGS: Final = ("crux", "public")


def _stand(rest: str) -> Stand | Withdraw:
    if not rest:
        raise EmptyText(say("Name a claim and a stance, as in `/stand MI-04 agree`; `/crux map` lists the claims."))
    claim, _, rest = rest.partition(" ")
    words = rest.replace(",", " ,").split()
    if not words:
        return Stand(claim)
    if words[0].lower() == "withdraw":
        if len(words) > 1:
            raise BadInput(
                say("Nothing follows `withdraw`: `/stand {claim} withdraw` takes your position back.", claim=claim)
            )
        return Withdraw(claim)
    for length in (2, 1):
        try:
            stance = Stance.parse(" ".join(words[:length]))
        except UnknownStance:
            continue
        break
    else:
        raise UnknownStance(
            say(
                "“{word}” is not a stance; use one of: `strongly agree`, `agree`, `disagree`, `strongly disagree`, "
                "`unsure`, or `withdraw`.",
                word=words[0],
            )
        )
    tail = words[length:]
    flags = set()
    while tail and tail[-1].lstrip("-").lower() in _FLAGS:
        flags.add(tail.pop().lstrip("-").lower())
    reason = " ".join(tail).replace(" ,", ",").strip(" ,:-") or None
    return Stand(claim, stance, reason, crux="crux" in flags, public="public" in flags)


def _crux(rest: str) -> Command:
    name, _, rest = rest.partition(" ")
    name = name.lower()
    if name not in _SUBCOMMANDS:
        raise UnknownCommand(
            say("There is no `/crux {name}`; try `/crux help`, `/crux standing` or `/crux map`.", name=name)
        )
    return _SUBCOMMANDS[name](rest.strip())


def _topic(rest: str) -> Command:
    first, _, tail = rest.partition(" ")
    if first.lower() == "new":
        return ProposeTopic(tail.strip())
    if first.lower() == "channel" and tail.strip():
        return Topic(tail.strip().lower(), of_channel=True)
    return Topic(rest.lower() or None)


def _proposals(rest: str) -> Proposals:
    return Proposals(_number(rest, "proposals") if rest else None)


_KEY: Final = re.compile(r"(\d{4})-?w(\d{1,2})(?:-(\d{1,6}))?", re.IGNORECASE)


def _digest(rest: str) -> PostDigest | ReadDigest | ListDigests:
    word = rest.lower().strip("[](). ")
    if word in ("", "now"):
        return PostDigest()
    if word == "preview":
        return PostDigest(preview=True)
    if word in ("list", "all"):
        return ListDigests()
    found = _KEY.fullmatch(word)
    if found is None or not found[0].isascii():
        raise BadInput(
            say("Type `/crux digest`, `/crux digest preview`, `/crux digest list`, or a week as in `2026-W47`.")
        )
    nth = int(found[3] or 1)
    return ReadDigest(f"{found[1]}-W{found[2].zfill(2)}" + (f"-{nth}" if nth > 1 else ""))


def _credit(rest: str) -> Credit | UndoCredit:
    words = rest.split()
    if [word.lower() for word in words] == ["undo"]:
        return UndoCredit()
    argument, tail = "".join(words[:1]), words[1:]
    claim = None
    if len(tail) > 1 and tail[0].lower() == "for":
        claim, tail = tail[1], tail[2:]
    reason = _reason(" ".join(tail))
    if not reason:
        raise EmptyText(
            say(
                "Name the argument that changed your mind and say why, as in `/crux credit MI-07 for MI-04 "
                "because it shows a plan that could work`."
            )
        )
    return Credit(argument, reason, claim)


_KINDS: Final = {
    "for": RelationKind.SUPPORTS,
    "against": RelationKind.REBUTS,
    "undercut": RelationKind.UNDERCUTS,
    "undercuts": RelationKind.UNDERCUTS,
}
_ARGUE_EXAMPLE: Final = "`/crux argue MI-04 against Existence results add up. Each shows that the method holds.`"


def _argue(rest: str) -> ProposeArgument:
    claim, _, rest = rest.partition(" ")
    way, _, text = rest.strip().partition(" ")
    kind = _KINDS.get(way.lower().strip(",:"))
    if not claim or kind is None:
        raise BadInput(
            say(
                "Name a claim, say `for` or `against`, and then the argument, as in {example}; its first "
                "sentence is the claim.",
                example=_ARGUE_EXAMPLE,
            )
        )
    end = None
    if kind is RelationKind.UNDERCUTS:
        first, _, tail = text.strip().partition(" ")
        if normal_id(first) is not None:
            end, text = first, tail
    if not text.strip():
        raise EmptyText(say("Write the argument after “{way}”, as in {example}.", way=way, example=_ARGUE_EXAMPLE))
    return ProposeArgument(claim, kind, text.strip(), end)


def _decide(name: str, rest: str) -> Approve | Decline | Drop:
    word, _, tail = rest.partition(" ")
    number = _number(word, name)
    match name:
        case "approve":
            if tail.strip().lower().startswith(("because ", "since ")):
                raise BadInput(
                    say(
                        "Approving takes no reason; what follows `/crux approve {number}` are other words for it.",
                        number=number,
                    )
                )
            return Approve(number, tail.strip())
        case "decline":
            return Decline(number, _reason(tail))
        case _:
            return Drop(number)


def _amend(name: str, rest: str) -> Reword | Retire | Restore:
    claim, _, tail = rest.partition(" ")
    tail = tail.strip()
    if not claim:
        raise EmptyText(
            say("Name the claim after `{name}`, as in `/crux {name} MI-04 …`; `/crux map` lists them.", name=name)
        )
    match name:
        case "reword":
            if not tail:
                raise EmptyText(
                    say("Write the claim's new words after its id, as in `/crux reword {claim} …`.", claim=claim)
                )
            return Reword(claim, tail)
        case "retire":
            reason = _reason(tail)
            if not reason:
                raise EmptyText(say("Say why, as in `/crux retire {claim} because MI-15 says the same`.", claim=claim))
            return Retire(claim, reason)
        case _:
            return Restore(claim)


def _prompt(rest: str) -> Post | Close:
    first, *others = rest.split()[:2] or [""]
    if first.lower() == "close":
        _, _, claim = rest.partition(" ")
        return Close(_one_claim(claim, "prompt close") if others else None)
    return Post(_one_claim(rest, "prompt") if rest else None)


def _queue(rest: str) -> Queue | Enqueue | PassOver:
    word, _, claim = rest.partition(" ")
    match word.lower():
        case "":
            return Queue()
        case "add" | "first" as where:
            return Enqueue(_one_claim(claim, f"queue {where}"), first=where == "first")
        case "skip":
            return PassOver(_one_claim(claim, "queue skip"))
        case _:
            raise BadInput(
                say(
                    "`/crux queue` shows what comes next; `add`, `first` or `skip` and a claim change it, as in "
                    "`/crux queue add MI-04`."
                )
            )


def _one_claim(text: str, command: str) -> str:
    """A claim's id, or a name of the thesis, with nothing behind it."""
    claim = text.strip()
    if not claim:
        raise EmptyText(
            say(
                "Name the claim after `{command}`, as in `/crux {command} MI-04`; `/crux map` lists them.",
                command=command,
            )
        )
    if " " in claim and claim.lower() != "the thesis":
        raise BadInput(
            say("Name one claim by its id and nothing else, as in `/crux {command} MI-04`.", command=command)
        )
    return claim


def _number(text: str, command: str) -> int:
    digits = text.strip().lstrip("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise BadInput(
            say(
                "Name a proposal by its number, as in `/crux {command} 3`; `/crux proposals` lists them.",
                command=command,
            )
        )
    return int(digits)


def _reason(text: str) -> str:
    """What follows "because"; the whole text where that is not said."""
    first, _, rest = text.strip().partition(" ")
    return rest.strip() if first.lower().strip(",:") in ("because", "since") else text.strip()


def _forget_me(rest: str) -> ForgetMe:
    if rest.lower() not in ("", "yes"):
        raise BadInput(say("Type `/crux forget-me yes` to have all that is kept about you deleted."))
    return ForgetMe(sure=rest.lower() == "yes")


_SUBCOMMANDS: Final[Mapping[str, Callable[[str], Command]]] = {
    "": lambda rest: Help(rest or None),
    "help": lambda rest: Help(rest.lstrip("/").lower() or None),
    "topic": _topic,
    "topics": _topic,
    "map": lambda rest: Map(rest or None),
    "standing": lambda rest: Standing(rest or None),
    "digest": _digest,
    "digests": lambda rest: _digest(rest or "list"),
    "credit": _credit,
    "me": lambda _: Me(),
    "export-me": lambda _: ExportMe(),
    "forget-me": _forget_me,
    "argue": _argue,
    "proposals": _proposals,
    "proposal": _proposals,
    "approve": partial(_decide, "approve"),
    "decline": partial(_decide, "decline"),
    "withdraw": partial(_decide, "withdraw"),
    "reword": partial(_amend, "reword"),
    "retire": partial(_amend, "retire"),
    "restore": partial(_amend, "restore"),
    "schedule": read_schedule,
    "prompt": _prompt,
    "queue": _queue,
    "settings": read_settings,
    "setting": read_settings,
}
