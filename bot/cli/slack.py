"""`crux slack`: what an admin needs to install the app."""

from __future__ import annotations

import click
import yaml

from bot.cli import tell


@click.group()
def slack() -> None:
    """Set Slack up: docs/slack.md has the steps."""


@slack.command()
@click.option("--name", default="Crux", show_default=True, help="What the app is called in Slack.")
@click.option("--base-url", metavar="URL", help="For HTTP: where Slack reaches the bot. Without it, Socket Mode.")
@click.option("--distributed", is_flag=True, help="For many workspaces, which install the app from the bot's page.")
def manifest(name: str, base_url: str | None, distributed: bool) -> None:
    """Print the app's manifest, to be pasted at Slack's “Create an app from a manifest”."""
    from bot.chat.slack.manifest import manifest as made

    tell(yaml.safe_dump(made(name, base_url, distributed=distributed), sort_keys=False, allow_unicode=True).rstrip())
