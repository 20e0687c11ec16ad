"""The composition root: settings in, a running application out. The only module that knows every part.

A part is imported where it is made, so that a run pays for what it uses: without a key no SDK is loaded, and the
encoder's runtime only when the first text is encoded.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.catalogue import AmendedCatalogue
from bot.core.composing import DebateComposer
from bot.core.debate import Debate
from bot.core.inbox import Inbox
from bot.core.outbox import Messenger
from bot.core.ports import Agenda, Catalogue, Clock, Encoder, Narrator, Store, Writer
from bot.core.prompts import Rules
from bot.core.schedules import Grace
from bot.errors import ConfigurationError, EncoderError, StorageFull
from bot.retrieval.retriever import MapRetriever
from bot.scheduling.words import PlainRecurrences
from bot.settings import EncoderKind, Settings

if TYPE_CHECKING:
    from sqlalchemy import URL

    from bot.maps import FolderCatalogue
    from bot.storage.store import SqlStore
    from bot.writing.budget import Budget
    from bot.writing.writer import ModelWriter

log = logging.getLogger(__name__)


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Application:
    """A running Crux. `running` makes one."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    store: Store
    encoder: Encoder | None
    retriever: MapRetriever
    writer: Writer
    debate: Debate
    inbox: Inbox
    worker: str
    """Names this process among all that share the database."""
    _loading: asyncio.Task[None] | None = field(default=None, repr=False)
    _indexing: asyncio.Task[None] | None = field(default=None, repr=False)

    def warm(self) -> None:
        """Begin in the background what answers need: the encoder, then the index of each map."""
        if self._indexing is None:
            self._indexing = asyncio.create_task(self._index_maps())

    async def ready(self) -> None:
        """Wait until the encoder can be used; the maps' indexes may still be growing.

        Raises:
            EncoderError: it can't be.
        """
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_encoder())
        await asyncio.shield(self._loading)

    async def _load_encoder(self) -> None:
        # A server that is out of reach is the retriever's to get over; weights don't come back by themselves.
        if self.encoder is not None and self.settings.encoder is EncoderKind.BUNDLED:
            await self.encoder.encode(["ready"])

    async def _index_maps(self) -> None:
        try:
            await self.ready()
            for argument_map in await self.catalogue.maps(""):
                await self.retriever.warm(argument_map)
        except ConfigurationError as error:
            log.error("the encoder can't be used: %s", error.message)  # noqa: TRY400 - a sentence, as for whoever asks

    async def post_due(self, messenger: Messenger, workspace: str) -> None:
        """Compose what is due in a workspace and send what waits in its outbox, through a messenger.

        Raises:
            StorageError: the database failed; what was begun is taken up again once its lease has run out.
        """
        from bot.scheduling.firing import Runner
        from bot.scheduling.recurrence import due_between
        from bot.scheduling.sender import Sender, SendingRules

        settings = self.settings
        grace = Grace(timedelta(hours=settings.prompt_grace_hours), timedelta(hours=settings.digest_grace_hours))
        composer = DebateComposer(self.debate)
        runner = Runner(self.store, composer, self.clock, self.worker, due_between, grace=grace)
        await runner.note(self.clock.now())
        while await runner.work_one(workspace):
            pass
        sender = Sender(self.store, messenger, self.clock, self.worker, rules=SendingRules(spacing=0.0))
        while await sender.work_one(workspace):
            pass

    async def cool(self) -> None:
        """End what runs in the background."""
        running_ones = [task for task in (self._indexing, self._loading) if task is not None]
        for task in running_ones:
            task.cancel()
        await asyncio.gather(*running_ones, return_exceptions=True)
        await self.retriever.aclose()


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    store: Store | None = None,
    catalogue: Catalogue | None = None,
    encoder: Encoder | None = None,
    writer: Writer | None = None,
    narrator: Narrator | None = None,
    agenda: Agenda | None = None,
    clock: Clock | None = None,
    worker: str | None = None,
) -> AsyncIterator[Application]:
    """Put Crux together, with any part replaced by the one that is given, and take it apart at the end.

    Raises:
        ConfigurationError: a setting, a map or a prompt can't be used.
        StorageError: the database can't be.
    """
    async with AsyncExitStack() as closing:
        clock = clock or SystemClock()
        catalogue = catalogue or catalogue_of(settings)
        await catalogue.maps("")  # a broken map is told before anything is opened
        if store is None:
            opened = await open_store(settings)
            closing.push_async_callback(opened.close)
            store = opened
        bare = encoder or encoder_of(settings)
        cached = _cached(bare, store)
        catalogue = AmendedCatalogue(catalogue, store)
        retriever = MapRetriever(cached, settings.sure_above, settings.nothing_below)
        if writer is None:
            writer, own = _writer(settings, store, bare, clock, closing)
            narrator = narrator or own
        rules = Rules(timedelta(hours=settings.prompt_hours), timedelta(days=settings.prompt_again_days))
        debate = Debate(
            catalogue,
            retriever,
            writer,
            store,
            clock,
            settings.reply_words,
            rules,
            recurrences=PlainRecurrences(),
            zone=settings.time_zone,
            narrator=narrator,
            agenda=agenda,
        )
        worker = worker or worker_name()
        inbox = Inbox(store, debate, clock, worker, settings.lease_seconds)
        application = Application(settings, clock, catalogue, store, bare, retriever, writer, debate, inbox, worker)
        closing.push_async_callback(application.cool)
        yield application


