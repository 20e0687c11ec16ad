"""Quotes: found where the document has them, on the right lines, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.drafts.document import Document
from bot.drafts.quotes import COPIED, Place, Quotable, is_telling
from tests.drafting import TEXT

FERRY = Quotable(Document.of("ferry.md", TEXT))


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("A bridge would let ambulances cross at night", Place(3, 3)),
        ("ambulances cross at night, which\nthe ferry", Place(3, 4)),
        ("ambulances  cross at\tnight, which the ferry", Place(3, 4)),
        ("the ferry – idle after eleven -- can’t do.", Place(4, 4)),
        ("the ferry-idle after eleven-can't do", Place(4, 4)),
        ('"cheap" bridges', Place(8, 8)),
        ("'cheap' bridges", Place(8, 8)),
        ("“*cheap* bridges”.", Place(8, 8)),
        ("can't do. ## The cost But a bridge", Place(4, 8)),
        ("a\u200bbridge costs", None),  # joined by what can't be seen
        ("a bridge costs more than the town can't borrow", None),
        ("A Bridge costs", None),
        ("a bridge costs … in ten years", None),
        ("mbulances cross at night", None),
        ("A bridge would let ambul", None),
        ("", None),
        ("...", None),
    ],
)
def test_a_quote_is_found_or_not(quote: str, place: Place | None) -> None:
    assert FERRY.find(quote) == place


def test_a_quote_that_stands_twice_is_found_near_where_it_was_read() -> None:
    twice = Quotable(Document.of("x", "The same words.\n\nOther words.\n\nThe same words.\n"))
    assert twice.find("The same words") == Place(1, 1)
    assert twice.find("The same words", Place(3, 5)) == Place(5, 5)
    assert twice.find("The same words", Place(2, 3)) == Place(1, 1)


def test_able_is_no_quote_of_unable() -> None:
    assert Quotable(Document.of("x", "They are unable to swim.")).find("able to swim") is None


WORDS = st.lists(
    st.sampled_from(["ferry", "bridge", "night", "it", "can't", "-5", "–", "“so”", "x.y", "Ende."]), min_size=4
)


@given(WORDS, st.data())
def test_any_run_of_whole_words_is_found_on_its_lines(words: list[str], data: st.DataObject) -> None:
    breaks = data.draw(st.lists(st.sampled_from([" ", "\n", "\n\n", " \t "]), min_size=len(words), max_size=len(words)))
    text = "".join(word + gap for word, gap in zip(words, breaks, strict=True))
    start = data.draw(st.integers(0, len(words) - 2))
    end = data.draw(st.integers(start + 1, len(words)))
    quote = " ".join(words[start:end]).replace("–", data.draw(st.sampled_from(["-", "—", "--"])))
    assume(any(character.isalnum() for character in quote))
    found = Quotable(Document.of("x", text)).find(quote)
    assert found is not None
    lines = " ".join(text.split("\n")[found.first - 1 : found.last])
    assert words[start].strip("–") in lines or words[start] == "–"


@given(st.text(max_size=60), st.text(max_size=200))
def test_what_is_found_has_all_its_letters_in_the_document_in_order(quote: str, text: str) -> None:
    found = Quotable(Document.of("x", text)).find(quote)
    if found is not None:
        letters = iter("".join(text.split("\n")))
        assert all(any(own == other for other in letters) for own in quote if own.isalnum() and own.isascii())


def test_a_quote_must_be_long_enough_to_tell() -> None:
    assert not is_telling("the ferry, ...!")
    assert is_telling("the ferry is idle after eleven")


def test_copied_words_are_counted_from_more_than_twelve_on() -> None:
    line = TEXT.splitlines()[7].lower()
    words = [word.strip(",“”") for word in line.split()][:16]
    assert FERRY.copied(" ".join(words[:COPIED])) == 0
    assert FERRY.copied(f"He says: {' '.join(words[: COPIED + 1])}, so there") == COPIED + 1
    assert FERRY.copied(" ".join(words).upper()) == len(words)
    assert FERRY.copied("nothing of the kind") == 0
