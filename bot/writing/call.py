"""One call to the model: how long it may take, what it cost, what its chunks say, and whether it ended as it should."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.assignments import Usage
from bot.errors import WriterUnavailable
from bot.writing.budget import estimate_tokens
from bot.writing.drafting import SpentUsage
from bot.writing.endpoint import Endpoint
from bot.writing.failures import Failure

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one call may take; times on the monotonic clock."""

    first: float
    total: float
    first_seconds: float
    idle_seconds: float
    total_seconds: float

    @classmethod
    def of(cls, endpoint: Endpoint, spent: SpentUsage) -> Limits:
        total = spent.started + endpoint.total_seconds
        first = min(time.monotonic() + endpoint.first_token_seconds, total)
        return cls(first, total, endpoint.first_token_seconds, endpoint.idle_seconds, endpoint.total_seconds)

    def until_first(self) -> float:
        return max(0.0, self.first - time.monotonic())

    def until_next(self, alive: bool) -> float:
        if not alive:
            return self.until_first()
        return max(0.0, min(self.idle_seconds, self.total - time.monotonic()))

    def no_first(self) -> Failure:
        if time.monotonic() >= self.total:
            return self._no_time()
        why = f"no token within {self.first_seconds:g} s"
        return Failure(WriterUnavailable(), why, "raise CRUX_MODEL_FIRST_TOKEN_SECONDS, or use a faster model")

    def no_next(self, alive: bool) -> Failure:
        if not alive:
            return self.no_first()
        if time.monotonic() >= self.total:
            return self._no_time()
        why = f"the stream paused for more than {self.idle_seconds:g} s"
        return Failure(WriterUnavailable(), why, "raise CRUX_MODEL_IDLE_SECONDS if the server is merely slow")

    def _no_time(self) -> Failure:
        why = f"the reply took more than {self.total_seconds:g} s"
        return Failure(WriterUnavailable(), why, "raise CRUX_MODEL_TOTAL_SECONDS, or use a faster model")


class Tally:
    """What one request cost: as the server counts it, else estimated from the texts."""

    def __init__(self, prompt: int) -> None:
        self._prompt = prompt
        self._reported: Usage | None = None
        self.text: list[str] = []
        self.accepted = True
        """The server may have taken the request up, so that its prompt counts; False once known that it did not."""
        self.alive = False
        """A token has arrived, of text or of thinking."""

    def count(self, chunk: ChatCompletionChunk) -> None:
        usage = getattr(chunk, "usage", None)
        tokens_in, tokens_out = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
        if isinstance(tokens_in, int) and isinstance(tokens_out, int):
            self._reported = Usage(tokens_in, tokens_out, 1)

    @property
    def usage(self) -> Usage:
        if self._reported is not None:
            return self._reported
        if not self.accepted:
            return Usage(calls=1)
        return Usage(self._prompt, estimate_tokens("".join(self.text)), 1)


@dataclass(frozen=True, slots=True)
class Part:
    """What one chunk of a stream adds."""

    text: str = ""
    thinks: bool = False
    refusal: bool = False
    ending: str | None = None


def read_chunk(chunk: ChatCompletionChunk) -> Part:
    """Read a chunk. The SDK builds chunks without checking them, so nothing about their shape is certain."""
    choices = getattr(chunk, "choices", None)
    if not isinstance(choices, list) or not choices:
        return Part()
    delta = getattr(choices[0], "delta", None)
    text = getattr(delta, "content", None)
    ending = getattr(choices[0], "finish_reason", None)
    return Part(
        text if isinstance(text, str) else "",
        # Names that servers use for a thinking model's thoughts; the API itself doesn't show them.
        any(bool(getattr(delta, name, None)) for name in ("reasoning_content", "reasoning")),
        bool(getattr(delta, "refusal", None)),
        ending if isinstance(ending, str) else None,
    )


def ending_problem(ending: str | None, *, refusal: bool, said: bool) -> Failure | None:
    """What is wrong with how an answer ended; None for a whole one."""
    if ending is None:
        return Failure(
            WriterUnavailable(),
            "the stream ended before the answer did" if said else "the stream ended without an answer",
            "the fault is the server's, or a proxy's on the way",
            retry=True,
        )
    if ending == "length":
        remedy = "raise CRUX_MAX_OUTPUT_TOKENS or lower CRUX_REASONING_EFFORT"
        return Failure(WriterUnavailable(), "the answer reached the limit of tokens", remedy, counts=False)
    if ending == "content_filter" or refusal:
        return Failure(WriterUnavailable(), "the model or its filter declined to answer", counts=False)
    if ending == "error":
        return Failure(WriterUnavailable(), "the server broke the answer off", "the fault is the server's", retry=True)
    return None
