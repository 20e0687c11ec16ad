"""What a failed call means: which WriterError, whether another try may help, and what to tell the operator.

What the SDK raises, by its installed source: `APIStatusError` and its children for 4xx and 5xx, `APITimeoutError` and
`APIConnectionError` for the transport, `APIError` for an error event inside a stream; a chunk that isn't JSON escapes
as ValueError, and a stream that ends too early raises nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx2
import openai

from bot.errors import WriterError, WriterMisconfigured, WriterOverloaded, WriterUnavailable
from bot.writing.resilience import retry_after

CAUGHT: Final = (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError)
"""All that a call to the SDK may raise for reasons of the server, the network or the settings."""

_OVERFLOW: Final = re.compile(
    r"context[ _-]?(length|window|size)|maximum context|too many (input )?tokens|prompt is too long"
)
_OUT_OF_CREDIT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_QUOTABLE: Final = 200
_WINDOW: Final = 20
_PIECE: Final = 4
_SECRET: Final = 12
"""Servers without keys are given a word such as `ollama`, which is shorter, and no secret."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call failed. `why` and `remedy` are for the log and hold neither key nor anything of the prompt."""

    error: WriterError
    why: str
    remedy: str = ""
    retry: bool = False
    """Another try may help."""
    counts: bool = True
    """It says something about the server's health, so the circuit breaker counts it."""
    wait: float | None = None
    """Seconds that the server asked to be left alone."""
    told: bool = False
    """The operator knows already."""
    complaint: str = ""
    """What a refused request was refused for, to be searched for a parameter's name; never logged."""


class CallFailed(Exception):
    """A call failed. Carries a Failure to the one place that logs it, and never leaves the client."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.why)
        self.failure = failure


def explain(error: Exception, sent: Sequence[str], key: str | None, now: datetime) -> Failure:
    """What an exception of the SDK means; `sent`, the prompt's texts, and `key` are kept out of the log."""
    if isinstance(error, openai.APIStatusError):
        return _refused(error, sent, key, now)
    if isinstance(error, openai.APITimeoutError):
        return Failure(WriterUnavailable(), "the connection timed out", _CONNECTION, retry=True)
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | httpx2.StreamError):
        cause = error.__cause__ or error
        return Failure(WriterUnavailable(), f"the connection failed ({type(cause).__name__})", _CONNECTION, retry=True)
    if isinstance(error, openai.APIError):
        return _error_in_stream(error, sent, key)
    if isinstance(error, httpx2.InvalidURL | openai.OpenAIError):
        return Failure(WriterMisconfigured(), f"the client can't be set up ({type(error).__name__})", _ADDRESS)
    return Failure(WriterUnavailable(), f"the answer isn't what it should be ({type(error).__name__})", retry=True)


_CONNECTION: Final = "check that the server runs and that CRUX_MODEL_URL is its address"
_ADDRESS: Final = "check CRUX_MODEL_URL, which ends in /v1"


def _refused(error: openai.APIStatusError, sent: Sequence[str], key: str | None, now: datetime) -> Failure:
    status = error.status_code
    why = _described(error, f"HTTP {status}", sent, key)
    complaint = f"{error.message} {error.body}"
    wait = retry_after(error.response.headers, now)
    if error.code in _OUT_OF_CREDIT or status == 402:
        return Failure(WriterMisconfigured(), why, "the account has no credit left: top it up")
    if status in (401, 403):
        return Failure(WriterMisconfigured(), why, "check CRUX_MODEL_KEY, and that the key may use this model")
    if status == 404:
        return Failure(WriterMisconfigured(), why, "check CRUX_MODEL, and that CRUX_MODEL_URL ends in /v1")
    if status in {429, 529} or (status == 503 and wait is not None):
        overloaded = WriterOverloaded(retry_after=wait)
        return Failure(overloaded, why, "the server limits how often it is called", retry=True, wait=wait)
    if status in (408, 409) or status >= 500:
        # Some servers call it their own fault when a chat template doesn't take what was sent.
        return Failure(WriterUnavailable(), why, "the fault is the server's", True, wait=wait, complaint=complaint)
    if error.code == "context_length_exceeded" or _OVERFLOW.search(complaint.lower()):
        remedy = "the prompt doesn't fit the model's context: give it 8,000 tokens or more (docs/models.md)"
        return Failure(WriterMisconfigured(), why, remedy, counts=False)
    return Failure(WriterMisconfigured(), why, "the server doesn't take the request", complaint=complaint)


def _error_in_stream(error: openai.APIError, sent: Sequence[str], key: str | None) -> Failure:
    why = _described(error, "an error in the stream", sent, key)
    if str(error.code) == "429" or "rate_limit" in f"{error.code} {error.type}":
        return Failure(WriterOverloaded(), why, "the server limits how often it is called", retry=True)
    return Failure(WriterUnavailable(), why, "the fault is the server's", retry=True)


def _described(error: openai.APIError, start: str, sent: Sequence[str], key: str | None) -> str:
    """Status, code, type, parameter and request id, and the server's words where they are safe to repeat."""
    parts = [start]
    for name in ("code", "type", "param"):
        value = getattr(error, name, None)
        if isinstance(value, str | int) and re.fullmatch(r"[\w.:\[\]-]{1,60}", str(value)):
            parts.append(f"{name} {value}")
    request_id = getattr(error, "request_id", None)
    if isinstance(request_id, str) and re.fullmatch(r"[\w-]{1,80}", request_id):
        parts.append(f"request {request_id}")
    body = error.body if isinstance(error.body, dict) else {}
    message = body.get("message") or body.get("detail")
    if isinstance(message, str) and (safe := repeatable(message, sent, key)):
        parts.append(f'"{safe}"')
    return ", ".join(parts)


def repeatable(message: str, sent: Sequence[str], key: str | None) -> str:
    """A server's message for the log, or nothing where it repeats a piece of the prompt or of the key.

    Servers quote what they refuse. A run of 20 characters that also stands in the prompt is taken for a quotation;
    any four of the key's, one after the other, or what looks like a key, for the key.
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    lower = plain.lower()
    if key and len(key) >= _SECRET and any(key[at : at + _PIECE] in plain for at in range(len(key) - _PIECE + 1)):
        return ""
    if re.search(r"\b(sk|key|pk|token)[-_]\S|\*{3}", lower):
        return ""
    texts = [" ".join(text.lower().split()) for text in sent]
    for start in range(max(1, len(lower) - _WINDOW + 1)):
        window = lower[start : start + _WINDOW]
        if len(window) == _WINDOW and any(window in text for text in texts):
            return ""
    return plain if len(plain) <= _QUOTABLE else plain[: _QUOTABLE - 1] + "…"
