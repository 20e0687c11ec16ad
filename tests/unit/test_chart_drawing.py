"""A picture's bytes and colours, and what is loaded for them."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from itertools import combinations

import pytest
from hypothesis import given, settings
from PIL import Image

from bot.charts import palette, picture, picture_now
from bot.charts.boxes import Rect, Text
from bot.charts.drawing import svg
from bot.charts.layout import laid_out
from bot.charts.typesetting import typeset
from bot.core.charts import StandingChart
from bot.core.positions import Stance
from tests.charts import demo_chart, samples
from tests.unit.charting import charts


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGBA")


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


# -- bytes ------------------------------------------------------------------------------------------------------------


async def test_a_picture_is_a_png_of_its_size_with_its_colours_on_it() -> None:
    data = await picture(demo_chart())
    assert data.startswith(b"\x89PNG\r\n")
    drawn = opened(data)
    assert drawn.size == laid_out(demo_chart(), typeset).size
    counted = {colour: count for count, colour in drawn.getcolors(1 << 24) or ()}
    for stance in Stance:
        assert counted[*rgb(palette.FILLS[stance]), 255] > 500
    assert counted[*rgb(palette.INK), 255] > 500


def test_the_card_has_round_corners_on_nothing() -> None:
    drawn = opened(picture_now(demo_chart()))
    assert drawn.getpixel((0, 0)) == (0, 0, 0, 0)
    alpha = drawn.getpixel((drawn.width // 2, drawn.height - 30))
    assert alpha == (*rgb(palette.CARD), 255)


def test_the_same_chart_gives_the_same_bytes() -> None:
    assert picture_now(demo_chart()) == picture_now(demo_chart())


@pytest.mark.parametrize("name", samples())
def test_the_samples_are_drawn_whole(name: str) -> None:
    drawn = opened(picture_now(samples()[name]))
    assert drawn.width <= 1600
    assert drawn.height <= 2400
    assert len(drawn.getcolors(1 << 24) or ()) > 20, "not blank"


@given(charts())
@settings(max_examples=15, deadline=None)
def test_any_chart_can_be_drawn(chart: StandingChart) -> None:
    drawn = opened(picture_now(chart))
    assert drawn.size == laid_out(chart, typeset).size


def test_what_members_wrote_is_not_in_the_svg_as_text() -> None:
    drawn = svg(laid_out(samples()["hostile"], typeset))
    assert "onload" not in drawn
    assert "<text" not in drawn


# -- colours ----------------------------------------------------------------------------------------------------------


def test_all_text_stands_out_from_what_is_under_it() -> None:
    for chart in samples().values():
        laid = laid_out(chart, typeset)
        for text in laid.texts:
            assert palette.contrast(text.colour, ground(text, laid.rects)) >= 4.5, text.line.text


def ground(text: Text, rects: tuple[Rect, ...]) -> str:
    x, y = text.x + text.width / 2, text.y + text.height / 2
    under = [rect.fill for rect in rects if rect.x <= x <= rect.x + rect.width and rect.y <= y <= rect.y + rect.height]
    return under[-1]


def test_edges_stand_out_from_the_card() -> None:
    for edge in (*palette.EDGES.values(), palette.TRACK_EDGE):
        assert palette.contrast(edge, palette.CARD) >= 3


# Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision deficiency, 2009,
# at full severity; for amounts of light.
PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
NORMAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
Matrix = tuple[tuple[float, float, float], ...]


def seen(colour: str, eye: Matrix) -> tuple[float, float, float]:
    """A colour in CIE L*a*b* (D65), as an eye sees it."""
    light = palette.linear(colour)
    r, g, b = (min(max(sum(w * v for w, v in zip(row, light, strict=True)), 0), 1) for row in eye)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("eye", [NORMAL, PROTANOPIA, DEUTERANOPIA], ids=["normal", "protanopia", "deuteranopia"])
def test_stances_are_told_apart_by_every_eye_and_by_lightness_alone(eye: Matrix) -> None:
    for one, other in combinations((*palette.FILLS.values(), palette.TRACK), 2):
        first, second = seen(one, eye), seen(other, eye)
        assert abs(first[0] - second[0]) >= 5, (one, other, "lightness")
        assert sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5 >= 15, (one, other)


# -- laziness ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["bot.charts", "bot.core.charts", "bot.app", "bot.cli"])
def test_nothing_that_draws_is_loaded_before_there_is_something_to_draw(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "print({'resvg_py', 'uharfbuzz', 'PIL', 'matplotlib', 'bot.charts.fonts'} & sys.modules.keys() or '')"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not found.stdout.strip()
