"""Where a chat platform's events are taken in and answered: once each, and never in silence.

An event is committed to the inbox before the platform is told that it arrived. It is answered in the background while
the platform's `Surface` shows the answer growing. What a process that died has left open another takes up; what it had
finished and not shown, the outbox shows (`bot.core.inbox`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol, TypeAlias

from bot.core.inbox import DirectTo, Inbox, answer_id
from bot.core.language import mark
from bot.core.messages import Added, Finished, Message, Replaced, Started
from bot.core.outbox import Outbox, PostState
from bot.core.patience import insist
from bot.core.ports import Clock
from bot.core.requests import Request
from bot.errors import CruxError, MessengerError, OutcomeUnknown, RateLimited, StorageBusy, StorageError

log = logging.getLogger(__name__)

RESTARTING: Final = mark("Crux is being restarted; try again in a moment.")

RECEIVE_SECONDS: Final = 1.0
"""How long committing an event may take: platforms wait three seconds for a sign."""

MOST_IN_DOUBT: Final = 1000
"""Events that a desk remembers because it was not told in time whether they are committed."""


PAUSES: Final = 3
LONGEST_PAUSE: Final = 10.0
"""Of the pauses that a platform asks for while an answer is shown: together shorter than the lease on its post."""


LATER: Final = (5.0, 30.0, 120.0)
"""Seconds before each further try to show a member what is in no outbox: a file, or that they were forgotten."""
LATER_TRY: Final = 60.0
"""How long such a try may take, generously."""


class Surface(Protocol):
    """Where one answer appears on a platform: a message that grows, or one that only its member sees.

    Every method may raise a MessengerError. What has been shown is corrected by what comes later.
    """

    async def begin(self, title: str) -> None:
        """Show that an answer under a title is being written."""
        ...

    async def grow(self, text: str) -> None:
        """Show the text so far: all of it, with citations, as it will stand in the message."""
        ...

    async def finish(self, message: Message) -> str | None:
        """Show the whole; the platform's id of the message in the channel, None where only its member sees it."""
        ...

    async def withdraw(self) -> None:
        """Take back what was begun: another process answers."""
        ...


Deliver: TypeAlias = Callable[[Request, Message], Awaitable[None]]
"""Shows a private message to the member who made a request, some time after they made it."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds: how often a growing text is shown, and how often to look for what others have left open."""

    grow: float = 1.0
    look: float = 5.0


