"""What `crux doctor` looks at, one examination after the other; each is a line, and the next one goes on regardless."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.cli import tell
from bot.errors import CruxError, SchemaTooNew, WriterError

if TYPE_CHECKING:
    from bot.settings import Settings


class Severity(StrEnum):
    GOOD = "ok"
    NOTE = "note"
    """Works, though an operator may want it otherwise."""
    BAD = "bad"


@dataclass
class Examination:
    """Lines as they are found."""

    lines: list[tuple[Severity, str, str]] = field(default_factory=list)

    def add(self, severity: Severity, what: str, told: str) -> None:
        self.lines.append((severity, what, told))
        tell(f"{severity:<5} {what:<11} {told}")

    def of(self, what: str) -> Part:
        return Part(self, what)

    @property
    def exit_code(self) -> int:
        return int(any(severity is Severity.BAD for severity, _, _ in self.lines))


@dataclass(frozen=True)
class Part:
    """The examination of one thing, as a block: whatever goes wrong inside becomes its line."""

    examination: Examination
    what: str

    def __enter__(self) -> Callable[[str], None]:
        return lambda told: self.examination.add(Severity.GOOD, self.what, told)

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if not isinstance(error, CruxError):
            return False
        self.examination.add(Severity.BAD, self.what, " ".join(error.message.split("\n")))
        return True


class Overheard(logging.Handler):
    """Keeps the last warning of a part, which tells an operator more than its error tells a member."""

    def __init__(self, part: str) -> None:
        super().__init__(logging.WARNING)
        self._logger = logging.getLogger(part)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()

    def __enter__(self) -> Overheard:
        self._logger.addHandler(self)
        self._propagates, self._logger.propagate = self._logger.propagate, False
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagates


async def examine(*, offline: bool) -> int:
    """Look at everything; returns the exit code."""
    from bot.logs import set_up
    from bot.settings import describe, load

    found = Examination()
    settings: Settings | None = None
    with found.of("settings") as good:
        settings = load()
        set_up(settings.log_level)
        changed = [one.variable for one in describe(settings) if one.source != "default"]
        good(f"read; {f'{len(changed)} set: ' + ', '.join(changed) if changed else 'all at their defaults'}")
    if settings is None:
        return found.exit_code
    _database(settings, found)
    _secrets(settings, found)
    _maps(settings, found)
    await _encoder(settings, found, offline=offline)
    await _model(settings, found, offline=offline)
    await _discord(settings, found, offline=offline)
    return found.exit_code


def _database(settings: Settings, found: Examination) -> None:
    from bot.app import database_url
    from bot.storage import backup, migrations
    from bot.storage.engine import file_of, is_sqlite

    with found.of("database") as good:
        url = database_url(settings)
        if is_sqlite(url):
            file = file_of(url)
            if not file.exists():
                found.add(Severity.NOTE, "database", f"{file} isn't there yet; `crux chat` makes it")
                return
            backup.check(url)
            if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
                from bot.errors import StorageFull

                raise StorageFull(f"{file} can't be written: change its owner or its rights.")
            good(f"{file}, whole and writable")
        else:
            migrations.current(url)
            good(f"PostgreSQL at {url.host or 'the local socket'} answers")
        _schema(found, migrations.current(url), migrations.head())


def _secrets(settings: Settings, found: Examination) -> None:
    from bot.sealing import Sealing

    with found.of("secrets") as good:
        keys = Sealing(settings.data_dir, [key.get_secret_value() for key in settings.secret_keys]).count()
        if keys:  # without any, one is made when something is to be sealed
            good(f"{keys} {'key' if keys == 1 else 'keys'} for the tokens of installations")


def _schema(found: Examination, current: str | None, head: str) -> None:
    with found.of("migrations") as good:
        if current == head:
            good(f"at version {head}, the newest")
        elif current is None:
            found.add(Severity.NOTE, "migrations", "no tables yet; `crux db upgrade` makes them")
        elif current < head:
            found.add(Severity.NOTE, "migrations", f"at version {current} of {head}; `crux db upgrade` goes there")
        else:
            raise SchemaTooNew


def _maps(settings: Settings, found: Examination) -> None:
    from bot.app import catalogue_of

    with found.of("maps") as good:
        maps = catalogue_of(settings).load()
        good(", ".join(f"{one.id} ({len(one)} claims)" for one in maps))


async def _encoder(settings: Settings, found: Examination, *, offline: bool) -> None:
    from bot.app import encoder_of
    from bot.settings import EncoderKind

    with found.of("encoder") as good:
        encoder = encoder_of(settings)
        if encoder is None:
            found.add(
                Severity.NOTE,
                "encoder",
                "none: Crux searches by words alone and understands fewer wordings; CRUX_ENCODER=bundled is better",
            )
        elif offline and settings.encoder is EncoderKind.ENDPOINT:
            found.add(Severity.NOTE, "encoder", f"{encoder.model_id}, not called")
        else:
            vectors = await encoder.encode(["ready"])
            good(f"{encoder.model_id}, {vectors.shape[1]} dimensions")


async def _model(settings: Settings, found: Examination, *, offline: bool) -> None:
    with found.of("model") as good:
        if not settings.has_model:
            found.add(
                Severity.NOTE,
                "model",
                "none: the outline writer answers; set CRUX_MODEL_KEY or CRUX_MODEL_URL to have one write",
            )
            return
        from bot.app import drafter_of

        drafter = drafter_of(settings)
        if offline:
            found.add(Severity.NOTE, "model", f"{settings.model}, not called")
            return
        with Overheard("bot.writing") as heard:
            try:
                usage = await drafter.probe()
            except WriterError as error:
                raise CruxError(heard.last or error.message) from error
            finally:
                await drafter.aclose()
        good(f"{settings.model} answers ({usage.tokens_in + usage.tokens_out} tokens for the call)")


async def _discord(settings: Settings, found: Examination, *, offline: bool) -> None:
    if settings.discord_token is None:
        return
    if offline:
        found.add(Severity.NOTE, "discord", "set up, not called")
        return
    from bot.chat.discord.checking import examine as examine_discord

    severities = {True: Severity.GOOD, False: Severity.BAD, None: Severity.NOTE}
    with found.of("discord"):
        token = settings.discord_token.get_secret_value()
        async for finding in examine_discord(
            token,
            message_content=settings.discord_message_content,
            guild=settings.discord_guild,
            api_url=settings.discord_api_url,
        ):
            found.add(severities[finding.well], "discord", finding.told)
