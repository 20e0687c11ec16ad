"""Sends what the outbox holds: each post once, or not again where that can't be known."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final, TypeAlias

from bot.core.language import Languages, mark, plural, say
from bot.core.outbox import Entry, Guard, Messenger, Outbox, Post, PostState, Step, may_resend, next_step
from bot.core.patience import back_off, insist
from bot.core.ports import Clock
from bot.errors import Departed, MessengerError, RateLimited, Refused, StorageError, Unreachable
from bot.scheduling.watching import Unwatched, Watch

log = logging.getLogger(__name__)

Tell: TypeAlias = Callable[[Post, str], Awaitable[None]]
"""Lets an organiser know that a post is held, and why. May be called twice for one post; its errors are logged."""

UNKNOWN: Final = mark("it may have arrived and can't be looked for: look in the channel, then retry or drop it")
TOO_LATE: Final = mark("its time was over before it could be sent")
LOOKED_FOR: Final = "it may have arrived, and is looked for"
STOPPED: Final = "its process was stopped"


@dataclass(frozen=True, slots=True)
class SendingRules:
    """How posts are sent; times in seconds.

    Args:
        lease: after this, another process may take a post up. Longer than `send`, so that a slow try ends before.
        send: the longest time from taking a post to the end of the try; it is cancelled then.
        spacing: between two posts of one channel.
        most_tries: after so many failures a post is held. Pauses that the platform asks for are no failures.
    """

    lease: float = 60.0
    send: float = 30.0
    spacing: float = 1.0
    most_tries: int = 8
    first_wait: float = 2.0
    longest_wait: float = 900.0

    def __post_init__(self) -> None:
        if not self.send < self.lease:
            raise ValueError("a try must end before its lease does")


@dataclass(frozen=True, slots=True)
class Taken:
    """A post that this process holds, since when, and until when on the event loop's clock a try of it may last."""

    entry: Entry
    worker: str
    at: datetime
    deadline: float


@dataclass(frozen=True, slots=True)
class _Sent:
    reference: str


@dataclass(frozen=True, slots=True)
class _Pointless:
    reason: str


_Outcome: TypeAlias = _Sent | _Pointless | Entry
"""It is there; nobody is left to read it; or the entry as it is to be given back."""


