"""What a sentence says on its face: its content words, numbers, names, negations and claims of certainty.

Word lists are English. A text in another language has few of these marks, so that there the encoder decides alone.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Final

import snowballstemmer

from bot.core.messages import CITATION
from bot.writing.vocabulary import (
    CERTAINTIES,
    CONVERSES,
    DISCOURSE_WORDS,
    FUNCTION_WORDS,
    HEDGES,
    NEGATIONS,
    NUMBER_WORDS,
    OPPOSITES,
    PARTS,
    SCALES,
    SWEEPING,
    TENS,
    UNITS,
)

REMEMBERED: Final = 4096
"""Texts whose stems are kept: the sentences of a map or two come up in every check."""
ID: Final = re.compile(r"\b[A-Z][A-Z0-9]{0,7}-\d{2,4}\b")
_STEMMER: Final = snowballstemmer.stemmer("english")
_WORD: Final = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*", re.UNICODE)
_CLAUSE_EDGE: Final = re.compile(
    r"\s*[;:—]\s+|,\s+(?:and|but|yet|so|which|because|since|as|while|whereas|although|though|when|where|who|or)?\s*"
    r"|\s+(?:and|but|yet|because|since|while|whereas|although|though|so that|which)\s+"
)

_DIGITS: Final = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_NAME: Final = re.compile(r"[^\W\d_]*[A-Z][\w’'&-]*")
_NOT_SWEEPING: Final = re.compile(
    r"\b(?:at|after|above|in) all\b|\bany ?(?:more|longer)\b|\bif any\b"
    r"|\bnot (?:all|every|always|only|entirely|fully|completely)\b"
    rf"|\b(?:all|any)(?: of the| the| of)? (?:{'|'.join(UNITS)})\b",
    re.IGNORECASE,
)
_EMPTY: Final = FUNCTION_WORDS | DISCOURSE_WORDS | NUMBER_WORDS
_NEVER_NAMES: Final = frozenset({"i", "i'm", "i'd", "i've", "i'll"})


def plain(sentence: str) -> str:
    """The sentence without its citations, and without ids that stand elsewhere in it."""
    return re.sub(r"\s+([.,;:!?])", r"\1", ID.sub("", CITATION.sub("", sentence))).strip()


def words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    word = word.removesuffix("'s")
    return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=REMEMBERED)
def stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text))


@lru_cache(maxsize=REMEMBERED)
def content(text: str) -> frozenset[str]:
    """Stems of the words that carry a claim, numbers left out."""
    return frozenset(stem(word) for word in words(text) if word not in _EMPTY and not word[0].isdigit())


def unknown(text: str, familiar: frozenset[str]) -> list[str]:
    """The content words of a text whose stems aren't familiar, in their order."""
    own = content(text) - familiar
    return list(dict.fromkeys(word for word in words(text) if stem(word) in own))


def clauses(sentence: str, shortest: int = 3) -> list[str]:
    """The parts of a sentence that each say something, those with fewer content words joined to the one before."""
    parts: list[str] = []
    for piece in filter(None, map(str.strip, _CLAUSE_EDGE.split(sentence))):
        if parts and (len(content(piece)) < shortest or len(content(parts[-1])) < shortest):
            parts[-1] = f"{parts[-1]}, {piece}"
        else:
            parts.append(piece)
    return parts


def numbers(text: str) -> frozenset[Fraction]:
    """Amounts in a text, as digits or words: "3.5", "2,900", "thirty-two", "a quarter", "two decades".

    "one" is left out, being a pronoun more often than a count, and so are ordinals: "third" is a number only after "a",
    "one" or "two".
    """
    found = {Fraction(match.replace(",", "")) for match in _DIGITS.findall(text)}
    tokens = re.findall(r"[a-z]+", text.lower())
    at = 0
    while at < len(tokens):
        amount, at = _spelled(tokens, at)
        if amount is not None:
            found.add(amount)
    return frozenset(found)


def _spelled(tokens: list[str], at: int) -> tuple[Fraction | None, int]:
    """The number that starts at a word, and where to go on."""
    start, total = at, 0
    while at < len(tokens) and (tokens[at] in UNITS or tokens[at] in TENS):
        value = UNITS.get(tokens[at], TENS.get(tokens[at], 0))
        if at > start and (tokens[at - 1] not in TENS or value > 9):
            break
        total, at = total + value, at + 1
    following = tokens[at] if at < len(tokens) else ""
    if at == start:
        if following in ("decade", "decades"):
            return Fraction(10), at + 1
        if following in PARTS and _is_part(tokens, at):
            return PARTS[following], at + 1
        return None, at + 1
    if following in PARTS:
        return total * PARTS[following], at + 1
    if following in ("decades", "decade"):
        return Fraction(total * 10), at + 1
    if following in SCALES:
        return Fraction(total * SCALES[following]), at + 1
    return (Fraction(total), at) if (at - start > 1 or tokens[start] != "one") else (None, at)


