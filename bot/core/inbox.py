"""One event, one answer: across retries, restarts and several processes.

An event is committed to the inbox before it is acknowledged. Whoever holds its lease answers it; the reply is stored
and the event marked done in one transaction. A process that dies leaves a row whose lease runs out, and another takes
it up.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from typing import Final, Protocol, TypeAlias

from bot.core.kept import Reply
from bot.core.language import Languages, say
from bot.core.messages import Added, Finished, Message, Paragraph, Replaced, ReplyEvent, Started
from bot.core.outbox import ANSWER, Entry, Post, PostState, post_id
from bot.core.ports import Clock, Store
from bot.core.requests import Request, Venue
from bot.errors import StorageError

log = logging.getLogger(__name__)

FORGOTTEN: Final = "forgotten"
"""The command of a reply that says that the member was forgotten: the request is gone too, and nothing is stored."""

MAX_TRIES: Final = 5
"""A request that took down as many workers is answered with an apology, so that it doesn't take down the next."""


DirectTo: TypeAlias = Callable[[Request], Venue]
"""Where the outbox reaches the member who made a request, and nobody else."""


class Answerer(Protocol):
    """What answers a request: `Debate`. Yields its title and text as they come, then exactly one `Reply`."""

    def answer(self, request: Request) -> AsyncGenerator[Started | Added | Replaced | Reply]: ...


