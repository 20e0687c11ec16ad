"""The calls to the language model: which prompt, which schema, how often, and what is made of a bad answer."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from bot.core.assignments import Usage
from bot.drafts import answers
from bot.drafts.answers import Fields, Schema
from bot.drafts.document import Document, Passage, Piece
from bot.errors import WriterUnavailable
from bot.writing.dialect import ChatMessage
from bot.writing.drafting import SpentUsage
from bot.writing.endpoint import Endpoint
from bot.writing.openai import ModelClient
from bot.writing.prompts import Prompts
from bot.writing.writer import without_thoughts

logger = logging.getLogger(__name__)

T = TypeVar("T")

MOST_OF_A_PASSAGE: Final = 8
"""Arguments that a passage is asked for: about 2,000 tokens of an answer."""
PROMPTS: Final = ("map_topic", "map_passage", "map_mend", "map_relations")
_TRIES: Final = 2
_LONGEST: Final = 60_000
"""Characters of an answer that are looked at, many times what was asked for."""
_BEGINNING: Final = 5000
_ENDING: Final = 1500
_HEADINGS: Final = 40
_HEADING: Final = 120


def patient(endpoint: Endpoint) -> Endpoint:
    """The endpoint with the limits of work that nobody in a chat waits for, or the settings' where they allow more."""
    return replace(
        endpoint,
        max_output_tokens=max(endpoint.max_output_tokens, 4000),
        first_token_seconds=max(endpoint.first_token_seconds, 90.0),
        idle_seconds=max(endpoint.idle_seconds, 60.0),
        total_seconds=max(endpoint.total_seconds, 600.0),
    )


class Asker:
    """Asks one language model about one document; close with `aclose`.

    Every method may raise WriterError. What a method returns is the model's word and nothing more; None says that no
    answer could be read, also at a second try.
    """

    def __init__(self, endpoint: Endpoint, prompts: Prompts) -> None:
        self._endpoint = patient(endpoint)
        self._prompts = prompts
        self._client = ModelClient(self._endpoint)
        self.usage = Usage()

    @property
    def model(self) -> str:
        return self._endpoint.model

    @property
    def versions(self) -> tuple[str, ...]:
        """The prompts' versions, for the file's header."""
        return tuple(self._prompts[name].version for name in PROMPTS)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def topic(self, document: Document, question: str, claim: str, faults: Sequence[str] = ()) -> Fields | None:
        """Title, question, thesis, its contrary and text; `question` and `claim` are the person's, or empty."""
        values = {
            "document": _overview(document),
            "given": {"question": question, "claim": claim},
            "faults": list(faults),
        }
        return await self._asked("map_topic", values, answers.TOPIC, answers.read_topic)

    async def arguments(self, topic: Mapping[str, str], passage: Passage) -> list[Fields] | None:
        """The arguments of a passage; `topic` as the templates name it."""
        values = {
            "topic": topic,
            "most": MOST_OF_A_PASSAGE,
            "passage": {
                "number": passage.number,
                "heading": passage.pieces[0].heading[:_HEADING],
                "paragraphs": [piece.text for piece in passage.pieces],
            },
        }
        return await self._asked("map_passage", values, answers.ARGUMENTS, answers.read_arguments)

    async def mended(self, topic: Mapping[str, str], faulty: Sequence[Mapping[str, object]]) -> list[Fields]:
        """The arguments again, each with its number; those that the model left out are missing."""
        values = {"topic": topic, "arguments": list(faulty)}
        return await self._asked("map_mend", values, answers.MENDED, answers.read_arguments) or []

    async def relations(
        self, topic: Mapping[str, str], claims: Sequence[Mapping[str, str]], first: str, last: str
    ) -> tuple[list[Fields], list[Fields]] | None:
        """Duplicates and relations of the claims from `first` to `last`; each claim with its id and side."""
        values = {"topic": topic, "arguments": list(claims), "asked": {"first": first, "last": last}}
        return await self._asked("map_relations", values, answers.RELATIONS, answers.read_relations)

    async def _asked(
        self, name: str, values: Mapping[str, object], schema: Schema, read: Callable[[str], T | None]
    ) -> T | None:
        """Ask until an answer is whole and can be read, twice at most; then what the longer of two cut answers has."""
        prompt = self._prompts[name]
        rendered = prompt.render(values)
        messages: list[ChatMessage] = [
            {"role": "system", "content": rendered.instructions},
            {"role": "user", "content": rendered.material},
        ]
        own = prompt.settings.temperature
        temperature = own if own is not None else self._endpoint.temperature
        cut = ""
        for last in (number == _TRIES for number in range(1, _TRIES + 1)):
            text: list[str] = []
            try:
                await self._heard(messages, temperature, schema, text)
            except WriterUnavailable:
                cut = max(cut, "".join(text), key=len)
                if not text or (last and read(cut) is None):
                    raise  # without any text the client has tried again itself
            else:
                if (found := read("".join(text))) is not None:
                    return found
            logger.info("The answer to %s could not be used%s.", prompt.version, "" if last else "; asking once more")
        return read(cut)

    async def _heard(
        self, messages: Sequence[ChatMessage], temperature: float | None, schema: Schema, text: list[str]
    ) -> None:
        """One call; the answer goes into `text` as it comes, so that a cut one is not lost."""
        spent = SpentUsage()
        deltas = self._client.stream(messages, spent, temperature=temperature, schema=schema)
        length = 0
        try:
            async with contextlib.aclosing(without_thoughts(deltas)) as answer:
                async for delta in answer:
                    text.append(delta)
                    length += len(delta)
                    if length > _LONGEST:
                        break
        finally:
            self.usage += spent.usage


def _overview(document: Document) -> dict[str, Any]:
    """What of a document tells its topic: its headings, how it begins and how it ends."""
    beginning = _within(document.pieces, _BEGINNING)
    rest = document.pieces[len(beginning) :]
    ending = _within(rest[::-1], _ENDING)[::-1]
    return {
        "title": document.title[:_HEADING],
        "headings": [heading[:_HEADING] for heading in document.headings[:_HEADINGS]],
        "beginning": [piece.text for piece in beginning],
        "ending": [piece.text for piece in ending],
    }


def _within(pieces: Sequence[Piece], size: int) -> Sequence[Piece]:
    """As many pieces as have at most `size` characters together."""
    total = 0
    for number, piece in enumerate(pieces):
        total += len(piece.text)
        if total > size:
            return pieces[:number]
    return pieces
