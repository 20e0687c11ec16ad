"""What members write, read as arguments and topics; what can't be read is refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.amendments import Words
from bot.core.arguments import Certainty
from bot.core.messages import cited_ids
from bot.core.parsing import clean, normal_id
from bot.core.proposals import (
    LONGEST_CLAIM,
    LONGEST_TEXT,
    LONGEST_TITLE,
    SHORTEST_CLAIM,
    initials,
    read_argument,
    read_topic,
    reworded,
    slug,
)
from bot.errors import BadInput, EmptyText, TextTooLong

CLAIM = "Stand-ups cost us an hour a day"


def unsaid(claim: str) -> str:
    """The contrary of a claim whose author gave none."""
    return f"It is false that “{claim}”"


# -- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{CLAIM}.", Words(CLAIM, unsaid(CLAIM), f"{CLAIM}.")),
        (CLAIM, Words(CLAIM, unsaid(CLAIM), f"{CLAIM}.")),
        (f"{CLAIM}. We timed them. So did they.", Words(CLAIM, unsaid(CLAIM), "We timed them. So did they.")),
        (
            f"{CLAIM}! We timed them. Contrary: Stand-ups save us time.",
            Words(CLAIM, "Stand-ups save us time", "We timed them."),
        ),
        (f"{CLAIM}. contrary: they save us time", Words(CLAIM, "they save us time", f"{CLAIM}.")),
        (f"{CLAIM} CONTRARY : They save us time", Words(CLAIM, "They save us time", f"{CLAIM}.")),
        (
            f"{CLAIM}. On the contrary: they drag on.",
            Words(CLAIM, unsaid(CLAIM), "On the contrary: they drag on."),
        ),
        ("It takes 1.5 hours a day, e.g. on Mondays", Words(
            "It takes 1.5 hours a day, e.g. on Mondays",
            unsaid("It takes 1.5 hours a day, e.g. on Mondays"),
            "It takes 1.5 hours a day, e.g. on Mondays.",
        )),
    ],
)  # fmt: skip
def test_the_first_sentence_is_the_claim_and_the_rest_makes_the_case(text: str, words: Words) -> None:
    assert read_argument(text) == (words, Certainty.ASSERTED)


@pytest.mark.parametrize(
    ("text", "claim", "said"),
    [
        ("Who needs an hour of it?", "Who needs an hour of it?", "Who needs an hour of it?"),
        ("They said “no talk.” We timed it.", "They said “no talk.”", "We timed it."),
        ("会議は毎日一時間もかかる", "会議は毎日一時間もかかる", "会議は毎日一時間もかかる."),
    ],
)
def test_a_claim_keeps_its_own_marks(text: str, claim: str, said: str) -> None:
    words, _ = read_argument(text)
    assert (words.claim, words.text) == (claim, said)


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        (f"{CLAIM}. We timed it. Tentative.", Certainty.TENTATIVE),
        (f"{CLAIM}. We timed it. speculative", Certainty.SPECULATIVE),
        (f"{CLAIM} (tentative)", Certainty.TENTATIVE),
        (f"{CLAIM}, tentative", Certainty.TENTATIVE),
        (f"{CLAIM}. We timed it. Contrary: They save time. (speculative)", Certainty.SPECULATIVE),
        (f"{CLAIM}. We timed it. Tentative. Contrary: They save time.", Certainty.TENTATIVE),
    ],
)
def test_a_last_word_says_how_firm_an_argument_is(text: str, certainty: Certainty) -> None:
    words, found = read_argument(text)
    assert found is certainty
    assert words.claim == CLAIM
    assert certainty.value not in f"{words.contrary} {words.text}".lower()


@pytest.mark.parametrize(
    "claim", ["The evidence for it is only speculative", "What they plan to do is still tentative"]
)
def test_a_sentence_that_ends_in_such_a_word_stays_whole(claim: str) -> None:
    words, certainty = read_argument(f"{claim}.")
    assert (words.claim, certainty) == (claim, Certainty.ASSERTED)


@pytest.mark.parametrize(
    ("text", "error", "advice"),
    [
        ("", EmptyText, "claim is empty"),
        (" . ", EmptyText, "claim is empty"),
        ("Contrary: They save us time.", EmptyText, "claim is empty"),
        ("tentative", BadInput, "too short for a claim"),
        ("Too short.", BadInput, "“Too short” is too short for a claim; say in one whole sentence what is so"),
        ("x" * (LONGEST_CLAIM + 1), TextTooLong, "has 141 characters; put it in one sentence of up to 140"),
        (f"{CLAIM}. {'X' * (LONGEST_TEXT + 1)}", TextTooLong, "701 characters; make the argument in up to 700"),
        (f"{CLAIM}. Contrary: no", BadInput, "“no” is too short for a contrary"),
        (f"{CLAIM}. Contrary: {'x' * 141}", TextTooLong, "The contrary has 141 characters"),
        (f"{CLAIM}. Contrary: {CLAIM.upper()}.", BadInput, "say the same"),
        (f"{CLAIM}. Contrary: They save time. Contrary: They do not.", BadInput, "“Contrary:” is there twice"),
        (f"{CLAIM}. Thesis: They save us time.", BadInput, "“Thesis:” belongs to a new topic"),
        (f"{CLAIM}. Title: Stand-ups", BadInput, "“Title:” belongs to a new topic"),
        (f"{CLAIM} [MI-04]", BadInput, "Leave out “[”"),
        (f"{CLAIM}. See <@U123> for it.", BadInput, "Leave out “<”"),
        (f"{CLAIM}. Contrary: They *save* us time.", BadInput, "Leave out “*”"),
    ],
)
def test_what_can_not_be_an_argument_is_refused_in_a_sentence(text: str, error: type[BadInput], advice: str) -> None:
    with pytest.raises(error) as caught:
        read_argument(text)
    assert advice in caught.value.message


def test_what_is_as_long_as_it_may_be_is_taken() -> None:
    claim, contrary, text = "C" * LONGEST_CLAIM, "D" * LONGEST_CLAIM, "T" * LONGEST_TEXT
    assert read_argument(f"{claim}. {text} Contrary: {contrary}.")[0] == Words(claim, contrary, text)


# -- topics -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title", "question"),
    [
        (f"Drop stand-ups? Thesis: {CLAIM}.", "Drop stand-ups?", "Drop stand-ups?"),
        (f"Drop stand-ups. Thesis: {CLAIM}.", "Drop stand-ups?", "Drop stand-ups?"),
        (f"Drop stand-ups? Title: Stand-ups. Thesis: {CLAIM}.", "Stand-ups", "Drop stand-ups?"),
        (f"Drop stand-ups? thesis: {CLAIM}. title: Stand-ups", "Stand-ups", "Drop stand-ups?"),
        (
            f"Should we drop the daily stand-ups that we have had since spring? Thesis: {CLAIM}",
            "Should we drop the daily stand-ups that we have had since…",
            "Should we drop the daily stand-ups that we have had since spring?",
        ),
    ],
)
def test_a_topic_has_a_question_a_thesis_and_a_title(text: str, title: str, question: str) -> None:
    assert read_topic(text) == (title, question, Words(CLAIM, unsaid(CLAIM), f"{CLAIM}."))


def test_a_thesis_has_a_text_and_a_contrary_like_any_claim() -> None:
    _, _, words = read_topic(f"Drop stand-ups? Thesis: {CLAIM}. We timed it. Contrary: They are worth it.")
    assert words == Words(CLAIM, "They are worth it", "We timed it.")


@pytest.mark.parametrize(
    ("text", "error", "advice"),
    [
        ("", EmptyText, "Write a question, a thesis and its contrary"),
        ("Drop stand-ups?", EmptyText, "`/crux topic new Should we"),
        (f"Thesis: {CLAIM}", EmptyText, "Write a question"),
        ("Drop stand-ups? Thesis: yes", BadInput, "“yes” is too short"),
        (f"Drop stand-ups? Title: {'x' * 61} Thesis: {CLAIM}", TextTooLong, "title has 61 characters; use up to 60"),
        (f"{'x' * 140}? Thesis: {CLAIM}", TextTooLong, "question has 141 characters; ask it in up to 140"),
        (f"Drop `stand-ups`? Thesis: {CLAIM}", BadInput, "Leave out “`”"),
        (f"Drop stand-ups? Title: <x> Thesis: {CLAIM}", BadInput, "Leave out “<”"),
        (f"Drop them? Thesis: {CLAIM} Thesis: {CLAIM}", BadInput, "“Thesis:” is there twice"),
    ],
)
def test_what_can_not_be_a_topic_is_refused_in_a_sentence(text: str, error: type[BadInput], advice: str) -> None:
    with pytest.raises(error) as caught:
        read_topic(text)
    assert advice in caught.value.message


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Should we drop stand-ups?", "should-we-drop-stand-ups"),
        ("Größe 4.5", "größe-4-5"),
        ("会議をやめるべきか", "会議をやめるべきか"),
        ("?!", "topic"),
    ],
)
def test_a_topic_s_id_is_made_of_its_title(title: str, expected: str) -> None:
    assert slug(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Should we drop stand-ups?", "SDSU"), ("Stand-ups", "SU"), ("Tea", "TQ"), ("会議", "TQ"), ("Is it so", "TQ")],
)
def test_claim_ids_begin_with_initials(title: str, expected: str) -> None:
    assert initials(title) == expected


# -- other words for a claim ------------------------------------------------------------------------------------------

BEFORE = Words(CLAIM, "Stand-ups save us time", "We timed them.")
GENERATED = Words(CLAIM, unsaid(CLAIM), f"{CLAIM}.")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("They cost us two hours.", Words("They cost us two hours", BEFORE.contrary, BEFORE.text)),
        ("They cost us two hours. We timed it.", Words("They cost us two hours", BEFORE.contrary, "We timed it.")),
        (
            "They cost us two hours. Contrary: They take no time.",
            Words("They cost us two hours", "They take no time", BEFORE.text),
        ),
        (
            "They cost us two hours CONTRARY : They take no time",
            Words("They cost us two hours", "They take no time", BEFORE.text),
        ),
        (
            "They cost us two hours. On the contrary: they drag on.",
            Words("They cost us two hours", BEFORE.contrary, "On the contrary: they drag on."),
        ),
    ],
)
def test_what_is_not_said_anew_stays(text: str, after: Words) -> None:
    assert reworded(BEFORE, text) == after


def test_what_was_made_from_the_claim_follows_it() -> None:
    new = "They cost us two hours"
    assert reworded(GENERATED, f"{new}.") == Words(new, unsaid(new), f"{new}.")


def test_a_claim_can_not_be_given_the_words_of_its_contrary() -> None:
    with pytest.raises(BadInput, match="say the same"):
        reworded(BEFORE, BEFORE.contrary)


# -- whatever is written ----------------------------------------------------------------------------------------------

fragments = st.sampled_from(
    ["Contrary:", "Thesis: ", "title:", "TITLE :", ". ", "? ", "… ", ".” ", "tentative", " (speculative)", "\n",
     "MI-04", "Stand-ups cost us an hour", "It saves time", "[", "*", "x" * 70, "Y" * 400, "\u202e", "ß", "İ", "\ud800"]
)  # fmt: skip
written = st.lists(fragments | st.text(max_size=8), max_size=10).map("".join) | st.text(max_size=200)


def holds(words: Words) -> bool:
    """Whether an argument's parts keep their limits; a contrary that is made from the claim says so before it."""
    contrary = words.claim if words.contrary == unsaid(words.claim) else words.contrary
    lines = (words.claim, contrary)
    assert all(SHORTEST_CLAIM <= len(line) <= LONGEST_CLAIM for line in lines)
    assert all(line == " ".join(line.split()) for line in lines)
    assert words.claim.casefold() != words.contrary.casefold()
    assert 0 < len(words.text) <= LONGEST_TEXT
    assert not set("[]<>*`|") & set("".join((*lines, words.text)))
    assert not cited_ids(words.text)
    return True


