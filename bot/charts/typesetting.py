"""Text as lines of glyphs: broken to a width, in reading order of either direction, in fonts that have the characters.

HarfBuzz shapes; what a line measures is what is drawn. Sizes and widths are in pixels of the layout.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

import uharfbuzz as hb

from bot.charts import bidi
from bot.charts.fonts import Typeface, east_asian, typeface_for
from bot.core.language import mark, say

LEADING: Final = 1.36
"""Line height in sizes: what Noto Sans asks for."""
ASCENT: Final = 1.06
"""From the top of a line to its baseline, in sizes."""

NOT_DRAWN: Final = mark("(in letters that this picture can't draw)")
_NO_GLYPH: Final = "·"
_TOO_MANY: Final = 0.2
"""The share of characters without a font from which a text is not worth drawing."""

_MOST_CHARACTERS: Final = 400
"""Of one text, before it is broken: more never fit into three lines."""

_NOT_FIRST: Final = frozenset("。、，．・：；？！…‥ー）」』】〕》〉”’)]}.,:;?!%»")
_NOT_LAST: Final = frozenset("（「『【〔《〈“‘([{«")
_BREAK_AFTER: Final = frozenset("-‐–—/")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph at a place: x from the line's left end, y upwards from its baseline, in pixels."""

    typeface: Typeface
    id: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, `width` pixels wide; `rtl` says that its paragraph runs from right to left."""

    text: str
    size: float
    width: float
    rtl: bool = False
    glyphs: tuple[Glyph, ...] = field(default=(), repr=False)

    @property
    def height(self) -> float:
        return LEADING * self.size


class Typesetter(Protocol):
    """Breaks a text into at most so many lines of at most `width` pixels; what does not fit ends in an ellipsis."""

    def __call__(
        self, text: str, size: float, width: float, *, weight: int = 400, lines: int = 1
    ) -> tuple[Line, ...]: ...


def typeset(text: str, size: float, width: float, *, weight: int = 400, lines: int = 1) -> tuple[Line, ...]:
    """See `Typesetter`. No lines for a text without anything to draw, nor where not even an ellipsis fits."""
    text = " ".join(text.split())
    manner = _Manner(size, weight, east_asian(text), bidi.is_rtl(text))
    left = _drawable(text[:_MOST_CHARACTERS], manner)
    if not left or manner.width(["…"]) > width:
        return ()
    left = [cluster if manner.width([cluster]) <= width else _NO_GLYPH for cluster in left]
    found: list[Line] = []
    while left and len(found) < lines:
        taken = _fitting(left, width, manner)
        rest = left[taken:]
        while rest and rest[0].isspace():
            rest = rest[1:]
        last = len(found) == lines - 1
        if (rest and last) or (not rest and len(text) > _MOST_CHARACTERS):
            found.append(_cut(left[:taken], width, manner))
            break
        found.append(manner.line(left[:taken]))
        left = rest
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the lines of one text are set."""

    size: float
    weight: int
    east_asian: int
    rtl: bool

    def line(self, clusters: list[str]) -> Line:
        return _line("".join(clusters).strip(), self)

    def width(self, clusters: list[str]) -> float:
        return self.line(clusters).width

    def typeface(self, cluster: str) -> Typeface | None:
        return typeface_for(cluster, self.weight, self.east_asian)


def _cut(clusters: list[str], width: float, manner: _Manner) -> Line:
    """A line that ends in an ellipsis and fits."""
    kept = clusters
    while kept and manner.width([*kept, "…"]) > width:
        kept = kept[:-1]
    while kept and (kept[-1].isspace() or kept[-1] in _NOT_LAST):
        kept = kept[:-1]
    return manner.line([*kept, "…"])


# -- what can be drawn ------------------------------------------------------------------------------------------------


