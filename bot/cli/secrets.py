"""`crux secrets`: the keys under which tokens are kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bot.cli import tell
from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.core.installations import Sealer, Vault

_TRIES = 5


@click.group()
def secrets() -> None:
    """Make keys for the tokens of installations, and change to a new one."""


@secrets.command()
def new() -> None:
    """Print a new key. Put it before the others in CRUX_SECRET_KEYS, or as the first line of secrets.key."""
    from bot.sealing import new_key

    click.echo(new_key())


@secrets.command()
def rotate() -> None:
    """Seal all tokens anew with the newest key; the older ones may go after that."""
    from bot.app import open_store, sealing_of
    from bot.settings import load

    async def run() -> tuple[int, int]:
        settings = load()
        sealing = sealing_of(settings)
        store = await open_store(settings)
        try:
            return await seal_anew(store, sealing)
        finally:
            await store.close()

    done, closed = asyncio.run(run())
    tell(f"{done} sealed with the newest key.")
    if closed:
        raise ConfigurationError(
            f"{closed} can't be opened by any key: put back the key that sealed them, or have the bot installed again."
        )


async def seal_anew(vault: Vault, sealing: Sealer) -> tuple[int, int]:
    """Seal all parts of installations with the newest key; how many were, and how many no key opens.

    What a running process saves meanwhile is taken up again, so that nothing newer is lost.
    """
    done = closed = 0
    for part in await vault.all_installations():
        was = part
        for _ in range(_TRIES):
            try:
                anew = sealing.seal(sealing.open(was.sealed))
            except ConfigurationError:
                closed += 1
                break
            if await vault.reseal_installation(was, anew):
                done += 1
                break
            now = await vault.installation(was.workspace, was.key)
            if now is None:
                break
            was = now
        else:
            raise ConfigurationError("Tokens are being saved faster than they can be sealed; try again in a moment.")
    return done, closed
