"""What members hold: stances and positions. A history only grows; the newest position is the current one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import UnknownStance


class Stance(StrEnum):
    """Four sides of a claim, and `unsure`, which is no side and is kept apart."""

    STRONGLY_DISAGREE = "strongly disagree"
    DISAGREE = "disagree"
    AGREE = "agree"
    STRONGLY_AGREE = "strongly agree"
    UNSURE = "unsure"

    @classmethod
    def parse(cls, text: str) -> Stance:
        """The stance that a word or two stand for, as people type them.

        Raises:
            UnknownStance: none of them.
        """
        words = " ".join(text.lower().replace("_", " ").replace("-", " ").split())
        try:
            return _ALIASES[words]
        except KeyError:
            raise UnknownStance from None


_ALIASES: dict[str, Stance] = {
    **{stance.value: stance for stance in Stance},
    "sd": Stance.STRONGLY_DISAGREE,
    "d": Stance.DISAGREE,
    "a": Stance.AGREE,
    "sa": Stance.STRONGLY_AGREE,
    "u": Stance.UNSURE,
    "yes": Stance.AGREE,
    "no": Stance.DISAGREE,
    "not sure": Stance.UNSURE,
    "?": Stance.UNSURE,
}


@dataclass(frozen=True, slots=True)
class Position:
    """A member's stance on one version of a claim at a time."""

    workspace: str
    topic: str
    claim_id: str
    claim_version: int
    member: str
    stance: Stance
    at: datetime
    reason: str | None = None
    crux: bool = False
    public: bool = False