def refused(read: Callable[[], object]) -> str | None:
    """The sentence with which reading is refused."""
    try:
        read()
    except BadInput as error:
        return error.message
    return None


@given(written)
def test_whatever_is_written_is_an_argument_within_limits_or_refused(text: str) -> None:
    said = refused(lambda: read_argument(text))
    assert said or holds(read_argument(text)[0])


@given(written)
def test_whatever_is_written_is_a_topic_within_limits_or_refused(text: str) -> None:
    if said := refused(lambda: read_topic(text)):
        assert said.endswith((".", "`"))
        return
    title, question, words = read_topic(text)
    assert holds(words)
    assert 0 < len(title) <= LONGEST_TITLE
    assert 0 < len(question) <= LONGEST_CLAIM
    assert question.endswith("?")
    assert not set("[]<>*`|") & set(title + question)


@given(written, written)
def test_whatever_new_words_are_written_a_claim_keeps_its_limits(first: str, second: str) -> None:
    said = refused(lambda: reworded(read_argument(first)[0], second))
    assert said or holds(reworded(read_argument(first)[0], second))


@given(st.text(min_size=1, max_size=LONGEST_TITLE) | written.filter(bool))
def test_whatever_the_title_ids_can_be_typed(title: str) -> None:
    found = slug(title)
    assert 0 < len(found) <= LONGEST_TITLE
    assert re.fullmatch(r"[^\W_]+(-[^\W_]+)*", found)
    assert normal_id(f"{initials(title)}-00") == f"{initials(title)}-00"
    assert cited_ids(f"[{initials(title)}-01]")


@given(st.text(min_size=1, max_size=LONGEST_TITLE))
def test_a_topic_s_id_is_found_as_it_is_typed(title: str) -> None:
    found = slug(clean(title) or "x")
    assert clean(found).lower() == found


def test_a_topic_may_be_titled_new_and_still_be_chosen() -> None:
    assert slug("New?") == "new-topic"
