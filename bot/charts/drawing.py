"""Boxes as an SVG, and that as a PNG. Text becomes outlines of glyphs, so no font of the machine is looked for."""

from __future__ import annotations

from collections.abc import Iterator

import resvg_py

from bot.charts.boxes import Picture, Rect, Text
from bot.charts.typesetting import ASCENT, LEADING


def png(picture: Picture) -> bytes:
    """A picture as a PNG, transparent around its card."""
    width, height = picture.size
    return bytes(resvg_py.svg_to_bytes(svg_string=svg(picture), width=width, height=height, skip_system_fonts=True))


def svg(picture: Picture) -> str:
    """A picture as an SVG of shapes alone: nothing that a member wrote is in it as text."""
    glyphs: dict[tuple[str, int], tuple[str, str]] = {}
    drawn = [part for box in picture.boxes for part in ((_rect(box),) if isinstance(box, Rect) else _text(box, glyphs))]
    shapes = "".join(f'<path id="{name}" d="{outline}"/>' for name, outline in glyphs.values())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}" '
        f'width="{picture.width}" height="{picture.height}"><defs>{shapes}</defs>{"".join(drawn)}</svg>'
    )


def _rect(rect: Rect) -> str:
    x, y, width, height = rect.x, rect.y, rect.width, rect.height
    edge = ""
    if rect.edge:
        line = min(1.5, width / 3, height / 3)
        x, y, width, height = x + line / 2, y + line / 2, width - line, height - line
        edge = f' stroke="{rect.edge}" stroke-width="{line:.2f}"' + (' stroke-dasharray="5 4"' if rect.dashed else "")
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" rx="{rect.radius:g}" '
        f'fill="{rect.fill}"{edge}/>'
    )


def _text(text: Text, glyphs: dict[tuple[str, int], tuple[str, str]]) -> Iterator[str]:
    """The glyphs of a line; `glyphs` takes up the outlines that it is the first to use."""
    baseline = text.y + ASCENT * text.line.size
    clip = ""
    if _spills(text):
        name = f"c{text.x:.0f}-{text.y:.0f}"
        yield (
            f'<clipPath id="{name}"><rect x="{text.x - 2:.2f}" y="{text.y - 2:.2f}" width="{text.width + 4:.2f}" '
            f'height="{text.height + 4:.2f}"/></clipPath>'
        )
        clip = f' clip-path="url(#{name})"'
    yield f'<g fill="{text.colour}"{clip}>'
    for glyph in text.line.glyphs:
        outline = glyph.typeface.outline(glyph.id)
        if not outline:
            continue
        name, _ = glyphs.setdefault((glyph.typeface.name, glyph.id), (f"g{len(glyphs)}", outline))
        scale = text.line.size / glyph.typeface.units
        yield (
            f'<use href="#{name}" transform="translate({text.x + glyph.x:.2f} {baseline - glyph.y:.2f}) '
            f'scale({scale:.6f} {-scale:.6f})"/>'
        )
    yield "</g>"


def _spills(text: Text) -> bool:
    """Whether marks are stacked so high or so deep that they would be drawn over other lines."""
    size = text.line.size
    for glyph in text.line.glyphs:
        low, high = glyph.typeface.reach(glyph.id)
        scale = size / glyph.typeface.units
        if glyph.y + high * scale > ASCENT * size + 2 or glyph.y + low * scale < (ASCENT - LEADING) * size - 2:
            return True
    return False
