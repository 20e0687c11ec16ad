"""Which maps there are: the shipped ones, then the operator's, which may replace a shipped topic of the same id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.core.arguments import ArgumentMap
from bot.errors import MapError
from bot.maps.files import load_map


def shipped() -> Path:
    """The folder of the maps that come with Crux: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "seeds"
    return inside if inside.is_dir() else package.parent / "seeds"


def map_files(place: Path) -> list[Path]:
    """The map files of a folder, by name; or the one file.

    Raises:
        MapError: there is no such place, or no map in it.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise MapError(f"{place}: there is no such file or folder; correct the path (CRUX_SEEDS).")
    found = sorted([*place.glob("*.yaml"), *place.glob("*.yml")])
    if not found:
        raise MapError(f"{place}: no argument map (*.yaml) in this folder; add one, or correct the path (CRUX_SEEDS).")
    return found


def load_folder(place: Path) -> list[ArgumentMap]:
    """Read all maps of a folder.

    Raises:
        MapError: one of them is broken, or two have the same topic id.
    """
    maps: dict[str, ArgumentMap] = {}
    for path in map_files(place):
        found = load_map(path)
        if found.id in maps:
            raise MapError(f"{path}:1: the topic id {found.id!r} is used by another file of the folder; change one.")
        maps[found.id] = found
    return list(maps.values())


class FolderCatalogue:
    """The same maps for every workspace, read once."""

    def __init__(self, places: Sequence[Path], default: str | None = None) -> None:
        self._places = tuple(places)
        self._default = default
        self._maps: list[ArgumentMap] | None = None

    def load(self) -> list[ArgumentMap]:
        """Read the maps now, the default topic first.

        Raises:
            MapError: one is broken, or the default topic is none of them.
        """
        if self._maps is None:
            maps: dict[str, ArgumentMap] = {}
            for place in self._places:
                maps.update({found.id: found for found in load_folder(place)})
            if self._default is not None:
                if self._default not in maps:
                    raise MapError(
                        f"There is no topic {self._default!r}; set CRUX_TOPIC to one of: {', '.join(sorted(maps))}."
                    )
                maps = {self._default: maps[self._default], **maps}
            self._maps = list(maps.values())
        return self._maps

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        return self.load()
