"""Lines from a person at a terminal: history, completion, editing. Imports prompt_toolkit, which pipes do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from bot.chat.console.completion import Surroundings, suggestions
from bot.chat.console.layout import harmless


class PromptReader:
    """A prompt with history and completion.

    Args:
        around: what a line is completed from.
        history: the file that earlier lines are kept in, readable by its owner alone; none are kept when None.
        shown: called once, when the first prompt is on the screen.
    """

    def __init__(self, around: Surroundings, history: Path | None, shown: Callable[[], None]) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=_history(history),
            completer=CommandCompleter(around),
            complete_while_typing=True,
            reserve_space_for_menu=6,
        )
        self._shown: Callable[[], None] | None = shown
        self._session.app.after_render += self._rendered

    async def read(self, prompt: str) -> str | None:
        try:
            return await self._session.prompt_async(FormattedText([("bold", prompt)]))
        except EOFError:
            return None

    def _rendered(self, _: Any) -> None:
        if self._shown is not None:
            self._shown()
            self._shown = None


class CommandCompleter(Completer):
    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        for found in suggestions(document.text_before_cursor, self._around):
            yield Completion(harmless(found.text), start_position=-found.replaces, display_meta=harmless(found.meta))


def _history(file: Path | None) -> History:
    if file is None:
        return InMemoryHistory()
    try:
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))
