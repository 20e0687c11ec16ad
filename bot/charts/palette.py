"""The colours of a picture, and how far apart two of them are.

Orange is against and blue is for, as people with either red-green blindness tell them apart; strong is dark and mild is
light, so that all five differ in lightness too. The card has its own ground, for light and dark chats alike.
"""

from __future__ import annotations

from typing import Final

from bot.core.positions import Stance

CARD: Final = "#f7f8fa"
BORDER: Final = "#c3c9d2"
INK: Final = "#14181f"
MUTED: Final = "#525b68"
RULE: Final = "#14181f"
TRACK: Final = "#e4e8ee"
TRACK_EDGE: Final = "#7d8794"
WHITE: Final = "#ffffff"

FILLS: Final = {
    Stance.STRONGLY_DISAGREE: "#b04a00",
    Stance.DISAGREE: "#ffc78a",
    Stance.AGREE: "#85b8ea",
    Stance.STRONGLY_AGREE: "#0b3f86",
    Stance.UNSURE: "#8b929c",
}
EDGES: Final = {
    Stance.STRONGLY_DISAGREE: "#b04a00",
    Stance.DISAGREE: "#b04a00",
    Stance.AGREE: "#0b3f86",
    Stance.STRONGLY_AGREE: "#0b3f86",
    Stance.UNSURE: "#646c77",
}
"""A light fill alone would not stand out from the card."""


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb, from 0 to 1 (WCAG 2.2)."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of #rrggbb as amounts of light, from 0 to 1 (sRGB, IEC 61966-2-1)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _light(red), _light(green), _light(blue)


def _light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better on a fill."""
    return max(INK, WHITE, key=lambda ink: contrast(ink, fill))
