"""The fortnight as data: who does what when, and what is then seen. `fortnight.yaml` is read into these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tests.acceptance.fortnight.chat import normal
from tests.acceptance.fortnight.model import State

FORTNIGHT: Final = Path(__file__).parent / "fortnight.yaml"


class _Strict(BaseModel):
    """Of closed shape, so that a misspelt expectation is not one that nobody checks."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Look(_Strict):
    """What one message must be like.

    Args:
        shows: words that it has; the first of them are in no other message that comes meanwhile.
        lacks: words that it hasn't.
        buttons: labels of buttons that it has.
        picture: whether one goes with it.
        name: what later presses know it by.
    """

    shows: tuple[str, ...] = Field(min_length=1)
    lacks: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    picture: bool = False
    name: str | None = None


class Step(_Strict):
    """One thing that happens, at the day's time so far or at a later one.

    A member (or several at the same moment) gives a `command`, `says` something to the bot, or `presses` a button
    `under` a named message, and gets one `private` or `public` answer. With `in_hand`, the step ends before the answer
    comes: an `answered` step with the same name expects it. `due` lists all that the calendar posts. `model` and
    `restart` are about what goes wrong.
    """

    at: time | None = None
    who: tuple[str, ...] = ()
    command: str | None = None
    says: str | None = None
    presses: str | None = None
    under: str | None = None
    private: Look | None = None
    public: Look | None = None
    in_hand: str | None = None
    answered: str | None = None
    due: tuple[Look, ...] | None = None
    model: State | None = None
    restart: Literal[True] | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        step = dict(value)
        if isinstance(step.get("who"), str):
            step["who"] = step["who"].split()
        if isinstance(step.get("at"), str):
            step["at"] = time.fromisoformat(step["at"])
        return step

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        kinds = ("command", "says", "presses", "answered", "due", "model", "restart")
        things = [name for name in kinds if getattr(self, name) is not None]
        if len(things) != 1:
            raise ValueError(f"a step is one of {', '.join(kinds)}, and this is {things or 'none'}")
        acts = bool({"command", "says", "presses"} & set(things))
        answers = [self.private, self.public, self.in_hand]
        if acts != bool(self.who) or (self.presses is None) != (self.under is None):
            raise ValueError("members act, and press under a message")
        if len(self.who) > 1 and self.private is None:
            raise ValueError("several at the same moment get a private answer each")
        if (acts and sum(each is not None for each in answers) != 1) or (
            self.answered is not None and self.public is None
        ):
            raise ValueError("an act has one answer: private, public, or in hand")
        return self


class Day(_Strict):
    """One day: `tell` says what it is about; no public message that comes on it has any word of `unseen`."""

    date: datetime
    tell: str = ""
    unseen: tuple[str, ...] = ()
    steps: tuple[Step, ...]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {**value, "date": datetime.combine(value["date"], time(8, 30), UTC)}

    def time_of(self, step: Step) -> datetime | None:
        return None if step.at is None else datetime.combine(self.date, step.at, UTC)


class Scenario(_Strict):
    """A group and its days.

    Args:
        members: by how the steps call them, their names in the chat.
        organisers: those of them who run the workspace.
        named: those who chose to have their names shown; no other name is in a message that its holder did not ask for.
        unseen: words that no message ever has.
        posted: how many public messages of the whole time begin with these words, after their title's markup.
    """

    members: Mapping[str, str]
    organisers: tuple[str, ...]
    named: tuple[str, ...]
    unseen: tuple[str, ...]
    posted: Mapping[str, int]
    days: tuple[Day, ...]

    @property
    def begins(self) -> datetime:
        return self.days[0].date

    @model_validator(mode="after")
    def _known(self) -> Scenario:
        acting = {who for day in self.days for step in day.steps for who in step.who}
        strangers = (acting | set(self.organisers) | set(self.named)) - set(self.members)
        if strangers:
            raise ValueError(f"not members: {', '.join(sorted(strangers))}")
        return self


def load(path: Path = FORTNIGHT) -> Scenario:
    """Read a scenario.

    Raises:
        pydantic.ValidationError: it is not of the shape above.
    """
    return Scenario.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def has(text: str, words: str) -> bool:
    """Whether a message has words, however it was broken into lines."""
    return normal(words) in normal(text)
