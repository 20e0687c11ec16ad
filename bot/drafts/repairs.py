"""Makes a model's words fit the map format where that needs no judgement, and says what is wrong where it does."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.core.arguments import Certainty, Side
from bot.drafts.answers import Fields
from bot.maps.format import Claim, Plain, Statement, TopicEntry
from bot.writing.quoting import quoted

_SIGNS: Final = (
    (re.compile(r"</?[A-Za-z][^<>]*>"), ""),
    (re.compile(r"\s*<=\s*(?=\d)"), " at most "),
    (re.compile(r"\s*>=\s*(?=\d)"), " at least "),
    (re.compile(r"\s*<\s*(?=\d)"), " below "),
    (re.compile(r"\s*>\s*(?=\d)"), " above "),
    (re.compile(r"\s*[-=]+>\s*"), " to "),
    (re.compile(r"[<>*`]"), ""),
)
_ROUND: Final = str.maketrans("[]", "()")
_TITLE: Final = 60
_PREFIX_LETTERS: Final = 4
_SMALL: Final = frozenset(
    ["A", "AN", "AND", "AS", "AT", "BY", "FOR", "IN", "OF", "ON", "OR", "THE", "TO", "VS", "WITH"]
)
"""Words that have no letter in a prefix."""


def one_line(text: str) -> str:
    """One line of characters that a reader can see and YAML can hold, also in a comment."""
    # U+FFFE and U+FFFF are the only characters that `quoted` lets pass and YAML doesn't.
    return quoted(text.replace("\ufffe", "").replace("\uffff", ""))


def plain(text: str) -> str:
    """The same without markup and without brackets of the kinds that have a meaning in a reply."""
    line = one_line(text).translate(_ROUND)
    for sign, words in _SIGNS:
        line = sign.sub(words, line)
    return " ".join(line.split())


def as_claim(text: str) -> str:
    """A claim as the format wants it: a capital first, no final stop. A question stays one, to be found wrong."""
    line = plain(text).rstrip(".! ")
    return line[:1].upper() + line[1:]


def as_text(text: str) -> str:
    """A text as the format wants it: with a final stop."""
    line = plain(text)
    return line if not line or line.endswith((".", "!", "?", ".”", '."', ".)")) else f"{line}."


def as_title(text: str) -> str:
    """A title of at most 60 characters, shortened after a word where it is longer."""
    line = plain(text).rstrip(". ")
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1].rsplit(' ', 1)[0]}…"


def statement(fields: Fields) -> Fields:
    """Claim, contrary and text of an answer, mended."""
    return {
        "claim": as_claim(fields.get("claim", "")),
        "contrary": as_claim(fields.get("contrary", "")),
        "text": as_text(fields.get("text", "")),
    }


def statement_faults(found: Fields) -> list[str]:
    """What is wrong with claim, contrary and text, by the map format's own checks; nothing where they fit."""
    try:
        Statement.model_validate({name: found[name] for name in ("claim", "contrary", "text")})
    except ValidationError as error:
        return _faults(error)
    return []


class _Question(BaseModel):
    """The topic's other words, checked as the map format checks them."""

    title: Annotated[Plain, Field(min_length=3, max_length=60)]
    question: Annotated[Plain, Field(min_length=10, max_length=140)]


def topic_faults(title: str, question: str) -> list[str]:
    """What is wrong with a title and a question."""
    try:
        _Question(title=title, question=question)
    except ValidationError as error:
        return _faults(error)
    return []


class _Thesis(BaseModel):
    thesis: Claim


def thesis_faults(claim: str) -> list[str]:
    """What is wrong with a claim alone."""
    try:
        _Thesis(thesis=claim)
    except ValidationError as error:
        return _faults(error)
    return []


def as_side(word: str) -> Side | None:
    return next((side for side in Side if side == word.strip().lower()), None)


def as_certainty(word: str) -> Certainty:
    """The certainty that a word names; tentative where it names none, so that nothing is put too firmly."""
    return next((one for one in Certainty if one == word.strip().lower()), Certainty.TENTATIVE)


def prefix_of(title: str, taken: frozenset[str]) -> str:
    """A prefix for ids out of a title's initials, which none of those taken has."""
    words = re.findall(r"[A-Z]+", _ascii(title).upper())
    initials = "".join(word[0] for word in words if word not in _SMALL)[:_PREFIX_LETTERS]
    base = initials if len(initials) > 1 else "DR"
    return next(
        name for number in range(1, len(taken) + 2) if (name := f"{base}{number if number > 1 else ''}") not in taken
    )


def slug_of(title: str, taken: frozenset[str]) -> str:
    """A topic id out of a title, which none of those taken has."""
    base = "-".join(re.findall(r"[a-z0-9]+", _ascii(title).lower()))[:50].strip("-")
    base = base if len(base) > 2 else "drafted-topic"
    return next(
        name
        for number in range(1, len(taken) + 2)
        if (name := f"{base}{f'-{number}' if number > 1 else ''}") not in taken
    )


def fits(field: str, value: str) -> bool:
    """Whether a topic's `id` or `prefix` has the form that the map format asks for."""
    pattern = next(one.pattern for one in TopicEntry.model_fields[field].metadata if hasattr(one, "pattern"))
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value) is not None


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text.replace("'", "").replace("’", "")).encode("ascii", "ignore").decode()


def _faults(error: ValidationError) -> list[str]:
    faults = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        faults.append(f"{where + ': ' if where else ''}{_told(problem)}")
    return faults


def _told(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    for name, words in (("min_length", "at least"), ("max_length", "at most")):
        if name in context:
            return f"{len(problem['input'])} characters, and it takes {words} {context[name]}"
    return problem["msg"].removeprefix("Value error, ")
