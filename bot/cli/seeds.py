"""`crux seeds`: argument maps, for those who write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import tell
from bot.cli.drafting import draft
from bot.errors import BadInput, MapError

if TYPE_CHECKING:
    from bot.core.arguments import Argument, ArgumentMap

_PATHS = click.Path(path_type=Path)


@click.group()
def seeds() -> None:
    """Check, show and draft argument maps."""


seeds.add_command(draft)


@seeds.command()
@click.argument("paths", nargs=-1, type=_PATHS)
def check(paths: tuple[Path, ...]) -> int:
    """Check map files or folders; those that Crux would load when none is named.

    Each problem is a line: file, line, remedy. Exit code 3 when there is any.
    """
    failed = 0
    for path in _files(paths):
        problem = _problem(path)
        if problem is not None:
            failed += 1
            tell(problem, err=True)
    return MapError.exit_code if failed else 0


def _problem(path: Path | MapError) -> str | None:
    from bot.maps import load_map

    if isinstance(path, MapError):
        return path.message
    try:
        found = load_map(path)
    except MapError as error:
        return error.message
    tell(f"{path}: {found.id}, {len(found)} claims, {len(found.relations)} relations, sound")
    return None


def _files(paths: tuple[Path, ...]) -> Iterator[Path | MapError]:
    """Every file of the places; a place without one is a problem of its own."""
    from bot.maps import shipped
    from bot.maps.catalogue import map_files
    from bot.settings import load

    for place in paths or (shipped(), *load().seeds):
        try:
            yield from map_files(place)
        except MapError as error:
            yield error


@seeds.command()
@click.argument("name", metavar="[CLAIM | TOPIC]", required=False)
def show(name: str | None) -> None:
    """Show a claim with all that the map says of it, a topic with its claims, or the topics."""
    maps = _maps()
    if name is None:
        for found in maps:
            tell(f"{found.id:<32} {len(found):>3} claims  {found.question}")
        return
    from bot.core.parsing import normal_id

    claim_id = normal_id(name)
    for found in maps:
        if claim_id is not None and claim_id in found:
            tell("\n".join(_claim_lines(found, found[claim_id])))
            return
    found = topic_of(maps, name)
    tell(f"{found.title}\n{found.question}\n")
    for argument in found:
        tell(f"{argument.id:<7} {argument.side:<7} {found.strengths[argument.id]:.2f}  {argument.claim}")


def _claim_lines(found: ArgumentMap, argument: Argument) -> Iterator[str]:
    yield f"{argument.id}  {argument.claim}"
    yield f"contrary   {argument.contrary}"
    yield f"text       {argument.text}"
    yield f"side       {argument.side}, {argument.certainty}, strength {found.strengths[argument.id]:.2f}"
    if argument.tags:
        yield f"tags       {', '.join(argument.tags)}"
    for source in argument.sources:
        yield f"source     {', '.join(part for part in (source.title, source.where, source.address) if part)}"
    for wording in argument.wordings:
        yield f"wording    {wording}"
    for denial in argument.denials:
        yield f"denial     {denial}"
    for relation in found.relations_from(argument.id):
        step = f" as a reason about {relation.of}" if relation.of else ""
        yield f"{relation.kind:<10} {relation.target}{step}: {found[relation.target].claim}"
    for relation in found.relations_to(argument.id):
        yield f"  {relation.source} {relation.kind} it: {found[relation.source].claim}"


@seeds.command()
@click.argument("topic", required=False)
@click.option("--format", "form", type=click.Choice(["dot", "mermaid"]), default="dot", show_default=True)
def graph(topic: str | None, form: str) -> None:
    """Draw a topic as text for Graphviz (`| dot -Tsvg`) or Mermaid."""
    from bot.maps.drawing import dot, mermaid

    maps = _maps()
    found = topic_of(maps, topic) if topic is not None else maps[0]
    tell(dot(found) if form == "dot" else mermaid(found))


@seeds.command()
@click.argument("topic", required=False)
def stats(topic: str | None) -> None:
    """Count a topic's claims, and tell which way the map leans."""
    from bot.maps.balance import balance

    maps = _maps()
    for found in [topic_of(maps, topic)] if topic is not None else maps:
        told = balance(found)
        tell(f"{found.id}: {len(found)} claims, {len(found.relations)} relations, depth {told.depth}")
        tell(f"  sides      {_counted(argument.side for argument in found.arguments)}")
        tell(f"  certainty  {_counted(argument.certainty for argument in found.arguments)}")
        tell(f"  relations  {_counted(relation.kind for relation in found.relations)}")
        tell(f"  unanswered {told.unanswered_pro} pro, {told.unanswered_con} con")
        tell(f"  strength   pro {told.pro_strength:.2f}, con {told.con_strength:.2f} on average")
        tell(f"  thesis     {told.thesis_strength:.2f}; {told.lean}")


def _counted(values: Iterator[str]) -> str:
    return ", ".join(f"{count} {value}" for value, count in Counter(values).most_common())


def _maps() -> list[ArgumentMap]:
    from bot.app import catalogue_of
    from bot.settings import load

    return catalogue_of(load()).load()


def topic_of(maps: list[ArgumentMap], name: str) -> ArgumentMap:
    begun = [found for found in maps if found.id == name] or [found for found in maps if found.id.startswith(name)]
    if len(begun) != 1:
        raise BadInput(f"There is no claim or topic “{name}”; the topics are: {', '.join(found.id for found in maps)}.")
    return begun[0]
