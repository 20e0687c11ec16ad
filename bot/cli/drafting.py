"""`crux seeds draft`: a map out of a document, for a person to review."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import tell
from bot.errors import BadInput, ConfigurationError, MapError, NothingUsable, WriterError

if TYPE_CHECKING:
    from bot.drafts.document import Document
    from bot.drafts.drafting import Wishes
    from bot.drafts.parts import Draft, Report
    from bot.settings import Settings

_SHOWN = 40


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--question", default="", metavar="TEXT", help="The question under debate, if it is settled.")
@click.option("--thesis", default="", metavar="TEXT", help="The thesis, if it is settled: 30 to 140 characters.")
@click.option("--prefix", default="", metavar="XX", help="What the ids begin with; made from the title otherwise.")
@click.option("--topic-id", default="", metavar="SLUG", help="The topic's id; made from the title otherwise.")
@click.option("--output", type=click.Path(path_type=Path), help="Default: FILE's name with .map.yaml, in this folder.")
@click.option("--force", is_flag=True, help="Replace the output file if it exists.")
def draft(
    file: Path, question: str, thesis: str, prefix: str, topic_id: str, output: Path | None, *, force: bool
) -> None:
    """Have the model draft a map from a document, for a person to review.

    FILE is text or Markdown in UTF-8: a post, a discussion, a paper. Each argument comes with the passage that it was
    drafted from; one whose passage is not in the document is left out. That takes a call for every 5,000 to 6,000
    characters and a few more, which your endpoint may charge for.
    """
    from bot.drafts.document import read_document
    from bot.drafts.saving import check_target
    from bot.settings import load

    settings = load()
    if not settings.has_model:
        raise ConfigurationError(
            "There is no language model to draft with: set CRUX_MODEL_KEY, or CRUX_MODEL_URL for a server of your own."
        )
    wishes = _wishes(settings, question, thesis, prefix, topic_id)
    document = read_document(file)
    target = output if output is not None else Path(f"{file.stem}.map.yaml")
    check_target(target, force=force)
    asyncio.run(_draft(settings, document, wishes, target, force=force))


async def _draft(settings: Settings, document: Document, wishes: Wishes, target: Path, *, force: bool) -> None:
    from bot.cli.examining import Overheard
    from bot.drafts.asking import Asker
    from bot.drafts.drafting import draft as drafted
    from bot.drafts.emission import Provenance, emit
    from bot.drafts.parts import Report
    from bot.drafts.saving import save
    from bot.writing.endpoint import Endpoint
    from bot.writing.prompts import Prompts

    report = Report()
    asker = Asker(Endpoint.of(settings), Prompts(settings.prompts))
    with Overheard("bot.writing") as heard:
        try:
            found = await drafted(document, wishes, asker, report, lambda told: tell(f"… {told}", err=True))
        except NothingUsable:
            raise
        except WriterError as error:
            raise type(error)(heard.last or error.message) from error
        finally:
            await asker.aclose()
    provenance = Provenance(asker.model, asker.versions, datetime.now(UTC).date())
    save(target, emit(found, document, provenance, report), force=force)
    tell("\n".join(_summary(found, report, target)))
    tell(f"({asker.usage.calls} calls, {asker.usage.tokens_in} tokens in, {asker.usage.tokens_out} out)", err=True)


def _wishes(settings: Settings, question: str, thesis: str, prefix: str, topic_id: str) -> Wishes:
    """What was settled on the command line.

    Raises:
        BadInput: it doesn't fit the map format.
    """
    from bot.drafts import repairs
    from bot.drafts.drafting import Wishes

    if prefix and not repairs.fits("prefix", prefix):
        raise BadInput("--prefix takes up to eight capital letters and digits and begins with a letter, as in MI.")
    if topic_id and not repairs.fits("id", topic_id):
        raise BadInput("--topic-id takes 3 to 60 lower-case letters, digits and hyphens, as in four-day-week.")
    question, thesis = repairs.plain(question), repairs.as_claim(thesis)
    if question and repairs.topic_faults("any", question):
        raise BadInput("--question takes a sentence of 10 to 140 characters.")
    if thesis and repairs.thesis_faults(thesis):
        raise BadInput("--thesis takes a statement of 30 to 140 characters that can be affirmed or denied.")
    prefixes, ids = _taken(settings)
    return Wishes(question, thesis, prefix, topic_id, prefixes, ids)


def _taken(settings: Settings) -> tuple[frozenset[str], frozenset[str]]:
    """Prefixes and ids of the maps that there are, none of which a draft should seem to replace."""
    from bot.app import catalogue_of

    try:
        maps = catalogue_of(settings).load()
    except MapError:  # a broken map elsewhere is no reason not to draft another
        return frozenset(), frozenset()
    return frozenset(one.thesis.id.partition("-")[0] for one in maps), frozenset(one.id for one in maps)


def _summary(found: Draft, report: Report, target: Path) -> Iterator[str]:
    from bot.drafts.emission import counts_by_side

    sides = ", ".join(f"{count} {side}" for side, count in counts_by_side(found).items())
    yield f"{target}: {found.topic.title}"
    yield f"  thesis     {found.topic.claim}"
    yield f"  arguments  {len(found.arguments)}: {sides}; {len(found.relations)} relations"
    for heading, notes in (("left out", report.left), ("look at", report.changed)):
        for note in notes[:_SHOWN]:
            yield f"  {heading:<10} {note.about}: {note.why}{f' ({note.more})' if note.more else ''}"
        if len(notes) > _SHOWN:
            yield f"  {heading:<10} and {len(notes) - _SHOWN} more"
    yield "Every line wants a person's eye: compare each argument with the passage above it in the file. Then:"
    yield f"  crux seeds check {shlex.quote(str(target))}"
    yield f"  CRUX_SEEDS={shlex.quote(str(target))} crux chat"
