"""Words that point back, and that nothing else is taken for one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arguments import View
from bot.core.assignments import Task
from bot.core.commands import ArgueView, Command, Map, Post, Stand, Standing, Withdraw
from bot.core.messages import About
from bot.core.parsing import clean
from bot.core.pointing import IT, OnClaim, meaning, pointed
from bot.core.positions import Stance
from bot.errors import TextTooLong
from bot.maps.catalogue import load_folder, shipped

ABOUT = About("small", "T-01", affirmed=False)
DENIED, AFFIRMED = View("T-01", affirmed=False), View("T-01")
SEEDS = load_folder(shipped())
LINES = Path(__file__).parent.parent / "data" / "lines"


def meant(text: str, about: About = ABOUT) -> Command | None:
    what = pointed(clean(text))
    return None if what is None else meaning(what, about)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("steelman it", ArgueView(Task.STEELMAN, "small", DENIED)),
        ("Counter that!", ArgueView(Task.COUNTER, "small", DENIED)),
        ("please counter this one", ArgueView(Task.COUNTER, "small", DENIED)),
        ("/counter it", ArgueView(Task.COUNTER, "small", DENIED)),
        ("/steelman not it", ArgueView(Task.STEELMAN, "small", AFFIRMED)),
        ("/steelman privately that claim", ArgueView(Task.STEELMAN, "small", DENIED, private=True)),
        ("what speaks against it?", ArgueView(Task.COUNTER, "small", DENIED)),
        ("What’s the case for that?", ArgueView(Task.STEELMAN, "small", DENIED)),
        ("why?", ArgueView(Task.STEELMAN, "small", DENIED)),
        ("and the other side?", ArgueView(Task.COUNTER, "small", DENIED)),
        ("where do I stand?", Stand("T-01", topic="small")),
        ("And where do I stand on it?", Stand("T-01", topic="small")),
        ("/stand it", Stand("T-01", topic="small")),
        ("stand agree", Stand("T-01", Stance.AGREE, topic="small")),
        ("/stand agree because it adds up", Stand("T-01", Stance.AGREE, "because it adds up", topic="small")),
        ("stand strongly-disagree, no plan", Stand("T-01", Stance.STRONGLY_DISAGREE, "no plan", topic="small")),
        ("stand it unsure crux", Stand("T-01", Stance.UNSURE, crux=True, topic="small")),
        ("/stand that yes", Stand("T-01", Stance.AGREE, topic="small")),
        ("stand withdraw", Withdraw("T-01")),
        ("/stand it withdraw", Withdraw("T-01")),
        ("where do we stand on that?", Standing("T-01")),
        ("/crux standing it", Standing("T-01")),
        ("/crux map this", Map("T-01")),
        ("/crux prompt it", Post("T-01")),
    ],
)
def test_what_words_ask_for_that_point_back(text: str, command: Command) -> None:
    assert meant(text) == command


def test_why_asks_for_the_case_that_was_made_and_the_other_side_for_the_other() -> None:
    countered = About("small", "T-01", affirmed=True, countered=True)
    assert meant("why?", countered) == ArgueView(Task.COUNTER, "small", AFFIRMED)
    assert meant("the other side", countered) == ArgueView(Task.STEELMAN, "small", AFFIRMED)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "it",
            "that",
            "this",
            "the thesis",
            "thesis",
            "why not",
            "so what",
            "the other",
            "stand",
            "counter",
            "steelman",
        ),
        *(
            "/steelman",
            "/counter thesis",
            "/counter T-01",
            "/stand T-01 agree",
            "/stand",
            "/crux standing",
            "/crux map",
        ),
        *("/crux retire it because it is old", "/crux reword it In other words", "/crux restore it"),
        *("Why should it hold?", "why it holds", "counter it with data", "I would counter that", "steelman it is"),
        *("stand by it", "stand no", "stand a chance", "stand up", "it stands", "agree", "I agree with that"),
        *("where do I stand on tea?", "the other side is wrong", "what speaks against tea", "/press stand:small:T-01"),
    ],
)
def test_what_says_something_of_its_own_points_back_to_nothing(text: str) -> None:
    assert pointed(clean(text)) is None


def sentences() -> list[str]:
    """Ordinary sentences: those of the maps that ship, the ways in which members say them, and lines from chats."""
    own = [text for found in SEEDS for each in found for text in (each.claim, each.contrary, each.text)]
    said = [
        text
        for found in SEEDS
        for each in found
        for some in (each.wordings, each.denials, each.further_wordings, each.further_denials)
        for text in some
    ]
    lines = [json.loads(line)["text"] for file in LINES.glob("*.jsonl") for line in file.read_text().splitlines()]
    parts = [part for text in own for part in re.split(r"(?<=[.!?])\s+", text) if part]
    return [*(found.question for found in SEEDS), *parts, *said, *lines]


def test_no_ordinary_sentence_points_back() -> None:
    assert len(sentences()) > 2_000
    assert [text for text in sentences() if pointed(clean(text)) is not None] == []


POINTING = ("why", "counter it", "steelman that", "and the other side", "where do I stand", "what speaks for it")
WORDS = st.sampled_from(sorted({word for text in sentences() for word in re.findall(r"[A-Za-z]{3,}", text)}))
COURTESY = {"and", "now", "please", "okay", "but"}


@given(st.sampled_from(POINTING), WORDS.filter(lambda word: word.lower() not in COURTESY), st.booleans())
def test_one_word_more_and_it_is_read_as_what_it_says(phrase: str, word: str, before: bool) -> None:
    text = f"{word} {phrase}" if before else f"{phrase} {word}"
    assert pointed(text) is None


@given(st.text(max_size=60) | st.lists(WORDS | st.sampled_from(IT), max_size=8).map(" ".join))
def test_what_points_back_has_one_of_few_words_in_it(text: str) -> None:
    try:
        said = clean(text)
    except TextTooLong:
        return
    what = pointed(said)
    if what is not None:
        assert not isinstance(what, OnClaim) or (what.claim or "").lower() in IT
        words = set(re.findall(r"[a-z]+", said.lower()))
        assert words & {*IT, "why", "side", "stand", "how"}
        assert len(words) <= 8 or said.lower().lstrip("/").startswith("stand ")
