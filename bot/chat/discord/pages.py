"""A Message as pages: what each of the Discord messages says that together show it. Pure functions of the message.

A page stays below 4,000 characters and 40 components whatever the message holds, and what is too long goes on on the
next one. The body comes first, then the sources, then the notes, and the buttons stand under the last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.chat.discord.markup import escaped, one_line, shortened, units, with_channels
from bot.chat.discord.names import press_id
from bot.chat.discord.splitting import pieces
from bot.core.language import say
from bot.core.messages import Button, Listing, Message, Paragraph, SourceLine

TEXT: Final = 3_600
"""Characters of text on one page; Discord takes 4,000, and what separates the parts is not counted here."""
PIECE: Final = 1_600
"""Characters of one paragraph, item or source, before it is cut."""
LABEL: Final = 80
BUTTONS: Final = 20
"""Buttons on one page: with their rows 24 of its 40 components."""
INDENTS: Final = 4
"""Levels of a list that are indented."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button as Discord shows it."""

    label: str
    custom_id: str


@dataclass
class Page:
    """One message, as Markdown by its parts."""

    body: str = ""
    sources: str = ""
    notes: str = ""
    buttons: tuple[Press, ...] = field(default=())

    @property
    def units(self) -> int:
        return units(self.body) + units(self.sources) + units(self.notes)


@dataclass(frozen=True, slots=True)
class _Line:
    part: str
    text: str
    gap: str = "\n\n"


def pages(message: Message, guild: int | None = None) -> list[Page]:
    """All pages of a message, at least one. `guild` is what its buttons are about where they will stand in a DM."""
    made = [Page()]
    for line in _lines(message):
        page = made[-1]
        if page.units + units(line.text) + len(line.gap) > TEXT:
            page = Page()
            made.append(page)
        before = getattr(page, line.part)
        setattr(page, line.part, f"{before}{line.gap}{line.text}" if before else line.text)
    shown = list(_presses(message.buttons, guild))
    if len(shown) < len({button.action for button in message.buttons}):
        _add_note(made, say("Not every button fits here; `/crux help` has the commands that do the same."))
    for start in range(0, len(shown), BUTTONS):
        if start:
            made.append(Page())
        made[-1].buttons = tuple(shown[start : start + BUTTONS])
    for page in made:
        page.body = page.body or ("…" if not (page.sources or page.notes) else "")
    return made


def growing(title: str | None, text: str) -> Page:
    """What is shown of a reply while it is written: as much of it as one message holds."""
    lines = [f"### {_title(title)}"] if title else []
    body = next(pieces(text, TEXT - 400), "") if text.strip() else ""
    lines += [escaped(body)] if body else []
    unfinished = say("Being written …")
    return Page("\n".join(lines) or "…", notes=f"-# {unfinished}")


def _add_note(made: list[Page], note: str) -> None:
    text = _small(note)
    if made[-1].units + units(text) > TEXT:
        made.append(Page())
    made[-1].notes = f"{made[-1].notes}\n{text}" if made[-1].notes else text


def _lines(message: Message) -> Iterator[_Line]:
    if message.title and message.title.strip():
        yield _Line("body", f"### {_title(message.title)}")
    for block in message.blocks:
        if isinstance(block, Paragraph):
            for n, part in enumerate(_paragraphs(block.text, message.channels)):
                yield _Line("body", part, "\n" if n == 0 and message.title and block is message.blocks[0] else "\n\n")
        else:
            yield from _items(block, message.channels)
    for source in message.sources:
        for part in _source(source):
            yield _Line("sources", part, "\n")
    for note in message.notes:
        for part in pieces(" ".join(note.split()), PIECE):
            yield _Line("notes", _small(part), "\n")


def _title(title: str) -> str:
    return escaped(" ".join(shortened(title, 200).split()))


def _paragraphs(text: str, channels: Collection[str]) -> Iterator[str]:
    for part in text.replace("\r\n", "\n").split("\n\n"):
        for piece in pieces(part, PIECE):
            if shown := escaped(piece).strip():
                yield with_channels(shown, channels)


def _items(listing: Listing, channels: Collection[str]) -> Iterator[_Line]:
    levels = [*listing.indents, *([0] * (len(listing.items) - len(listing.indents)))]
    first = True
    for item, level in zip(listing.items, levels, strict=False):
        indent = "  " * min(max(0, level), INDENTS)
        for n, piece in enumerate(pieces(" ".join(item.split()), PIECE)):
            shown = with_channels(escaped(piece).strip(), channels)
            if shown:
                yield _Line("body", f"{indent}- {shown}" if n == 0 else f"{indent}  {shown}", "\n\n" if first else "\n")
                first = False


def _source(source: SourceLine) -> Iterator[str]:
    address = f" {source.address}" if source.address else ""
    told = " ".join(f"{source.claim} ({source.origin}){address}".split())
    name = escaped(" ".join(shortened(source.argument_id, 60).split()))
    for n, piece in enumerate(pieces(told, PIECE)):
        yield f"-# {f'**{name}** ' if n == 0 and name else ''}{escaped(piece).strip() or '…'}"


def _small(text: str) -> str:
    return f"-# {escaped(text).strip() or '…'}"


def _presses(buttons: Sequence[Button], guild: int | None) -> Iterator[Press]:
    seen: set[str] = set()
    for button in buttons:
        custom_id = press_id(button.action, guild)
        if custom_id is None or custom_id in seen:
            continue
        seen.add(custom_id)
        yield Press(shortened(one_line(button.label), LABEL) or "…", custom_id)


def rows(buttons: Iterable[Press]) -> list[list[Press]]:
    """Buttons by rows of five, which is what one holds."""
    every = list(buttons)
    return [every[start : start + 5] for start in range(0, len(every), 5)]
