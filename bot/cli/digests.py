"""`crux digest`: the archive of digests, for operators."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.settings import Settings


@click.group()
def digest() -> None:
    """Export archived digests."""


@digest.command()
@click.argument("key", required=False)
@click.option("--workspace", metavar="ID", help="Whose digest; the terminal's own by default.")
@click.option("--topic", metavar="ID", help="The digest's topic; the one that CRUX_TOPIC names by default.")
@click.option("--format", "form", type=click.Choice(["md", "html", "json", "png"]), default="md", show_default=True)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it; standard output by default."
)
def export(key: str | None, workspace: str | None, topic: str | None, form: str, output: Path | None) -> int:
    """Write an archived digest to a file: KEY is its week, as 2026-W47; the newest without one. PNG is its picture.

    Figures as they may be shown today: without what a forgotten member was counted in, without ids, with the names of
    those alone who chose to be public.
    """
    from bot.logs import set_up
    from bot.settings import load

    settings = load()
    set_up(settings.log_level)
    written = asyncio.run(_exported(settings, key, workspace, topic, form))
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(written)
        return 0
    try:
        output.write_bytes(written)
    except OSError as error:
        raise BadInput(f"{output} can't be written ({error.strerror}); name another file.") from error
    return 0


async def _exported(settings: Settings, key: str | None, workspace: str | None, topic: str | None, form: str) -> bytes:
    from bot.app import running
    from bot.charts import picture_of
    from bot.chat.console.conversation import WORKSPACE
    from bot.core.commands import ReadDigest
    from bot.core.digest_files import WITHOUT_PICTURE, html
    from bot.core.language import speak
    from bot.core.parsing import parse
    from bot.core.resolving import Resolver

    whose = workspace or WORKSPACE
    wanted = parse(f"/crux digest {key}") if key is not None else None
    if wanted is not None and not isinstance(wanted, ReadDigest):
        raise BadInput(f"“{key}” is no digest's key; it is a week, as in 2026-W47.")
    async with running(settings) as application:
        resolver = Resolver(application.catalogue, application.retriever, application.store)
        found = await resolver.topic(whose, topic or settings.topic)
        digests = await application.store.digests(whose, found.id)
        chosen = [each for each in digests if wanted is None or each.key == wanted.key]
        if not chosen:
            which = f"no digest {wanted.key}" if wanted is not None else "no digest"
            there = ", ".join(each.key for each in digests[-5:]) or "none"
            raise BadInput(f"There is {which} on {found.id} in workspace “{whose}”; the newest are: {there}.")
        speak(application.debate.languages.chosen(None))
        pairs = await application.debate.digests.pairs(chosen[-1])
        if form in WITHOUT_PICTURE:
            return WITHOUT_PICTURE[form](chosen[-1], pairs).encode()
        drawn = await picture_of(application.store, chosen[-1])
        if form == "html":
            return html(chosen[-1], pairs, drawn).encode()
        if drawn is None:
            raise BadInput(f"Digest {chosen[-1].key} has no figures that could be drawn; export it as md.")
        return drawn.data
