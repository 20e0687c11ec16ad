"""The bars of the claims: disagreement to the left of a middle line, agreement to the right, the unsure apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.charts import palette
from bot.charts.boxes import Part, Rect
from bot.charts.page import BOLD, COUNT, LEFT, OUTWARDS, RIGHT, SMALL, SPAN, Page
from bot.charts.typesetting import LEADING
from bot.core.charts import ChartedClaim, StandingChart, agreeing, disagreeing
from bot.core.disclosure import Shared
from bot.core.language import say, spoken
from bot.core.positions import Stance

BAR: Final = 42.0
THIN: Final = 12.0
_MOST_UNIT: Final = 64.0
_CLAIM: Final = 27.0
_BESIDE: Final = 7.0
_ABOVE: Final = LEADING * COUNT - 4


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the bars of all claims lie: `unit` pixels a member, the middle line, and the start of the edge."""

    unit: float
    middle: float
    edge: float


def scale(chart: StandingChart, page: Page) -> Scale:
    """One scale for all bars, so that they compare: as wide as the longest of them allow."""
    every = [figures for claim in chart.shown for figures in (claim.now, claim.before) if figures is not None]
    against = max(1, *(disagreeing(figures.counts) for figures in every))
    agree = max(1, *(agreeing(figures.counts) for figures in every))
    apart = max(figures.counts[Stance.UNSURE] + figures.members - figures.voters for figures in every)
    label = page.count(max(figures.members for figures in every)).width + 2 * _BESIDE
    free = SPAN - label - (2 * label if apart else label)
    unit = min(_MOST_UNIT, free / (against + agree + apart))
    spare = free - unit * (against + agree + apart)
    return Scale(unit, LEFT + label + unit * against + spare / 2, RIGHT - unit * apart)


def claim_block(page: Page, claim: ChartedClaim, at: Scale, *, lines: int, name: str) -> None:
    """One claim: who answered, its text, its bar and, thin below it, the one of the last digest."""
    top = page.y
    voted = say(
        "{voters} of {members} voted",
        voters=spoken().number(claim.voters),
        members=spoken().number(claim.members),
    )
    (said,) = page.lines(f"{voted} · {claim.still_open}" if claim.still_open else voted, SMALL)
    for line in page.lines(name, SMALL, weight=BOLD):
        page.place(line, LEFT, top, palette.MUTED)
        if line.width + 20 + said.width > SPAN:  # in some languages it takes a line of its own
            top += LEADING * SMALL
    page.place(said, RIGHT, top, palette.MUTED, anchor=1.0)
    page.y = top + LEADING * SMALL
    page.say(claim.text, _CLAIM, lines=lines)
    page.y += 9 + (_ABOVE if _any_above(page, claim, at) else 0)
    _bar(page, claim.now, at, page.y)
    end = page.y + BAR
    if claim.before is not None:
        _bar(page, claim.before, at, end + 4, before=True)
        end += 4 + THIN
    page.boxes.append(Rect(at.middle - 1.5, page.y - 4, 3, end - page.y + 8, palette.RULE))
    page.y = end + 4


def _any_above(page: Page, claim: ChartedClaim, at: Scale) -> bool:
    return any(_inner_above(page, claim.counts, at, agree) for agree in OUTWARDS)


def _inner_above(page: Page, counts: Mapping[Stance, int], at: Scale, agree: bool) -> int:
    """The count that stands above the bar: of a narrow segment that another one keeps from the bar's end."""
    inner, outer = OUTWARDS[agree]
    narrow = counts[inner] and not page.fits(counts[inner], at.unit * counts[inner])
    return counts[inner] if narrow and counts[outer] else 0


def _bar(page: Page, figures: Shared, at: Scale, y: float, *, before: bool = False) -> None:
    height = THIN if before else BAR
    counts = figures.counts
    beside = y + (BAR - LEADING * COUNT) / 2
    for agree, stances in OUTWARDS.items():
        end = at.middle
        for stance in stances:
            width = at.unit * counts[stance]
            if not width:
                continue
            start = end if agree else end - width
            page.segment(start, y, width, height, Part(figures.claim_id, stance, counts[stance], before))
            end += width if agree else -width
        if before:
            continue
        outermost = next((stance for stance in reversed(stances) if counts[stance]), None)
        if outermost and not page.fits(counts[outermost], at.unit * counts[outermost]):
            x = end + _BESIDE if agree else end - _BESIDE
            page.place(page.count(counts[outermost]), x, beside, anchor=0.0 if agree else 1.0)
        if above := _inner_above(page, counts, at, agree):
            x = at.middle + 4 if agree else at.middle - 4
            page.place(page.count(above), x, y - _ABOVE - 1, anchor=0.0 if agree else 1.0)
    _edge(page, figures, at, y, before=before)


def _edge(page: Page, figures: Shared, at: Scale, y: float, *, before: bool) -> None:
    """The unsure, and a light track for the members who have not answered."""
    x = at.edge
    for stance, count in ((Stance.UNSURE, figures.counts[Stance.UNSURE]), (None, figures.members - figures.voters)):
        if not count:
            continue
        width = at.unit * count
        page.segment(x, y, width, THIN if before else BAR, Part(figures.claim_id, stance, count, before))
        if stance and not before and not page.fits(count, width):
            page.place(page.count(count), x - _BESIDE, y + (BAR - LEADING * COUNT) / 2, anchor=1.0)
        x += width
