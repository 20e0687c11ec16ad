"""What helps at the prompt: completion, and numbers for buttons."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.chat.console.buttons import MOST, Buttons
from bot.chat.console.completion import SUBCOMMANDS, Surroundings, suggestions
from bot.core.arguments import Relation, RelationKind, Retired
from bot.core.help import HELP, SAME
from bot.core.messages import Button
from tests.unit.maps import argument, build

TEA = replace(
    build([argument("T-01")], [Relation(RelationKind.SUPPORTS, "T-01", "T-00")]),
    retired=(Retired(argument("T-02"), "it is old", datetime(2026, 1, 5, tzinfo=UTC)),),
)
AROUND = Surroundings(TEA, (TEA,), ["ann", "ben"])


def offered(line: str) -> list[str]:
    return [found.text for found in suggestions(line, AROUND)]


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("", []),
        ("plain words", []),
        ("/st", ["/steelman", "/stand"]),
        ("/STE", ["/steelman"]),
        ("/steelman t", ["T-00", "T-01", "thesis"]),
        ("/counter not T-01", []),
        ("/counter not T-0", ["T-00", "T-01"]),
        ("/stand T-01 str", ["strongly disagree", "strongly agree"]),
        ("/stand T-01 strongly a", ["agree"]),
        ("/stand T-01 agree c", ["crux"]),
        ("/stand T-01 agree crux ", ["public"]),
        ("/crux ", list(SUBCOMMANDS)),
        ("/crux p", ["proposals", "prompt"]),
        ("/crux argue t", ["T-00", "T-01", "thesis"]),
        ("/crux argue T-01 ", ["for", "against", "undercut"]),
        ("/crux argue T-01 undercut T", ["T-00", "T-01"]),
        ("/crux argue T-01 for ", []),
        ("/argue T-01 ag", ["against"]),
        ("/crux decline 3 b", ["because"]),
        ("/decline 3 ", ["because"]),
        ("/crux reword t", ["T-00", "T-01"]),
        ("/crux retire T", ["T-00", "T-01"]),
        ("/crux retire T-01 ", ["because"]),
        ("/crux restore ", ["T-02"]),
        ("/crux approve ", []),
        ("/crux topic n", ["new"]),
        ("/crux schedule ", ["prompts", "digest", "list", "pause", "resume", "quiet", "run", "remove"]),
        ("/schedule r", ["resume", "run", "remove"]),
        ("/crux schedule Pause p", ["prompts"]),
        ("/crux schedule list ", []),
        ("/crux schedule pause digest ", ["until"]),
        ("/crux schedule quiet digest n", ["none"]),
        ("/crux schedule run digest ", []),
        ("/crux schedule prompts w", ["weekdays", "wednesday"]),
        ("/crux schedule prompts weekdays 9:00 ", ["in", "quiet"]),
        ("/crux schedule prompts weekdays 9:00 in UTC ", ["quiet"]),
        ("/stand T-01 w", ["withdraw"]),
        ("/crux standing t", ["T-00", "T-01"]),
        ("/crux credit u", ["undo"]),
        ("/crux credit T-01 ", ["for", "because"]),
        ("/crux credit T-01 for th", ["thesis"]),
        ("/crux credit T-01 for T-00 ", ["because"]),
        ("/crux topic s", ["small"]),
        ("/crux map a", ["all"]),
        ("/crux help st", ["steelman", "stand", "standing"]),
        ("/crux prompt ", ["T-00", "T-01", "close"]),
        ("/crux queue ", ["add", "skip", "first"]),
        ("/settings ", ["commands", "model", "strangers", "language", "budget", "organisers", "notes"]),
        ("/crux settings model ", ["on", "off"]),
        ("/queue add T-0", ["T-00", "T-01"]),
        ("/as b", ["ben"]),
        ("/nothing ", []),
    ],
)
def test_what_is_offered(line: str, texts: list[str]) -> None:
    assert offered(line) == texts


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_that_is_offered_has_help(name: str) -> None:
    assert SAME.get(name, name) in HELP


def test_a_claim_comes_with_its_words() -> None:
    (found,) = suggestions("/stand T-01"[:-1], Surroundings(build([], [])))
    assert (found.text, found.replaces, found.meta) == ("T-00", 3, TEA.thesis.claim)


def some(count: int) -> list[Button]:
    return [Button(f"label {number}", f"action:{number}") for number in range(count)]


def test_numbers_run_on_and_old_ones_still_work() -> None:
    buttons = Buttons()
    assert buttons.number(some(2)) == [1, 2]
    assert buttons.number(some(3)) == [3, 4, 5]
    first, last = buttons[1], buttons[5]
    assert first is not None
    assert last is not None
    assert (first.action, last.action) == ("action:0", "action:2")
    assert buttons[6] is None


def test_numbers_begin_again_before_they_have_three_digits() -> None:
    buttons = Buttons()
    for _ in range(MOST // 4):
        buttons.number(some(4))
    assert buttons.number(some(4)) == [1, 2, 3, 4]


def test_buttons_outlast_the_session_and_are_nobody_else_s(tmp_path: Path) -> None:
    file = tmp_path / "buttons.json"
    Buttons(file).number(some(3))
    again = Buttons(file)[3]
    assert again == some(3)[2]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("damage", [b"", b"[1]", b'{"x": 1}', b"\xff", b'{"1": ["a"]}', b'{"1": {"a": 1}}'])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "buttons.json"
    file.write_bytes(damage)
    assert Buttons(file)[1] is None


def test_a_folder_that_can_not_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    buttons = Buttons(tmp_path / "missing" / "buttons.json")
    assert buttons.number(some(1)) == [1]
    assert buttons[1] is not None


@pytest.mark.parametrize(
    ("line", "number"), [("3", 3), (" [12] ", 12), ("3 reasons", None), ("", None), ("1234", None)]
)
def test_a_number_alone_is_a_press(line: str, number: int | None) -> None:
    assert Buttons().typed(line) == number