class Desk:
    """Takes in and answers the events of one platform.

    Args:
        inbox: one that puts what it answers into the outbox (`showing_seconds`).
        prefix: how the ids of the platform's workspaces begin.
        deliver: for private answers to what another process has left open.
        direct_to: where the outbox sends private answers that could not be shown.
        at_once: answers that are written at the same time; the others wait their turn.
    """

    def __init__(
        self,
        inbox: Inbox,
        outbox: Outbox,
        clock: Clock,
        prefix: str,
        deliver: Deliver,
        direct_to: DirectTo,
        *,
        rhythm: Rhythm | None = None,
        at_once: int = 64,
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._clock = clock
        self._prefix = prefix
        self._deliver = deliver
        self._direct_to = direct_to
        self._rhythm = rhythm or Rhythm()
        self._turns = asyncio.Semaphore(at_once)
        self._running: set[asyncio.Task[None]] = set()
        self._in_doubt: dict[tuple[str, str], None] = {}
        self._looking: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._arriving = 0
        self._all_in = asyncio.Event()
        self._all_in.set()

    def start(self) -> None:
        """Begin to look for what other processes have left open."""
        self._looking = asyncio.create_task(self._look())

    async def receive(self, request: Request) -> bool:
        """Commit an event, for this process to answer; False when it was seen before. Then acknowledge it.

        One that was committed too late to be acknowledged is this process's to answer when it comes again.

        Raises:
            StorageError: it is not committed, or not known to be: don't acknowledge, so that it comes again.
        """
        if self._stopping.is_set():
            raise StorageBusy(RESTARTING)
        event = (request.workspace, request.event_id)
        self._arriving += 1
        self._all_in.clear()
        try:
            async with asyncio.timeout(RECEIVE_SECONDS):
                new = await self._inbox.receive(request, hold=True)
        except TimeoutError:
            self._in_doubt[event] = None
            while len(self._in_doubt) > MOST_IN_DOUBT:
                del self._in_doubt[next(iter(self._in_doubt))]
            raise StorageBusy from None
        finally:
            self._arriving -= 1
            if not self._arriving:
                self._all_in.set()
        doubted = event in self._in_doubt
        self._in_doubt.pop(event, None)
        return new or doubted

    def answer(self, request: Request, surface: Surface) -> asyncio.Task[None]:
        """Answer a request that was received, in the background."""
        task = asyncio.create_task(self._answered(request, surface))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def begun(self, request: Request, reference: str) -> None:
        """Note, for whoever may have to go on with it, the message in which an answer begins to appear."""
        try:
            await self._inbox.begun(request, reference)
        except StorageError as error:
            log.info("where an answer began is not noted: event=%s (%s)", request.event_id, error.message)

    async def stop(self, within: float) -> bool:
        """Take nothing new, and give what is being answered so many seconds; whether all of it ended.

        What did not is taken up by another process, or by this one after its restart, once its lease has run out.
        """
        self._stopping.set()
        tasks = set(self._running)
        if self._looking is not None:
            tasks.add(self._looking)
        if not tasks:
            return True
        _, left = await asyncio.wait(tasks, timeout=within)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return not left

    # -- answering ----------------------------------------------------------------------------------------------------

    async def _answered(self, request: Request, surface: Surface) -> None:
        where = f"workspace={request.workspace} event={request.event_id}"
        try:
            async with self._turns:
                await self._let_in()
                finished = await self._follow(request, surface)
            if finished is None:
                await surface.withdraw()
            else:
                await self._finish(request, finished.message, surface)
        except StorageError as error:
            log.warning("an answer waits for the database: %s (%s)", where, error.message)
        except MessengerError as error:
            log.warning("an answer could not be shown: %s (%s)", where, error.message)
        except Exception:  # the last line of defence: one answer's bug must not be lost without a word
            log.exception("answering failed: %s", where)

    async def _let_in(self) -> None:
        """What has just come is committed before anything is answered: it alone has seconds and not minutes."""
        try:
            async with asyncio.timeout(RECEIVE_SECONDS / 2):
                await self._all_in.wait()
        except TimeoutError:
            return

    async def _follow(self, request: Request, surface: Surface) -> Finished | None:
        """Show the answer as it grows; its end. What fails on the way is made good by the end.

        Once the lease is over only the end is shown, if it is ours: another process may be showing its own in this
        one's place.
        """
        text, shown_at, quiet_until = "", 0.0, 0.0
        async with aclosing(self._inbox.respond_held(request, self._direct_to)) as events:
            async for event in events:
                match event:
                    case Finished():
                        return event
                    case Started(title) if self._inbox.is_ours(request):
                        quiet_until = time.monotonic() + await self._on_the_way(surface.begin(title))
                    case Added(more):
                        text += more
                    case Replaced(whole):
                        text, shown_at = whole, 0.0
                now = time.monotonic()
                waits = now < quiet_until or now - shown_at < self._rhythm.grow
                if text and not waits and self._inbox.is_ours(request):
                    shown_at = now
                    quiet_until = now + await self._on_the_way(surface.grow(text))
        return None

    async def _on_the_way(self, step: Awaitable[None]) -> float:
        """Show what there is so far; for how long the platform then wants to be left alone."""
        try:
            await step
        except RateLimited as limit:
            return limit.retry_after
        except MessengerError as error:
            log.info("a growing answer could not be shown: %s", error.message)
        except Exception:  # whatever it was: it must not cost the answer, which the end shows whole
            log.exception("a growing answer could not be shown")
        return 0.0

    async def _finish(self, request: Request, message: Message, surface: Surface) -> None:
        try:
            reference = await _patiently(surface, message)
        except MessengerError as failure:
            if not message.private:
                raise  # the outbox sees to it
            await self._owe(request, message, failure, LATER)
        else:
            await self._shown(request, reference)

    async def _shown(self, request: Request, reference: str | None) -> None:
        """Note that an answer is there, so that the outbox has nothing to do."""
        # One that only its member could be shown is done with, too: nothing is to be sent after it.
        told, at = reference or "shown to its member", self._clock.now()
        # Insisting, since nobody could see later that a member was shown it alone.
        await insist(lambda: self._outbox.post_sent(request.workspace, answer_id(request), told, at))

    async def _owe(self, request: Request, message: Message, failure: MessengerError, waits: Sequence[float]) -> None:
        """See that a private message that could not be shown reaches its member some other way.

        Files are in no outbox, and neither is what is said to somebody who was forgotten: nothing of them is kept. They
        are tried again while this process lives; of a file, the outbox has a sentence for the time after that.

        Raises:
            MessengerError: all tries failed.
        """
        has_file = message.attachment is not None
        later = sum(waits) + LATER_TRY * len(waits) if has_file else 0.0
        if await self._left_to_outbox(request, failure, later) and not has_file:
            log.info("a private answer goes by direct message: event=%s", request.event_id)
            return
        await self._later(request, message, waits)

    async def _left_to_outbox(self, request: Request, failure: MessengerError, seconds: float) -> bool:
        """Leave a private answer to the outbox, some time from now; False where nothing of it is kept."""
        now = self._clock.now()
        try:
            entry = await self._outbox.outbox_entry(request.workspace, answer_id(request))
            if entry is None:  # it was shown meanwhile, or its member was forgotten
                return await self._inbox.stored(request) is not None
            if entry.worker != self._inbox.worker:
                return True  # showing took so long that the outbox has it already
            doubtful = isinstance(failure, OutcomeUnknown)
            waiting = replace(
                entry,
                state=PostState.PENDING,
                tries=0,
                free_at=now + timedelta(seconds=seconds),
                unknown_since=entry.unknown_since if doubtful else None,
                settled_at=now if doubtful else None,
                reason=failure.message,
            )
            await self._outbox.give_back(waiting, self._inbox.worker)
        except StorageError as error:  # then it is sent when the time for showing it is over
            log.warning("a private answer waits: event=%s (%s)", request.event_id, error.message)
        return True

    async def _later(self, request: Request, message: Message, waits: Sequence[float]) -> None:
        """Show a private message to its member some time after they asked, with tries after so many seconds each.

        Nobody could look whether it arrived; seen twice by one member, it does no harm.

        Raises:
            MessengerError: the last try failed, too.
        """
        for n, wait in enumerate(waits, 1):
            await asyncio.sleep(wait)
            try:
                await self._deliver(request, message)
            except MessengerError as error:
                if n == len(waits):
                    raise
                log.info("a private answer is tried again: event=%s (%s)", request.event_id, error.message)
            else:
                await self._shown(request, None)
                return

    # -- what others have left open -----------------------------------------------------------------------------------

    async def _look(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and await self._take_up():
                    pass
            except CruxError as error:
                log.warning("nothing could be taken up: %s", error.message)
            except Exception:  # the last line of defence: a bug must not end the looking
                log.exception("taking up failed")
            try:
                async with asyncio.timeout(self._rhythm.look):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _take_up(self) -> bool:
        found = await self._inbox.work_one(prefixes=(self._prefix,), direct_to=self._direct_to)
        if found is None:
            return False
        request, message = found
        log.info("answered what was left open: workspace=%s event=%s", request.workspace, request.event_id)
        if message.private:
            try:
                await self._deliver(request, message)
            except MessengerError as failure:
                await self._owe(request, message, failure, LATER[:1])
            else:
                await self._shown(request, None)
        return True


async def _patiently(surface: Surface, message: Message) -> str | None:
    """Show the whole, after the pauses that the platform asks for.

    Raises:
        MessengerError: it could not be shown, or the pauses would take too long: the outbox sees to it later.
    """
    for _ in range(PAUSES):
        try:
            return await surface.finish(message)
        except RateLimited as limit:
            if limit.retry_after > LONGEST_PAUSE:
                raise
            await asyncio.sleep(limit.retry_after)
    return await surface.finish(message)
