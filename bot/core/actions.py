"""What buttons stand for.

An action is text, so that it survives a restart inside a message that the platform keeps. `/press ACTION` replays it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Final

from bot.core.arguments import View
from bot.core.assignments import Task
from bot.core.commands import (
    Answer,
    Approve,
    ArgueView,
    Changed,
    Command,
    Decline,
    Drop,
    Endorse,
    ForgetMe,
    MarkCrux,
    Proposals,
    SetPace,
    SettlePost,
    Share,
    Stand,
    Submit,
    Topic,
    Turn,
)
from bot.core.houserules import Setting
from bot.core.language import say
from bot.core.positions import Stance
from bot.core.setting_parsing import read_settings
from bot.errors import BadInput


def argue_action(task: Task, topic: str, view: View) -> str:
    return f"{task}:{topic}:{view.claim_id}:{'for' if view.affirmed else 'against'}"


_TO_ONESELF: Final = ":me"


def to_oneself(action: str) -> str:
    """What a button stands for below an answer that one member alone sees: another such answer, if it is one."""
    return action + _TO_ONESELF if action.partition(":")[0] in (*Task, "turn") else action


def to_all(action: str) -> str:
    """The same below an answer that all see."""
    return action.removesuffix(_TO_ONESELF)


def shares(action: str) -> bool:
    """Whether a button shows all what one member alone saw."""
    return action.startswith("share:")


def stand_action(topic: str, claim_id: str, stance: Stance | None = None) -> str:
    return f"stand:{topic}:{claim_id}" + (f":{stance.value.replace(' ', '-')}" if stance else "")


def topic_action(topic: str) -> str:
    return f"topic:{topic}"


def reply_action(kind: str, reply_id: str) -> str:
    """`kind` is sign, notmine, turn, share or changed."""
    return f"{kind}:{reply_id}"


def proposal_action(kind: str, number: int) -> str:
    """`kind` is submit, drop, proposal, approve or decline."""
    return f"{kind}:{number}"


def answer_action(prompt_id: str, stance: Stance) -> str:
    return f"answer:{prompt_id}:{stance.value.replace(' ', '-')}"


def crux_action(prompt_id: str) -> str:
    return f"crux:{prompt_id}"


def pace_action(prompt_id: str, *, slower: bool) -> str:
    return f"pace:{prompt_id}:{'slower' if slower else 'keep'}"


def held_action(post_id: str, *, send: bool) -> str:
    return f"post:{post_id}:{'send' if send else 'drop'}"


def setting_action(setting: Setting, value: str) -> str:
    return f"set:{setting}:{value}"


def short_topic(topic: str) -> str:
    """A topic's id in 13 characters, of which no id begins with the first: `Resolver.topic` knows it, too."""
    return f"~{blake2b(topic.encode(errors='backslashreplace'), digest_size=6).hexdigest()}"


def shortened(action: str) -> str:
    """What a button stands for, in at most 60 characters, where a platform has room for no more."""
    match action.split(":"):
        case ["steelman" | "counter" | "stand" | "topic" as kind, topic, *rest] if not topic.startswith("~"):
            return ":".join((kind, short_topic(topic), *rest))
        case _:
            return action


FORGET_ACTION: Final = "forget:yes"


def press(action: str) -> Command:
    """The command that a button stands for.

    Raises:
        BadInput: the button is of another version, or not one of ours.
    """
    kept = action.endswith(_TO_ONESELF)
    match to_all(action).split(":"):
        case ["steelman" | "counter" as task, topic, claim_id, "for" | "against" as way]:
            return ArgueView(Task(task), topic, View(claim_id, way == "for"), kept)
        case ["stand", topic, claim_id]:
            return Stand(claim_id, topic=topic)
        case ["stand", topic, claim_id, stance]:
            return Stand(claim_id, Stance.parse(stance), topic=topic)
        case ["topic", topic]:
            return Topic(topic)
        case ["sign", reply_id]:
            return Endorse(reply_id, signed=True)
        case ["notmine", reply_id]:
            return Endorse(reply_id, signed=False)
        case ["turn" | "share" as kind, reply_id]:
            return Turn(reply_id, kept) if kind == "turn" else Share(reply_id)
        case ["changed", reply_id]:
            return Changed(reply_id)
        case ["submit" | "drop" | "proposal" | "approve" | "decline" as kind, number] if _is_number(number):
            return _PROPOSAL_COMMANDS[kind](int(number))
        case ["forget", "yes"]:
            return ForgetMe(sure=True)
        case [*parts]:
            return _press_of_prompt(parts)


def _press_of_prompt(parts: list[str]) -> Command:
    match parts:
        case ["answer", prompt_id, stance]:
            return Answer(prompt_id, Stance.parse(stance))
        case ["crux", prompt_id]:
            return MarkCrux(prompt_id)
        case ["pace", prompt_id, "slower" | "keep" as pace]:
            return SetPace(prompt_id, slower=pace == "slower")
        case ["post", post_id, "send" | "drop" as what]:
            return SettlePost(post_id, send=what == "send")
        case ["set", setting, value]:
            return read_settings(f"{setting} {value}")
        case _:
            raise BadInput(say("This button is no longer in use; type the command instead, or `/crux help`."))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


_PROPOSAL_COMMANDS: Final[Mapping[str, Callable[[int], Command]]] = {
    "submit": Submit,
    "drop": Drop,
    "proposal": Proposals,
    "approve": Approve,
    "decline": Decline,
}
