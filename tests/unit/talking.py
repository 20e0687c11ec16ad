"""A group that is talked to in another language: what it was told, and what of it was said in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from babel.messages.extract import extract_from_file

from bot.core.messages import Message, Paragraph
from bot.core.outbox import PostState
from bot.core.ports import Store
from tests.pseudo import Pseudo, untranslated
from tests.unit.group import OTHER, TEA, Group

_SAYS: Final = {"say": None, "say_as": ((1, "c"), 2), "plural": (1, 2), "mark": None}
"""What says sentences, and where in it they stand; as Babel wants to be told."""
_FOR_OTHERS: Final = {"info", "warning", "exception", "ValueError", "RuntimeError", "TypeError", "compile"}
"""What takes words that members don't read."""
_PROSE: Final = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}")


class Recording(Pseudo):
    """Keeps which sentences it was asked for; of two plural forms the first."""

    def __init__(self) -> None:
        self.asked: set[tuple[str | None, str]] = set()

    def text(self, english: str, context: str | None = None) -> str:
        self.asked.add((context, english))
        return super().text(english, context)

    def plural(self, one: str, many: str, number: int) -> str:
        self.asked.add((None, one))
        return super().plural(one, many, number)


def left_over(*said: Message | str, others: Iterable[str] = ()) -> list[str]:
    """What is not said in the language that is spoken, and what was left open in it."""
    messages = [each if isinstance(each, Message) else Message((Paragraph(each),)) for each in said]
    english = [text for message in messages for text in untranslated(message, (TEA, OTHER), others)]
    return english + [message.text for message in messages if "{" in message.text]


@dataclass
class Talk:
    """A group whose channel speaks another language, and all that it was told."""

    language: Recording = field(default_factory=Recording)
    group: Group = field(default_factory=Group)
    told: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start()

    def start(self, store: Store | None = None) -> None:
        """Begin with another group."""
        self.group = Group(store)
        self.group.debate = replace(self.group.debate, translations=lambda _: self.language, language="de")

    @property
    def store(self) -> Store:
        return self.group.store

    def hear(self, *messages: Message) -> None:
        self.told.extend(messages)

    async def say(self, text: str, member: str = "ann", channel: str = "general") -> Message:
        message = await self.group.say(text, member, channel)
        self.hear(message)
        return message

    async def refused(self, text: str, member: str = "ann", channel: str = "general") -> None:
        assert len((await self.say(text, member, channel)).blocks) == 1

    async def press(self, message: Message, action: str, member: str = "ann") -> Message:
        """Press the first button that does something that begins so."""
        button = next(button for button in message.buttons if button.action.startswith(action))
        return await self.say(f"/press {button.action}", member)

    async def again(self, text: str, member: str, between: str) -> Message:
        """A worker answers and dies, something is done, and another answers."""
        await self.group.dies(text, member)
        await self.say(between, "otto")
        message = await self.group.retried()
        self.hear(message)
        return message

    async def posted(self) -> None:
        """Look what is over, and hear what is posted of it."""
        await self.group.debate.end_due("w")
        for entry in await self.store.outbox([PostState.PENDING], "w"):
            self.hear(entry.post.message)
            await self.store.post_sent("w", entry.post.id, "there", self.group.clock.now())


# -- what modules have to say -----------------------------------------------------------------------------------------


def sentences(paths: Iterable[Path]) -> set[tuple[str | None, str]]:
    """What modules have to say, as translators find it; of two plural forms the first."""
    found = set()
    for path in paths:
        for _, message, _, context in extract_from_file("python", path, keywords=_SAYS):
            found.add((context, message if isinstance(message, str) else message[0]))
    return found


def prose(path: Path) -> set[str]:
    """The words in a module that are neither said, nor logged, nor documentation."""
    return set(_prose(ast.parse(path.read_text(encoding="utf-8"))))


def _prose(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Expr(ast.Constant(str())):
            return
        case ast.Call(ast.Name(name) | ast.Attribute(_, name)) if name in _FOR_OTHERS.union(_SAYS):
            return
        case ast.Constant(str() as text) if _PROSE.search(text):
            yield text
    for child in ast.iter_child_nodes(node):
        yield from _prose(child)
