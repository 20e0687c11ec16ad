"""An encoder behind any OpenAI-compatible `/v1/embeddings`."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from bot.errors import EncoderError
from bot.retrieval.encoders import Floats, unit

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

TEXTS_A_CALL: Final = 64
LONGEST_WAIT: Final = 8.0
"""Seconds; a server that asks for a longer pause than this is given up on."""
AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class EndpointEncoder:
    """Asks a server for vectors; the HTTP client is loaded at the first call.

    Args:
        url: base address, ending in /v1.
        model: the server's name for the model.
        key: sent as a bearer token when there is one.
        timeout: seconds for one call.
        retries: further tries after a failure that may pass; pauses double, or are what Retry-After asks for.
        pause: seconds before the first further try.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        timeout: float = 10.0,
        retries: int = 2,
        pause: float = 0.5,
    ) -> None:
        self._url = url.rstrip("/")
        self._model = model
        self._key = key
        self._timeout = timeout
        self._retries = retries
        self._pause = pause

    @property
    def model_id(self) -> str:
        return f"{self._model}@{self._url}"

    async def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape (len(texts), dimensions); no call is made for no texts.

        Raises:
            EncoderError: the server can't be reached, refuses, or answers with something else than vectors.
        """
        import httpx2  # noqa: PLC0415 - only those who use an endpoint pay for the client

        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        async with httpx2.AsyncClient(timeout=self._timeout, headers=headers) as client:
            parts = [
                await self._call(client, texts[start : start + TEXTS_A_CALL])
                for start in range(0, len(texts), TEXTS_A_CALL)
            ]
        if len({part.shape[1] for part in parts}) > 1:
            raise EncoderError(f"{self._name} gave vectors of several lengths: check CRUX_ENCODER_MODEL.")
        return unit(np.concatenate(parts))

    @property
    def _name(self) -> str:
        return f"The embeddings endpoint {self._url} (model {self._model})"

    async def _call(self, client: httpx2.AsyncClient, texts: Sequence[str]) -> Floats:
        import httpx2  # noqa: PLC0415 - as above

        body = {"model": self._model, "input": [text or " " for text in texts], "encoding_format": "float"}
        pause = self._pause
        for left in range(self._retries, -1, -1):
            try:
                response = await client.post(f"{self._url}/embeddings", json=body)
            except httpx2.InvalidURL as error:
                raise EncoderError(f"CRUX_ENCODER_URL is not an address ({error}).") from error
            except httpx2.TransportError as error:
                reason, wait = f"can't be reached ({type(error).__name__}): check CRUX_ENCODER_URL", pause
            else:
                if response.status_code == 200:
                    return self._vectors(response, len(texts))
                reason = f"answered {response.status_code}: {_remedy(response.status_code)}"
                if response.status_code not in AGAIN:
                    raise EncoderError(f"{self._name} {reason}.")
                wait = max(pause, _asked_for(response.headers))
            if left == 0 or wait > LONGEST_WAIT:
                break
            log.info("%s %s; trying again in %.1f s", self._name, reason, wait)
            await asyncio.sleep(wait)
            pause *= 2
        raise EncoderError(f"{self._name} {reason}, or set CRUX_ENCODER=none to search by words alone.")

    def _vectors(self, response: httpx2.Response, count: int) -> Floats:
        try:
            rows = sorted(response.json()["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise EncoderError(f"{self._name} answered without vectors: check CRUX_ENCODER_URL.") from error
        if vectors.ndim != 2 or vectors.shape[0] != count or not vectors.shape[1] or not np.isfinite(vectors).all():
            raise EncoderError(f"{self._name} didn't answer with a vector for each text: check CRUX_ENCODER_MODEL.")
        return vectors


def _remedy(status: int) -> str:
    match status:
        case 401 | 403:
            return "check CRUX_ENCODER_KEY"
        case 404:
            return "check CRUX_ENCODER_URL and CRUX_ENCODER_MODEL"
        case 429:
            return "it is rate-limited; wait"
        case status if status >= 500:
            return "try again later"
        case _:
            return "check CRUX_ENCODER_MODEL"


def _asked_for(headers: Mapping[str, str]) -> float:
    """Seconds that a server asks to wait: Retry-After as a number or a date (RFC 9110, 10.2.3); 0 if it doesn't."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0