class Sender:
    """Takes posts from the outbox one at a time. Any number of them may, in any number of processes.

    Before each try stands a lease that counts as a try of unknown outcome, so that dying is safe at any moment. A try
    ends before its lease by `asyncio.timeout`, which also cuts the try of a process that was stopped meanwhile, when it
    goes on. That can't be made certain: see "What remains" in docs/operations.md.

    Args:
        worker: names this process; unique among those that share the database.
        tell: hears of posts that are held.
        languages: those in which a post is sent, and in which the reasons are for which it is held.
        watch: what counts the tries.
        prefixes: only posts of workspaces whose ids begin with one of them are taken; all without any.
    """

    def __init__(
        self,
        store: Outbox,
        messenger: Messenger,
        clock: Clock,
        worker: str,
        *,
        rules: SendingRules | None = None,
        tell: Tell | None = None,
        languages: Languages | None = None,
        watch: Watch | None = None,
        prefixes: Sequence[str] = (),
        chance: random.Random | None = None,
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._clock = clock
        self.rules = rules or SendingRules()
        self._tell = tell
        self._languages = languages
        self._watch = watch or Unwatched()
        self._prefixes = prefixes
        self._chance = chance or random.Random()  # noqa: S311 (spreads waits)
        self._leases = (f"{worker}/{n}" for n in count())

    async def work_one(self, workspace: str | None = None) -> bool:
        """Take up one post and do what can be done about it; False when none may be sent now.

        Raises:
            StorageError: the database failed; the post is taken up again once its lease has run out.
        """
        taken = await self.take(workspace)
        if taken is None:
            return False
        await self.work(taken)
        return True

    async def take(self, workspace: str | None = None) -> Taken | None:
        """Take up the post that has been waiting longest; None when none may be sent now."""
        worker = next(self._leases)
        # The time that a try may take counts from before the lease, which counts from `now`.
        began, now = asyncio.get_running_loop().time(), self._clock.now()
        entry = await self._store.lease_post(
            worker, now, self.rules.lease, self.rules.spacing, workspace, self._prefixes
        )
        return None if entry is None else Taken(entry, worker, now, began + self.rules.send)

    async def work(self, taken: Taken) -> None:
        """Send a post, look for it, or hold it; and note what came of it."""
        await self._speak(taken)
        outcome = await self._attempt(taken.entry, taken.worker, taken.at, taken.deadline)
        if isinstance(outcome, _Sent):
            await self._note_sent(taken.entry.post, outcome.reference)
            self._watch.tried(taken.entry.post, PostState.SENT)
            return
        if isinstance(outcome, _Pointless):
            await self._drop(_held(taken.entry, outcome.reason), taken.worker)
            return
        given_back = await insist(lambda: self._store.give_back(outcome, taken.worker))
        if given_back:
            self._watch.tried(outcome.post, outcome.state)
        if given_back and outcome.state is PostState.HELD:
            await self._say_held(outcome)

    async def _drop(self, entry: Entry, worker: str) -> None:
        """Settle a post that nobody is left to read; nobody has to decide about it."""
        post = entry.post
        log.info("a post is dropped: workspace=%s post=%s (%s)", post.workspace, post.id, entry.reason)
        if await insist(lambda: self._store.give_back(entry, worker)):
            await insist(lambda: self._store.drop_post(post.workspace, post.id, self._clock.now()))
            self._watch.tried(post, PostState.DROPPED)

    async def _speak(self, taken: Taken) -> None:
        """Speak the language of a post's channel while it is in hand."""
        if self._languages is None:
            return
        try:
            await self._languages.speak_if_told(taken.entry.post.workspace, taken.entry.post.channel)
        except asyncio.CancelledError:
            await self._hand_back(taken.entry, taken.worker)
            raise

    async def _attempt(self, entry: Entry, worker: str, now: datetime, deadline: float) -> _Outcome:
        guard = self._messenger.guard(entry.post)
        if entry.tries > self.rules.most_tries:
            # Leases that ended without a word count: a post that takes its senders down is not tried for ever.
            return _held(entry, _with_doubt(entry, say("it was tried too often")))
        over = entry.post.until is not None and now > entry.post.until
        step = next_step(entry, guard, now, self.rules.send)
        if over and step is Step.SEND:
            if entry.unknown_since is None:
                return _held(entry, say(TOO_LATE))
            step = Step.HOLD if guard.shows_within is None else Step.LOOK
        if step is Step.HOLD:
            return _held(entry, say(UNKNOWN))
        sending = False
        try:
            if step is Step.LOOK:
                found = await self._look(entry, guard, now, deadline)
                if found is not None:
                    return found
                entry = replace(entry, unknown_since=None, settled_at=None)
                if over:
                    return _held(entry, say(TOO_LATE))
            sending = True
            return await self._send(entry, guard, deadline)
        except asyncio.CancelledError:
            if sending and entry.unknown_since is None:
                entry = replace(entry, unknown_since=now, settled_at=self._clock.now())
            await self._hand_back(entry, worker)
            raise

    async def _look(self, entry: Entry, guard: Guard, now: datetime, deadline: float) -> _Outcome | None:
        """Look for the post; None when it is certain that it isn't there."""
        try:
            async with asyncio.timeout_at(deadline):
                reference = await self._messenger.find(entry.post)
        except RateLimited as limit:
            return self._paused(entry, limit)
        except Departed as error:
            return _Pointless(error.message)
        except Exception as error:  # noqa: BLE001 (whatever the reason, nothing was seen)
            return self._failed(entry, say("looking for it failed: {reason}", reason=_in_words(error)))
        if reference is not None:
            return _Sent(reference)
        sure_from = may_resend(entry, guard, now)
        if sure_from is None:
            return None
        return replace(
            entry,
            state=PostState.PENDING,
            tries=entry.tries - 1,
            free_at=sure_from,
            reason=LOOKED_FOR,
        )

    async def _send(self, entry: Entry, guard: Guard, deadline: float) -> _Outcome:
        started = self._clock.now()
        if asyncio.get_running_loop().time() >= deadline or started >= entry.free_at:
            # This process was stopped or starved since it took the post: whoever has it now is not to be crossed.
            return self._failed(entry, say("Its sender was too slow."))
        try:
            async with asyncio.timeout_at(deadline):
                return _Sent(await self._messenger.send(entry.post))
        except RateLimited as limit:
            return self._paused(entry, limit)
        except Departed as error:
            return _Pointless(error.message)
        except Refused as error:
            return _held(entry, _with_doubt(entry, error.message))
        except Unreachable as error:
            return self._failed(entry, error.message)
        except Exception as error:  # noqa: BLE001 (whatever it was, the post may be there)
            return self._in_doubt(entry, guard, started, _in_words(error))

    def _in_doubt(self, entry: Entry, guard: Guard, started: datetime, reason: str) -> Entry:
        now = self._clock.now()
        doubtful = replace(entry, unknown_since=entry.unknown_since or started, settled_at=now)
        failed = self._failed(doubtful, reason)
        if (
            failed.state is PostState.HELD
            or next_step(doubtful, guard, failed.free_at, self.rules.send) is not Step.HOLD
        ):
            return failed
        if next_step(doubtful, guard, now, self.rules.send) is Step.HOLD:
            return _held(doubtful, say(UNKNOWN))
        # The nonce would be forgotten before this wait is over, and is remembered now: wait for half of what is left.
        assert doubtful.unknown_since is not None
        assert guard.nonce_seconds is not None
        latest = doubtful.unknown_since + timedelta(seconds=guard.nonce_seconds - self.rules.send)
        return replace(failed, free_at=now + (latest - now) / 2)

    def _failed(self, entry: Entry, reason: str) -> Entry:
        """To be tried again after a wait, or held when it was tried often enough."""
        if entry.tries >= self.rules.most_tries:
            given_up = plural(
                "given up after {number} try: {reason}",
                "given up after {number} tries: {reason}",
                entry.tries,
                reason=reason,
            )
            return _held(entry, _with_doubt(entry, given_up))
        wait = back_off(entry.tries, self.rules.first_wait, self.rules.longest_wait, self._chance)
        return replace(entry, state=PostState.PENDING, free_at=self._after(wait), reason=reason)

    def _paused(self, entry: Entry, limit: RateLimited) -> Entry:
        """As long as the platform asks for, and a little spread, since others were told the same."""
        wait = max(0.0, limit.retry_after) + self._chance.uniform(0.0, 0.25)
        return replace(
            entry, state=PostState.PENDING, tries=entry.tries - 1, free_at=self._after(wait), reason=limit.message
        )

    async def _hand_back(self, entry: Entry, worker: str) -> None:
        """On a clean stop: another sender may go on at once, with what is known."""
        settled_at = None if entry.unknown_since is None else self._clock.now()
        stopped = replace(
            entry,
            state=PostState.PENDING,
            tries=entry.tries - 1,
            free_at=self._clock.now(),
            settled_at=settled_at,
            reason=STOPPED,
        )
        await insist(lambda: self._store.give_back(stopped, worker))

    async def _note_sent(self, post: Post, reference: str) -> None:
        try:
            await insist(lambda: self._store.post_sent(post.workspace, post.id, reference, self._clock.now()))
        except StorageError:
            log.error("sent, and not noted: workspace=%s post=%s", post.workspace, post.id)  # noqa: TRY400 (told above)
            raise

    async def _say_held(self, entry: Entry) -> None:
        post, reason = entry.post, entry.reason or ""
        log.warning("a post is held: workspace=%s post=%s (%s)", post.workspace, post.id, reason)
        if self._tell is None:
            return
        try:
            await self._tell(post, reason)
        except Exception:  # the log and `crux outbox list` have it
            log.exception("nobody could be told: workspace=%s post=%s", post.workspace, post.id)

    def _after(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def _held(entry: Entry, reason: str) -> Entry:
    return replace(entry, state=PostState.HELD, reason=reason)


def _with_doubt(entry: Entry, reason: str) -> str:
    """A reason, with what else is to be said where the post may be there."""
    if entry.unknown_since is None:
        return reason
    doubt = say("It may have arrived: look in the channel.")
    return f"{reason.rstrip('.')}. {doubt}"


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return say("The platform did not answer in time.")
    return error.message if isinstance(error, MessengerError) else type(error).__name__
