"""Whatever a model sends: one `Written`, last, equal to what was shown, citing the walk alone."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.assignments import Released, Withdrawn, Written
from bot.core.messages import cited_ids
from bot.errors import BudgetSpent, WriterError, WriterMisconfigured, WriterOverloaded, WriterUnavailable
from bot.writing.grounding import GroundedWriter
from bot.writing.outline import OutlineWriter, count_words
from bot.writing.support import SupportCheck
from tests.library import counter, steelman
from tests.scripted import Script, ScriptedDrafter
from tests.unit.test_grounding import GOOD, REST, WAGES

ERRORS = st.sampled_from([WriterUnavailable(), WriterMisconfigured(), WriterOverloaded(), BudgetSpent(), WriterError()])
SENTENCES = st.sampled_from(
    [
        *GOOD,
        WAGES,
        REST,
        "Three points carry this view.",
        "The town library should stay closed on Sundays [LB-00].",
        "Dragons guard the treasury [LB-01].",
        "Families have time [LB-99].",
        "@everyone come [LB-01]!",
        "I'm sorry, I can't help with that.",
        "# Heading",
        "- Families have time for the library on Sundays [LB-01]",
        "[LB-01]",
        "Uncited nonsense about owls.",
    ]
)
TEXTS = st.lists(
    st.tuples(SENTENCES | st.text(max_size=30), st.sampled_from([" ", "\n", "\n\n", "", " [LB-02] "])), max_size=8
).map(lambda parts: "".join(sentence + gap for sentence, gap in parts))


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edges = [0, *cuts, len(text)]
    deltas: list[str | WriterError] = [text[start:end] for start, end in pairwise(edges)]
    if draw(st.booleans()):
        deltas.insert(draw(st.integers(0, len(deltas))), draw(ERRORS))
    return deltas


@settings(max_examples=150, deadline=None)
@given(
    drafting=scripts(),
    repairing=scripts(),
    judging=st.lists(st.booleans(), max_size=4) | ERRORS,
    judge=st.booleans(),
    words=st.sampled_from([25, 60, 120]),
    countering=st.booleans(),
)
async def test_whatever_a_model_sends(
    drafting: Script, repairing: Script, judging: list[bool] | WriterError, judge: bool, words: int, countering: bool
) -> None:
    assignment = counter(words) if countering else steelman(words)
    drafter = ScriptedDrafter(drafting, repairing, judging)
    shown = ""
    ended: Written | None = None
    async for event in GroundedWriter(drafter, OutlineWriter(), SupportCheck(None), judge=judge).write(assignment):
        assert ended is None
        match event:
            case Released(text):
                shown += text
            case Withdrawn(text):
                shown = text
            case Written():
                ended = event
        assert set(cited_ids(shown)) <= set(assignment.walk.ids)
        assert not {"@everyone", "LB-99", "Dragons", "owls", "sorry"} & set(shown.replace(",", " ").split())
    assert ended is not None
    assert ended.text == shown
    assert shown.strip()
    assert (ended.writer == "outline") is (ended.why_outline is not None)
    assert ended.usage.calls >= 1
    assert drafter.open == 0
    if ended.writer == "model":
        assert count_words(shown) <= words
