"""`crux doctor` and `crux config`: what is set, and whether it works."""

from __future__ import annotations

import asyncio
import json

import click

from bot.cli import tell


@click.command()
@click.option("--offline", is_flag=True, help="Don't call the model or the embeddings endpoint.")
def doctor(offline: bool) -> int:
    """Check everything that Crux needs, a line each: what is wrong, and what to do.

    Exit code 0 when Crux can run, 1 when it can't or only without something that is configured.
    """
    from bot.cli.examining import examine

    return asyncio.run(examine(offline=offline))


@click.command()
@click.option("--markdown", is_flag=True, help="Print the table of docs/settings.md: defaults and meanings, no values.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def config(markdown: bool, as_json: bool) -> None:
    """Show every setting, its value, where that comes from, and what it means. Secrets stay hidden."""
    from dataclasses import asdict

    from bot.settings import describe, load

    if markdown:
        tell(settings_table())
        return
    found = describe(load())
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
        return
    for one in found:
        shown = one.value or "(unset)"
        tell(f"{one.variable}={shown}  ({one.source})")
        tell(f"    {one.meaning}")


def settings_table() -> str:
    """Every setting as a row of a Markdown table: variable, default, meaning."""
    from bot.settings import Settings, describe

    rows = ["| Variable | Default | Meaning |", "| --- | --- | --- |"]
    for one in describe(Settings.model_construct()):
        default = f"`{one.default}`" if one.default else "unset"
        rows.append(f"| `{one.variable}` | {default} | {one.meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)
