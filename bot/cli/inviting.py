"""`crux discord`: what an operator needs from Discord before anybody can talk to the bot there."""

from __future__ import annotations

import asyncio

import click

from bot.cli import tell
from bot.errors import ConfigurationError


@click.group()
def discord() -> None:
    """Set Crux up in Discord."""


@discord.command()
def invite() -> None:
    """Print the link that adds the bot to a server, with the least permissions that it works with."""
    from bot.chat.discord.checking import NEEDED, application_id, invite_link
    from bot.settings import load

    settings = load()
    if settings.discord_token is None:
        raise ConfigurationError(
            "Set CRUX_DISCORD_TOKEN to the bot's token: under Bot in the developer portal of Discord."
        )
    token = settings.discord_token.get_secret_value()
    tell(invite_link(asyncio.run(application_id(token, settings.discord_api_url))))
    for name, reason in NEEDED.items():
        tell(f"  {name.replace('_', ' ')}: {reason}")
