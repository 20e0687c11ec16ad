"""Crux put together: which parts the settings choose, and how it is taken apart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.app import Application, running
from bot.core.messages import Finished
from bot.core.requests import Request
from bot.errors import EncoderError, MapError
from bot.settings import EncoderKind, Settings
from bot.testing import BagOfWordsEncoder, FixedCatalogue, ManualClock, MemoryStore
from bot.writing.grounding import GroundedWriter
from bot.writing.outline import OutlineWriter
from tests.ferry import FERRY


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings.model_construct(data_dir=tmp_path / "data", encoder=EncoderKind.NONE)


class BrokenEncoder(BagOfWordsEncoder):
    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise EncoderError("The weights are missing.")


class SlowEncoder(BagOfWordsEncoder):
    """Never done with a map."""

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(texts) > 1:
            await asyncio.Event().wait()
        return await super().encode(texts)


async def asked(application: Application, text: str) -> Finished:
    request = Request("w", "c", "ann", text, "e1", application.clock.now())
    assert await application.inbox.receive(request)
    last = [event async for event in application.inbox.respond(request)][-1]
    assert isinstance(last, Finished)
    return last


async def test_the_defaults_answer_from_a_database_of_their_own(settings: Settings) -> None:
    async with running(settings) as application:
        assert isinstance(application.writer, OutlineWriter)
        finished = await asked(application, "/steelman thesis")
    assert finished.message.sources
    assert (settings.data_dir / "crux.db").exists()


async def test_every_part_can_be_replaced(settings: Settings) -> None:
    async with running(
        settings,
        store=MemoryStore(),
        catalogue=FixedCatalogue((FERRY,)),
        encoder=BagOfWordsEncoder(),
        writer=OutlineWriter(),
        clock=ManualClock(),
    ) as application:
        finished = await asked(application, "/steelman thesis")
    assert "ferry" in finished.message.text
    assert not settings.data_dir.exists()


async def test_a_key_brings_the_model_in(settings: Settings) -> None:
    chosen = settings.model_copy(update={"model_url": "http://127.0.0.1:9/v1"})
    async with running(chosen, store=MemoryStore()) as application:
        assert isinstance(application.writer, GroundedWriter)


async def test_weights_that_can_not_be_used_are_told_to_whoever_waits(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = settings.model_copy(update={"encoder": EncoderKind.BUNDLED})
    async with running(chosen, store=MemoryStore(), encoder=BrokenEncoder()) as application:
        application.warm()
        with pytest.raises(EncoderError, match="weights"):
            await application.ready()
        await asyncio.sleep(0)
    assert "the encoder can't be used: The weights are missing." in caplog.text


async def test_a_server_of_vectors_that_is_away_stops_nobody(settings: Settings) -> None:
    chosen = settings.model_copy(update={"encoder": EncoderKind.ENDPOINT})
    async with running(chosen, store=MemoryStore(), encoder=BrokenEncoder()) as application:
        await application.ready()
        assert (await asked(application, "some words about interpretability")).message.text


async def test_a_map_that_is_being_indexed_is_given_up_at_the_end(settings: Settings) -> None:
    before = asyncio.all_tasks()
    async with running(settings, store=MemoryStore(), encoder=SlowEncoder()) as application:
        application.warm()
        await asyncio.sleep(0.05)
        assert asyncio.all_tasks() > before
    assert asyncio.all_tasks() == before


async def test_a_broken_map_is_told_before_anything_is_opened(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("topic:", encoding="utf-8")
    with pytest.raises(MapError, match=r"broken\.yaml:1"):
        async with running(settings.model_copy(update={"seeds": (tmp_path / "broken.yaml",)})):
            pass
    assert not settings.data_dir.exists()
