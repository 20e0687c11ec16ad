"""The fortnight's runner finds what a chat does wrong: each fault of an otherwise right chat is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from bot.testing import ManualClock
from tests.acceptance.fortnight import Chat, Model, Runner, Scenario, Shown, Stage, State

DATA: dict[str, Any] = {
    "members": {"ann": "Ann", "ben": "Ben", "cyd": "Cyd"},
    "organisers": ["ann"],
    "named": ["cyd"],
    "unseen": ["@everyone"],
    "posted": {"Prompt": 1},
    "days": [
        {
            "date": ManualClock().now().date(),
            "unseen": ["voted"],
            "steps": [
                {"at": "09:00", "due": [{"shows": ["Prompt"], "buttons": ["Agree"], "name": "prompt"}]},
                {"who": "ann", "presses": "Agree", "under": "prompt", "private": {"shows": ["Recorded", "3 voted"]}},
                {"who": "ben", "command": "/steelman T-01", "public": {"shows": ["The case"], "lacks": ["outline"]}},
                {"model": "stalled"},
                {"who": "ben", "command": "/steelman T-02", "in_hand": "killed"},
                {"restart": True},
                {"at": "09:10", "answered": "killed", "public": {"shows": ["The whole", "of it"]}},
            ],
        }
    ],
}
SCENARIO = Scenario.model_validate(DATA)


@dataclass
class Acted:
    """A chat that does what it should; a test changes what comes of a cause."""

    stage: Stage
    comes: dict[str, list[tuple[Shown, str]]]
    """What comes of a cause: each message with who sees it, a member or `all`."""
    seen: list[tuple[Shown, str]] = field(default_factory=list)
    delay: float = 0.0

    def _cause(self, name: str) -> None:
        come = self.comes.pop(name, [])
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.seen.extend, come)
        else:
            self.seen += come

    async def command(self, member: str, text: str) -> None:
        self._cause(text)

    async def says(self, member: str, text: str) -> None:
        self._cause(text)

    async def presses(self, member: str, message: str, label: str) -> None:
        assert label in next(shown.buttons for shown, _ in self.seen if shown.id == message)
        self._cause(label)

    def sees(self, member: str) -> Sequence[Shown]:
        return [shown for shown, who in self.seen if who in {"all", member} or (who == "not ben" and member != "ben")]

    async def post_due(self) -> None:
        self._cause(f"due {self.stage.clock.now():%H:%M}")

    async def settled(self) -> None:
        self._cause("end")

    async def restart(self) -> None:
        assert self.stage.model.state is State.STALLED


def acted() -> Acted:
    stage = Stage(ManualClock(SCENARIO.begins), Model(), make_url("sqlite://"), Path())
    return Acted(
        stage,
        {
            "due 09:00": [(Shown("m1", "Prompt on `T-01`", buttons=("Agree",)), "all")],
            "Agree": [(Shown("m2", "Recorded.\nOf 3, 3 voted.", private=True), "ann")],
            "/steelman T-01": [(Shown("m3", "The case for it"), "all")],
            "/steelman T-02": [(Shown("m4", "Being written"), "all")],
            "due 09:10": [(Shown("m5", "The whole\nof it"), "all")],
        },
    )


async def play(chat: Acted, patience: float = 0.0) -> None:
    driven: Chat = chat
    await Runner(SCENARIO, driven, chat.stage, patience).play()


async def test_a_chat_that_does_what_it_should_passes() -> None:
    await play(acted())


async def test_what_comes_late_is_waited_for() -> None:
    chat = acted()
    chat.delay = 0.02
    await play(chat, patience=20.0)


def changed(cause: str, number: int = 0, *, who: str | None = None, **changes: object) -> Callable[[Acted], None]:
    def change(chat: Acted) -> None:
        shown, whose = chat.comes[cause][number]
        chat.comes[cause][number] = (replace(shown, **changes), who or whose)  # type: ignore[arg-type]

    return change


def more(cause: str, shown: Shown, who: str = "all") -> Callable[[Acted], None]:
    return lambda chat: chat.comes.setdefault(cause, []).append((shown, who))


def nothing(cause: str) -> Callable[[Acted], None]:
    def change(chat: Acted) -> None:
        del chat.comes[cause]

    return change


FAULTS: dict[str, tuple[Callable[[Acted], None], str]] = {
    "no answer": (nothing("/steelman T-01"), "ben does not see"),
    "half an answer": (changed("Agree", text="Recorded."), "ann does not see"),
    "words too many": (changed("/steelman T-01", text="The case, by the outline"), r"should not show \['outline'\]"),
    "answered twice": (more("/steelman T-01", Shown("m9", "The case for it")), "shown twice"),
    "again at the end": (more("end", Shown("m9", "The case for it")), "nothing asked for"),
    "for all": (changed("Agree", who="all", private=False), "should be private"),
    "for one": (changed("/steelman T-01", who="ben", private=True), "should be public"),
    "seen by others": (changed("Agree", who="all"), "is for ann alone"),
    "not seen by one": (changed("/steelman T-01", who="not ben"), "ben does not see"),
    "not seen by another": (more("/steelman T-01", Shown("m9", "Hm", private=True), "cyd"), "cyd sees what nothing"),
    "posted twice": (more("due 09:00", Shown("m9", "Prompt", buttons=("Agree",))), "shown twice"),
    "posted besides": (more("due 09:00", Shown("m9", "Digest")), "nothing asked for"),
    "not posted": (nothing("due 09:00"), "not posted"),
    "without buttons": (changed("due 09:00", buttons=()), "not posted"),
    "a tally": (changed("/steelman T-01", text="The case: 3 voted"), r"nobody may see \['voted'\]"),
    "a mention": (changed("Agree", text="Recorded, 3 voted @everyone"), "nobody may see"),
    "a name": (changed("due 09:00", text="Prompt, asked by Ben"), r"\['Ben'\] chose no name"),
    "a name for the asker": (changed("/steelman T-01", text="The case that Ann hates"), r"\['Ann'\] chose no name"),
    "never answered": (nothing("due 09:10"), "ben does not see"),
    "killed and answered twice": (more("due 09:10", Shown("m9", "The whole of it")), "shown twice"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_told(fault: str) -> None:
    chat = acted()
    change, told = FAULTS[fault]
    change(chat)
    with pytest.raises(AssertionError, match=told):
        await play(chat)


async def test_whoever_asks_and_who_chose_so_may_be_named() -> None:
    chat = acted()
    changed("/steelman T-01", text="The case that Ben asked for and Cyd likes")(chat)
    await play(chat)


WRONG: dict[str, dict[str, object]] = {
    "misspelt": {"who": "ann", "command": "/x", "private": {"shows": ["x"], "lack": ["y"]}},
    "two things": {"who": "ann", "command": "/x", "says": "x", "private": {"shows": ["x"]}},
    "nothing": {"who": "ann", "private": {"shows": ["x"]}},
    "no answer": {"who": "ann", "command": "/x"},
    "two answers": {"who": "ann", "command": "/x", "private": {"shows": ["x"]}, "public": {"shows": ["x"]}},
    "nobody": {"command": "/x", "private": {"shows": ["x"]}},
    "a stranger": {"who": "zoe", "command": "/x", "private": {"shows": ["x"]}},
    "under nothing": {"who": "ann", "presses": "x", "private": {"shows": ["x"]}},
    "public to several": {"who": "ann ben", "command": "/x", "public": {"shows": ["x"]}},
    "shows nothing": {"who": "ann", "command": "/x", "private": {"shows": []}},
}


@pytest.mark.parametrize("step", WRONG)
def test_a_step_that_would_check_nothing_is_refused(step: str) -> None:
    days = [{**DATA["days"][0], "steps": [WRONG[step]]}]
    with pytest.raises(ValidationError):
        Scenario.model_validate({**DATA, "days": days})
