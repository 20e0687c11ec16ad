"""A page that is filled from the top down: what the parts of a picture place their boxes on."""

from __future__ import annotations

from typing import Final

from bot.charts import palette
from bot.charts.boxes import Box, Part, Rect, Text
from bot.charts.typesetting import LEADING, Line, Typesetter
from bot.core.language import spoken
from bot.core.positions import Stance

WIDTH: Final = 800
LEFT: Final = 40.0
RIGHT: Final = WIDTH - 40.0
SPAN: Final = RIGHT - LEFT

SMALL: Final = 21.0
COUNT: Final = 25.0
BOLD: Final = 700
_INSET: Final = 5.0
"""What a count keeps free on each side within its segment."""


class Page:
    """Boxes so far, and `y`, the height down to which the page is filled."""

    def __init__(self, typesetter: Typesetter) -> None:
        self.typesetter = typesetter
        self.boxes: list[Box] = []
        self.y = 0.0

    def lines(
        self, text: str, size: float, width: float = SPAN, *, weight: int = 400, lines: int = 1
    ) -> tuple[Line, ...]:
        return self.typesetter(text, size, width, weight=weight, lines=lines)

    def place(self, line: Line, x: float, y: float, colour: str = palette.INK, *, anchor: float = 0.0) -> None:
        """Put a line with its top at y; x is its left end, with an anchor of .5 its middle, of 1 its right end."""
        self.boxes.append(Text(x - anchor * line.width, y, line, colour))

    def say(self, text: str, size: float, *, colour: str = palette.INK, weight: int = 400, lines: int = 1) -> None:
        """Text over the whole width, from the right where it is read so; the page is filled down to its end."""
        for line in self.lines(text, size, weight=weight, lines=lines):
            self.place(line, RIGHT if line.rtl else LEFT, self.y, colour, anchor=1.0 if line.rtl else 0.0)
            self.y += line.height

    def count(self, number: int) -> Line:
        """A count as a line of its own."""
        (line,) = self.lines(spoken().number(number), COUNT, weight=BOLD)
        return line

    def fits(self, number: int, width: float) -> bool:
        return self.count(number).width + 2 * _INSET <= width

    def segment(self, x: float, y: float, width: float, height: float, part: Part) -> None:
        """A part of a bar, with its count where that fits."""
        if part.stance is None:
            self.boxes.append(
                Rect(x, y, width, height, palette.TRACK, palette.TRACK_EDGE, dashed=not part.before, part=part)
            )
            colour = palette.MUTED
        else:
            fill = palette.FILLS[part.stance]
            self.boxes.append(Rect(x, y, width, height, fill, palette.EDGES[part.stance], part=part))
            colour = palette.ink_on(fill)
        if not part.before and self.fits(part.count, width):
            self.place(self.count(part.count), x + width / 2, y + (height - LEADING * COUNT) / 2, colour, anchor=0.5)


OUTWARDS: Final = {
    False: (Stance.DISAGREE, Stance.STRONGLY_DISAGREE),
    True: (Stance.AGREE, Stance.STRONGLY_AGREE),
}
"""The stances of each side, from the middle line outwards."""
