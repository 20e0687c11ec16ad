"""The client of a language model behind any OpenAI-compatible server: chat completions, streamed.

Importing this module imports the SDK, which takes a while; `writer.ModelWriter` does so at its first call.

Every call is bounded: the first token, each pause, and the whole reply have their limits, and no wait for a retry
outlasts them. Only what has not yet produced text is tried again, since text may have been shown. Whatever goes wrong
comes out as a WriterError, with one line in the log that tells the operator why.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import httpx2
from openai import AsyncOpenAI

from bot.errors import WriterMisconfigured, WriterUnavailable
from bot.writing.budget import estimate_tokens
from bot.writing.call import Limits, Tally, ending_problem, read_chunk
from bot.writing.dialect import ChatMessage, Dialect
from bot.writing.drafting import SpentUsage
from bot.writing.endpoint import Endpoint
from bot.writing.failures import CAUGHT, CallFailed, Failure, explain
from bot.writing.resilience import CircuitBreaker, backoff

if TYPE_CHECKING:
    from openai import AsyncStream
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

logger = logging.getLogger(__name__)

_AFTER_THE_END: Final = 2.0
"""Seconds to wait for the count of tokens once the text is complete."""


class ModelClient:
    """Calls one model on one server. Use from one event loop; close with `aclose`.

    Args:
        endpoint: the model and its limits.
        chance: spreads retries; give a seeded one to repeat a run.
    """

    def __init__(self, endpoint: Endpoint, chance: random.Random | None = None) -> None:
        self._endpoint = endpoint
        self._chance = chance or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._dialect = Dialect.of(endpoint)
        self._breaker = CircuitBreaker(endpoint.breaker_failures, endpoint.breaker_seconds)
        self._slots = asyncio.Semaphore(endpoint.concurrency)
        self._sdk: AsyncOpenAI | None = None

    @property
    def endpoint(self) -> Endpoint:
        return self._endpoint

    async def aclose(self) -> None:
        """Close the connections."""
        if self._sdk is not None:
            await self._sdk.close()
            self._sdk = None

    async def stream(
        self,
        messages: Sequence[ChatMessage],
        spent: SpentUsage,
        *,
        temperature: float | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[str, None]:
        """Send a conversation and yield the answer's text as it arrives.

        Args:
            messages: the conversation.
            spent: what the reply has used up so far, in tokens and time; this call is added.
            temperature: left to the server when None.
            schema: a JSON schema for the answer; a server that knows no schemas is asked for JSON, or for nothing.

        Raises:
            WriterError: before any text, or after some of it when the stream broke off.
        """
        if (wait := self._breaker.wait()) > 0:
            logger.info("The model at %s is left alone for %.0f s more after its failures.", self._endpoint.host, wait)
            raise WriterUnavailable(f"The language model failed repeatedly and is left alone for {wait:.0f} s.")
        trial = self._breaker.enter()
        try:
            async with contextlib.aclosing(self._tries(messages, spent, temperature, schema, trial)) as deltas:
                async for delta in deltas:
                    yield delta
        except CallFailed as failed:
            self._settle(failed.failure, trial)
            # Not chained: the SDK's exception may quote the prompt, and a traceback would print it.
            raise failed.failure.error from None
        except BaseException:
            if trial:
                self._breaker.abandoned()  # nobody waits for the rest: says nothing about the server
            raise
        else:
            self._breaker.succeeded()

    async def ask(
        self,
        messages: Sequence[ChatMessage],
        spent: SpentUsage,
        *,
        temperature: float | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        """Send a conversation and return the whole answer; arguments and errors as for `stream`."""
        return "".join([text async for text in self.stream(messages, spent, temperature=temperature, schema=schema)])

    def _settle(self, failure: Failure, trial: bool) -> None:
        """Tell the breaker and the operator about a call that failed for good."""
        opened = False
        if failure.counts:
            opened = self._breaker.failed(failure.wait)
        elif trial:
            self._breaker.abandoned()
        level = logging.ERROR if isinstance(failure.error, WriterMisconfigured) else logging.WARNING
        level = logging.INFO if failure.told else level
        logger.log(
            level,
            "The model %s at %s failed: %s%s.%s",
            self._endpoint.model,
            self._endpoint.host,
            failure.why,
            f"; {failure.remedy}" if failure.remedy else "",
            f" It is left alone for {self._breaker.wait():.0f} s." if opened else "",
        )

    async def _tries(
        self,
        messages: Sequence[ChatMessage],
        spent: SpentUsage,
        temperature: float | None,
        schema: Mapping[str, Any] | None,
        trial: bool,
    ) -> AsyncGenerator[str, None]:
        """Try until text arrives, and again as long as that makes sense. Raises CallFailed and nothing else."""
        limits = Limits.of(self._endpoint, spent)
        attempts = itertools.count(1)
        attempt = next(attempts)
        while True:
            sent = self._dialect.parameters(self._endpoint.max_output_tokens, temperature, schema)
            started = False
            try:
                async with self._slot(limits):
                    self._check_open(trial)
                    async with contextlib.aclosing(self._once(messages, sent, spent, limits)) as deltas:
                        async for delta in deltas:
                            started = True
                            yield delta
            except CallFailed as failed:
                failure = failed.failure
            except CAUGHT as error:
                texts = [message["content"] for message in messages]
                failure = explain(error, texts, self._endpoint.key, datetime.now(UTC))
            else:
                return
            if started:
                raise CallFailed(failure)
            if failure.complaint and (name := self._dialect.give_up(failure.complaint, sent)):
                logger.info("The server at %s doesn't take %s; going on without.", self._endpoint.host, name)
                continue
            pause = backoff(attempt, self._chance) if failure.wait is None else failure.wait
            if not failure.retry or attempt > self._endpoint.retries or pause >= limits.until_first():
                raise CallFailed(failure)
            logger.info("Trying the model at %s again in %.1f s: %s.", self._endpoint.host, pause, failure.why)
            await asyncio.sleep(pause)
            attempt = next(attempts)

    def _check_open(self, trial: bool) -> None:
        """Give up where the breaker opened while this call waited for a slot or for another try."""
        if not trial and self._breaker.wait() > 0:
            raise CallFailed(Failure(WriterUnavailable(), "it failed other calls meanwhile", counts=False, told=True))

    @contextlib.asynccontextmanager
    async def _slot(self, limits: Limits) -> AsyncIterator[None]:
        """One of the calls that may be under way at once."""
        try:
            async with asyncio.timeout(limits.until_first()):
                await self._slots.acquire()
        except TimeoutError:
            busy = f"all {self._endpoint.concurrency} calls that may run at once were taken"
            raise CallFailed(
                Failure(
                    WriterUnavailable(), busy, "raise CRUX_MODEL_CONCURRENCY if the server can bear it", counts=False
                )
            ) from None
        try:
            yield
        finally:
            self._slots.release()

    async def _once(
        self, messages: Sequence[ChatMessage], sent: Mapping[str, Any], spent: SpentUsage, limits: Limits
    ) -> AsyncGenerator[str, None]:
        """One request. Raises CallFailed, and what the SDK raises."""
        tally = Tally(sum(estimate_tokens(message["content"]) for message in messages))
        try:
            stream = await self._open(messages, sent, limits, tally)
            try:
                async for delta in self._read(stream, limits, tally):
                    yield delta
            finally:
                await stream.close()
        finally:
            spent.add(tally.usage)

    async def _open(
        self, messages: Sequence[ChatMessage], sent: Mapping[str, Any], limits: Limits, tally: Tally
    ) -> AsyncStream[ChatCompletionChunk]:
        if self._sdk is None:
            self._sdk = AsyncOpenAI(
                api_key=self._endpoint.key or "none",  # the SDK wants one; servers without keys ignore it
                base_url=self._endpoint.url,
                max_retries=0,
                timeout=httpx2.Timeout(
                    self._endpoint.total_seconds + 5, connect=min(10.0, self._endpoint.first_token_seconds)
                ),
            )
        try:
            async with asyncio.timeout(limits.until_first()):
                stream: AsyncStream[ChatCompletionChunk] = await self._sdk.chat.completions.create(
                    model=self._endpoint.model,
                    messages=cast("list[ChatCompletionMessageParam]", self._dialect.arranged(messages)),
                    stream=True,
                    **sent,
                )
        except TimeoutError:
            raise CallFailed(limits.no_first()) from None
        except CAUGHT:
            tally.accepted = False
            raise
        kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            await stream.close()
            why = f"it answered with {kind or 'no content type'} in place of an event stream"
            raise CallFailed(
                Failure(WriterUnavailable(), why, "check that CRUX_MODEL_URL is an API's address, ending in /v1")
            )
        return stream

    async def _read(self, stream: AsyncStream[ChatCompletionChunk], limits: Limits, tally: Tally) -> AsyncIterator[str]:
        ending: str | None = None
        refusal = False
        while True:
            try:
                async with asyncio.timeout(_AFTER_THE_END if ending else limits.until_next(tally.alive)):
                    chunk = await anext(stream, None)
            except TimeoutError:
                if ending:
                    break
                raise CallFailed(limits.no_next(tally.alive)) from None
            except CAUGHT:
                if ending:
                    break  # the text is complete; only the count of tokens is lost
                raise
            if chunk is None:
                break
            tally.count(chunk)
            part = read_chunk(chunk)
            ending = part.ending or ending
            refusal = refusal or part.refusal
            tally.alive = tally.alive or bool(part.text) or part.thinks
            if part.text:
                tally.text.append(part.text)
                yield part.text
        if problem := ending_problem(ending, refusal=refusal, said=bool(tally.text)):
            raise CallFailed(problem)
