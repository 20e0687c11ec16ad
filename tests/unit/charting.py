"""Arbitrary charts."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.core.charts import StandingChart, standing_chart
from bot.core.disclosure import Shared
from tests.charts import AT, WEEK, figures

TEXT = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="אבגדהابتثج 0123456789()-“”.,abc", max_size=200),
    st.text(alphabet="日本語の中文한국어、。「」 abc", max_size=200),
    st.text(alphabet="a\u0301\u0323\u200d🎉👩🏽💻🇩🇪❤️ ", max_size=60),
    st.integers(1, 600).map(lambda n: "W" * n),
)
COUNT = st.one_of(st.integers(0, 9), st.integers(0, 60), st.integers(0, 100_000))
CELLS = st.lists(COUNT, min_size=5, max_size=5)


@st.composite
def charts(draw: st.DrawFn) -> StandingChart:
    """Charts of up to ten claims with any texts and counts, with and without a week before and a history."""
    now: dict[str, Shared] = {}
    before: dict[str, Shared] = {}
    texts = {}
    for at in range(draw(st.integers(1, 10))):
        claim_id = draw(st.sampled_from(["FW", "LONGNAME", ""])) + f"-{at:02d}"
        members = draw(COUNT)
        texts[claim_id] = draw(TEXT)
        now |= figures(claim_id, draw(CELLS), members)
        if draw(st.booleans()):
            before |= figures(claim_id, draw(CELLS), members, AT - WEEK)
    first = next(iter(texts))
    history = draw(st.lists(CELLS, max_size=15))
    thesis = [point for at, cells in enumerate(history) for point in figures(first, cells, 0, AT + WEEK * at).values()]
    if first not in now:
        now |= figures(first, (0, 0, 3, 0, 0), 3)
    chart = standing_chart(draw(TEXT), texts, now, before, thesis, first)
    assert chart is not None
    return chart
