"""Delivery to a request URL: signed posts with a deadline; and posts that a bot must refuse."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from tests.slack.delivery import Attempt, Delivery, Json
from tests.slack.hub import Hub


@dataclass(frozen=True)
class Sent:
    """A request as it went out, byte for byte."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature of a request."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encoded(delivery: Delivery) -> tuple[bytes, str]:
    """Body and content type: JSON for events, a form for commands, a form with `payload` for interactions."""
    if delivery.is_event:
        return json.dumps(delivery.payload).encode(), "application/json"
    form = delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
    return urlencode({key: value for key, value in form.items() if value is not None}).encode(), (
        "application/x-www-form-urlencoded"
    )


@dataclass
class HttpDelivery:
    hub: Hub
    url: str
    sent: list[Sent] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        body, content_type = encoded(delivery)
        more = {}
        if attempt.number:
            more = {"X-Slack-Retry-Num": str(attempt.number), "X-Slack-Retry-Reason": attempt.reason}
        request = self.signed(body, content_type, more=more)
        attempt.via, attempt.sent_at = self.url, time.time()
        try:
            answer = await self.post(request, self.hub.timings.ack)
        except TimeoutError:
            attempt.failure = "http_timeout"
            return
        except aiohttp.ClientError:
            attempt.failure = "connection_failed"
            return
        attempt.answered_at, attempt.status = time.time(), answer.status
        attempt.acked = 200 <= answer.status < 300
        if not attempt.acked:
            attempt.failure = "http_error"
            attempt.no_retry = answer.headers.get("X-Slack-No-Retry") == "1"
        elif answer.body.strip():
            attempt.response = _read(answer.body)

    def signed(
        self,
        body: bytes,
        content_type: str,
        *,
        timestamp: int | None = None,
        secret: str | None = None,
        more: dict[str, str] | None = None,
    ) -> Sent:
        """A request with Slack's headers; another time or secret makes it one to refuse."""
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(secret or self.hub.app.signing_secret, stamp, body),
        }
        return Sent(self.url, headers | (more or {}), body)

    async def post(self, request: Sent, seconds: float = 10.0) -> Answer:
        self.sent.append(request)
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with (
            asyncio.timeout(seconds),
            self._session.post(request.url, data=request.body, headers=request.headers) as response,
        ):
            return Answer(response.status, await response.text(), dict(response.headers))

    async def verify_url(self) -> Answer:
        """Slack's url_verification: the answer must hold the challenge."""
        challenge = {"type": "url_verification", "token": "verification-token", "challenge": "3eZbrw1aB10FEMAGAZd4FyFQ"}
        return await self.post(self.signed(json.dumps(challenge).encode(), "application/json"))

    async def with_wrong_signature(self, delivery: Delivery) -> Answer:
        body, content_type = encoded(delivery)
        return await self.post(self.signed(body, content_type, secret="not-the-secret"))

    async def with_stale_timestamp(self, delivery: Delivery, age: int = 6 * 60) -> Answer:
        """Rightly signed, but `age` seconds ago."""
        body, content_type = encoded(delivery)
        return await self.post(self.signed(body, content_type, timestamp=int(time.time()) - age))

    async def replay(self, request: Sent | None = None) -> Answer:
        """An earlier request once more, byte for byte; the last one unless named."""
        return await self.post(request or self.sent[-1])

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _read(body: str) -> Json:
    try:
        read = json.loads(body)
    except ValueError:
        read = None
    return read if isinstance(read, dict) else {"text": body}
