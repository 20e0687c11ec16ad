"""Whole sentences out of a stream of text.

A sentence comes out as soon as nothing that may follow could still belong to it: its stop must be followed by something
that starts another sentence, since a citation may come after the stop (`Foo. [MI-04]`) and a stop may turn out to be an
abbreviation's or a decimal's. What comes out does not depend on how the stream was cut.

Whitespace: runs without a line break become one space and runs with one become a line break, which also ends a
sentence. Joining `before + text` of all sentences gives `tidy(input)`, nothing lost and nothing added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from bot.core.messages import CITATION
from bot.writing.vocabulary import BEFORE_NUMBERS, MAYBE_LAST, NEVER_LAST, STARTERS


class Sentence(NamedTuple):
    """`before` is what stands between the sentence and the one before it: nothing, a space, or a line break."""

    text: str
    before: str = ""


_BREAKS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_STOPS: Final = ".!?…"
_WIDE_STOPS: Final = "。！？｡"
_CLOSERS: Final = "\"'”’»)]}*_`」』）】》"
_BREAK: Final = re.compile(f"[{_BREAKS}]")
_SPACE: Final = re.compile(r"\s+")
_CANDIDATE: Final = re.compile(f"[{_BREAKS}{_STOPS}{_WIDE_STOPS}]")
_STOP_RUN: Final = re.compile(f"[{_STOPS}{_WIDE_STOPS}{re.escape(_CLOSERS)}]+")
_GAP: Final = re.compile(f"[^\\S{_BREAKS}]*")
_CITATION_HEAD: Final = re.compile(r"\[[A-Z0-9,;\s-]*$")
"""What may still become a citation when more text arrives."""
_WORD_BEFORE: Final = re.compile(r"[^\s(\[\"'“‘—–/]*$")
_ENDS: Final = re.compile(r"[a-z\])”’]")
"""What stands before a stop whose space was forgotten, as in `Foo [MI-04].Bar`."""
_LIST_MARK: Final = re.compile(r"(?:[-*•>#]\s*)?(?:\d{1,3}|[A-Za-z])")
_INITIALS: Final = re.compile(r"(?:[a-z]\.)+[a-z]|[a-hj-z]")


def tidy(text: str) -> str:
    """The text with whitespace as sentences have it: single spaces and single line breaks, none at the ends."""
    return _SPACE.sub(_as_gap, text).strip()


def _as_gap(match: re.Match[str]) -> str:
    return "\n" if _BREAK.search(match.group()) else " "


def split(text: str) -> tuple[Sentence, ...]:
    """All sentences of a whole text."""
    splitter = SentenceSplitter()
    return (*splitter.feed(text), *splitter.flush())


def join(sentences: Iterable[Sentence]) -> str:
    """The text that sentences make up, without what stood before the first."""
    return "".join(s.before + s.text for s in sentences).strip()


class SentenceSplitter:
    """Takes pieces of text and gives whole sentences.

    `feed` gives those that are complete; `flush`, at the end of the text, gives what is left.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._scanned = 0
        self._first = True

    @property
    def pending(self) -> str:
        """What was fed and has not come out yet."""
        return self._buffer

    def feed(self, delta: str) -> tuple[Sentence, ...]:
        self._buffer += delta
        return tuple(self._take(final=False))

    def flush(self) -> tuple[Sentence, ...]:
        found = list(self._take(final=True))
        rest = self._sentence(len(self._buffer))
        self._buffer, self._scanned = "", 0
        return (*found, *([rest] if rest else ()))

    def _take(self, *, final: bool) -> Iterator[Sentence]:
        while match := _CANDIDATE.search(self._buffer, self._scanned):
            end = self._end(match.start(), final=final)
            if end is None:
                # Wait with this very stop: what decides on it hasn't arrived.
                self._scanned = match.start()
                return
            if end == 0:
                run = _STOP_RUN.match(self._buffer, match.start())
                self._scanned = run.end() if run else match.end()
            elif sentence := self._sentence(end):
                yield sentence
        self._scanned = len(self._buffer)

    def _sentence(self, end: int) -> Sentence | None:
        """Cut the buffer at `end`; None when only space stands before it."""
        piece = self._buffer[:end]
        text = piece.strip()
        if not text:
            return None
        lead = piece[: len(piece) - len(piece.lstrip())]
        before = "" if self._first or not lead else ("\n" if _BREAK.search(lead) else " ")
        self._first = False
        self._buffer, self._scanned = self._buffer[end:], 0
        return Sentence(tidy(text), before)

    def _end(self, at: int, *, final: bool) -> int | None:
        """Where the sentence ends whose stop may be at `at`: 0 when it doesn't, None when that isn't known."""
        buffer = self._buffer
        if buffer[at] in _BREAKS:
            return at if buffer[:at].strip() else 0
        run = _STOP_RUN.match(buffer, at)
        end = run.end() if run else at + 1
        if end == len(buffer) and not final:
            return None
        cited = self._after_citations(end, final=final)
        if cited is None:
            return None
        gap = _GAP.match(buffer, cited)
        following = gap.end() if gap else cited
        if following == len(buffer):
            return cited if final else None
        if buffer[following] in _BREAKS:
            return cited
        if any(stop in buffer[at:end] for stop in _WIDE_STOPS):
            return cited
        if following == cited == end and not (buffer[following].isupper() and _ENDS.search(buffer, at - 1, at)):
            return 0  # nothing between the stop and what follows: a decimal, a file name, an address
        return self._decide(at, end, cited, following, final=final)

    def _after_citations(self, end: int, *, final: bool) -> int | None:
        """The end of the citations that follow a stop, with a second stop after them; None when one may still come."""
        buffer = self._buffer
        while True:
            gap = _GAP.match(buffer, end)
            start = gap.end() if gap else end
            citation = CITATION.match(buffer, start)
            if citation is None:
                undecided = start == len(buffer) or _CITATION_HEAD.match(buffer, start)
                return None if undecided and not final else end
            after = _STOP_RUN.match(buffer, citation.end())
            end = after.end() if after else citation.end()
            if end == len(buffer) and not final:
                return None

    def _decide(self, at: int, end: int, cited: int, following: int, *, final: bool) -> int | None:
        """The same, for a stop with space after it and something on the same line."""
        buffer = self._buffer
        found = _WORD_BEFORE.search(buffer[max(0, at - 40) : at])
        word = found.group().lower() if found else ""
        lone = buffer[at:end] == "."
        if lone and cited == end:
            if _LIST_MARK.fullmatch(buffer[:at].strip()):
                return 0
            if word in NEVER_LAST or (word in BEFORE_NUMBERS and buffer[following].isdigit()):
                return 0
            if word in MAYBE_LAST or _INITIALS.fullmatch(word):
                return self._if_starter(cited, following, final=final)
        if cited > end:
            return cited  # a stop and a citation end a sentence whatever comes
        if buffer[following].islower() or buffer[following] in ",;:)":
            return 0
        return cited

    def _if_starter(self, end: int, following: int, *, final: bool) -> int | None:
        """After "U.S." or "etc." a sentence ends only if the next word is one that starts sentences."""
        stop = following
        while stop < len(self._buffer) and self._buffer[stop].isalpha():
            stop += 1
        if stop == len(self._buffer) and not final:
            return None
        word = self._buffer[following:stop]
        return end if word[:1].isupper() and word.lower() in STARTERS else 0
