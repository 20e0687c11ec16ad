"""From a member's words to a view: which map, which claim, affirmed or denied; and what to say when that is unclear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core.actions import short_topic
from bot.core.arguments import ArgumentMap, Retired, View
from bot.core.language import plural, say, spoken
from bot.core.parsing import CLAIM_ID, normal_id
from bot.core.ports import Catalogue, Retriever, Store
from bot.core.reading import Candidate, Leaning, Reading, Verdict
from bot.core.requests import Venue
from bot.errors import ConfigurationError, UnknownClaim, UnknownTopic


@dataclass(frozen=True, slots=True)
class Resolved:
    """A view in a map. `leaning` is None where a claim id named it and nothing had to be read.

    `by_words` is true where a text was read without an encoder, `from_before` where it pointed back to what was said
    before.
    """

    map: ArgumentMap
    view: View
    leaning: Leaning | None = None
    by_words: bool = False
    from_before: bool = False


@dataclass(frozen=True, slots=True)
class Unresolved:
    """No view: the nearest claims when the reading is unsure, or nothing at all; `elsewhere` is a topic that fits.

    `in_thread` is true where the topic is a thread's, which can be switched by itself.
    """

    map: ArgumentMap
    nearest: tuple[Candidate, ...] = ()
    elsewhere: ArgumentMap | None = None
    by_words: bool = False
    in_thread: bool = False


_DENIED_ID = re.compile(r"^(?:not|against|deny|denying|no to|the opposite of|contra)\s+(\S+)$", re.IGNORECASE)
_THESIS_WORDS = ("thesis", "the thesis", "it", "this topic", "the question")


class Resolver:
    """Finds the view that a text is about, in the topic of the channel or thread first."""

    def __init__(self, catalogue: Catalogue, retriever: Retriever, store: Store) -> None:
        self._catalogue = catalogue
        self._retriever = retriever
        self._store = store

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        """The workspace's maps, the default topic first.

        Raises:
            ConfigurationError: there are none.
        """
        maps = await self._catalogue.maps(workspace)
        if not maps:
            raise ConfigurationError("There is no argument map; add one to the folder that CRUX_SEEDS names.")
        return maps

    async def topic(self, workspace: str, name: str) -> ArgumentMap:
        """The map of a topic's id, of the beginning of one, or of its short form in buttons (`actions.short_topic`).

        Raises:
            UnknownTopic: none, or several.
        """
        maps = await self.maps(workspace)
        exact = [found for found in maps if name in (found.id, short_topic(found.id))]
        begun = exact or [found for found in maps if found.id.startswith(name)]
        if len(begun) == 1:
            return begun[0]
        listed = ", ".join(found.id for found in (begun or maps))
        if begun:
            raise UnknownTopic(
                say("More than one topic begins with “{name}”; choose one of: {topics}.", name=name, topics=listed)
            )
        raise UnknownTopic(say("There is no topic “{name}”; choose one of: {topics}.", name=name, topics=listed))

    async def current(self, venue: Venue) -> ArgumentMap:
        """The topic of a thread or channel; topics that are gone are passed over.

        A thread is about what was chosen in it, else about what it is about (`Store.thread_topics`), else about the
        channel's topic: so it goes on being about that when the channel goes over to another. A channel is about what
        was chosen in it, else about the default topic.
        """
        maps = await self.maps(venue.workspace)
        by_id = {found.id: found for found in maps}
        topics = await self._store.thread_topics(venue) if venue.thread is not None else ()
        for topic in topics:
            if topic in by_id:
                return by_id[topic]
        return by_id.get(await self._store.channel_topic(venue.workspace, venue.channel) or "", maps[0])

    async def claim(self, venue: Venue, text: str) -> tuple[ArgumentMap, str]:
        """The claim that an id names, in the present topic first; "thesis" names the topic's own.

        Raises:
            UnknownClaim: none; `nearest` has ids that look like it.
            RetiredClaim: it is out of use.
        """
        current = await self.current(venue)
        if text.lower() in _THESIS_WORDS:
            return current, current.thesis.id
        wanted = normal_id(text)
        maps = [current, *(found for found in await self.maps(venue.workspace) if found is not current)]
        if wanted is not None:
            for found in maps:
                if wanted in found or wanted in found.retired_by_id:
                    return found, found[wanted].id
        raise unknown_claim(text, current, wanted)

    async def retired(self, venue: Venue, text: str) -> tuple[ArgumentMap, Retired]:
        """The retired claim that an id names, in the present topic first.

        Raises:
            UnknownClaim: there is none.
        """
        current = await self.current(venue)
        wanted = normal_id(text)
        for found in [current, *(found for found in await self.maps(venue.workspace) if found is not current)]:
            if wanted is not None and wanted in found.retired_by_id:
                return found, found.retired_by_id[wanted]
        raise unknown_claim(text, current, wanted)

    async def resolve(self, venue: Venue, text: str) -> Resolved | Unresolved:
        """Read a text: an id, a denied id ("not MI-04"), the word "thesis", or words.

        Raises:
            UnknownClaim: it is an id that no topic has.
        """
        current = await self.current(venue)
        denied = _DENIED_ID.match(text)
        named = denied[1] if denied else text
        if named.lower() in _THESIS_WORDS or normal_id(named) is not None:
            found, claim_id = await self.claim(venue, named)
            return Resolved(found, View(claim_id, affirmed=denied is None))
        if len(ids := _ids_in(text, current)) > 1:
            raise UnknownClaim(
                plural(
                    "That names {number} claim ({claims}); name one of them.",
                    "That names {number} claims ({claims}); name one of them.",
                    len(ids),
                    claims=", ".join(ids),
                ),
                nearest=ids,
            )
        return await self._read(venue, current, text)

    async def _read(self, venue: Venue, current: ArgumentMap, text: str) -> Resolved | Unresolved:
        reading = await self._retriever.read(text, current)
        if reading.verdict is Verdict.SURE and reading.best is not None:
            return Resolved(current, _view(reading.best), reading.best.leaning, reading.by_words)
        elsewhere = None
        for other in await self.maps(venue.workspace):
            if other is not current and (await self._retriever.read(text, other)).verdict is Verdict.SURE:
                elsewhere = other
                break
        return Unresolved(current, _nearest(reading), elsewhere, reading.by_words, venue.thread is not None)


def _view(candidate: Candidate) -> View:
    return View(candidate.argument_id, affirmed=candidate.leaning is not Leaning.DENIES)


def _nearest(reading: Reading) -> tuple[Candidate, ...]:
    return reading.candidates[:3] if reading.verdict is Verdict.UNSURE else ()


def _ids_in(text: str, argument_map: ArgumentMap) -> list[str]:
    found = (normal_id(match[0]) for match in CLAIM_ID.finditer(text))
    return [claim_id for claim_id in dict.fromkeys(found) if claim_id is not None and claim_id in argument_map]


def unknown_claim(text: str, argument_map: ArgumentMap, wanted: str | None) -> UnknownClaim:
    """The error for an id that no topic has, with the ids that look like it."""
    ids = list(argument_map.by_id)
    nearest = get_close_matches(wanted or text.upper(), ids, n=3, cutoff=0.5)
    if wanted is None:
        return UnknownClaim(
            say(
                "“{text}” is not a claim's id; name one like {example}; `/crux map` lists them.",
                text=text[:40],
                example=ids[min(1, len(ids) - 1)],
            ),
            nearest,
        )
    said = [say("There is no claim {claim}; `/crux map` lists them.", claim=wanted)]
    if nearest:
        said.append(say("Did you mean {claims}?", claims=spoken().either(nearest)))
    return UnknownClaim(" ".join(said), nearest)
