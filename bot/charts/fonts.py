"""Which font draws which characters. All are Noto, from packages, so that no machine lacks one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import uharfbuzz as hb

_SCRIPTS: Final = (
    "NotoSans",
    "NotoSansArabic",
    "NotoSansHebrew",
    "NotoSansDevanagari",
    "NotoSansBengali",
    "NotoSansThai",
    "NotoSansTamil",
    "NotoSansTelugu",
    "NotoSansArmenian",
    "NotoSansGeorgian",
    "NotoSansEthiopic",
    "NotoSansGujarati",
    "NotoSansGurmukhi",
    "NotoSansKannada",
    "NotoSansKhmer",
    "NotoSansLao",
    "NotoSansMalayalam",
    "NotoSansMyanmar",
    "NotoSansOriya",
    "NotoSansSinhala",
    "NotoSansSymbols",
)
_EMOJI: Final = "NotoEmoji"
_EAST_ASIAN: Final = "NotoSansCJK-Regular.ttc"
_JAPANESE, _KOREAN, _CHINESE = 0, 1, 2
"""Faces of that file. They hold the same characters, each drawn as is usual there."""

_AS_EMOJI: Final = "\ufe0f"
_INVISIBLE: Final = ("\u200c", "\u200d", "\ufe0e", _AS_EMOJI)


class Typeface:
    """A font at a weight. `units` of its own make one em; `outline` is in those units, y upwards."""

    def __init__(self, path: Path, index: int, weight: int) -> None:
        face = hb.Face(hb.Blob.from_file_path(str(path)), index)
        self.font = hb.Font(face)
        self.font.set_variations({"wght": float(weight)})
        self.units: int = face.upem
        self.name = f"{path.stem.partition('[')[0]}-{index}-{weight}"

    def has(self, cluster: str) -> bool:
        """Whether every visible character of a cluster can be drawn."""
        return all(ch in _INVISIBLE or self.font.get_nominal_glyph(ord(ch)) is not None for ch in cluster)

    @lru_cache(maxsize=2048)  # noqa: B019 -- typefaces live as long as the process
    def outline(self, glyph: int) -> str:
        """A glyph as the data of an SVG path; empty for a space."""
        found: list[str] = []
        self.font.draw_glyph(glyph, _pen(), found)
        return "".join(found)

    def reach(self, glyph: int) -> tuple[int, int]:
        """How far a glyph reaches below and above the baseline: its lowest and its highest point."""
        extents = self.font.get_glyph_extents(glyph)
        if extents is None:
            return 0, 0
        return extents.y_bearing + extents.height, extents.y_bearing


@lru_cache(maxsize=1)
def _pen() -> hb.DrawFuncs:
    pen = hb.DrawFuncs()
    pen.set_move_to_func(lambda x, y, found: found.append(f"M{x:g} {y:g}"))
    pen.set_line_to_func(lambda x, y, found: found.append(f"L{x:g} {y:g}"))
    pen.set_quadratic_to_func(lambda a, b, x, y, found: found.append(f"Q{a:g} {b:g} {x:g} {y:g}"))
    pen.set_cubic_to_func(lambda a, b, c, d, x, y, found: found.append(f"C{a:g} {b:g} {c:g} {d:g} {x:g} {y:g}"))
    pen.set_close_path_func(lambda found: found.append("Z"))
    return pen


@lru_cache(maxsize=128)
def _typeface(name: str, index: int, weight: int) -> Typeface:
    package = "noto_cjk_sans_otc" if name == _EAST_ASIAN else "manimgx_fonts"
    return Typeface(Path(str(files(package) / (name if name == _EAST_ASIAN else f"{name}[wght].ttf"))), index, weight)


@lru_cache(maxsize=16_384)
def typeface_for(cluster: str, weight: int, east_asian: int) -> Typeface | None:
    """The typeface for a cluster of a text; None where no font has it. For `east_asian`, see below."""
    if _AS_EMOJI in cluster and (found := _typeface(_EMOJI, 0, weight)).has(cluster):
        return found
    return next((found for found in _by_turns(weight, east_asian) if found.has(cluster)), None)


def _by_turns(weight: int, east_asian: int) -> Iterator[Typeface]:
    for name in (*_SCRIPTS, _EMOJI):
        yield _typeface(name, 0, weight)
    yield _typeface(_EAST_ASIAN, east_asian, 400)


def east_asian(text: str) -> int:
    """Which East Asian face a text is for: Japanese, Korean and Chinese write characters alike and draw them apart."""
    names = [unicodedata.name(ch, "") for ch in text]
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return _JAPANESE
    return _KOREAN if any(name.startswith("HANGUL") for name in names) else _CHINESE
