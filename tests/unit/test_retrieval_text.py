from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.retrieval.spelling import Spelling
from bot.retrieval.text import (
    claim_ids,
    content_words,
    denies,
    letter_runs,
    negations,
    plain,
    sentences,
    spelled_out,
    without_claim_ids,
    words,
)


def test_a_contraction_is_a_word_and_its_negation() -> None:
    assert words("It doesn’t, and they cannot") == ["it", "does", "not", "and", "they", "can", "not"]


def test_stop_words_are_dropped_unless_nothing_would_be_left() -> None:
    assert content_words("what is the point of this") == ["point"]
    assert content_words("what is this") == ["what", "is", "this"]


def test_words_of_negation_are_never_dropped() -> None:
    assert "not" in content_words("it is not so")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ppl dont care tbh", "people don't care"),
        ("sooooo good", "soo good"),
        ("idk, w/o it?", "i do not know, without it?"),
        ("Imho Fridays matter", "fridays matter"),
        ("lol", "lol"),
    ],
)
def test_shorthand_is_spelled_out(typed: str, read: str) -> None:
    assert spelled_out(typed) == read


def test_invisible_characters_become_spaces_and_lines_stay() -> None:
    assert plain("a\u202eb\u200b  c\nd“e”") == 'a b c\nd"e"'


def test_sentences() -> None:
    assert sentences("One. Two? Three; four\nfive") == ["One.", "Two?", "Three", "four", "five"]
    assert sentences("  \n ") == []


@pytest.mark.parametrize(
    ("text", "count"), [("it is not so", 1), ("it isn't nothing", 2), ("nobody lacks it", 2), ("yes", 0)]
)
def test_negations_are_counted(text: str, count: int) -> None:
    assert negations(text) == count


def test_runs_of_letters_reach_over_words_and_come_once() -> None:
    assert letter_runs("No no!") == [" no ", "no n", "o no"]
    assert letter_runs("") == []


@pytest.mark.parametrize(
    ("text", "denied"),
    [("", False), ("steelman", False), ("not", True), ("isn't wrong", False), ("I don't buy", True), ("nah", True),
     ("nah, is wrong", True), ("no way that isn't true", True), ("not not", False)],
)  # fmt: skip
def test_a_short_remark_denies_or_not(text: str, denied: bool) -> None:
    assert denies(text) is denied


def test_claim_ids_are_found_in_any_case_once() -> None:
    assert claim_ids("mi-04, MI-04 and FD-12, but not x-1 or foo-MI-04-2") == ("MI-04", "FD-12")
    assert without_claim_ids("not MI-04 please") == "not please"


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    right = Spelling(["some map"]).corrected(spelled_out(text))
    assert negations(right) >= 0
    assert all(part.strip() for part in sentences(text))
    assert spelled_out(text) or not plain(text)
    assert len(content_words(text)) <= len(words(text))


class TestSpelling:
    spelling = Spelling(["Interpretability of transformers stays hard", "sparse autoencoders"])

    @pytest.mark.parametrize(
        ("typed", "right"),
        [
            ("interpretabilty", "interpretability"),
            ("tranfsormers", "transformers"),
            ("autoencodrs", "autoencoders"),
            ("becuase", "because"),
        ],
    )
    def test_one_slip_is_put_right(self, typed: str, right: str) -> None:
        assert self.spelling.corrected(f"the {typed} are") == f"the {right} are"

    @pytest.mark.parametrize("word", ["interp", "cat", "hard", "ppl", "zzzzqq", "gpt4", "naïveté"])
    def test_what_it_does_not_know_it_leaves(self, word: str) -> None:
        if word != "interp":
            assert self.spelling.corrected(word) == word
        else:
            assert Spelling(["interp is hard"]).corrected(word) == word
