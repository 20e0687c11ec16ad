"""Further ways of saying and denying a map's claims: a file beside the map, for reading chat and nothing else.

`NAME.wordings.jsonl` belongs to `NAME.yaml`. Each line is a JSON object with an argument's `id` and two lists of
sentences, `wordings` and `denials`. They are compared by words and letters alone, so that there may be many.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from bot.core.arguments import Argument, ArgumentMap
from bot.errors import MapError
from bot.maps.format import ArgumentId, Strict

Sentence = Annotated[str, Field(min_length=4, max_length=300)]


class FurtherWordings(Strict):
    """One line of the file."""

    id: ArgumentId
    wordings: tuple[Sentence, ...] = ()
    denials: tuple[Sentence, ...] = ()


def wordings_file(path: Path) -> Path:
    """Where the further wordings of a map file are, if it has any."""
    return path.with_name(f"{path.stem}.wordings.jsonl")


def with_further_wordings(argument_map: ArgumentMap, path: Path) -> ArgumentMap:
    """The map from the file `path` with what the file beside that has; the map itself where there is none.

    Raises:
        MapError: the file can't be read; the message names file, line and remedy.
    """
    file = wordings_file(path)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return argument_map
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise MapError(f"{file}: can't be read ({reason}); check the file's rights, or remove it.") from error
    found: dict[str, FurtherWordings] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = FurtherWordings.model_validate_json(line)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise MapError(f"{file}:{number}: {where + ': ' if where else ''}{problem['msg']}.") from error
        if entry.id in found:
            raise MapError(f"{file}:{number}: {entry.id} has a line already; put all of its sentences into one.")
        if entry.id not in argument_map:
            raise MapError(f"{file}:{number}: {argument_map.id} has no argument {entry.id}; correct the id.")
        found[entry.id] = entry

    def further(argument: Argument) -> Argument:
        entry = found.get(argument.id)
        if entry is None:
            return argument
        return replace(argument, further_wordings=entry.wordings, further_denials=entry.denials)

    return replace(
        argument_map,
        thesis=further(argument_map.thesis),
        arguments=tuple(further(argument) for argument in argument_map.arguments),
    )
