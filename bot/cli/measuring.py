"""`crux eval` and `crux endorsements`: how good the writing is, by machine and by those who hold the views."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import tell
from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.core.arguments import ArgumentMap
    from bot.core.ports import Writer
    from bot.settings import Settings
    from bot.writing.report import Sample


@click.command("eval")
@click.option("--topic", "topics", multiple=True, metavar="ID", help="Only this topic; may be given several times.")
@click.option("--most", default=8, show_default=True, help="Replies on each topic by each writer.")
@click.option("--samples", type=click.Path(path_type=Path), help="Write the replies side by side to this file.")
@click.option("--outline-only", is_flag=True, help="Score the outline writer alone; costs nothing.")
def evaluate(topics: tuple[str, ...], most: int, samples: Path | None, outline_only: bool) -> None:
    """Score the configured language model on the maps, beside the outline writer.

    Each reply is a call that your endpoint may charge for: up to MOST x topics x 2, repairs not counted. Sentences
    that cite, that are supported, and replies on the right side are counts; words and times are medians.
    """
    from bot.settings import load

    settings = load()
    if not settings.has_model and not outline_only:
        raise ConfigurationError("There is no language model to score: set CRUX_MODEL_KEY, or pass --outline-only.")
    asyncio.run(_evaluate(settings, topics, most, samples, outline_only=outline_only))


async def _evaluate(
    settings: Settings, topics: tuple[str, ...], most: int, samples: Path | None, *, outline_only: bool
) -> None:
    from bot.app import catalogue_of, drafter_of, encoder_of
    from bot.writing.evaluation import Ungrounded, evaluate
    from bot.writing.grounding import GroundedWriter
    from bot.writing.outline import OutlineWriter
    from bot.writing.support import SupportCheck

    maps = _chosen(catalogue_of(settings).load(), topics)
    check = SupportCheck(encoder_of(settings))
    writers: dict[str, Writer] = {"outline": OutlineWriter()}
    drafter = None
    if not outline_only:
        drafter = drafter_of(settings)
        writers[f"{settings.model}, bare"] = Ungrounded(drafter)
        writers[f"{settings.model}, grounded"] = GroundedWriter(drafter, OutlineWriter(), check, judge=settings.judge)
    try:
        report = await evaluate(writers, maps, check, most=most, words=settings.reply_words, progress=_progress)
    finally:
        if drafter is not None:
            await drafter.aclose()
    tell(report.table())
    if samples is not None:
        try:
            report.write_samples(samples)
        except OSError as error:
            raise ConfigurationError(f"{samples} can't be written ({error.strerror}); name another file.") from error


def _progress(sample: Sample) -> None:
    given = sample.assignment
    tell(f"{sample.label}: {given.task} {given.target.claim_id}, {sample.seconds:.1f} s", err=True)


def _chosen(maps: list[ArgumentMap], topics: tuple[str, ...]) -> list[ArgumentMap]:
    from bot.cli.seeds import topic_of

    return [topic_of(maps, name) for name in topics] if topics else maps


@click.command()
@click.option("--workspace", default="console", show_default=True, help="Whose replies to count.")
def endorsements(workspace: str) -> None:
    """Count who would sign the steelmen, by prompt version: “I'd sign this” and “not my view”.

    A version is the hash of a template's content. Only counts are kept to be shown, never names.
    """
    from bot.settings import load

    asyncio.run(_endorsements(load(), workspace))


async def _endorsements(settings: Settings, workspace: str) -> None:
    from bot.app import open_store

    store = await open_store(settings)
    try:
        counts = await store.endorsement_counts(workspace)
    finally:
        await store.close()
    if not counts:
        tell(f"There are no steelmen in the workspace {workspace} yet.")
        return
    tell(f"{'prompt':<24} {'model':<24} {'steelmen':>8} {'signed':>8} {'not mine':>8}")
    for one in counts:
        tell(
            f"{one.prompt_version or 'outline':<24} {one.model or '-':<24} "
            f"{one.replies:>8} {one.signed:>8} {one.not_mine:>8}"
        )