def _clusters(text: str) -> Iterator[str]:
    """A text in pieces that are never parted: a letter with its marks, an emoji with its modifiers."""
    piece = ""
    for ch in text:
        joined = unicodedata.category(ch)[0] == "M" or ch in "\u200c\u200d" or "\U0001f3fb" <= ch <= "\U0001f3ff"
        flag = _regional(ch) and len(piece) == 1 and _regional(piece)
        if piece and (joined or flag or piece.endswith("\u200d")):
            piece += ch
        else:
            if piece:
                yield piece
            piece = ch
    if piece:
        yield piece


def _regional(ch: str) -> bool:
    return "\U0001f1e6" <= ch <= "\U0001f1ff"


def _drawable(text: str, manner: _Manner) -> list[str]:
    """The clusters of a text, those that no font has as a dot; a note in place of a text that has many of them."""
    found = [(cluster, manner.typeface(cluster) is not None) for cluster in _clusters(text)]
    gone = sum(not drawn for _, drawn in found)
    if gone > _TOO_MANY * sum(not cluster.isspace() for cluster, _ in found):
        return list(say(NOT_DRAWN))
    return [cluster if drawn else _NO_GLYPH for cluster, drawn in found]


# -- where lines break ------------------------------------------------------------------------------------------------


def _fitting(left: list[str], width: float, manner: _Manner) -> int:
    """How many clusters the next line takes: to the last place for a break before it is full, or as many as fit."""
    most = _most(left, width, manner)
    if most == len(left):
        return most
    return next((at for at in range(most, most // 3, -1) if _may_break(left, at)), most)


def _most(left: list[str], width: float, manner: _Manner) -> int:
    """How many clusters fit, at least one. Letters that join are narrower than alone, so the sum is where to start."""
    room = width
    apart = 0
    while apart < len(left) and room >= 0:
        room -= manner.width([left[apart]]) if not left[apart].isspace() else manner.size / 4
        apart += 1
    low, high = 1, min(len(left), 8 + 2 * apart) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if manner.width(left[:middle]) <= width:
            low = middle
        else:
            high = middle
    return low


def _may_break(clusters: list[str], at: int) -> bool:
    before, after = clusters[at - 1], clusters[at]
    if after.isspace() or before.isspace():
        return True
    if after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before in _BREAK_AFTER or _wide(before) or _wide(after)


def _wide(cluster: str) -> bool:
    return unicodedata.east_asian_width(cluster[0]) in {"W", "F"}


# -- shaping ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _line(text: str, manner: _Manner) -> Line:
    """One line, shaped."""
    runs: list[tuple[int, tuple[Typeface, int, str]]] = []
    levels = bidi.levels(text, rtl=manner.rtl)
    at = 0
    for cluster in _clusters(text):
        level = levels[at]
        at += len(cluster)
        typeface = manner.typeface(cluster)
        if typeface is None:
            continue
        if runs and runs[-1][0] == level and runs[-1][1][0] is typeface:
            runs[-1] = (level, (typeface, level, runs[-1][1][2] + cluster))
        else:
            runs.append((level, (typeface, level, cluster)))
    x = 0.0
    glyphs: list[Glyph] = []
    for typeface, level, piece in bidi.visual(runs):
        placed, width = _shaped(typeface, piece, manner.size, rtl=level % 2 == 1)
        # 0 is the box for what a font lacks. Clusters without a font are gone by now; this is for what nobody foresaw.
        glyphs += [Glyph(typeface, glyph, x + left, up) for glyph, left, up in placed if glyph]
        x += width
    return Line(text, manner.size, x, manner.rtl, tuple(glyphs))


def _shaped(typeface: Typeface, piece: str, size: float, *, rtl: bool) -> tuple[list[tuple[int, float, float]], float]:
    """The glyphs of a run in one font and direction, each with its place, and how wide the run is."""
    buffer = hb.Buffer()
    buffer.add_str(piece)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    hb.shape(typeface.font, buffer, {})
    scale = size / typeface.units
    found = []
    x = 0.0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True):
        found.append((info.codepoint, x + place.x_offset * scale, place.y_offset * scale))
        x += place.x_advance * scale
    return found, x
