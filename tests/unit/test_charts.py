"""The picture of a standing as data, and in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.charts import ALT_TEXT, ChartedClaim, StandingChart, alt_text, plain, standing_chart
from bot.core.disclosure import Live, Shared, live
from bot.core.positions import Position, Stance
from bot.core.standing import Tally
from tests.charts import AT, WEEK, Cells, chart_of, demo_chart, figures
from tests.unit.charting import charts


def one(cells: Cells, members: int = 9, *, version: int = 1) -> Shared:
    return figures("FW-01", cells, members, version=version)["FW-01"]


# -- only what passed -------------------------------------------------------------------------------------------------


def test_nothing_but_shared_figures_makes_a_picture() -> None:
    tally = Tally.of("FW-01", [Stance.AGREE] * 5, 5)
    seen = live([Position("w", "t", "FW-01", 1, member, Stance.AGREE, AT) for member in "abc"], "a", 3)
    assert isinstance(seen, Live)
    for other in (tally, seen, None, {"agree": 3}):
        with pytest.raises(TypeError, match="disclosure"):
            ChartedClaim("FW-01", "A claim", other)  # type: ignore[arg-type]
        claim = ChartedClaim("FW-01", "A claim", one((0, 0, 3, 0, 0)))
        with pytest.raises(TypeError, match="disclosure"):
            StandingChart("Topic", (claim,), (other,))  # type: ignore[arg-type]


def test_a_claim_below_three_voters_is_not_there() -> None:
    chart = chart_of([("One", (0, 0, 3, 0, 0), None), ("Two", (0, 0, 2, 0, 0), (0, 0, 3, 0, 0))], 9)
    assert [claim.id for claim in chart.claims] == ["FW-00"]
    assert "FW-01" not in alt_text(chart)
    assert standing_chart("Topic", {"FW-01": "Two"}, figures("FW-01", (1, 0, 0, 0, 1), 9)) is None


def test_last_week_below_three_voters_is_not_there() -> None:
    (claim,) = chart_of([("One", (0, 0, 3, 0, 0), (0, 0, 2, 0, 0))], 9).claims
    assert claim.before is None


def test_votes_stay_with_their_words() -> None:
    chart = standing_chart(
        "T", {"FW-01": "New words"}, {"FW-01": one((0, 0, 3, 0, 0), version=2)}, {"FW-01": one((3, 0, 0, 0, 0))}
    )
    assert chart is not None
    assert chart.claims[0].before is None
    with pytest.raises(ValueError, match="same words"):
        ChartedClaim("FW-01", "", one((0, 0, 3, 0, 0), version=2), one((0, 0, 3, 0, 0)))


def test_the_thesis_over_time_is_one_claim_oldest_first() -> None:
    claim = ChartedClaim("FW-01", "A claim", one((0, 0, 3, 0, 0)))
    later = figures("FW-01", (0, 0, 3, 0, 0), 9, AT + WEEK)["FW-01"]
    StandingChart("T", (claim,), (one((0, 0, 3, 0, 0)), later))
    with pytest.raises(ValueError, match="oldest first"):
        StandingChart("T", (claim,), (later, one((0, 0, 3, 0, 0))))
    with pytest.raises(ValueError, match="one claim"):
        StandingChart("T", (claim,), (claim.now, *figures("FW-02", (0, 0, 3, 0, 0), 9, AT + WEEK).values()))
    with pytest.raises(ValueError, match="at least one"):
        StandingChart("T", ())
    with pytest.raises(ValueError, match="once"):
        StandingChart("T", (claim, claim))


# -- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "members", "said"),
    [
        ((0, 1, 2, 0, 0), 3, None),
        ((0, 1, 2, 0, 1), 7, "3 could still change it"),
        ((0, 1, 4, 0, 0), 8, "3 could still change it"),  # 4 of 8 are no majority yet
        ((0, 1, 5, 0, 0), 8, "2 have not answered"),
        ((3, 2, 0, 0, 0), 6, "1 has not answered"),
    ],
)
def test_who_has_not_answered_could_change_it_until_a_majority_stands(
    cells: Cells, members: int, said: str | None
) -> None:
    assert ChartedClaim("FW-01", "", one(cells, members)).still_open == said


def test_the_thesis_comes_first_then_what_moved_then_what_splits() -> None:
    chart = chart_of(
        [
            ("Thesis", (0, 0, 5, 0, 0), (0, 0, 5, 0, 0)),
            ("Calm", (0, 0, 5, 0, 0), (0, 0, 5, 0, 0)),
            ("Split", (0, 3, 3, 0, 0), None),
            ("Moved", (0, 0, 5, 0, 0), (0, 4, 0, 0, 0)),
        ],
        9,
    )
    assert [claim.text for claim in chart.claims] == ["Thesis", "Moved", "Split", "Calm"]
    said = alt_text(chart)
    assert said.index("Moved") < said.index("Split") < said.index("Calm")


def test_an_ordinary_week_in_words() -> None:
    said = alt_text(demo_chart())
    assert said.startswith(
        "Where the group stands on A four-day week, as of 9 November 2026, beside 2 November 2026. "
        "FW-00, “Our team should move to a four-day week at full pay”, now more for than before. 8 of 9 "
        "voted: 4 agree (1 strongly), 3 disagree (1 strongly), 1 unsure; 1 could "
        "still change it. Before, 1 agrees, 5 disagree, 1 unsure. "
    )
    assert said.endswith(
        "The thesis over time: 4 disagree, 1 unsure on 19 October 2026; 4 agree, 3 disagree, 1 unsure "
        "on 9 November 2026."
    )
    assert "As before." in said


@given(charts())
def test_words_keep_to_their_length_and_name_every_claim_or_count_the_rest(chart: StandingChart) -> None:
    said = alt_text(chart)
    assert len(said) <= ALT_TEXT
    named = [claim for claim in chart.shown if plain(claim.id, 24) in said]
    if len(named) < len(chart.claims):
        rest = len(chart.claims) - len(named)
        assert f"{rest} more claim" in said
    assert "%" not in said or "%" in "".join([chart.title, *(claim.id + claim.text for claim in chart.claims)])
    assert said == plain(said)


def test_twelve_claims_are_eight_and_a_count_of_the_rest() -> None:
    chart = chart_of([(f"Claim {at}", (0, 1, 2, 0, 0), None) for at in range(12)], 40)
    assert (len(chart.shown), chart.cut) == (8, 4)
    assert "4 more claims have figures." in alt_text(chart)


@given(st.text(max_size=300), st.none() | st.integers(0, 50))
def test_plain_text_is_one_line_without_controls(text: str, most: int | None) -> None:
    found = plain(text, most)
    assert found == plain(found)
    assert not any(ch < " " or 0xD800 <= ord(ch) <= 0xDFFF or ch in "\u202e\u2066\ufeff" for ch in found)
    assert most is None or len(found) <= max(most, 1)


def test_dates_are_of_the_newest_figures() -> None:
    texts = {"FW-01": "One", "FW-02": "Two"}
    now = {**figures("FW-01", (0, 0, 3, 0, 0), 9), **figures("FW-02", (0, 0, 3, 0, 0), 9, AT + timedelta(days=2))}
    chart = standing_chart("T", texts, now)
    assert chart is not None
    assert chart.at == AT + timedelta(days=2)
