"""Runs a real discord.py client against the server, and ends it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TypeVar

import discord

from tests.discord_wire.server import DiscordServer

C = TypeVar("C", bound=discord.Client)


@contextlib.asynccontextmanager
async def running(server: DiscordServer, client: C, *, seconds: float = 5.0) -> AsyncIterator[C]:
    """The client, logged in and ready; what ends it early is raised.

    Make it with `guild_ready_timeout=0.05`: it waits so long for a further guild before it is ready, by default 2 s.
    """
    await client.login(server.token)
    task = asyncio.create_task(client.connect())
    ready = asyncio.create_task(client.wait_until_ready())
    try:
        await asyncio.wait({task, ready}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        if not ready.done():
            raise TimeoutError(f"not ready within {seconds} s")
        yield client
    finally:
        ready.cancel()
        await client.close()
        task.cancel()
        await asyncio.wait({task})
