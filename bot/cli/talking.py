"""`crux chat`, `crux ask`, `crux demo`: the bot in the terminal."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli import INTERRUPTED
from bot.errors import BadInput, CruxError, EmptyText, StorageFull

if TYPE_CHECKING:
    from bot.app import Application
    from bot.chat.console.conversation import Conversation, Home
    from bot.chat.console.lines import Reader
    from bot.core.arguments import ArgumentMap
    from bot.core.kept import Reply
    from bot.settings import Settings

STDIN: Final = 0
WITHOUT_MODEL: Final = {"model_key": None, "openai_api_key": None, "model_url": None}
"""Changes of the settings that leave the outline writer alone."""


@click.command()
@click.option("--as", "name", metavar="NAME", help="Speak as this member; /as NAME changes it.")
def chat(name: str | None) -> int:
    """Debate in the terminal.

    Type what you think, or a command; /crux help lists them. Without a terminal, each line of the input is answered.
    """
    return asyncio.run(_chat(_settings(), name))


async def _chat(settings: Settings, name: str | None) -> int:
    from bot.app import running

    async with running(settings) as application:
        terminal = _is_terminal()
        conversation = _conversation(application, settings, name)
        conversation.echo = not terminal and not (sys.stdin is not None and sys.stdin.isatty())
        conversation.keyboard = STDIN if terminal else None
        return await conversation.hold(_reader(conversation, application, settings, terminal=terminal))


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _reader(conversation: Conversation, application: Application, settings: Settings, *, terminal: bool) -> Reader:
    """A prompt at a terminal, behind which the encoder is loaded; else the lines of the input."""
    if terminal:
        from bot.chat.console.prompting import PromptReader

        return PromptReader(conversation.around, _private_file(settings, "history"), application.warm)
    from bot.chat.console.lines import LineReader

    application.warm()
    # With standard input closed, its number may belong to any file that was opened since.
    return LineReader(STDIN if sys.stdin is not None else os.open(os.devnull, os.O_RDONLY))


def _conversation(application: Application, settings: Settings, name: str | None) -> Conversation:
    from bot.chat.console.buttons import Buttons
    from bot.chat.console.conversation import MEMBER, Conversation
    from bot.chat.console.screen import Screen

    conversation = Conversation(
        home=_home(application), screen=Screen.on(sys.stdout), buttons=Buttons(_private_file(settings, "buttons.json"))
    )
    conversation.speak_as(name if name is not None else MEMBER)
    return conversation


def _home(application: Application) -> Home:
    from bot.chat.console.conversation import WORKSPACE, Home

    return Home(
        inbox=application.inbox,
        catalogue=application.catalogue,
        store=application.store,
        clock=application.clock,
        languages=application.debate.languages,
        ready=application.ready,
        organisers=application.settings.organisers,
        post_due=partial(application.post_due, workspace=WORKSPACE),
        patience=application.settings.lease_seconds,
    )


def _private_file(settings: Settings, name: str) -> Path | None:
    """A file of the console's own in the data folder; None where there can't be one."""
    from bot.app import data_folder

    try:
        return data_folder(settings) / name
    except StorageFull:
        return None


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, type=click.UNPROCESSED)
@click.option("--as", "name", metavar="NAME", help="Ask as this member.")
@click.option("--json", "as_json", is_flag=True, help="Print the reply as JSON.")
@click.option(
    "--event-id", metavar="ID", help="Names this question: asked again under the same id, the stored reply comes."
)
def ask(text: tuple[str, ...], name: str | None, as_json: bool, event_id: str | None) -> int:
    """Answer TEXT once and exit; a lone - reads it from standard input.

    A question that Ctrl-C stopped counts as answered, with what was shown of the reply.

    Exit codes: 0 answered, 2 the text can't be read, 3 a setting is wrong, 4 the database failed, 130 Ctrl-C.
    """
    question = " ".join(text)
    if question == "-":
        question = _all_of_stdin()
    if not question.strip():
        raise EmptyText
    return asyncio.run(_ask(_settings(), question, name, as_json=as_json, event_id=event_id))


def _all_of_stdin() -> str:
    if sys.stdin is None:
        raise EmptyText
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("The input is not UTF-8 text; send it again in UTF-8.") from None


async def _ask(settings: Settings, text: str, name: str | None, *, as_json: bool, event_id: str | None) -> int:
    import io
    import uuid

    from bot.app import running
    from bot.chat.console.conversation import WORKSPACE
    from bot.chat.console.screen import Screen

    async with running(settings) as application:
        conversation = _conversation(application, settings, name)
        if as_json:
            conversation.screen = Screen(io.StringIO())
        event_id = event_id or uuid.uuid4().hex
        finished = await conversation.answer(conversation.pressed(text), event_id)
        reply = await application.store.reply_to(WORKSPACE, event_id)
    if as_json and reply is not None:
        click.echo(json.dumps(_as_data(reply), indent=2))
    if finished is None or reply is None:
        return INTERRUPTED
    return {"refused": BadInput.exit_code, "failed": CruxError.exit_code}.get(reply.command, 0)


def _as_data(reply: Reply) -> dict[str, Any]:
    """A reply as JSON, for scripts; `sources`, `notes` and `buttons` as they are shown."""
    message = reply.message
    return {
        "id": reply.id,
        "event_id": reply.event_id,
        "command": reply.command,
        "topic": reply.topic,
        "claim": reply.claim_id,
        "affirmed": reply.affirmed,
        "title": message.title,
        "text": message.text,
        "cited": list(reply.cited),
        "sources": [
            {"id": source.argument_id, "claim": source.claim, "origin": source.origin, "address": source.address}
            for source in message.sources
        ],
        "notes": list(message.notes),
        "buttons": [{"label": button.label, "action": button.action} for button in message.buttons],
        "writer": reply.writer,
        "model": reply.model,
        "prompt_version": reply.prompt_version,
        "tokens_in": reply.usage.tokens_in,
        "tokens_out": reply.usage.tokens_out,
        "seconds": round(reply.seconds, 3),
        "at": reply.at.isoformat(),
    }


@click.command()
@click.option("--topic", metavar="ID", help="The topic to show; the one that CRUX_TOPIC names by default.")
def demo(topic: str | None) -> int:
    """See the bot at work, in a minute: what it says when asked, then a fortnight of a sample group.

    Runs on a throw-away database and needs no key.
    """
    return asyncio.run(_demo(_settings(), topic))


async def _demo(settings: Settings, topic: str | None) -> int:
    import tempfile

    from bot.app import catalogue_of, running
    from bot.chat.console.buttons import Buttons
    from bot.chat.console.conversation import Conversation
    from bot.chat.console.demo import Calendar, Demo
    from bot.chat.console.screen import Screen

    with tempfile.TemporaryDirectory(prefix="crux-demo-", ignore_cleanup_errors=True) as folder:
        alone = {"data_dir": Path(folder), "database_url": None, "topic": topic or settings.topic, **WITHOUT_MODEL}
        chosen = settings.model_copy(update={**alone, "language": "en"})  # as its narrator and its members
        calendar = Calendar(monday_before_last(datetime.now(UTC)))
        catalogue = OneTopic(catalogue_of(chosen).load()[0])
        async with running(chosen, catalogue=catalogue, clock=calendar) as application:
            application.warm()
            screen = Screen.on(sys.stdout)
            conversation = Conversation(_home(application), screen, Buttons())
            draw = partial(_picture, application, catalogue.map)
            await Demo(conversation, calendar, draw, paced=screen.live).show()
    return 0


def monday_before_last(now: datetime) -> datetime:
    """Nine in the morning of the Monday two weeks before this week's: a fortnight from then on is over by now."""
    return (now - timedelta(days=now.weekday() + 14)).replace(hour=9, minute=0, second=0, microsecond=0)


async def _picture(application: Application, argument_map: ArgumentMap) -> Path | None:
    """The newest digest's picture, in a file among the system's temporary ones that a next run writes over."""
    import tempfile

    from bot.charts import picture_of
    from bot.chat.console.conversation import WORKSPACE
    from bot.core.language import speak

    speak(application.debate.languages.chosen(None))
    digests = await application.store.digests(WORKSPACE, argument_map.id)
    drawn = await picture_of(application.store, digests[-1]) if digests else None
    if drawn is None:
        return None
    path = Path(tempfile.gettempdir()) / "crux-demo-digest.png"
    try:
        path.write_bytes(drawn.data)
    except OSError:
        return None
    return path


@dataclass(frozen=True)
class OneTopic:
    """A catalogue of one map, so that no other is indexed for a demonstration."""

    map: ArgumentMap

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        return (self.map,)


def _settings() -> Settings:
    """The settings, with the log set up as they say."""
    from bot.logs import set_up
    from bot.settings import LogFormat, load

    settings = load()
    set_up(settings.log_level, as_json=settings.log_format is LogFormat.JSON)
    return settings
