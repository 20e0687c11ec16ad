from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.core.arguments import Argument
from bot.errors import EncoderError
from bot.testing import BagOfWordsEncoder
from bot.writing import wording
from bot.writing.cited import Cited
from bot.writing.plain import clean, is_preamble, is_refusal
from bot.writing.similarity import EncoderSimilarity, LexicalSimilarity
from bot.writing.support import Support, SupportCheck, fault_on_its_face
from tests.ferry import FERRY
from tests.library import FAMILIES, MAP, QUIET, THESIS, VOLUNTEERS, WAGES

IDS = ("LB-00", "LB-01")


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("2,900 workers in 61 firms", [2900, 61]),
        ("31.25 an hour", [Fraction("31.25")]),
        ("thirty-two hours and four days", [32, 4]),
        ("a hundred thousand, or two hundred", [200]),
        ("by about a quarter, or three quarters", [Fraction(1, 4), Fraction(3, 4)]),
        ("a fifth fewer hours", [Fraction(1, 5)]),
        ("a third day off, on the third try", []),
        ("rises by a third", [Fraction(1, 3)]),
        ("one of them", []),
        ("barely over a decade, or two decades", [10, 20]),
        ("no number here", []),
    ],
)
def test_amounts_are_read_in_digits_and_words(text: str, amounts: list[Fraction | int]) -> None:
    assert wording.numbers(text) == {Fraction(amount) for amount in amounts}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Families in Ashford asked.", {"ashford"}),
        ("Families asked.", set()),
        ("Norway's minister spoke.", {"norway"}),
        ("Today's models speak.", set()),
        ("Sam Altman expects it.", {"sam", "altman"}),
        ("SAEs and GPT-4 do.", {"sae", "gpt"}),
        ("On a Sunday I read.", {"sunday"}),
        ("Besides, Sundays are free.", {"sunday"}),
        ("Anthropic had it.", {"anthropic"}),
    ],
)
def test_names_are_told_from_first_words(text: str, names: set[str]) -> None:
    assert wording.names(text, known=frozenset({"anthropic"})) == names


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("This proves it", True),
        ("It is certain to fail", True),
        ("It certainly fails", True),
        ("This does not prove it", False),
        ("Not conclusively, but it speaks for it", False),
        ("Likely rather than proven", False),
        ("Certain circuits exist", False),
        ("It may fail", False),
    ],
)
def test_certainty_is_seen_where_it_is_claimed(text: str, certain: bool) -> None:
    assert bool(wording.certainties(text)) is certain


def test_clauses_each_say_something() -> None:
    text = "Families have free time on Sundays, and students need a quiet room before school, so open the doors"
    assert wording.clauses(text) == [
        "Families have free time on Sundays",
        "students need a quiet room before school, open the doors",
    ]


def test_opposites_count_only_from_different_ends() -> None:
    assert wording.opposed("costs rise", "costs fall") == 1
    assert wording.opposed("costs rise", "costs rose") == 0
    assert wording.opposed("costs rise and fall", "costs fall") == 0
    assert wording.opposed("probes beat features", "features beat probes") == 0
    assert wording.opposed("probes beat features", "features lose to probes") == 0
    assert wording.opposed("features beat probes", "features lose to probes") == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It always fails, for everybody.", {"always", "everybody"}),
        ("Not every case, and not only here.", set()),
        ("Nothing at all any more, 2,900 in all.", set()),
        ("On any of the five days, and all five in turn.", set()),
        ("All of the days.", {"all"}),
    ],
)
def test_words_without_exception_count_unless_denied(text: str, found: set[str]) -> None:
    assert wording.sweeping(text) == found


@pytest.mark.parametrize(
    ("sentence", "flat"),
    [
        ("A toll brings in 2 million a year.", True),
        ("A toll might bring in 2 million a year.", False),
        ("Commuters pay for the ferry today.", False),  # the argument's own author states this flatly
    ],
)
def test_a_guess_may_not_be_stated_flatly(sentence: str, flat: bool) -> None:
    fault = fault_on_its_face(sentence, [Cited(FERRY["FE-03"])], FERRY)
    assert ("as a guess" in fault) is flat


async def test_a_reason_names_the_part_that_is_to_blame() -> None:
    found = await SupportCheck(None).check(
        "Volunteers can run the lending desk on Sundays, which is why every citizen of the realm adores pancakes.",
        [Cited(VOLUNTEERS)],
        MAP,
    )
    assert not found.leans
    assert "pancakes" in found.reason


def test_a_preamble_is_told_from_a_sentence() -> None:
    assert is_preamble("Here is the best case for the library:")
    assert is_preamble("Sure! Here's the steelman:")
    assert is_preamble("Certainly!")
    assert not is_preamble("Here is why the library should open on Sundays.")
    assert not is_preamble("Sure enough, families come on Sundays [LB-01].")
    assert not is_preamble("Of course: families come on Sundays [LB-01].")


@pytest.mark.parametrize(
    ("sentence", "cited", "fault"),
    [
        ("A survey of 240 households asked for Sunday.", [FAMILIES], ""),
        ("A survey of 250 households asked for Sunday.", [FAMILIES], "amount (250)"),
        ("A survey in Ashford asked for Sunday.", [FAMILIES], ""),
        ("A survey in Ashford asked for Sunday.", [QUIET], "names ashford"),
        ("A survey in Ashford asked for Sunday.", [QUIET, FAMILIES], ""),
        ("Students certainly need a quiet place to read.", [QUIET], "more certain"),
        ("Families are too busy on Sundays to visit a library.", [FAMILIES], "opposite"),
    ],
)
def test_what_is_wrong_on_its_face(sentence: str, cited: list[Argument], fault: str) -> None:
    found = fault_on_its_face(sentence, [Cited(argument) for argument in cited], MAP)
    assert (fault in found) if fault else found == ""


