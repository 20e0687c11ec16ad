"""Where everything on a picture stands."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts import typesetting
from bot.charts.boxes import Picture, Text
from bot.charts.fonts import east_asian, typeface_for
from bot.charts.layout import MOST_HEIGHT, laid_out
from bot.charts.page import LEFT, RIGHT
from bot.charts.palette import RULE
from bot.charts.typesetting import NOT_DRAWN, typeset
from bot.core.charts import StandingChart, agreeing, disagreeing
from bot.core.positions import Stance
from tests.charts import chart_of, demo_chart, samples
from tests.unit.charting import TEXT, charts

HAIR = 0.01


def laid(chart: StandingChart) -> Picture:
    return laid_out(chart, typeset)


def overlap(one: Text, other: Text) -> bool:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > HAIR and down > HAIR


def check(chart: StandingChart) -> None:
    picture = laid(chart)
    width, height = picture.size
    assert width <= 1600
    assert height <= MOST_HEIGHT
    for box in picture.boxes[1:]:
        assert box.x >= LEFT - HAIR
        assert box.x + box.width <= RIGHT + HAIR
        assert box.y >= 20
        assert box.y + box.height <= picture.height - 20
    for one, other in combinations(picture.texts, 2):
        assert not overlap(one, other), (one.line.text, other.line.text)
    segments_add_up(chart, picture)


def segments_add_up(chart: StandingChart, picture: Picture) -> None:
    """Each claim's bars, now and before: as wide as its counts say, on their sides of one middle line, end to end."""
    middles = {rect.x + rect.width / 2 for rect in picture.rects if rect.fill == RULE and rect.height > rect.width}
    (middle,) = middles
    for claim in chart.shown:
        for before, figures in ((False, claim.now), (True, claim.before)):
            if figures is None:
                continue
            rects = [
                rect
                for rect in picture.rects
                if rect.part
                and rect.part.claim_id == claim.now.claim_id
                and rect.part.before is before
                and rect.height == (12 if before else 42)
            ]
            found = {rect.part.stance: rect.part.count for rect in rects if rect.part}
            missing = figures.members - figures.voters
            assert found == {stance: count for stance, count in [*figures.counts.items(), (None, missing)] if count}
            for rect in rects:
                assert rect.part
                assert rect.width == pytest.approx(picture.unit * rect.part.count)
            against = [rect for rect in rects if rect.x + rect.width / 2 < middle]
            assert sum(rect.width for rect in against) == pytest.approx(picture.unit * disagreeing(figures.counts))
            sided = {Stance.AGREE, Stance.STRONGLY_AGREE}
            agree = [rect for rect in rects if rect.part and rect.part.stance in sided]
            assert sum(rect.width for rect in agree) == pytest.approx(picture.unit * agreeing(figures.counts))
            assert all(rect.x >= middle - HAIR for rect in agree)
            row = sorted(rects, key=lambda rect: rect.x)
            for left, right in pairwise(row):
                assert left.x + left.width <= right.x + HAIR


@given(charts())
@settings(max_examples=60, deadline=None)
def test_any_chart_fits_and_adds_up(chart: StandingChart) -> None:
    check(chart)


@pytest.mark.parametrize("name", samples())
def test_the_samples_fit_and_add_up(name: str) -> None:
    check(samples()[name])


def test_every_count_is_in_its_segment_or_beside_it() -> None:
    picture = laid(samples()["forty"])
    said = [text.line.text for text in picture.texts]
    for claim in samples()["forty"].shown:
        for count in claim.counts.values():
            assert not count or str(count) in said


def test_nothing_of_a_claim_below_the_floor_is_drawn() -> None:
    chart = chart_of([("One", (0, 0, 3, 0, 0), None), ("Two", (0, 0, 2, 0, 0), (0, 0, 9, 0, 0))], 9)
    picture = laid(chart)
    assert {rect.part.claim_id for rect in picture.rects if rect.part} == {"FW-00"}
    assert "Two" not in " ".join(text.line.text for text in picture.texts)


