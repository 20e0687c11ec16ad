"""Marks that fence what members and maps say, so that in a prompt it stays data.

A block opens with `⟦argument AB-04⟧` and closes with `⟦end⟧`. The two brackets occur in our templates and nowhere else:
`quoted` takes them, and what else could imitate the edge of a block, out of every value before it is put into a
template. A fixed mark, in place of a random one for each call, keeps the prefix of a prompt the same from call to call,
which is what providers cache by.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

OPEN: Final = "⟦"
CLOSE: Final = "⟧"

_LOOKALIKES: Final = str.maketrans({**dict.fromkeys("⟦〚［", "["), **dict.fromkeys("⟧〛］", "]")})

_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs"})
"""Unicode categories of control, format (bidi, zero-width, tag letters), private and surrogate characters."""

_CHAT_MARKUP: Final = re.compile(r"<\|[^<>|]{0,40}\|>|</?(?:s|think|system|assistant|user)>|\[/?INST\]", re.IGNORECASE)
"""Turn marks of common chat templates; some servers tokenise them as such wherever they stand."""


def quoted(value: object) -> str:
    """A value as one line that holds no mark and no character that a reader can't see.

    Line breaks become spaces, so that a value can't look like a heading or a block of its own.
    """
    text = str(value).translate(_LOOKALIKES)
    text = "".join(" " if character.isspace() else character for character in text if _shown(character))
    while (bare := _CHAT_MARKUP.sub(" ", text)) != text:  # taking one out may join the halves of another
        text = bare
    return " ".join(text.split())


def _shown(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in _HIDDEN
