"""Schedules, firings and posts of `MemoryStore`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from bot.core.backlog import COUNTED, Backlog
from bot.core.calendar import Examined, Watched
from bot.core.firings import Firing, FiringState
from bot.core.messages import About, Picture
from bot.core.outbox import ANSWER, ORGANISERS, Entry, Post, PostState
from bot.core.schedules import Recurrence, Schedule
from bot.storage.calendar import OVERTAKEN
from bot.storage.codec import dump_message, load_message, names_any, storable, utc
from bot.testing.workspaces import MemoryWorkspaces

_UNSENT = (PostState.PENDING, PostState.SENDING)
_OPEN = (FiringState.DUE, FiringState.LEASED)


@dataclass(slots=True)
class _Schedule:
    schedule: Schedule
    checked_until: datetime
    wake_at: datetime


@dataclass(slots=True)
class _Firing:
    firing: Firing
    state: FiringState
    free_at: datetime
    tries: int = 0
    worker: str | None = None
    reason: str | None = None

    def drop(self, at: datetime, reason: str) -> None:
        """Unless somebody holds it."""
        if self.state is FiringState.DUE or (self.state is FiringState.LEASED and self.free_at <= at):
            self.state, self.worker, self.reason = FiringState.DROPPED, None, reason


@dataclass(frozen=True, slots=True)
class Root:
    """What a post is about that a thread may hang from."""

    post_id: str
    at: datetime
    about: About


class MemoryCalendar(MemoryWorkspaces):
    """`core.calendar.Calendar` and `core.outbox.Outbox`. No method waits between reading and writing."""

    def __init__(self) -> None:
        MemoryWorkspaces.__init__(self)
        self._schedules: dict[tuple[str, str], _Schedule] = {}
        self._firings: dict[tuple[str, str, datetime], _Firing] = {}
        self._posts: dict[tuple[str, str], Entry] = {}
        self._order: dict[tuple[str, str], int] = {}
        self._counter = count()
        self._roots: dict[tuple[str, str, str], Root] = {}

    # -- schedules ----------------------------------------------------------------------------------------------------

    async def put_schedule(self, schedule: Schedule, at: datetime) -> None:
        kept, at = _stored_schedule(schedule), utc(at)
        self._schedules[kept.workspace, kept.id] = _Schedule(kept, at, at)
        for each in self._firings_of(kept.workspace, kept.id):
            each.drop(at, "its schedule was changed")

    async def change_schedule(self, was: Schedule | None, schedule: Schedule, at: datetime) -> bool:
        known = await self.schedule(schedule.workspace, schedule.id)
        if known != (None if was is None else _stored_schedule(was)):
            return False
        await self.put_schedule(schedule, at)
        return True

    async def schedule(self, workspace: str, schedule: str) -> Schedule | None:
        found = self._schedules.get((storable(workspace), storable(schedule)))
        return None if found is None else found.schedule

    async def schedules(self, workspace: str) -> Sequence[Schedule]:
        return [each.schedule for (whose, _), each in sorted(self._schedules.items()) if whose == storable(workspace)]

    async def remove_schedule(self, workspace: str, schedule: str) -> bool:
        for each in self._firings_of(storable(workspace), storable(schedule)):
            del self._firings[_key(each.firing)]
        return self._schedules.pop((storable(workspace), storable(schedule)), None) is not None

    async def schedules_to_check(self, now: datetime, limit: int) -> Sequence[Watched]:
        found = sorted(
            (
                each
                for each in self._schedules.values()
                if each.wake_at <= utc(now) and each.schedule.workspace not in self._departures
            ),
            key=lambda each: (each.wake_at, each.schedule.workspace, each.schedule.id),
        )
        return [Watched(each.schedule, each.checked_until) for each in found[:limit]]

    # -- firings ------------------------------------------------------------------------------------------------------

    async def record_due(self, examined: Sequence[Examined]) -> int:
        to_run = 0
        for each in examined:
            schedule = _stored_schedule(each.watched.schedule)
            known = self._schedules.get((schedule.workspace, schedule.id))
            if known is None or known.checked_until != utc(each.watched.checked_until):
                continue
            known.checked_until, known.wake_at = utc(each.until), utc(each.wake_at)
            for due_at, reason in each.dropped:
                dropped = Firing(schedule.workspace, schedule.id, schedule.kind, utc(due_at))
                self._note(_Firing(dropped, FiringState.DROPPED, utc(due_at), reason=reason))
            if each.due is None:
                continue
            for older in self._firings_of(schedule.workspace, schedule.id):
                if older.firing.due_at < utc(each.due):
                    older.drop(utc(each.until), OVERTAKEN)
            due = Firing(schedule.workspace, schedule.id, schedule.kind, utc(each.due))
            to_run += self._note(_Firing(due, FiringState.DUE, utc(each.due)))
        return to_run

    async def fire(self, firing: Firing, at: datetime) -> bool:
        return self._note(_Firing(_stored_firing(firing), FiringState.DUE, utc(at)))

    def _note(self, new: _Firing) -> bool:
        return self._firings.setdefault(_key(new.firing), new) is new

    async def lease_firing(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Firing | None:
        now = utc(now)
        found = [
            each
            for each in self._firings.values()
            if each.state in (FiringState.DUE, FiringState.LEASED)
            and each.free_at <= now
            and each.firing.workspace not in self._departures
            and (workspace is None or each.firing.workspace == storable(workspace))
            and each.firing.workspace.startswith(tuple(prefixes) or "")
        ]
        if not found:
            return None
        each = min(found, key=lambda e: (e.free_at, e.firing.due_at, e.firing.workspace, e.firing.schedule))
        taken = replace(each.firing, tries=each.tries)
        each.state, each.worker, each.tries = FiringState.LEASED, worker, each.tries + 1
        each.free_at = now + timedelta(seconds=seconds)
        return taken

    async def finish_firing(self, firing: Firing, worker: str, posts: Sequence[Post], at: datetime) -> bool:
        if any(post.workspace != firing.workspace or post.firing != firing for post in posts):
            raise ValueError("a firing is finished with its own posts")
        held = self._held(firing, worker)
        if held is None:
            return False
        held.state, held.worker = FiringState.DONE, None
        for key, entry in self._posts.items():
            of = entry.post.firing
            if (
                of is not None
                and (of.workspace, of.schedule) == (held.firing.workspace, held.firing.schedule)
                and of.due_at < held.firing.due_at
                and entry.state is PostState.PENDING
                and entry.unknown_since is None
            ):
                self._posts[key] = replace(entry, state=PostState.DROPPED, reason=OVERTAKEN)
        for post in posts:
            self._add(post, utc(at))
        return True

    async def leave_firing(
        self, firing: Firing, worker: str, state: FiringState, reason: str, free_at: datetime, *, counted: bool = True
    ) -> bool:
        held = self._held(firing, worker)
        if held is None:
            return False
        held.state, held.worker, held.reason, held.free_at = state, None, reason, utc(free_at)
        held.tries -= not counted
        return True

    async def firing_states(self, workspace: str, schedule: str) -> Sequence[tuple[Firing, FiringState, str | None]]:
        found = self._firings_of(storable(workspace), storable(schedule))
        return [
            (replace(each.firing, tries=each.tries), each.state, each.reason)
            for each in sorted(found, key=lambda each: each.firing.due_at)
        ]

    async def failed_firings(self, workspace: str | None = None) -> Sequence[tuple[Firing, str | None]]:
        found = [
            each
            for each in self._firings.values()
            if each.state is FiringState.FAILED and workspace in {None, each.firing.workspace}
        ]
        in_order = sorted(found, key=lambda e: (e.firing.due_at, e.firing.workspace, e.firing.schedule))
        return [(replace(each.firing, tries=each.tries), each.reason) for each in in_order]

    def _held(self, firing: Firing, worker: str) -> _Firing | None:
        known = self._firings.get(_key(_stored_firing(firing)))
        held = known is not None and known.state is FiringState.LEASED and known.worker == worker
        return known if held else None

    def _firings_of(self, workspace: str, schedule: str) -> list[_Firing]:
        return [e for e in self._firings.values() if (e.firing.workspace, e.firing.schedule) == (workspace, schedule)]

    # -- posts --------------------------------------------------------------------------------------------------------

    async def enqueue(self, posts: Sequence[Post]) -> int:
        if any(post.firing is not None for post in posts):
            raise ValueError("posts of a firing come with its end")
        return sum(self._add(post, utc(post.created_at)) for post in posts)

    def _put(self, entry: Entry) -> None:
        """Put an entry as it is into the outbox; one whose id is there already is left."""
        kept = replace(entry, post=_stored_post(entry.post), worker=_maybe(entry.worker))
        key = (kept.post.workspace, kept.post.id)
        if key not in self._posts:
            self._posts[key] = kept
            self._order[key] = next(self._counter)

    def _add(self, post: Post, free_at: datetime) -> bool:
        kept = _stored_post(post)
        key = (kept.workspace, kept.id)
        if key in self._posts:
            return False
        self._posts[key] = Entry(kept, PostState.PENDING, 0, free_at)
        self._order[key] = next(self._counter)
        return True

    async def lease_post(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        spacing: float = 0.0,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Entry | None:
        now = utc(now)
        since = now - timedelta(seconds=spacing)
        found = [
            key
            for key, entry in self._posts.items()
            if entry.state in _UNSENT
            and entry.free_at <= now
            and key[0] not in self._departures
            and (workspace is None or key[0] == storable(workspace))
            and key[0].startswith(tuple(prefixes) or "")
            and not self._must_wait(key, since)
        ]
        if not found:
            return None
        key = min(found, key=lambda key: (self._posts[key].free_at, self._order[key]))
        entry, until = self._posts[key], now + timedelta(seconds=seconds)
        taken = replace(entry, state=PostState.SENDING, worker=storable(worker), free_at=until, tries=entry.tries + 1)
        self._posts[key] = replace(taken, unknown_since=entry.unknown_since or now, settled_at=until)
        return taken

    def _must_wait(self, key: tuple[str, str], since: datetime) -> bool:
        channel, kind = self._posts[key].post.channel, self._posts[key].post.kind
        if kind == ANSWER:
            return False
        return any(
            (other.state in _UNSENT and other.post.kind != ANSWER and self._order[at] < self._order[key])
            or (other.sent_at is not None and other.sent_at > since)
            for at, other in self._posts.items()
            if at[0] == key[0] and other.post.channel == channel
        )

    async def post_sent(self, workspace: str, post_id: str, reference: str, at: datetime) -> bool:
        key = (storable(workspace), storable(post_id))
        entry = self._posts.get(key)
        if entry is None or entry.state is PostState.SENT:
            return False
        self._keep_root(entry.post, reference, at)
        if entry.post.kind == ANSWER:
            del self._posts[key]
            return True
        self._posts[key] = replace(
            entry,
            post=replace(entry.post, picture=None),
            state=PostState.SENT,
            worker=None,
            sent_at=utc(at),
            reference=storable(reference),
            unknown_since=None,
            settled_at=None,
            reason=None,
        )
        return True

    def _keep_root(self, post: Post, reference: str, at: datetime) -> None:
        about = post.message.about
        seen = post.kind != ORGANISERS and not post.message.private
        if about is not None and post.thread is None and seen:
            self._roots[post.workspace, post.channel, storable(reference)] = Root(post.id, utc(at), about)

    async def give_back(self, entry: Entry, worker: str) -> bool:
        if entry.state not in (PostState.PENDING, PostState.HELD):
            raise ValueError("a post is given back pending or held")
        key = (storable(entry.post.workspace), storable(entry.post.id))
        known = self._posts.get(key)
        if known is None or known.state is not PostState.SENDING or known.worker != storable(worker):
            return False
        self._posts[key] = replace(
            known,
            state=entry.state,
            worker=None,
            tries=entry.tries,
            free_at=utc(entry.free_at),
            unknown_since=None if entry.unknown_since is None else utc(entry.unknown_since),
            settled_at=None if entry.settled_at is None else utc(entry.settled_at),
            reason=_maybe(entry.reason),
        )
        return True

    async def retry_post(self, workspace: str, post_id: str, at: datetime) -> bool:
        key = (storable(workspace), storable(post_id))
        entry = self._posts.get(key)
        if entry is None or entry.state in (PostState.SENT, PostState.SENDING):
            return False
        if entry.state is not PostState.PENDING:
            afresh = replace(entry, post=replace(entry.post, until=None), state=PostState.PENDING, tries=0)
            entry = replace(afresh, unknown_since=None, settled_at=None, reason=None)
        self._posts[key] = replace(entry, free_at=utc(at))
        return True

    async def drop_post(self, workspace: str, post_id: str, at: datetime) -> bool:
        key = (storable(workspace), storable(post_id))
        entry = self._posts.get(key)
        if entry is None or entry.state in (PostState.SENT, PostState.DROPPED):
            return False
        if entry.state is PostState.SENDING and entry.free_at > utc(at):
            return False
        self._posts[key] = replace(entry, state=PostState.DROPPED, worker=None)
        return True

    async def outbox_entry(self, workspace: str, post_id: str) -> Entry | None:
        return self._posts.get((storable(workspace), storable(post_id)))

    async def outbox(self, states: Collection[PostState], workspace: str | None = None) -> Sequence[Entry]:
        found = [
            (entry.post.created_at, self._order[key], entry)
            for key, entry in self._posts.items()
            if entry.state in states and (workspace is None or key[0] == storable(workspace))
        ]
        return [entry for _, _, entry in sorted(found, key=lambda each: each[:2])]

    # -- for whoever runs it ------------------------------------------------------------------------------------------

    async def backlog(self) -> Backlog:
        here = [entry for key, entry in self._posts.items() if key[0] not in self._departures]
        entries = [entry for entry in here if entry.state in COUNTED]
        waiting = [entry.post.created_at for entry in entries if entry.state in _UNSENT]
        due = [
            each.firing.due_at
            for each in self._firings.values()
            if each.state in _OPEN and each.firing.workspace not in self._departures
        ]
        return Backlog(
            posts={state: sum(entry.state is state for entry in entries) for state in COUNTED},
            oldest_post=min(waiting, default=None),
            firings=len(due),
            oldest_firing=min(due, default=None),
        )

    async def prune(self, before: datetime) -> int:
        over = (PostState.SENT, PostState.DROPPED)
        posts = [k for k, e in self._posts.items() if e.state in over and e.post.created_at < utc(before)]
        firings = [k for k, e in self._firings.items() if e.state not in _OPEN and e.firing.due_at < utc(before)]
        for key in posts:
            del self._posts[key]
        for at in firings:
            del self._firings[at]
        self._roots = {key: root for key, root in self._roots.items() if root.at >= utc(before)}
        return len(posts) + len(firings)

    # -- forgetting ---------------------------------------------------------------------------------------------------

    def _forget_posts(self, workspace: str, names: Collection[str], at: datetime) -> int:
        """Delete posts that name somebody, and have what is being composed composed anew; how many posts that were."""
        for each in self._firings.values():
            if each.firing.workspace == workspace and each.state is FiringState.LEASED:
                each.state, each.worker, each.free_at = FiringState.DUE, None, utc(at)
        naming = [
            entry for key, entry in self._posts.items() if key[0] == workspace and names_any(entry.post.shown, names)
        ]
        for entry in naming:
            del self._posts[workspace, entry.post.id]
        left = {entry.post.firing for entry in self._posts.values()}
        for entry in naming:
            firing = entry.post.firing
            if firing is not None and firing not in left and entry.unsent_for_certain:
                known = self._firings.get(_key(firing))
                if known is not None and known.state is FiringState.DONE:
                    known.state, known.free_at = FiringState.DUE, utc(at)
        return len(naming)

    def _forget_answers(self, keys: Collection[tuple[str, str]]) -> None:
        """Delete the posts that show replies which are deleted, and what is kept of those that were sent."""
        self._roots = {key: root for key, root in self._roots.items() if (key[0], root.post_id) not in keys}
        shown = [key for key, entry in self._posts.items() if key in keys and entry.post.kind == ANSWER]
        for key in shown:
            del self._posts[key]


def _key(firing: Firing) -> tuple[str, str, datetime]:
    return firing.workspace, firing.schedule, firing.due_at


def _maybe(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _stored_firing(firing: Firing) -> Firing:
    return replace(
        firing, workspace=storable(firing.workspace), schedule=storable(firing.schedule), due_at=utc(firing.due_at)
    )


def _stored_schedule(schedule: Schedule) -> Schedule:
    return replace(
        schedule,
        workspace=storable(schedule.workspace),
        id=storable(schedule.id),
        recurrence=Recurrence(storable(schedule.recurrence.rule), schedule.recurrence.anchor),
        channel=storable(schedule.channel),
        created_at=utc(schedule.created_at),
        paused_until=None if schedule.paused_until is None else utc(schedule.paused_until),
    )


def _stored_post(post: Post) -> Post:
    picture = post.picture
    return replace(
        post,
        workspace=storable(post.workspace),
        id=storable(post.id),
        channel=storable(post.channel),
        kind=storable(post.kind),
        message=load_message(dump_message(post.message)),
        created_at=utc(post.created_at),
        thread=_maybe(post.thread),
        picture=None if picture is None else Picture(picture.data, storable(picture.alt)),
        firing=None if post.firing is None else replace(_stored_firing(post.firing), tries=0),
        until=None if post.until is None else utc(post.until),
        begun=_maybe(post.begun),
    )
