"""Members of one terminal propose arguments and a topic, who runs it decides, and a new start argues from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.terminal import said

CLAIM = "Probes are only as good as the lies that they were trained on"
ARGUE = f"/crux argue MI-07 against {CLAIM}. Every test so far used planted ones. Contrary: Probes catch any lie."
TOPIC = "/crux topic new Should we drop stand-ups? Thesis: Stand-ups cost us more than they give. Title: Stand-ups."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_an_argument_is_proposed_approved_and_argued_from_after_a_new_start(data: Path) -> None:
    first = said(data, "/as Ann", ARGUE, "/crux approve 1", "/as you", "/crux proposals", "/crux approve 1")
    assert "Proposed, as number 1: an argument against MI-07" in first[1]
    assert "Only organisers approve proposals; ask one of them to look at number 1." in first[2]
    assert "1, an argument against MI-07, “" in first[4]
    assert f"New in the map, against MI-07: MI-501, “{CLAIM}”." in first[5]
    assert "Ann" not in first[4] + first[5]

    second = said(
        data, "/steelman MI-501", "/counter MI-07", "/crux map MI-501", "/as Ann", "/stand MI-501 agree", "/crux me"
    )
    assert "The best case for MI-501" in second[0]
    assert "This group, added on" in second[0]
    assert "MI-501" in second[1]
    assert "Those who deny it say: “Probes catch any lie”." in second[2]
    assert "Recorded: you agree with MI-501" in second[4]
    assert f"MI-501, “{CLAIM}”: agree" in second[5]

    third = said(
        data,
        "/crux retire MI-501 because MI-12 says it",
        "/steelman MI-501",
        "/crux restore MI-501",
        "/steelman MI-501",
    )
    assert "is retired: MI-12 says it." in third[0]
    assert "MI-501 is retired: it can be read with `/crux map MI-501`" in third[1]
    assert "is in use again." in third[2]
    assert "The best case for MI-501" in third[3]


def test_a_topic_is_proposed_approved_and_debated_after_a_new_start(data: Path) -> None:
    first = said(data, "/as Ann", TOPIC, "/as you", "/crux approve 1", "/crux topic stand-ups")
    assert "Proposed, as number 1: a topic, “Should we drop stand-ups?”." in first[1]
    assert "Its thesis is SU-00: “Stand-ups cost us more than they give”." in first[3]
    assert "This channel now debates: Should we drop stand-ups?" in first[4]

    second = said(
        data, "/crux argue thesis for They take an hour a day.", "/crux approve 2", "/steelman thesis", "/crux map"
    )
    assert "New in the map, for SU-00: SU-01" in second[1]
    assert "The best case for SU-00" in second[2]
    assert "[SU-01]" in second[2]
    assert "SU-01 (for) They take an hour a day" in second[3]


def test_bad_input_gets_one_sentence_and_nothing_is_lost(data: Path) -> None:
    said_and_told = {
        "/crux argue MI-99 for It is as good as any other way.": "There is no claim MI-99",
        f"/crux argue MI-07 for {'word ' * 30}end": "The claim has 153 characters; put it in one sentence of up to 140",
        "/crux argue MI-07 for": "Write the argument after “for”",
        "/crux argue MI-07 for See <b>this</b> for it.": "Leave out “<”",
        "/crux decline 1 because no": "There is no open proposal 1",
        "/crux decline all": "Name a proposal by its number",
        "/crux reword MI-07 short": "“short” is too short for a claim",
        "/crux retire MI-07": "Say why, as in `/crux retire MI-07 because",
        "/crux restore MI-07": "MI-07 is not retired",
        "/crux topic new Is it so?": "Write a question, a thesis and its contrary",
        ARGUE: "Proposed, as number 1",
        "/crux approve 1": "New in the map",
        "/crux decline 1 because it is late": "Proposal 1 was approved on",
    }
    told = said(data, *said_and_told)
    missing = [part for part, answer in zip(said_and_told.values(), told, strict=True) if part not in answer]
    assert missing == []
