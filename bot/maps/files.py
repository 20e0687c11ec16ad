"""Reads one map file, and tells its author where it is wrong: file, line, remedy."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from bot.core.arguments import ArgumentMap
from bot.errors import MapError
from bot.maps.format import CLAIM_ID, MapFile
from bot.maps.wordings import with_further_wordings


def load_map(path: Path) -> ArgumentMap:
    """Read a map.

    Raises:
        MapError: the file can't be read, or isn't a sound map; the message names file, line and remedy.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise MapError(f"{path}: can't be read ({reason}); check the path and the file's rights.") from error
    try:
        # The safe loader twice: once for values, once for the tree that knows the lines.
        data = yaml.load(source, Loader=_LOADER)  # noqa: S506 - a SafeLoader, in C where libyaml is there
    except yaml.YAMLError as error:
        raise MapError(f"{path}:{_line_of(error)}: not valid YAML: {_problem_of(error)}.") from error
    if not isinstance(data, dict):
        raise MapError(f"{path}:1: the file is empty or not a mapping; begin with `topic:`.")
    try:
        found = MapFile.model_validate(data).to_map()
    except ValidationError as error:
        raise MapError("\n".join(_validation_lines(path, source, error))) from error
    except MapError as error:
        raise MapError(f"{path}:{_line_naming(source, error.message)}: {error.message}.") from error
    return with_further_wordings(found, path)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark is not None else 1


def _problem_of(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error).replace("\n", " ")


def _validation_lines(path: Path, source: str, error: ValidationError) -> list[str]:
    root = yaml.compose(source, Loader=_LOADER)
    lines = []
    for problem in error.errors():
        location = tuple(part for part in problem["loc"] if isinstance(part, str | int))
        line = _line_at(root, location)
        if not location:  # a check across the file: its message names the argument
            line = _line_naming(source, problem["msg"])
        where = ".".join(str(part) for part in location)
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{path}:{line}: {where + ': ' if where else ''}{message}.")
    return lines


def _line_at(node: yaml.Node | None, location: tuple[str | int, ...]) -> int:
    """The line (from 1) of the deepest node on the way to a location."""
    if node is None:
        return 1
    line = node.start_mark.line + 1
    for part in location:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, child = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is None:
            return line
        node = child
    return line


def _line_naming(source: str, message: str) -> int:
    """The line that defines the first argument which a message names."""
    lines = source.splitlines()
    for argument_id in CLAIM_ID.findall(message):
        for number, line in enumerate(lines, start=1):
            if line.strip().removeprefix("- ").startswith(f"id: {argument_id}"):
                return number
    return 1
