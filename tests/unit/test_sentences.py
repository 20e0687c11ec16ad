from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.writing.sentences import SentenceSplitter, join, split, tidy


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Foo [MI-04]. Bar [MI-05].", ["Foo [MI-04].", "Bar [MI-05]."]),
        ("Foo. [MI-04] Bar. [MI-05, MI-06]", ["Foo. [MI-04]", "Bar. [MI-05, MI-06]"]),
        ("Foo. [MI-04] [MI-05]. Bar.", ["Foo. [MI-04] [MI-05].", "Bar."]),
        ("Foo [MI-04].Bar baz.Bum.", ["Foo [MI-04].", "Bar baz.", "Bum."]),
        ("Foo.[MI-04] bar.", ["Foo.[MI-04]", "bar."]),
        ("Foo [see below]. [sic] Bar.", ["Foo [see below].", "[sic] Bar."]),
        ("Some tools, e.g. Probes, work. Others don't.", ["Some tools, e.g. Probes, work.", "Others don't."]),
        ("That is, i.e. it works vs. The rest.", ["That is, i.e. it works vs. The rest."]),
        ("Dr. Who met Mrs. Poe. They spoke.", ["Dr. Who met Mrs. Poe.", "They spoke."]),
        ("It rose by 3.5 points. Then 0.2.", ["It rose by 3.5 points.", "Then 0.2."]),
        (
            "In the U.S. Senate it passed. In the U.S. It failed.",
            ["In the U.S. Senate it passed.", "In the U.S.", "It failed."],
        ),
        ("Probes, maps, etc. These work.", ["Probes, maps, etc.", "These work."]),
        ("So do I. Labs agree.", ["So do I.", "Labs agree."]),
        ("Wait... then go. Stop… Now.", ["Wait... then go.", "Stop…", "Now."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ('"Really?" she asked. Yes!', ['"Really?" she asked.', "Yes!"]),
        ("**Bold.** Next one.", ["**Bold.**", "Next one."]),
        ("1. First point\n2. Second point. More.", ["1. First point", "2. Second point.", "More."]),
        ("- a point\n- another", ["- a point", "- another"]),
        ("One line\n\nanother line", ["One line", "another line"]),
        ("这是第一句。这是第二句！好吗？", ["这是第一句。", "这是第二句！", "好吗？"]),
        ("他说「停。」[MI-04] 然后走了。", ["他说「停。」[MI-04]", "然后走了。"]),
        ("In 2022. Next.", ["In 2022.", "Next."]),
        (
            "Is it proven? No. 5 trials say so; see No. 5 there.",
            ["Is it proven?", "No. 5 trials say so; see No. 5 there."],
        ),
        ("No stop at the end", ["No stop at the end"]),
        ("GPT-4.1 and v2.0 differ. See a.b.c here.", ["GPT-4.1 and v2.0 differ.", "See a.b.c here."]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_sentence_comes_out_once_nothing_can_join_it() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("Foo [MI-04]") == ()
    assert splitter.feed(".") == ()
    assert splitter.feed(" [MI") == ()  # may be a further citation
    assert [s.text for s in splitter.feed("-05] B")] == ["Foo [MI-04]. [MI-05]"]
    assert splitter.pending.strip() == "B"
    assert [s.text for s in splitter.flush()] == ["B"]


def test_a_line_break_ends_a_sentence_at_once() -> None:
    splitter = SentenceSplitter()
    assert [s.text for s in splitter.feed("A heading\n")] == ["A heading"]


PIECES = st.sampled_from(
    [
        *"abcAB ..!?…\n\r\t\"')*[]-。！0159",
        "e.g. ",
        "U.S. ",
        "Dr. ",
        "[MI-04]",
        "[MI-04, MI-07] ",
        "The ",
        "3.5",
        "\x85",
        "\u2028",
        "etc. ",
    ]
)
MESSY = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=120)


@given(MESSY)
def test_nothing_is_lost_or_added(text: str) -> None:
    assert join(split(text)) == tidy(text)


@given(MESSY, st.lists(st.integers(0, 200), max_size=12))
def test_the_cuts_make_no_difference(text: str, cuts: list[int]) -> None:
    splitter = SentenceSplitter()
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    found = [s for start, end in pairwise(edges) for s in splitter.feed(text[start:end])]
    found += splitter.flush()
    assert tuple(found) == split(text)


@given(MESSY)
def test_letter_by_letter_makes_no_difference(text: str) -> None:
    splitter = SentenceSplitter()
    found = [s for letter in text for s in splitter.feed(letter)]
    assert (*found, *splitter.flush()) == split(text)


@given(MESSY, MESSY)
def test_what_came_out_is_never_taken_back(text: str, more: str) -> None:
    early = SentenceSplitter().feed(text)
    assert split(text + more)[: len(early)] == early
