"""Reading chat text: words, sentences, shorthand spelled out, named claims, and cues of negation. All pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any, Final

_ENGLISH: Final[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "english.toml").read_text(encoding="utf-8")
)
STOP_WORDS: Final = frozenset(_ENGLISH["stop_words"].split())
FILLERS: Final = frozenset(_ENGLISH["fillers"].split())
SHORTHAND: Final[dict[str, str]] = _ENGLISH["shorthand"]

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?")
_CLAIM_ID: Final = re.compile(r"(?<![\w-])([A-Za-z][A-Za-z0-9]{0,7}-\d{2,4})(?![\w-])")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[\"')\]]*\s+|\n+|\s*;\s+")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_NOT: Final = re.compile(r"n't\b|\bcannot\b")
_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def _phrases(listed: str) -> re.Pattern[str]:
    found = (re.escape(phrase.strip()).replace(r"\*", r"\w*") for phrase in listed.split("|"))
    return re.compile(r"\b(?:" + "|".join(found) + r")\b")


_NEGATION: Final = _phrases(_ENGLISH["negations"])
_REJECTION: Final = _phrases(_ENGLISH["rejections"])
_OPENER: Final = _phrases(_ENGLISH["openers"])


def plain(text: str) -> str:
    """A text with compatibility forms, curly quotes, spaces and invisible characters made ordinary; lines are kept."""
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return "\n".join(" ".join(_visible(line).split()) for line in text.split("\n")).strip()


def _visible(line: str) -> str:
    if line.isprintable():  # as nearly all are: quicker than to look at each character
        return line
    return "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in line)


def spelled_out(text: str) -> str:
    """Lower case, shorthand in full, stretched letters shortened, fillers dropped unless there is nothing else."""
    ordinary = plain(text).lower()
    kept = []
    for token in _STRETCHED.sub(r"\1\1", ordinary).split():
        core = token.strip(".,!?;:()\"'*_~")
        if core in FILLERS:
            continue
        kept.append(token.replace(core, SHORTHAND[core]) if core in SHORTHAND else token)
    return " ".join(kept) or ordinary


def words(text: str) -> list[str]:
    """Lower-case words in order; "doesn't" is "does" and "not"."""
    lowered = text.lower().translate(_QUOTES)
    return _WORD.findall(_NOT.sub(lambda found: " not" if found[0] == "n't" else "can not", lowered))


def letter_runs(text: str) -> list[str]:
    """Every run of four letters of a text, spaces between words included, each once."""
    whole = f" {' '.join(words(text))} "
    return list(dict.fromkeys(whole[start : start + 4] for start in range(len(whole) - 3)))


def content_words(text: str) -> list[str]:
    """The words of a query that carry meaning; all of them when there would be none."""
    found = words(text)
    return [word for word in found if word not in STOP_WORDS] or found


def sentences(text: str) -> list[str]:
    """The sentences of a text, without empty ones."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def negations(text: str) -> int:
    """How many words of negation a text has; two of them cancel out."""
    return len(_NEGATION.findall(" ".join(words(text))))


def disputes(text: str) -> bool:
    """Whether a text has a word that negates or rejects anything at all."""
    said = " ".join(words(spelled_out(text)))
    return _NEGATION.search(said) is not None or _REJECTION.search(said) is not None


def denies(text: str) -> bool:
    """Whether a short remark on something denies it: two denials cancel out, a "nah" before another does not count."""
    rest, openers = _OPENER.subn(" ", plain(text).lower())
    count = negations(_REJECTION.sub(" not ", rest))
    return count % 2 == 1 if count else openers > 0


def claim_ids(text: str) -> tuple[str, ...]:
    """Claim ids that a text names, in upper case, in order, each once; `MI-04` and `mi-04` are the same."""
    return tuple(dict.fromkeys(found.upper() for found in _CLAIM_ID.findall(plain(text))))


def without_claim_ids(text: str) -> str:
    return " ".join(_CLAIM_ID.sub(" ", plain(text)).split())
