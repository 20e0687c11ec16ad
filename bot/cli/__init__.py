"""The `crux` command: parses, calls the application, and maps its errors to one sentence and an exit code.

A command's module is imported when the command is run, and imports what it needs inside its functions.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NoReturn

import click

from bot import __version__
from bot.errors import CruxError

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells give it: 128 and the signal's number."""

_COMMANDS: Final = {
    "chat": ("talking", "Debate in the terminal."),
    "ask": ("talking", 'Answer once, as in: crux ask "/steelman MI-04".'),
    "demo": ("talking", "See the bot at work, in a minute."),
    "run": ("running", "Serve everything that is configured, until it is stopped."),
    "discord": ("inviting", "Print the link that adds the bot to a Discord server."),
    "doctor": ("checking", "Check settings, database, maps, encoder and model."),
    "config": ("checking", "Show every setting, where it comes from and what it means."),
    "db": ("database", "Upgrade, back up or count the database."),
    "secrets": ("secrets", "Make keys for the tokens of installations, and change to a new one."),
    "outbox": ("outbox", "List, retry and drop posts that wait or are held."),
    "seeds": ("seeds", "Check, show and draft argument maps."),
    "slack": ("slack", "Print the manifest of the Slack app."),
    "digest": ("digests", "Export archived digests."),
    "eval": ("measuring", "Score the configured language model on the maps."),
    "endorsements": ("measuring", "Count who would sign the steelmen, by prompt version."),
}
"""Each command's module, and what `crux --help` says of it without importing it."""


class LazyGroup(click.Group):
    """Knows its commands by name, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"bot.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name if cmd_name != "eval" else "evaluate")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in _COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crux")
def crux() -> None:
    """Crux argues both sides of a question from a map of arguments.

    Begin with `crux demo`, then `crux chat`. Settings are environment variables; `crux config` lists them.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            # A terminal that can't show a character gets another in its place, and not a traceback.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a replaced stream may have no such method
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    try:
        code = crux.main(arguments, prog_name="crux", standalone_mode=False)
    except CruxError as error:
        if _debugging():
            raise
        tell(error.message, err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # the last line of defence: an operator gets a sentence, and a way to the traceback
        if _debugging():
            raise
        tell(f"Something broke in Crux ({type(error).__name__}); CRUX_LOG_LEVEL=DEBUG shows where.", err=True)
        return 1
    return code if isinstance(code, int) else 0


def tell(text: str, *, err: bool = False) -> None:
    """Print a text without what could deceive a terminal: maps, addresses and servers' answers are not ours."""
    from bot.chat.console.layout import harmless

    click.echo(harmless(text), err=err)


def _debugging() -> bool:
    return os.environ.get("CRUX_LOG_LEVEL", "").strip().upper() == "DEBUG"
