"""JSON out of what a model sends when it was asked for JSON: also inside prose, in a code fence, or cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

_OPENING: Final = re.compile(r"[\[{]")


def json_values(answer: str) -> Iterator[object]:
    """Every JSON object and array of an answer that is whole, in the order in which they begin, inner ones too.

    Of an answer that was cut off, the outer object is not whole and what it holds up to the cut is.
    """
    decoder = json.JSONDecoder()
    for match in _OPENING.finditer(answer):
        try:
            yield decoder.raw_decode(answer, match.start())[0]
        except ValueError:
            continue
        except RecursionError:
            return  # thousands of brackets in a row are no answer, and trying each of them takes seconds