def worker_name() -> str:
    """Names this process among all that may share the database."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


# -- the parts --------------------------------------------------------------------------------------------------------


def data_folder(settings: Settings) -> Path:
    """The data folder, made for its owner's eyes only if it isn't there.

    Raises:
        StorageFull: it can't be made.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(
            f"The data folder {settings.data_dir} can't be made ({error.strerror}): set CRUX_DATA_DIR to one that can."
        ) from error
    return settings.data_dir


def database_url(settings: Settings) -> URL:
    """The database's address: the operator's, or a file in the data folder.

    Raises:
        ConfigurationError: CRUX_DATABASE_URL is no address.
        StorageFull: the data folder can't be made.
    """
    from bot.storage.engine import parse_url, sqlite_url

    if settings.database_url is not None:
        return parse_url(settings.database_url.get_secret_value())
    return sqlite_url(data_folder(settings) / "crux.db")


def catalogue_of(settings: Settings) -> FolderCatalogue:
    """The shipped maps, then the operator's."""
    from bot.maps import FolderCatalogue, shipped

    return FolderCatalogue((shipped(), *settings.seeds), settings.topic)


async def open_store(settings: Settings) -> SqlStore:
    """The database, upgraded if it is SQLite and needs it, without those whom the data folder says to forget.

    Raises:
        StorageError: it can't be used.
    """
    from bot.storage.ledger import Ledger
    from bot.storage.store import SqlStore

    return await SqlStore.open(database_url(settings), ledger=Ledger(data_folder(settings)))


def encoder_of(settings: Settings) -> Encoder | None:
    """What compares meanings; None when words alone are to do.

    Raises:
        EncoderError: the endpoint's settings are incomplete.
    """
    match settings.encoder:
        case EncoderKind.NONE:
            return None
        case EncoderKind.BUNDLED:
            from bot.retrieval.encoders import BundledEncoder

            return BundledEncoder()
        case EncoderKind.ENDPOINT:
            from bot.retrieval.endpoint import EndpointEncoder

            if settings.encoder_url is None:
                raise EncoderError("CRUX_ENCODER=endpoint needs CRUX_ENCODER_URL, the base URL that ends in /v1.")
            key = settings.encoder_key or settings.key
            return EndpointEncoder(
                settings.encoder_url, settings.encoder_model, key.get_secret_value() if key else None
            )


def _cached(encoder: Encoder | None, store: Store) -> Encoder | None:
    if encoder is None:
        return None
    from bot.retrieval.encoders import CachedEncoder

    return CachedEncoder(encoder, store)


def drafter_of(settings: Settings, budget: Budget | None = None) -> ModelWriter:
    """The language model that the settings name; it is called, and its SDK loaded, at its first draft.

    Raises:
        PromptError: a template can't be used.
    """
    from bot.writing.endpoint import Endpoint
    from bot.writing.prompts import Prompts
    from bot.writing.writer import ModelWriter

    return ModelWriter(Endpoint.of(settings), Prompts(settings.prompts), budget)


def _writer(
    settings: Settings, store: Store, encoder: Encoder | None, clock: Clock, closing: AsyncExitStack
) -> tuple[Writer, Narrator | None]:
    """The outline writer alone without a model; with one, the model, checked, and the outline behind it.

    Beside it what writes a digest's first paragraph, by the same model and out of the same budget.
    """
    from bot.writing.outline import OutlineWriter

    if not settings.has_model:
        return OutlineWriter(), None
    from bot.writing.budget import Budget
    from bot.writing.grounding import GroundedWriter
    from bot.writing.narrator import CheckedNarrator
    from bot.writing.support import SupportCheck

    budget = Budget(store, clock, settings.member_tokens_per_day, settings.workspace_tokens_per_day)
    drafter = drafter_of(settings, budget)
    closing.push_async_callback(drafter.aclose)
    writer = GroundedWriter(drafter, OutlineWriter(), SupportCheck(encoder), judge=settings.judge)
    return writer, CheckedNarrator(drafter)
