"""A digest's first paragraph by a model: what of it is shown."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.assignments import Usage
from bot.core.digest import Line, Part, Section, Summary, Told
from bot.core.language import speaking
from bot.errors import BudgetSpent, CruxError, PromptError, WriterUnavailable
from bot.translations import translations
from bot.writing import wording
from bot.writing.drafting import SpentUsage
from bot.writing.narrator import CheckedNarrator, checked

TOLD = Told(
    "w",
    "olga",
    "The four-day week",
    (
        Section(
            Part.THESIS,
            (Line("The thesis, FW-00: “Firms should try the four-day week”. 9 of 11 voted: 6 agree, 3 disagree; "
                  "once all have voted, 6 to 8 of 11 agree (54% to 73%).", "FW-00"),),
        ),
        Section(
            Part.SHIFT,
            (Line("In 2026-W46, 7 of 11 voted: 7 agree. Since then: 12 members took another stance, more of them "
                  "towards disagreement than by chance (sign test, p ≤ .039).", "FW-00"),),
        ),
        Section(Part.COMMON, (Line("FW-04, “Output holds in most of the trials”: 5 of 11 voted: 5 agree.", "FW-04"),)),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "Of the 11 members 9 voted on the thesis.",
        "Six agree with the thesis and three disagree.",
        "On FW-04 all five do not count here, but 5 agree.",
        "Since 2026-W46, 12 members took another stance on the thesis.",
        "On FW-00, whether firms should try the four-day week, 6 agree.",
        "The group leans towards FW-04.",
    ],
)
def test_sentences_that_say_what_was_told_stay(sentence: str) -> None:
    expected = [] if "all five" in sentence else [sentence]
    assert checked(sentence, TOLD) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Of the 11 members 8 voted on FW-04.",  # a number of the thesis, at another claim
        "Seven of ten agree.",
        "Four agree with the thesis.",  # four stands in the claim's words and in no figure
        "Thirty-nine members moved.",  # as the p-value has it
        "FW-04 has 9 voters.",
        "On FW-09 the group agrees.",
        "Since 2026-W45 the thesis has moved.",
        "About 67% agree.",
        "Some 6 percent agree.",
        "One member disagrees.",
        "Nobody moved on the thesis.",
        "A majority agrees with the thesis.",
        "Half of the group agrees.",
        "Half the members, 6, agree with Ann Arden on it.",
        "Sorry, but I can't write this digest.",
        "See https://example.com for more.",
        "@everyone should look at the thesis.",
        "The thesis leans towards",
    ],
)
def test_sentences_that_say_anything_else_go(sentence: str) -> None:
    assert checked(sentence, TOLD) == []
    kept = "Of the 11 members 9 voted on the thesis."
    assert checked(f"{sentence} {kept}" if sentence.endswith(".") else f"{kept} {sentence}", TOLD) == [kept]


def test_at_most_four_sentences_are_kept_and_markup_is_taken_off() -> None:
    text = "## Digest\n\n- **Six agree** with the thesis. " * 6
    assert checked(text, TOLD) == ["Six agree with the thesis."] * 4


texts = st.lists(
    st.sampled_from(
        [*"0123456789", "eleven", "nine", "twenty", "two", "members", "agree", "on", "FW-00", "FW-04", "FW-77", "The",
         ".", "%", "percent", "half", "a", "third", "one", "nobody", "and", "2026-W46"]
    ),
    max_size=30,
).map(" ".join)  # fmt: skip
NUMBERS = wording.numbers("9 11 6 3 6 8 7 12 5 2026 46 4")


@given(texts)
def test_no_number_that_was_not_told_gets_through(text: str) -> None:
    for sentence in checked(text, TOLD):
        assert wording.numbers(wording.plain(sentence).replace("2026-W46", "")) <= NUMBERS
        assert set(wording.ID.findall(sentence)) <= {"FW-00", "FW-04"}
        assert "%" not in sentence


@dataclass
class Scripted:
    """A model that plays deltas, or fails in their place."""

    deltas: tuple[str | CruxError, ...]
    model: str = "scripted"
    narration_version: str = "digest:1"
    asked: int = 0

    async def narrate(self, told: Told, spent: SpentUsage) -> AsyncIterator[str]:
        self.asked += 1
        spent.add(Usage(10, 5, 1))
        for delta in self.deltas:
            if isinstance(delta, CruxError):
                raise delta
            yield delta


async def test_a_paragraph_carries_who_wrote_it() -> None:
    found = await CheckedNarrator(Scripted(("Six agree with ", "the thesis. Ten disagree."))).narrate(TOLD)
    assert found == Summary("Six agree with the thesis.", "scripted", "digest:1")


@pytest.mark.parametrize("failure", [WriterUnavailable(), BudgetSpent(), PromptError("a template is broken")])
async def test_a_model_that_fails_leaves_it_to_the_template(
    failure: CruxError, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await CheckedNarrator(Scripted(("Six agree with the thesis. ", failure))).narrate(TOLD) is None
    assert "comes from the template" in caplog.text


async def test_in_another_language_the_template_writes_it_and_the_model_is_not_asked() -> None:
    model = Scripted(("The group leans towards FW-04.",))
    with speaking(translations("de")):
        assert await CheckedNarrator(model).narrate(TOLD) is None
    assert model.asked == 0


async def test_a_model_without_a_usable_sentence_leaves_it_to_the_template() -> None:
    assert await CheckedNarrator(Scripted(("Ten of ten agree.",))).narrate(TOLD) is None
    assert await CheckedNarrator(Scripted(())).narrate(TOLD) is None
