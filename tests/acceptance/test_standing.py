"""Five members of one terminal take positions, change their minds, see where they stand, and one is forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.terminal import said


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_five_members_and_where_they_stand(data: Path) -> None:
    # Two answers show nothing to anybody; the third one moves the figures.
    first = said(
        data,
        "/as Ann", "/stand MI-07 agree crux public",
        "/as Ben", "/stand MI-07 agree", "/crux standing MI-07",
        "/as Cyd", "/stand MI-07 disagree, there is no plan crux", "/crux standing MI-07",
    )  # fmt: skip
    assert "voted" not in first[3]
    assert "Too few to show." in first[4]
    assert "As of now, for your eyes: 3 of 3 voted: 2 agree, 1 disagree." in first[6]
    assert "3 of 3 voted: 2 agree, 1 disagree." in first[7]
    assert "Ann" not in first[7].replace("Ann>", "")

    # Two more answers are live for those who gave them, and not in what the group sees.
    second = said(
        data,
        "/as Dan", "/stand MI-07 disagree",
        "/as Eve", "/stand MI-07 disagree", "/crux standing MI-07", "/crux map MI-07",
        "/as Ann", "/stand MI-07 disagree", "/crux credit MI-12 because it says what is missing in practice",
        "/crux me", "/crux standing",
    )  # fmt: skip
    assert "4 of 4 voted" in second[1]
    assert "5 of 5 voted: 2 agree, 3 disagree" in second[3]
    assert "3 of 3 voted: 2 agree, 1 disagree" in second[4]
    assert "3 of 3 voted: 2 agree, 1 disagree." in second[5]
    assert "You changed sides. What changed your mind?" in second[7]
    assert "changed your mind on MI-07" in second[8]
    assert "disagree since" in second[9]
    assert "before: agree" in second[9]
    assert "5 of 5 voted: 1 agree, 4 disagree" in second[10]

    # A member takes along what is kept, then goes; before and after can't be compared.
    third = said(
        data, "/as Cyd", "/crux export-me", "/crux forget-me", "/crux forget-me yes", "/crux me", "/crux standing"
    )
    exported = third[1]
    record = json.loads(exported[exported.index("{") : exported.rindex("}") + 1])
    assert [position["reason"] for position in record["positions"]] == ["there is no plan"]
    assert "can't be undone" in third[2]
    assert "Forgotten: 1 position" in third[3]
    assert "no position yet" in third[4]
    assert "voted" not in third[5]
    kept = b"".join(path.read_bytes() for path in data.iterdir() if path.name.startswith("crux.db"))
    assert b"there is no plan" not in kept