@pytest.mark.parametrize("encoder", [None, BagOfWordsEncoder()], ids=["words", "uncalibrated"])
async def test_support_without_a_calibrated_encoder(encoder: BagOfWordsEncoder | None) -> None:
    check = SupportCheck(encoder)
    await check.prepare(MAP, [Cited(VOLUNTEERS)])
    good = await check.check("Volunteers can run the lending desk on Sundays [LB-04].", [Cited(VOLUNTEERS)], MAP)
    other = await check.check("Sunday wages make each open hour more expensive [LB-04].", [Cited(VOLUNTEERS)], MAP)
    union = await check.check(
        "Sunday wages make each open hour more expensive, but volunteers can run the lending desk [LB-03, LB-04].",
        [Cited(WAGES), Cited(VOLUNTEERS)],
        MAP,
    )
    assert (good.support, good.leans) == (Support.SUPPORTED, True)
    assert (other.support, other.leans) == (Support.UNSUPPORTED, False)
    assert "another argument" in other.reason
    assert union.leans


async def test_a_denied_view_is_supported_by_its_contrary_alone() -> None:
    check = SupportCheck(None)
    against = "The town library should stay closed on Sundays."
    assert (await check.check(against, [Cited(THESIS, affirmed=False)], MAP)).leans
    assert not (await check.check(against, [Cited(THESIS)], MAP)).leans
    assert not (await check.check(f"{THESIS.claim}.", [Cited(THESIS, affirmed=False)], MAP)).leans


class FailingEncoder:
    """Claims to be the encoder that the check is calibrated for, and fails."""

    model_id = "all-MiniLM-L6-v2-int8@0"

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise EncoderError


async def test_an_encoder_that_fails_leaves_words_to_compare(caplog: pytest.LogCaptureFixture) -> None:
    check = SupportCheck(FailingEncoder())
    await check.prepare(MAP, [Cited(VOLUNTEERS)])
    found = await check.check("Volunteers can run the lending desk on Sundays.", [Cited(VOLUNTEERS)], MAP)
    assert found == await SupportCheck(None).check(
        "Volunteers can run the lending desk on Sundays.", [Cited(VOLUNTEERS)], MAP
    )
    assert "words alone" in caplog.text


async def test_vectors_are_remembered() -> None:
    encoder = BagOfWordsEncoder()
    similarity = EncoderSimilarity(encoder)
    first = await similarity.between(["a cat"], ["a cat", "a dog"])
    assert await similarity.between(["a cat"], ["a cat", "a dog"]) == pytest.approx(first)
    assert first[0, 0] == pytest.approx(1.0)
    assert sorted(encoder.encoded) == ["a cat", "a dog"]


async def test_words_alone_are_compared_by_stem() -> None:
    found = await LexicalSimilarity().between(["volunteers lend books"], ["a volunteer lends a book", "wages rise"])
    assert found[0].tolist() == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("I'm sorry, but I can't help with that.", True),
        ("I cannot write this.", True),
        ("As an AI, I hold no views.", True),
        ("Sorry, I won't argue this side.", True),
        ("I think that families come on Sundays.", False),
        ("Families cannot come on weekdays.", False),
        ("As an aid to students, a quiet room helps.", False),
    ],
)
def test_refusals_are_recognised(text: str, refuses: bool) -> None:
    assert is_refusal(text) is refuses


@pytest.mark.parametrize(
    ("raw", "text", "fault"),
    [
        ("*Foo* bar [LB-01].", "Foo bar [LB-01].", ""),
        ("> Foo bar (LB-01, LB-00).", "Foo bar [LB-01, LB-00].", ""),
        ("Foo bar. [LB-01] [LB-00].", "Foo bar [LB-01, LB-00].", ""),
        ("Foo bar [LB-01]. [LB-00]", "Foo bar [LB-01, LB-00].", ""),
        ("Foo [bar](http://x.y) [LB-01].", None, "link"),
        ("Foo www.example.org [LB-01].", None, "link"),
        ("Foo <@U123> [LB-01].", None, "mention"),
        ("Ask @here [LB-01].", None, "mention"),
        ("Foo &lt;b&gt; [LB-01].", None, "markup"),
        ("```", "", ""),
        ("a_b and x < y [LB-01].", "a_b and x < y [LB-01].", ""),
    ],
)
def test_only_plain_text_is_left(raw: str, text: str | None, fault: str) -> None:
    found = clean(raw, IDS)
    assert fault in found.fault
    assert bool(found.fault) is bool(fault)
    if text is not None:
        assert found.text == text


class CalibratedBagOfWords(BagOfWordsEncoder):
    @property
    def model_id(self) -> str:
        return "all-MiniLM-L6-v2-int8@0"


async def test_what_is_prepared_need_not_be_encoded_again() -> None:
    encoder = CalibratedBagOfWords()
    check = SupportCheck(encoder)
    await check.prepare(MAP, [Cited(VOLUNTEERS)])
    encoder.encoded.clear()
    sentence = "Trained volunteers can lend books while a librarian is on call."
    await check.check(sentence, [Cited(VOLUNTEERS)], MAP)
    assert set(encoder.encoded) == {sentence, *wording.clauses(sentence)}
