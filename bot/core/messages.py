"""What the bot says, before any platform's markup.

Texts are plain: no Markdown, no mentions, citations as `[MI-04]`. Each chat adapter renders them and escapes what its
platform would interpret. A reply that streams may open with `Started`, goes on with `Added` and `Replaced`, and is
closed by one `Finished`, whose message is the whole reply and replaces what was shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

CITATION: Final = re.compile(r"\[([A-Z][A-Z0-9]{0,7}-\d{2,4}(?:\s*[,;]\s*[A-Z][A-Z0-9]{0,7}-\d{2,4})*)\]")
"""One citation of one or several arguments: `[MI-04]` or `[MI-04, MI-07]`."""


def cited_ids(text: str) -> tuple[str, ...]:
    """The ids that a text cites, in order, each once."""
    found = (part.strip() for group in CITATION.findall(text) for part in re.split(r"[,;]", group))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; `indents` gives each item's depth, for trees."""

    items: tuple[str, ...]
    indents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One cited argument, with where it comes from."""

    argument_id: str
    claim: str
    origin: str
    """Title and place, in words."""
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """One press. `action` is at most 100 characters, and works after a restart and for whoever may press it."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message, to be taken along as it is: nothing of it is wrapped or marked up."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that goes with a message, and what it says in words."""

    data: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Charted:
    """The digest whose figures a message shows: what draws them, draws them from there."""

    topic: str
    key: str


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about: a topic, and a view of one of its claims where it is about one.

    `countered` says that the message argues against the view.
    """

    topic: str
    claim_id: str | None = None
    affirmed: bool = True
    countered: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One post: title, blocks, sources (folded away where the platform can), notes in small print, buttons.

    `private` is for the member who asked only; `reply_id` names the stored reply that the message shows, `prompt_id`
    the prompt that it opens, for which a platform opens a thread if it has any. An `attachment` is shown and never
    stored. `charted` names the digest that goes with it as a picture. `about` is never shown: it is what "it" means to
    whoever answers the message. `channels` are those that its body names by their ids: a platform names them as its
    members do.
    """

    blocks: tuple[Paragraph | Listing, ...] = ()
    title: str | None = None
    sources: tuple[SourceLine, ...] = ()
    notes: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    private: bool = False
    reply_id: str | None = None
    attachment: Attachment | None = None
    prompt_id: str | None = None
    charted: Charted | None = None
    about: About | None = None
    channels: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body as plain text, a paragraph a line."""
        lines: list[str] = []
        for block in self.blocks:
            lines.extend([block.text] if isinstance(block, Paragraph) else block.items)
        return "\n".join(lines)

    def with_notes(self, *notes: str) -> Message:
        return replace(self, notes=self.notes + notes)

    def on(self, topic: str, claim_id: str | None = None) -> Message:
        """The message, which is about a topic, or a claim of it."""
        return replace(self, about=About(topic, claim_id))


@dataclass(frozen=True, slots=True)
class Started:
    """The request is read and its answer is being written: its title, so that the wait has a face."""

    title: str


@dataclass(frozen=True, slots=True)
class Added:
    """Text to append to what is shown of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """All of the body that was shown is withdrawn and this stands in its place."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole reply; nothing follows."""

    message: Message
    failed: bool = field(default=False)
    """The request could not be met (bad input); the message says what to do."""


ReplyEvent = Started | Added | Replaced | Finished