def _is_part(tokens: list[str], at: int) -> bool:
    """Whether a word such as "third" is a fraction there and no ordinal."""
    if tokens[at] in ("half", "quarter", "quarters"):
        return True
    if at == 0 or tokens[at - 1] not in ("a", "the"):
        return False
    before = tokens[at - 2] if at > 1 else ""
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    return before in ("by", "than", "about", "nearly", "roughly", "almost") or following in (
        "of",
        "fewer",
        "less",
        "more",
    )


def names(text: str, known: frozenset[str] = frozenset(), common: frozenset[str] = frozenset()) -> frozenset[str]:
    """Proper names and acronyms, as lower-case words without a plural or possessive s.

    The first word of a sentence is one only if it has a second capital, if another name follows or a possessive s that
    no `common` word has, or if it is among `known` names.
    """
    found: set[str] = set()
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        tokens = re.findall(r"[\w’'&-]+", sentence)
        for place, token in enumerate(tokens):
            for part in token.split("-"):
                name = name_of(part)
                if not _NAME.fullmatch(part) or name in _NEVER_NAMES:
                    continue
                if place > 0 or any(letter.isupper() for letter in part[1:]) or name in known:
                    found.add(name)
                elif not {name, part.lower()} & (FUNCTION_WORDS | DISCOURSE_WORDS | common):
                    followed = place + 1 < len(tokens) and tokens[place + 1][:1].isupper()
                    if followed or part.endswith(("'s", "’s")):
                        found.add(name)
    return frozenset(found)


def name_of(token: str) -> str:
    """A name as it is compared: lower case, without a possessive or plural s."""
    bare = re.sub(r"['’]s?$", "", token)
    if len(bare) > 3 and bare.endswith("s"):
        bare = bare[:-1]
    return bare.lower()


def initials(text: str) -> frozenset[str]:
    """Acronyms that the words of a text could stand for, of two to four letters."""
    tokens = [part for word in words(text) for part in word.split("-")]
    return frozenset(
        "".join(token[0] for token in tokens[at : at + length])
        for length in (2, 3, 4)
        for at in range(len(tokens) - length + 1)
    )


def negated(text: str) -> bool:
    """Whether a text has an odd number of negations."""
    return sum(word in NEGATIONS or word.endswith("n't") for word in words(text)) % 2 == 1


def certainties(text: str) -> frozenset[str]:
    """Phrases that put a thing as beyond doubt, each by the stem of its first word; not those that deny it."""
    return frozenset(
        stem(match.group().split()[0].lower())
        for match in CERTAINTIES.finditer(text)
        if not _denies(words(text[: match.start()])[-3:])
    )


def _denies(before: list[str]) -> bool:
    """Whether the words before a word deny it: "not conclusively", "rather than proven", "short of proof that"."""
    return before[-1:] in (["than"], ["of"]) or any(word in NEGATIONS or word.endswith("n't") for word in before)


def hedged(text: str) -> bool:
    """Whether a text keeps from stating flatly what it says."""
    return bool(HEDGES.search(text))


def sweeping(text: str) -> frozenset[str]:
    """Words that allow no exception; not those that deny one ("not every", "not only"), nor "at all" and its like."""
    return frozenset(word for word in words(_NOT_SWEEPING.sub(" ", text)) if word in SWEEPING)


def opposed(text: str, other: str) -> int:
    """How many pairs of opposites the two texts take from different ends, as "rise" against "fall"."""
    one, two = frozenset(words(text)), frozenset(words(other))
    converse = _end(one, CONVERSES) * _end(two, CONVERSES) == -1 and not _change_places(text, other)
    return sum(_end(one, pair) * _end(two, pair) == -1 for pair in OPPOSITES) + converse


def _change_places(text: str, other: str) -> bool:
    """Whether what stands before a converse ("beats") in one text stands after its opposite ("loses") in the other."""
    (before, after), (earlier, later) = _around(text), _around(other)
    return len(before & later) + len(after & earlier) > len(before & earlier) + len(after & later)


def _around(text: str) -> tuple[frozenset[str], frozenset[str]]:
    found = words(text)
    at = next(place for place, word in enumerate(found) if word in CONVERSES[0] | CONVERSES[1])
    return content(" ".join(found[:at])), content(" ".join(found[at + 1 :]))


def _end(found: frozenset[str], pair: tuple[frozenset[str], frozenset[str]]) -> int:
    """1 or -1 for the end of a pair of opposites that words are from; 0 for neither, or both."""
    return bool(found & pair[0]) - bool(found & pair[1])
