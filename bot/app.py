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
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.catalogue import AmendedCatalogue
from bot.core.charts import StandingChart
from bot.core.composing import DebateComposer
from bot.core.debate import Debate
from bot.core.holding import Holding
from bot.core.inbox import Answerer, Inbox
from bot.core.messages import Charted, Message, Picture
from bot.core.outbox import Messenger
from bot.core.ports import Agenda, Catalogue, Clock, Encoder, Narrator, Store, Writer
from bot.core.prompts import Rules
from bot.core.schedules import Grace
from bot.errors import ConfigurationError, CruxError, EncoderError, StorageFull
from bot.retrieval.retriever import MapRetriever
from bot.scheduling.courtesy import CourteousAnswerer, Courtesy
from bot.scheduling.words import PlainRecurrences
from bot.settings import EncoderKind, Settings
from bot.translations import translations

if TYPE_CHECKING:
    from sqlalchemy import URL

    from bot.maps import FolderCatalogue
    from bot.scheduling.engine import Engine
    from bot.scheduling.firing import Runner
    from bot.scheduling.sender import Sender, SendingRules
    from bot.scheduling.watching import Watch
    from bot.sealing import Sealing
    from bot.serving.metrics import Metrics
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
    courtesy: Courtesy
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

    @property
    def reading_problem(self) -> str | None:
        """Why texts can't be read yet; None when they can."""
        if self._loading is None or not self._loading.done():
            return "still loading"
        failure = None if self._loading.cancelled() else self._loading.exception()
        return failure.message if isinstance(failure, CruxError) else None

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
        """End prompts of a workspace that are over, compose what is due and send what waits, through a messenger.

        Raises:
            StorageError: the database failed; what was begun is taken up again once its lease has run out.
        """
        from bot.scheduling.sender import SendingRules

        await self.debate.end_due(workspace)
        runner, sender = self._calendar(messenger, (), SendingRules(spacing=0.0))
        await runner.note(self.clock.now())
        while await runner.work_one(workspace):
            pass
        while await sender.work_one(workspace):
            pass

    def engine(self, messenger: Messenger, prefixes: Sequence[str], watch: Watch | None = None) -> Engine:
        """What keeps the calendar of all workspaces whose ids begin with one of the prefixes."""
        from bot.scheduling.engine import Engine
        from bot.scheduling.upkeep import Upkeep

        runner, sender = self._calendar(messenger, prefixes, watch=watch)
        keep, gone = timedelta(days=self.settings.keep_days), timedelta(days=self.settings.workspace_days)
        upkeep = Upkeep(self.debate, self.store, self.clock, keep, gone)
        return Engine(runner, sender, self.clock, chores=upkeep.do)

    def _calendar(
        self,
        messenger: Messenger,
        prefixes: Sequence[str],
        rules: SendingRules | None = None,
        watch: Watch | None = None,
    ) -> tuple[Runner, Sender]:
        from bot.scheduling.firing import Runner
        from bot.scheduling.recurrence import due_between
        from bot.scheduling.sender import Sender

        settings, store, clock = self.settings, self.store, self.clock
        runner = Runner(
            store,
            DebateComposer(self.debate, self.picture_of),
            clock,
            self.worker,
            due_between,
            grace=Grace(timedelta(hours=settings.prompt_grace_hours), timedelta(hours=settings.digest_grace_hours)),
            courtesy=self.courtesy,
            watch=watch,
            prefixes=prefixes,
        )
        tell = Holding(store, clock, self.debate.languages).tell
        sender = Sender(
            store,
            messenger,
            clock,
            self.worker,
            rules=rules,
            tell=tell,
            languages=self.debate.languages,
            watch=watch,
            prefixes=prefixes,
        )
        return runner, sender

    async def chart_of(self, workspace: str, charted: Charted) -> StandingChart | None:
        """The figures of a digest, as they may be shown today; None where it has none, or is gone."""
        from bot.core.digest_chart import chart_of

        digest = await self.store.digest(workspace, charted.topic, charted.key)
        return None if digest is None else await chart_of(self.store, digest)

    async def picture_of(self, workspace: str, message: Message) -> Picture | None:
        """The picture that goes with a message; None where it has none, or none that can be drawn."""
        from bot.charts import picture_with

        return await picture_with(self.store, workspace, message)

    async def workspace_left(self, workspace: str) -> None:
        """Note that a workspace has removed the bot."""
        await self.store.workspace_left(workspace, self.clock.now())
        log.info("a workspace removed the bot: workspace=%s", workspace)

    async def workspace_back(self, workspace: str) -> None:
        """Note that a workspace has the bot, which it may have removed before."""
        if await self.store.workspace_back(workspace):
            log.info("a workspace has the bot again: workspace=%s", workspace)

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
    metrics: Metrics | None = None,
    showing_seconds: float | None = None,
) -> AsyncIterator[Application]:
    """Put Crux together, with any part replaced by the one that is given, and take it apart at the end.

    With metrics, what the parts do is counted and timed. `showing_seconds` is for chats that are posted to; `Inbox` has
    what it means.

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
            writer, own = _writer(settings, store, bare, clock, closing, metrics)
            narrator = narrator or own
        rules = Rules(timedelta(hours=settings.prompt_hours), timedelta(days=settings.prompt_again_days))
        debate = Debate(
            catalogue,
            retriever if metrics is None else metrics.reading(retriever),
            writer,
            store,
            clock,
            settings.reply_words,
            rules,
            recurrences=PlainRecurrences(),
            zone=settings.time_zone,
            narrator=narrator,
            agenda=agenda,
            token_limit=settings.workspace_tokens_per_day,
            translations=translations,
            language=settings.language,
        )
        worker = worker or worker_name()
        courtesy = Courtesy()
        answerer: Answerer = CourteousAnswerer(debate, courtesy)
        if metrics is not None:
            answerer = metrics.answering(answerer)
        inbox = Inbox(store, answerer, clock, worker, settings.lease_seconds, showing_seconds, debate.languages)
        application = Application(
            settings, clock, catalogue, store, bare, retriever, writer, debate, inbox, courtesy, worker
        )
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


def sealing_of(settings: Settings) -> Sealing:
    """What seals the tokens of installations, under the operator's keys or those in the data folder.

    Raises:
        ConfigurationError: a key is none.
        StorageFull: the data folder can't be made.
    """
    from bot.sealing import Sealing

    return Sealing(data_folder(settings), [key.get_secret_value() for key in settings.secret_keys])


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


def drafter_of(settings: Settings, budget: Budget | None = None, metrics: Metrics | None = None) -> ModelWriter:
    """The language model that the settings name; it is called, and its SDK loaded, at its first draft.

    Raises:
        PromptError: a template can't be used.
    """
    from bot.writing.endpoint import Endpoint
    from bot.writing.prompts import Prompts
    from bot.writing.writer import ModelWriter

    return ModelWriter(Endpoint.of(settings), Prompts(settings.prompts), budget, watch=metrics)


def _writer(
    settings: Settings,
    store: Store,
    encoder: Encoder | None,
    clock: Clock,
    closing: AsyncExitStack,
    metrics: Metrics | None,
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
    drafter = drafter_of(settings, budget, metrics)
    closing.push_async_callback(drafter.aclose)
    writer = GroundedWriter(drafter, OutlineWriter(), SupportCheck(encoder), judge=settings.judge)
    return writer, CheckedNarrator(drafter)
