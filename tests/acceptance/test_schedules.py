"""An organiser sets when prompts and digests come, in the real program, and a new start still has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.terminal import said


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_schedules_are_set_changed_and_listed_after_a_new_start(data: Path) -> None:
    first = said(
        data,
        "/crux schedule",
        "/crux schedule prompts weekdays 9:00 in Europe/Berlin quiet 25 december",
        "/crux schedule prompts every other monday 10:00",
        "/crux schedule digest fri 16:00",
        "/as Ann",
        "/crux schedule remove digest",
    )
    assert "Nothing is scheduled here" in first[0]
    assert "Prompts for this channel: every weekday at 9:00, Europe/Berlin." in first[1]
    assert "Quiet days: 25 December" in first[1]
    assert first[1].count(" at 9:00") == 4, "the rule and the next three times"
    assert "In place of: every weekday at 9:00, Europe/Berlin." in first[2]
    assert "The digest for this channel: every Friday at 16:00, Europe/Berlin." in first[3]
    assert "Only organisers remove schedules" in first[5]

    second = said(
        data,
        "/crux schedule pause prompts until tomorrow",
        "/crux schedule quiet digest weekends",
        "/as Ann",
        "/crux schedule",
        "/as you",
        "/crux schedule run digest",
        "/crux schedule run digest",
        "/crux schedule resume prompts",
        "/crux schedule remove digest",
        "/crux schedule",
    )
    assert "Paused until" in second[0]
    assert "Quiet days: Saturday and Sunday" in second[1]
    assert "Prompts in this channel: every other Monday at 10:00, Europe/Berlin; quiet: 25 December" in second[3]
    assert "The digest in this channel: every Friday at 16:00, Europe/Berlin; quiet: Saturday and Sunday." in second[3]
    assert "A digest is due in this channel now." in second[5]
    assert "no other is added" in second[6]
    assert "Paused" not in second[7]
    assert "no longer scheduled. It was: every Friday at 16:00, Europe/Berlin." in second[8]
    assert "The digest" not in second[9]


def test_bad_input_gets_one_sentence_and_nothing_is_lost(data: Path) -> None:
    said_and_told = {
        "/crux schedule prompts weekdays 9:00": "every weekday at 9:00, UTC.",
        "/crux schedule prompts weekdays": "Say at what time of day too",
        "/crux schedule prompts whenever": "say it like `weekdays 9:00`",
        "/crux schedule prompts weekdays 9:00 in Berlin": "did you mean Europe/Berlin?",
        "/crux schedule prompts sat 9:00 quiet sat": "That would leave no time to post at",
        "/crux schedule quiet prompts often": "say them like `sat, sun, 25 december`",
        "/crux schedule pause prompts until soon": "say it like `1 september`",
        "/crux schedule pause digest until monday": "This channel has no schedule for the digest",
        "/crux schedule remove": "Say which, prompts or digest",
        "/crux schedule": "Prompts in this channel: every weekday at 9:00, UTC.",
    }
    told = said(data, *said_and_told)
    missing = [part for part, answer in zip(said_and_told.values(), told, strict=True) if part not in answer]
    assert missing == []