def test_more_than_eight_claims_are_cut_and_counted() -> None:
    picture = laid(samples()["forty"])
    assert len({rect.part.claim_id for rect in picture.rects if rect.part}) == 8
    assert any(text.line.text == "4 more claims have figures, and no room here." for text in picture.texts)


def test_there_are_no_percentages() -> None:
    for chart in samples().values():
        assert not any("%" in text.line.text for text in laid(chart).texts)


def test_the_thesis_over_time_takes_two_points() -> None:
    def heads(thesis: list[tuple[int, ...]]) -> list[str]:
        chart = chart_of([("One", (0, 0, 3, 0, 0), None)], 9, thesis=thesis)
        return [text.line.text for text in laid(chart).texts if "over time" in text.line.text]

    assert heads([(0, 0, 3, 0, 0)]) == []
    assert heads([(0, 0, 3, 0, 0), (0, 3, 0, 0, 0)]) == ["The thesis over time"]


# -- text -------------------------------------------------------------------------------------------------------------


@given(TEXT, st.floats(10, 40), st.floats(1, 700), st.integers(1, 3))
@settings(deadline=None)
def test_lines_are_no_wider_and_no_more_than_asked_for(text: str, size: float, width: float, lines: int) -> None:
    found = typeset(text, size, width, lines=lines)
    assert len(found) <= lines
    assert all(line.width <= width + HAIR for line in found)


def test_a_text_that_does_not_fit_ends_in_an_ellipsis() -> None:
    found = typeset("One word after another, " * 40, 27, 700, lines=2)
    assert [line.text.endswith("…") for line in found] == [False, True]
    (short,) = typeset("One word", 27, 700, lines=2)
    assert short.text == "One word"


def test_words_stay_whole_where_they_can() -> None:
    found = typeset("Customers will wait longer for answers than they do today", 27, 300, lines=3)
    assert " ".join(line.text for line in found) == "Customers will wait longer for answers than they do today"
    assert len(typeset("W" * 500, 27, 700, lines=3)) == 3


def test_no_line_starts_with_a_full_stop() -> None:
    for width in range(100, 400, 7):
        for line in typeset("私たちは、給与を変えずに。「来年度」から、試す。", 27, width, lines=3):
            assert line.text[0] not in "、。」"


@pytest.mark.parametrize(
    "text",
    ["plain", "Ελληνικά", "Кириллица", "العربية", "עברית", "हिन्दी", "ไทย", "日本語", "中文", "한국어", "🎉👩🏽‍💻🇩🇪❤️"],
)
def test_scripts_that_are_drawn(text: str) -> None:
    (line,) = typeset(text, 27, 700)
    assert line.text == text
    assert line.glyphs
    assert all(glyph.id for glyph in line.glyphs), "glyph 0 is the box for what a font lacks"


def test_what_no_font_has_is_a_note_and_never_a_box() -> None:
    (line,) = typeset("𓀀𓀁𓀂", 27, 700)
    assert line.text == NOT_DRAWN
    (line,) = typeset("Ten plain words beside one hieroglyph 𓀀", 27, 700)
    assert line.text == "Ten plain words beside one hieroglyph ·"


@given(st.text(max_size=80))
@settings(deadline=None)
def test_a_box_for_a_missing_character_is_never_drawn(text: str) -> None:
    for line in typeset(text, 27, 700, lines=3):
        for cluster in typesetting._clusters(line.text):
            typeface = typeface_for(cluster, 400, east_asian(text))
            assert typeface is not None
            placed, _ = typesetting._shaped(typeface, cluster, 27, rtl=False)
            assert all(glyph for glyph, _, _ in placed), "nothing is left out of what is drawn either"


def test_right_to_left_text_stands_at_the_right() -> None:
    picture = laid(samples()["arabic"])
    lines = [text for text in picture.texts if text.line.rtl]
    assert len(lines) == 4
    assert all(text.x + text.width == pytest.approx(RIGHT) for text in lines)


def test_the_layout_is_the_same_twice() -> None:
    assert laid(demo_chart()) == laid(demo_chart())
