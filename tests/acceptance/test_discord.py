"""Crux in Discord: the real client over real sockets, the real application, a database on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord_crux import crux
from tests.discord_wire import Channel, DiscordServer, Member, masked_links, pings, read


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as found:
        yield found


async def seated(server: DiscordServer) -> tuple[Member, Channel]:
    """Ada, and the one channel of her guild."""
    guild = await server.guild()
    return await server.member(guild, "ada"), await server.channel(guild)


async def test_a_steelman_is_deferred_grows_and_stands_with_its_sources_and_buttons(
    server: DiscordServer, tmp_path: Path
) -> None:
    ada, channel = await seated(server)
    async with crux(server, tmp_path):
        done = await ada.command(channel, "steelman", view="MI-07")
        await server.until(lambda: done.answered and done.response is not None and "Sources" in read(done.response))
        assert done.deferred
        assert done.response is not None
        assert not done.response.ephemeral
        text = read(done.response)
        print(text)
        assert "The best case for MI-07" in text
        assert r"\[MI-07\]" in text
        assert "[I'd sign this](crux:sign:" in text
        assert pings(done.response) == []
        assert masked_links(done.response) == []
        assert done.messages == [done.response]
    assert server.unknown_routes == []
