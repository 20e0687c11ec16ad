"""What a picture is made of before it is drawn: boxes at places. All lengths are in pixels of a layout 800 wide."""

from __future__ import annotations

from dataclasses import dataclass

from bot.charts.typesetting import Line
from bot.core.positions import Stance


@dataclass(frozen=True, slots=True)
class Part:
    """What a rectangle stands for: members with a stance on a claim or, with a stance of None, without an answer."""

    claim_id: str
    stance: Stance | None
    count: int
    before: bool = False
    """Whether it is of the last digest."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle by its top left corner. The edge is drawn within it; a dashed one is for what is not there yet."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str | None = None
    radius: float = 0.0
    dashed: bool = False
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text by its top left corner."""

    x: float
    y: float
    line: Line
    colour: str

    @property
    def width(self) -> float:
        return self.line.width

    @property
    def height(self) -> float:
        return self.line.height


Box = Rect | Text


@dataclass(frozen=True, slots=True)
class Picture:
    """A layout; drawn, it has `zoom` times as many pixels a side. Later boxes lie over earlier ones."""

    width: int
    height: int
    zoom: float
    boxes: tuple[Box, ...]
    unit: float
    """How wide one member is in the bars of claims."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the drawn picture in its own pixels."""
        return round(self.width * self.zoom), round(self.height * self.zoom)

    @property
    def texts(self) -> tuple[Text, ...]:
        return tuple(box for box in self.boxes if isinstance(box, Text))

    @property
    def rects(self) -> tuple[Rect, ...]:
        return tuple(box for box in self.boxes if isinstance(box, Rect))
