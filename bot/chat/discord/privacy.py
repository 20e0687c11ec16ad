"""Which answers are for their member alone: Discord wants to know before the answer is there.

What is said here is a guess that holds for nearly all answers. The message itself decides (`Message.private`), and
`surfaces` puts right what was guessed wrong.
"""

from __future__ import annotations

from typing import Final

from bot.core.commands import (
    Answer,
    Argue,
    ArgueView,
    Changed,
    ChangeSetting,
    Credit,
    Decline,
    Drop,
    Endorse,
    Enqueue,
    ExportMe,
    ForgetMe,
    Help,
    ListDigests,
    MarkCrux,
    Me,
    PassOver,
    PostDigest,
    Proposals,
    ProposeArgument,
    ProposeTopic,
    Queue,
    ReadDigest,
    RunSchedule,
    Schedules,
    SetPace,
    Settings,
    SettlePost,
    Stand,
    Submit,
    Turn,
    UndoCredit,
    Withdraw,
)
from bot.core.parsing import parse
from bot.errors import BadInput

_PRIVATE: Final = (
    Answer,
    Changed,
    ChangeSetting,
    Credit,
    Decline,
    Drop,
    Endorse,
    Enqueue,
    ExportMe,
    ForgetMe,
    Help,
    ListDigests,
    MarkCrux,
    Me,
    PassOver,
    Proposals,
    ProposeArgument,
    ProposeTopic,
    Queue,
    ReadDigest,
    RunSchedule,
    Schedules,
    SetPace,
    Settings,
    SettlePost,
    Stand,
    Submit,
    UndoCredit,
    Withdraw,
)


def answers_privately(text: str) -> bool:
    """Whether the answer to a text will be for its member alone; also where the text can't be read."""
    try:
        command = parse(text)
    except BadInput:
        return True
    if isinstance(command, PostDigest):
        return command.preview
    if isinstance(command, Argue | ArgueView | Turn):
        return command.private
    return isinstance(command, _PRIVATE)
