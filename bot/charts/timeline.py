"""The thesis over time: a column a digest, agreement above a middle line, disagreement below it, the unsure apart."""

from __future__ import annotations

from typing import Final

from bot.charts import palette
from bot.charts.boxes import Part, Rect
from bot.charts.page import COUNT, LEFT, OUTWARDS, RIGHT, SMALL, SPAN, Page
from bot.charts.typesetting import LEADING
from bot.core.charts import agreeing, disagreeing
from bot.core.disclosure import Shared
from bot.core.language import spoken
from bot.core.positions import Stance

MOST_POINTS: Final = 12
_HEIGHT: Final = 110.0
_MOST_UNIT: Final = 22.0
_COLUMN: Final = 44.0
_LABEL: Final = LEADING * COUNT


def panel(page: Page, thesis: tuple[Shared, ...]) -> None:
    """The newest points: twelve, or as many as have room for their counts."""
    widest = max(page.count(figures.voters).width for figures in thesis)
    points = thesis[-min(MOST_POINTS, max(1, int(SPAN // (widest + 10)))) :]
    agree = max(agreeing(figures.counts) for figures in points)
    against = max(disagreeing(figures.counts) for figures in points)
    unsure = max(figures.counts[Stance.UNSURE] for figures in points)
    unit = min(_MOST_UNIT, _HEIGHT / (agree + against + unsure))
    slot = SPAN / len(points)
    middle = page.y + _LABEL + unit * agree
    apart = middle + unit * against + _LABEL
    bottom = apart + (unit * unsure + 4 if unsure else 0)
    shown_to = LEFT
    for at, figures in enumerate(points):
        centre = LEFT + slot * (at + 0.5)
        _column(page, figures, centre - _COLUMN / 2, middle, unit)
        if figures.counts[Stance.UNSURE]:
            part = Part(figures.claim_id, Stance.UNSURE, figures.counts[Stance.UNSURE], before=True)
            page.segment(centre - _COLUMN / 2, apart, _COLUMN, unit * part.count, part)
        (date,) = page.lines(spoken().short_day(figures.at), SMALL)
        start = min(max(centre - date.width / 2, LEFT), RIGHT - date.width)
        last = at == len(points) - 1
        if start >= shown_to and (last or start + date.width + 14 <= RIGHT - date.width or len(points) < 8):
            page.place(date, start, bottom, palette.MUTED)
            shown_to = start + date.width + 14
    page.boxes.append(Rect(LEFT, middle - 1, SPAN, 2, palette.RULE))
    page.y = bottom + LEADING * SMALL


def _column(page: Page, figures: Shared, x: float, middle: float, unit: float) -> None:
    for agree, stances in OUTWARDS.items():
        end = middle
        for stance in stances:
            count = figures.counts[stance]
            if not count:
                continue
            height = unit * count
            y = end - height if agree else end
            page.segment(x, y, _COLUMN, height, Part(figures.claim_id, stance, count, before=True))
            end += -height if agree else height
        total = agreeing(figures.counts) if agree else disagreeing(figures.counts)
        if total:
            y = end - _LABEL if agree else end
            page.place(page.count(total), x + _COLUMN / 2, y, anchor=0.5)
