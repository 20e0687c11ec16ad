"""An argument map as text that other programs draw: Graphviz and Mermaid.

An undercut bears on a step, not on a claim. Neither language has edges that end on edges, so a step that is undercut
gets a small node in its middle.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from bot.core.arguments import ArgumentMap, Relation, RelationKind, Side

_COLOURS: Final = {Side.PRO: "#d8ecd8", Side.CON: "#f3d9d6", Side.NEUTRAL: "#e8e8e8"}
_EDGES: Final = {
    RelationKind.SUPPORTS: ("#2e7d32", "solid"),
    RelationKind.REBUTS: ("#b23b2e", "solid"),
    RelationKind.UNDERCUTS: ("#b23b2e", "dashed"),
    RelationKind.BEARS_ON: ("#777777", "dotted"),
}


def dot(argument_map: ArgumentMap) -> str:
    """The map in Graphviz's language: `crux seeds graph | dot -Tsvg`."""
    lines = [
        f'digraph "{argument_map.id}" {{',
        "  rankdir=BT;",
        '  node [shape=box, style="filled,rounded", fontname="sans-serif", fontsize=10];',
        '  edge [fontname="sans-serif", fontsize=8];',
    ]
    for argument in argument_map:
        label = "\\n".join(_quoted(line) for line in [argument.id, *textwrap.wrap(argument.claim, 32)])
        lines.append(f'  "{argument.id}" [label="{label}", fillcolor="{_COLOURS[argument.side]}"];')
    lines += [f'  "{_middle(step)}" [shape=point, width=0.06, label=""];' for step in sorted(_undercut(argument_map))]
    lines += [
        f'  "{start}" -> "{end}" [color="{_EDGES[kind][0]}", style={_EDGES[kind][1]}'
        f"{'' if arrow else ', arrowhead=none'}];"
        for start, end, kind, arrow in _edges(argument_map)
    ]
    return "\n".join([*lines, "}"])


def mermaid(argument_map: ArgumentMap) -> str:
    """The map as a Mermaid flowchart, which GitHub draws inside Markdown."""
    lines = ["flowchart BT"]
    for argument in argument_map:
        claim = argument.claim.replace('"', "#quot;")
        lines.append(f'  {argument.id}["{argument.id}: {claim}"]:::{argument.side}')
    lines += [f"  {_middle(step)}(( ))" for step in sorted(_undercut(argument_map))]
    arrows = {
        RelationKind.SUPPORTS: "-->",
        RelationKind.REBUTS: "--x",
        RelationKind.UNDERCUTS: "-.-x",
        RelationKind.BEARS_ON: "-.->",
    }
    lines += [f"  {start} {arrows[kind] if arrow else '---'} {end}" for start, end, kind, arrow in _edges(argument_map)]
    lines += [f"  classDef {side} fill:{colour},stroke:#555" for side, colour in _COLOURS.items()]
    return "\n".join(lines)


def _undercut(argument_map: ArgumentMap) -> set[tuple[str, str]]:
    """The steps that some argument undercuts."""
    return {(r.target, r.of) for r in argument_map.relations if r.of is not None}


def _middle(step: tuple[str, str]) -> str:
    return f"{step[0]}_{step[1]}"


def _edges(argument_map: ArgumentMap) -> Iterator[tuple[str, str, RelationKind, bool]]:
    """Start, end, kind, and whether an arrow head belongs at the end; an undercut step is two edges."""
    undercut = _undercut(argument_map)
    for relation in argument_map.relations:
        step = (relation.source, relation.target)
        if relation.of is not None:
            yield relation.source, _middle((relation.target, relation.of)), relation.kind, True
        elif _is_step(relation) and step in undercut:
            yield relation.source, _middle(step), relation.kind, False
            yield _middle(step), relation.target, relation.kind, True
        else:
            yield relation.source, relation.target, relation.kind, True


def _is_step(relation: Relation) -> bool:
    return relation.kind in (RelationKind.SUPPORTS, RelationKind.REBUTS)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
