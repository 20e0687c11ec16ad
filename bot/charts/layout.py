"""Where everything on a picture stands. Pure: a chart and a way to measure text in, boxes out."""

from __future__ import annotations

from math import ceil
from typing import Final

from bot.charts import bars, palette, timeline
from bot.charts.boxes import Picture, Rect
from bot.charts.page import BOLD, LEFT, RIGHT, SMALL, WIDTH, Page
from bot.charts.typesetting import LEADING, Typesetter
from bot.core.charts import StandingChart
from bot.core.language import plural, say, spoken
from bot.core.positions import Stance

MOST_HEIGHT: Final = 2400
"""Of a drawn picture, in its pixels."""

_TITLE: Final = 34.0
_MARGIN: Final = 5.0
_GAP: Final = 22.0
_ZOOMS: Final = (2.0, 1.75, 1.5, 1.25)
_FEW: Final = 5
"""Claims up to which each may take three lines of text."""


def laid_out(chart: StandingChart, typesetter: Typesetter) -> Picture:
    """The picture of a chart: what stands where."""
    page = Page(typesetter)
    page.y = _MARGIN + 22
    _head(page, chart)
    _legend(page, chart)
    scale = bars.scale(chart, page)
    thesis = chart.thesis[0].claim_id if chart.thesis else None
    for claim in chart.shown:
        page.y += _GAP
        of_thesis = say("the thesis")
        name = f"{claim.id} · {of_thesis}" if claim.now.claim_id == thesis else claim.id
        bars.claim_block(page, claim, scale, lines=3 if len(chart.shown) <= _FEW else 2, name=name)
    if chart.cut:
        page.y += 14
        page.say(
            plural(
                "{number} more claim has figures, and no room here.",
                "{number} more claims have figures, and no room here.",
                chart.cut,
            ),
            SMALL,
            colour=palette.MUTED,
            lines=2,
        )
    if len(chart.thesis) > 1:
        page.y += _GAP
        page.boxes.append(Rect(LEFT, page.y - 10, RIGHT - LEFT, 1, palette.BORDER))
        page.say(say("The thesis over time"), SMALL, colour=palette.MUTED, weight=BOLD)
        timeline.panel(page, chart.thesis)
    height = 4 * ceil((page.y + 20 + _MARGIN) / 4)  # whole pixels at every zoom
    card = Rect(_MARGIN, _MARGIN, WIDTH - 2 * _MARGIN, height - 2 * _MARGIN, palette.CARD, palette.BORDER, radius=24.0)
    zoom = next((zoom for zoom in _ZOOMS if zoom * height <= MOST_HEIGHT), min(1.0, MOST_HEIGHT / height))
    return Picture(WIDTH, height, zoom, (card, *page.boxes), scale.unit)


def _head(page: Page, chart: StandingChart) -> None:
    top = page.y
    (when,) = page.lines(spoken().day(chart.at), SMALL)
    (what,) = page.lines(say("Where the group stands"), SMALL, RIGHT - LEFT - when.width - 20, weight=BOLD)
    page.place(what, LEFT, top, palette.MUTED)
    page.place(when, RIGHT, top, palette.MUTED, anchor=1.0)
    page.y = top + LEADING * SMALL
    page.say(chart.title, _TITLE, weight=BOLD, lines=2)


_SWATCH: Final = 22.0


def _legend(page: Page, chart: StandingChart) -> None:
    """What the colours stand for, as many to a row as fit."""
    page.y += 10
    x = LEFT
    row = LEADING * SMALL + 2
    entries: list[tuple[tuple[Stance | None, ...], str]] = [((stance,), stance.words) for stance in Stance]
    entries.append(((None,), say("not answered")))
    if chart.since is not None:
        entries.append(((Stance.DISAGREE, Stance.AGREE), say("on {day}", day=spoken().short_day(chart.since))))
    for stances, words in entries:
        (line,) = page.lines(words, SMALL)
        if x + _SWATCH * len(stances) + 8 + line.width > RIGHT:
            x, page.y = LEFT, page.y + row
        height = _SWATCH if len(stances) == 1 else bars.THIN
        for stance in stances:
            page.boxes.append(_swatch(stance, x, page.y + (LEADING * SMALL - height) / 2, _SWATCH, height))
            x += _SWATCH
        page.place(line, x + 8, page.y)
        x += 8 + line.width + 22
    page.y += row


def _swatch(stance: Stance | None, x: float, y: float, width: float, height: float) -> Rect:
    if stance is None:
        return Rect(x, y, width, height, palette.TRACK, palette.TRACK_EDGE, dashed=True)
    return Rect(x, y, width, height, palette.FILLS[stance], palette.EDGES[stance])
