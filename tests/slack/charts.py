"""Slack's limits for the `data_visualization` and `data_table` blocks, which slack_sdk has no classes for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tests.slack.elements import Errors, length

Json = Mapping[str, Any]
LABEL = 20
"""Characters in the label of a segment, a series or a category."""


def chart(block: Json, where: str) -> Errors:
    """One `data_visualization` block: a title of at most 50 characters, and a line, bar, area or pie chart."""
    errors = length(block.get("title"), 1, 50, f"{where}.title")
    drawn = block.get("chart")
    if not isinstance(drawn, Mapping):
        return [*errors, f"{where}.chart: missing"]
    match drawn.get("type"):
        case "pie":
            return errors + _pie(drawn, f"{where}.chart")
        case "line" | "bar" | "area":
            return errors + _plot(drawn, f"{where}.chart")
        case kind:
            return [*errors, f"{where}.chart.type: {kind!r} not allowed"]


def _number(value: object, where: str) -> Errors:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return [] if good else [f"{where}: must be a number"]


def _some(things: object, most: int, where: str) -> list[Json] | None:
    if not isinstance(things, Sequence) or isinstance(things, str) or not 1 <= len(things) <= most:
        return None
    return [thing if isinstance(thing, Mapping) else {} for thing in things]


def _pie(drawn: Json, where: str) -> Errors:
    segments = _some(drawn.get("segments"), 6, where)
    if segments is None:
        return [f"{where}.segments: must have 1 to 6"]
    errors: Errors = []
    for index, segment in enumerate(segments):
        errors += length(segment.get("label"), 1, LABEL, f"{where}.segments[{index}].label")
        errors += _number(segment.get("value"), f"{where}.segments[{index}].value")
        if not errors and segment["value"] <= 0:
            errors.append(f"{where}.segments[{index}].value: must be more than 0")
    return errors


def _plot(drawn: Json, where: str) -> Errors:
    axis = drawn.get("axis_config")
    if not isinstance(axis, Mapping) or not isinstance(axis.get("categories"), list) or not axis["categories"]:
        return [f"{where}.axis_config.categories: missing"]
    errors: Errors = []
    for index, category in enumerate(axis["categories"]):
        errors += length(category, 1, LABEL, f"{where}.axis_config.categories[{index}]")
    for name in ("x_label", "y_label"):
        errors += length(axis.get(name), 1, 50, f"{where}.axis_config.{name}", needed=False)
    series = _some(drawn.get("series"), 6, where)
    if series is None:
        return [*errors, f"{where}.series: must have 1 to 6"]
    names = [one.get("name") for one in series]
    if len(set(map(str, names))) < len(names):
        errors.append(f"{where}.series: names must be unique")
    for index, one in enumerate(series):
        here = f"{where}.series[{index}]"
        errors += length(one.get("name"), 1, LABEL, f"{here}.name")
        points = _some(one.get("data"), 20, here)
        if points is None:
            errors.append(f"{here}.data: must have 1 to 20")
            continue
        if sorted(str(point.get("label")) for point in points) != sorted(map(str, axis["categories"])):
            errors.append(f"{here}.data: labels must be the categories")
        for point in points:
            errors += _number(point.get("value"), f"{here}.data.value")
    return errors


def table(block: Json, where: str, *, rows: int = 100, columns: int = 20) -> Errors:
    """A `table` block: rows of cells, as many in each."""
    given = block.get("rows")
    if not isinstance(given, list) or not 1 <= len(given) <= rows:
        return [f"{where}.rows: must have 1 to {rows}"]
    errors: Errors = []
    widths = {len(row) if isinstance(row, list) else 0 for row in given}
    if len(widths) > 1 or not widths <= set(range(1, columns + 1)):
        errors.append(f"{where}.rows: each must have as many cells, 1 to {columns}")
    for index, row in enumerate(given):
        for cell in row if isinstance(row, list) else []:
            if not isinstance(cell, Mapping) or cell.get("type") not in {"raw_text", "raw_number", "rich_text"}:
                errors.append(f"{where}.rows[{index}]: unknown kind of cell")
    return errors


def data_table(block: Json, where: str) -> Errors:
    """A `data_table` block: a table with a caption, a plain header row and 1 to 100 further rows."""
    errors = length(block.get("caption"), 1, 3000, f"{where}.caption") + table(block, where, rows=101)
    if errors:
        return errors
    if len(block["rows"]) < 2:
        errors.append(f"{where}.rows: needs a header and a row")
    if any(cell["type"] == "rich_text" for cell in block["rows"][0]):
        errors.append(f"{where}.rows[0]: no rich_text in the header")
    if not 1 <= block.get("page_size", 5) <= 100:
        errors.append(f"{where}.page_size: must be 1 to 100")
    return errors
