"""A language model for the group: an OpenAI-compatible server that argues from what it is given, and can die."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from tests.integration.scripted_server import ByBody, Script, answer, events, scripted, whole

NAME: Final = "sample-model"


class State(StrEnum):
    ALIVE = "alive"
    DEAD = "dead"
    """It answers every call with an error."""
    STALLED = "stalled"
    """It takes calls, and says nothing."""


@dataclass
class Model:
    """Writes from the blocks of its prompt a sentence each, cited; in a digest it repeats the first figures."""

    state: State = State.ALIVE
    url: str = ""
    asked: list[State] = field(default_factory=list)
    """How it was at each call."""

    def choose(self, body: dict[str, Any]) -> Script:
        self.asked.append(self.state)
        match self.state:
            case State.DEAD:
                return answer(500, {"error": {"message": "out of order"}})
            case State.STALLED:
                return events(3600)
            case State.ALIVE:
                return whole(written("\n".join(str(message["content"]) for message in body["messages"])))


@contextlib.asynccontextmanager
async def model_server() -> AsyncIterator[Model]:
    model = Model()
    async with scripted(ByBody(model.choose)) as server:
        model.url = server.url
        yield model


_VIEW: Final = re.compile(r"^the view to argue: (.+)$", re.MULTILINE)
_BLOCK: Final = re.compile(r"⟦argument ([A-Z]+-\d+)⟧\npart in the case: (.+)\nclaim: (.+)\n")
_SAID: Final = re.compile(r"^said: (.+)$", re.MULTILINE)


def written(prompt: str) -> str:
    """What this model makes of a prompt."""
    view = _VIEW.search(prompt)
    if view is None:
        return " ".join(_SAID.findall(prompt)[:1])
    sentences = []
    for argument_id, part, claim in _BLOCK.findall(prompt):
        if part.startswith("this is the view"):
            sentences.append(f"It seems that {_inside(view[1])} [{argument_id}].")
        elif part.startswith("this is the claim"):
            sentences.append(f"The claim to be met is that {_inside(claim)} [{argument_id}].")
        elif part.startswith("objection"):
            sentences.append(f"Critics may say that {_inside(claim)} [{argument_id}].")
        elif not part.startswith("context"):
            sentences.append(f"It may be that {_inside(claim)} [{argument_id}].")
    return " ".join(sentences)


def _inside(claim: str) -> str:
    """A claim as it stands within a sentence."""
    first, _, rest = claim.rstrip(".").partition(" ")
    return f"{first if first[1:] != first[1:].lower() else first.lower()} {rest}"
