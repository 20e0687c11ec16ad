"""The order in which text of both directions is shown: the Unicode bidirectional algorithm for one line.

After UAX #9, without explicit embeddings and isolates: `bot.core.charts.plain` has dropped what makes them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, TypeVar

_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "«": "»", "“": "”"}
"""Brackets that are kept together (N0), and quotation marks, which UAX #9 leaves to chance."""
_NEUTRAL: Final = {"B", "S", "WS", "ON"}

Run = TypeVar("Run")


def is_rtl(text: str) -> bool:
    """Whether a paragraph runs from right to left: whether its first letter does (P2, P3)."""
    for ch in text:
        kind = unicodedata.bidirectional(ch)
        if kind in {"L", "R", "AL"}:
            return kind != "L"
    return False


def levels(text: str, *, rtl: bool) -> list[int]:
    """The embedding level of each character: even ones run from left to right, odd ones from right to left."""
    outer = "R" if rtl else "L"
    kinds = _weak([unicodedata.bidirectional(ch) or "ON" for ch in text], outer)
    _brackets(text, kinds, outer)
    _neutral(kinds, outer)
    if rtl:
        return [1 if kind == "R" else 2 for kind in kinds]
    return [{"L": 0, "R": 1}.get(kind, 2) for kind in kinds]


def visual(runs: Sequence[tuple[int, Run]]) -> list[Run]:
    """Runs with their levels, in the order in which they are shown from left to right (L2)."""
    shown = list(runs)
    for level in range(max((level for level, _ in runs), default=0), 0, -1):
        start = 0
        while start < len(shown):
            end = start
            while end < len(shown) and shown[end][0] >= level:
                end += 1
            shown[start:end] = reversed(shown[start:end])
            start = max(end, start + 1)
    return [run for _, run in shown]


def _weak(kinds: list[str], outer: str) -> list[str]:
    """Marks, numbers and what stands at numbers (W1 to W7); letters are L or R afterwards, numbers EN or AN."""
    before, strong = outer, outer
    for at, kind in enumerate(kinds):
        found = before if kind == "NSM" else "ON" if kind == "BN" else kind  # W1
        if found in {"L", "R", "AL"}:
            strong = found
        before = kinds[at] = "AN" if found == "EN" and strong == "AL" else found  # W2
    kinds = ["R" if kind == "AL" else kind for kind in kinds]  # W3
    for at in range(1, len(kinds) - 1):  # W4
        one, kind, other = kinds[at - 1 : at + 2]
        if one == other and ((kind == "ES" and one == "EN") or (kind == "CS" and one in {"EN", "AN"})):
            kinds[at] = one
    for order in (range(len(kinds)), range(len(kinds) - 1, -1, -1)):  # W5
        before = outer
        for at in order:
            if kinds[at] == "ET" and before == "EN":
                kinds[at] = "EN"
            before = kinds[at]
    strong = outer
    for at, kind in enumerate(kinds):
        if kind in {"ES", "ET", "CS"}:  # W6
            kinds[at] = "ON"
        elif kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":  # W7
            kinds[at] = "L"
    return kinds


def _side(kind: str) -> str | None:
    """The direction that a kind counts as beside neutrals: numbers count as R."""
    return "L" if kind == "L" else "R" if kind in {"R", "EN", "AN"} else None


def _brackets(text: str, kinds: list[str], outer: str) -> None:
    """Pairs take the direction of what is in them or, where that is none, stay neutral (N0)."""
    opened: list[tuple[str, int]] = []
    pairs = []
    for at, ch in enumerate(text):
        if kinds[at] not in _NEUTRAL:
            continue
        if ch in _BRACKETS:
            opened.append((_BRACKETS[ch], at))
        elif any(ch == closing for closing, _ in opened):
            while opened:
                closing, start = opened.pop()
                if closing == ch:
                    pairs.append((start, at))
                    break
    for start, end in sorted(pairs):
        inside = {_side(kind) for kind in kinds[start + 1 : end]} - {None}
        if outer in inside:
            kinds[start] = kinds[end] = outer
        elif inside:
            context = next((side for kind in reversed(kinds[:start]) if (side := _side(kind))), outer)
            kinds[start] = kinds[end] = context if context in inside else outer


def _neutral(kinds: list[str], outer: str) -> None:
    """Neutrals take the direction that both of their sides have, else the paragraph's (N1, N2)."""
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > at:
            one = _side(kinds[at - 1]) if at else outer
            other = _side(kinds[end]) if end < len(kinds) else outer
            kinds[at:end] = [one if one == other and one else outer] * (end - at)
        at = max(end, at + 1)