class Inbox:
    """Receives requests and answers each once.

    Args:
        worker: names this process; unique among those that share the database.
        lease_seconds: how long one answer may take before another worker may take it up.
        showing_seconds: how long showing a reply may take, before the outbox sees to it; None where replies are shown
            to whoever waits for them and nowhere else.
        languages: that in which an apology is made where nothing can be answered; English without.
    """

    def __init__(
        self,
        store: Store,
        answerer: Answerer,
        clock: Clock,
        worker: str,
        lease_seconds: float,
        showing_seconds: float | None = None,
        languages: Languages | None = None,
    ) -> None:
        self._store = store
        self._answerer = answerer
        self._clock = clock
        self._worker = worker
        self._lease_seconds = lease_seconds
        self._showing_seconds = showing_seconds
        self._languages = languages

    @property
    def worker(self) -> str:
        """The name of this process."""
        return self._worker

    async def receive(self, request: Request, *, hold: bool = False) -> bool:
        """Commit a request; False when its event was seen before, and there is nothing more to do.

        With `hold`, this worker has it at once: call `respond_held`.

        Raises:
            StorageError: nothing is committed: don't acknowledge.
        """
        if hold:
            return await self._store.receive(request, self._worker, self._lease_seconds)
        return await self._store.receive(request)

    async def respond_held(self, request: Request, direct_to: DirectTo) -> AsyncGenerator[ReplyEvent]:
        """Answer a request that was received with `hold`; no `Finished` comes where another worker's reply counts.

        Raises:
            StorageError: the reply couldn't be stored; the request stays open and will be taken up again.
        """
        async with aclosing(self._answer(request, direct_to)) as events:
            async for event in events:
                yield event

    async def respond(self, request: Request) -> AsyncGenerator[ReplyEvent]:
        """Answer a received request, unless it is done or another worker holds it: then nothing is yielded.

        Raises:
            StorageError: the reply couldn't be stored; the request stays open and will be taken up again.
        """
        if await self._store.lease_this(request, self._worker, self._clock.now(), self._lease_seconds):
            async with aclosing(self._answer(request)) as events:
                async for event in events:
                    yield event

    async def work_one(
        self, workspace: str | None = None, prefixes: Sequence[str] = (), direct_to: DirectTo | None = None
    ) -> tuple[Request, Message] | None:
        """Take up the oldest open request and answer it; None when there is nothing to do, or the lease was lost.

        What is for the channel is then in the outbox. What is private is the caller's to show, and is in the outbox,
        too, for as long as that may take.
        """
        request = await self._store.lease(self._worker, self._clock.now(), self._lease_seconds, workspace, prefixes)
        if request is None:
            return None
        async with aclosing(self._answer(request, direct_to, live=False)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return request, event.message
        return None

    async def _answer(
        self, request: Request, direct_to: DirectTo | None = None, *, live: bool = True
    ) -> AsyncGenerator[ReplyEvent]:
        reply: Reply | None = None
        if request.tries >= MAX_TRIES:
            where = f"workspace={request.workspace} event={request.event_id}"
            log.error("%d tries ended without an answer: %s", request.tries, where)
            if self._languages is not None:
                await self._languages.speak_if_told(request.workspace, request.channel)
        else:
            try:
                async with aclosing(self._answerer.answer(request)) as events:
                    async for event in events:
                        if isinstance(event, Reply):
                            reply = event
                        else:
                            yield event
            except StorageError:
                raise
            except Exception:  # the last line of defence: a bug must not leave a member without an answer
                log.exception("answering failed: workspace=%s event=%s", request.workspace, request.event_id)
                reply = None
        if reply is None:
            reply = apology(request, self._clock)
        kept = replace(reply, message=replace(reply.message, attachment=None))
        answer = self._shown(request, reply, direct_to, live=live)
        if await self._store.finish(request, self._worker, kept, answer) or reply.command == FORGOTTEN:
            yield finished(reply)
            return
        if self._showing_seconds is not None:
            return  # the lease passed to another worker, whose post shows the reply
        # The lease passed to another worker, whose reply is the one that counts.
        stored = await self.stored(request)
        if stored is not None:
            yield finished(stored)

    def _shown(self, request: Request, reply: Reply, direct_to: DirectTo | None, *, live: bool) -> Entry | None:
        """The post that shows a reply: shown by this worker now, or next by whoever sends posts."""
        if self._showing_seconds is None or reply.command == FORGOTTEN:
            return None
        now = self._clock.now()
        if reply.message.private:
            if direct_to is None:
                return None
            post = direct_post(request, reply.message, direct_to(request))
        else:
            post = answer_post(request, reply.message)
            if not live:
                return Entry(post, PostState.PENDING, 0, now)
        until = now + timedelta(seconds=self._showing_seconds)
        return Entry(post, PostState.SENDING, 1, until, self._worker, now, until)

    def is_ours(self, request: Request) -> bool:
        """Whether the lease on a request that was received with `hold` still runs: nobody else answers it yet."""
        return self._clock.now() < request.received_at + timedelta(seconds=self._lease_seconds)

    async def begun(self, request: Request, reference: str) -> None:
        """Note the message in which an answer begins to appear, where nothing else could tell that it is its beginning.

        Raises:
            StorageError: it is not noted; what is left of it, should this process die, stays beside the answer.
        """
        await self._store.note_begun(request, self._worker, reference)

    async def stored(self, request: Request) -> Reply | None:
        """The reply that a request has got, from whichever worker."""
        return await self._store.reply_to(request.workspace, request.event_id)

    async def stop(self, request: Request, title: str | None, shown: str) -> bool:
        """Close a request whose member stopped the answer, with what was shown of it; nobody takes it up again.

        False when it is done already, or another worker holds it.
        """
        return await self._store.finish(request, self._worker, stopped(request, title, shown, self._clock))


def answer_post(request: Request, message: Message) -> Post:
    """The post that shows the reply to a request where it was made: one, by the same id on every try.

    It counts from the request, since a process that died may have begun to show it at any time after that.
    """
    return Post(
        workspace=request.workspace,
        id=answer_id(request),
        channel=request.channel,
        kind=ANSWER,
        message=replace(message, attachment=None),
        created_at=request.received_at,
        thread=request.thread,
    )


def direct_post(request: Request, message: Message, venue: Venue) -> Post:
    """The same of a private reply that goes to its member directly, if it was not shown where they asked.

    A file is not kept, so that in its place they are told to ask again.
    """
    if message.attachment is None:
        told = message.with_notes(say("It may not have been shown where you asked for it."))
    else:
        asked = say("The file may not have been sent, and is not kept; if you don't have it, ask for it again.")
        told = Message((Paragraph(asked),), private=True)
    return replace(answer_post(request, told), channel=venue.channel, thread=venue.thread)


def finished(reply: Reply) -> Finished:
    """The end of an answer, which says whether the request was met."""
    return Finished(reply.message, failed=reply.command in ("refused", "failed"))


def stopped(request: Request, title: str | None, shown: str, clock: Clock) -> Reply:
    """The answer to a request whose member stopped it: what was shown, and that there is more to be had."""
    blocks = tuple(Paragraph(part) for part in shown.split("\n\n") if part.strip())
    message = Message(blocks, title=title, notes=(say("You stopped this reply; ask again for the whole of it."),))
    return replace(apology(request, clock), command="stopped", message=message)


def apology(request: Request, clock: Clock) -> Reply:
    """The answer when answering itself broke."""
    text = say("Something broke while answering this; it is in the log, and asking again may work.")
    return Reply(
        id=reply_id(request),
        workspace=request.workspace,
        channel=request.channel,
        member=request.member,
        event_id=request.event_id,
        command="failed",
        message=Message((Paragraph(text),), private=True),
        at=clock.now(),
        thread=request.thread,
    )


def reply_id(request: Request) -> str:
    """The id of the one reply to a request: 20 characters, the same on every try."""
    digest = blake2b(f"{request.workspace}\0{request.event_id}".encode(errors="backslashreplace"), digest_size=10)
    return digest.hexdigest()


def answer_id(request: Request) -> str:
    """The id of the one post that shows the reply to a request."""
    return post_id(reply_id(request), 0)
