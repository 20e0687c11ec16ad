"""A group of one terminal is asked a claim, answers, and hears what changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.acceptance.terminal import said


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def number(shown: str, label: str) -> str:
    """The number of the button with a label."""
    found = re.search(rf"\[(\d+)\] {label}", shown)
    assert found is not None, shown
    return found[1]


def test_a_claim_is_asked_answered_and_closed_over_several_starts(data: Path) -> None:
    # Before: three answers. A member has a claim asked, an organiser asks it.
    first = said(
        data,
        "/as Ann", "/stand MI-07 agree",
        "/as Ben", "/stand MI-07 agree", "/crux prompt", "/crux queue add MI-07",
        "/as Cyd", "/stand MI-07 agree", "/crux queue",
        "/as you", "/crux prompt",
    )  # fmt: skip
    assert "Only organisers put a claim to the group" in first[4]
    assert "Queued: MI-07" in first[5]
    assert "it comes next" in first[5]
    assert "MI-07" in first[8].split("queued")[0]
    prompt = first[10]
    assert "Where do you stand on MI-07?" in prompt
    assert "For it:" in prompt
    assert "Against it:" in prompt
    assert "voted" not in prompt
    assert "Closes on" in prompt
    disagree, unsure, crux = (number(prompt, label) for label in ("Disagree", "Unsure", "This is a crux for me"))

    # After a restart the buttons still press. Nobody sees a tally but who has answered, privately.
    second = said(
        data,
        "/as Ann", disagree,
        "/as Ben", disagree,
        "/as Cyd", unsure,
        "/as Ann", crux, "/crux standing MI-07",
        "/as Zoe", "/crux standing MI-07", "/crux map MI-07",
        "/as you", "/crux prompt MI-12",
    )  # fmt: skip
    assert "Recorded: you disagree with MI-07" in second[1]
    assert "As of now, for your eyes: 3 of 4 voted" in second[1]
    assert "It is marked as a crux for you." in second[7]
    for shown in (second[8], second[10], second[11]):
        assert "voted" not in shown
    assert "its figures wait until the prompt closes" in second[10]
    assert "A prompt on MI-07 is open until" in second[13]

    # The end tells the vote before and the vote after, once.
    third = said(data, "/crux prompt close", "/crux prompt close", "/crux prompt MI-07", "/crux standing MI-07")
    assert "When it opened: 3 of 3 voted: 3 agree." in third[0]
    assert "Now: 3 of 4 voted: 2 disagree, 1 unsure." in third[0]
    assert "What changed: fewer than three members took another stance" in third[0]
    assert "Nothing is being asked here" in third[1]
    assert "MI-07 was asked on" in third[2]
    assert "3 of 4 voted: 2 disagree, 1 unsure" in third[3]


def test_a_prompt_whose_time_is_over_is_told_at_the_next_line(data: Path) -> None:
    (data.parent / ".env").write_text("CRUX_PROMPT_HOURS=0.000001\n")
    first = said(data, "/crux prompt MI-07", "/crux map MI-12", "/crux prompt MI-12")
    assert "Closed: where the group stands on MI-07" in first[0]  # before the next line is read
    assert "Closed" not in first[1]
    assert "Closed: where the group stands on MI-12" in first[2]
    assert "Should they come less often?" in first[2]
    again = said(data, number(first[2], "Slower"), "/crux map MI-12")
    assert "Noted: slower" in again[0]
    assert "less often?" not in again[1]
