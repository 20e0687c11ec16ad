"""What is posted when in a channel: organisers set it, and anybody may look it up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core import timetable_replies as replies
from bot.core.commands import (
    PauseSchedule,
    QuietSchedule,
    RemoveSchedule,
    Reschedule,
    ResumeSchedule,
    RunSchedule,
    Schedules,
    SetSchedule,
)
from bot.core.firings import Firing, FiringState
from bot.core.language import mark, say
from bot.core.messages import Message
from bot.core.ports import Clock, Recurrences, Store
from bot.core.prompts import Pace
from bot.core.requests import Request, Venue
from bot.core.resolving import Resolver
from bot.core.schedules import QuietDays, Schedule, ScheduleKind, instant_of
from bot.errors import BadInput, NotAnOrganiser

TRIES: Final = 5
"""How often a change is tried again when somebody else changed the schedule at the same moment."""
LONGEST_PAUSE: Final = timedelta(days=366 * 2)
SHOWN: Final = 3
"""Next times that are shown of a schedule."""

Change = Callable[[Schedule | None], Schedule]


@dataclass(frozen=True)
class Timetable:
    """The schedules of a workspace: one of a kind a channel. Each follows its channel's topic.

    Args:
        zone: the IANA time zone where a command names none and the channel has no schedule yet.
    """

    resolver: Resolver
    store: Store
    clock: Clock
    recurrences: Recurrences
    zone: str

    async def answer(self, request: Request, command: Schedules | Reschedule) -> Message:
        """Do what a command asks for; see the methods. Changes are told to the channel.

        Raises:
            BadInput: it can't be done; nothing is changed.
            NotAnOrganiser: somebody else asks for a change.
        """
        if isinstance(command, Schedules):
            return await self.listed(request)
        if not request.organiser:
            raise NotAnOrganiser(say(_FOR_ORGANISERS[type(command)]))
        match command:
            case SetSchedule():
                return await self.set(request, command)
            case PauseSchedule():
                return await self.pause(request, command)
            case ResumeSchedule():
                return await self.resume(request, command)
            case QuietSchedule():
                return await self.quiet(request, command)
            case RemoveSchedule():
                return await self.remove(request, command)
            case RunSchedule():
                return await self.run(request, command)

    async def listed(self, request: Request) -> Message:
        """All schedules of the workspace with their next times, this channel's first."""
        found = await self.store.schedules(request.workspace)
        here = sorted(found, key=lambda each: each.channel != request.channel)
        return replies.listed([await self._shown(each) for each in here], request.channel)

    async def set(self, request: Request, command: SetSchedule) -> Message:
        """Make a schedule for the channel, in place of one of its kind: quiet days, zone and pause stay unless named.

        Raises:
            BadInput: its words can't be read, or it would never post.
        """
        now = self.clock.now()
        others = [s for s in await self.store.schedules(request.workspace) if s.channel == request.channel]
        usual = others[0].zone if others else self.zone
        named = None if command.zone is None else self.recurrences.read_zone(command.zone)

        def change(was: Schedule | None) -> Schedule:
            zone = named or (usual if was is None else was.zone)
            quiet = QuietDays() if was is None else was.quiet
            if command.quiet is not None:
                quiet = self.recurrences.read_quiet_days(command.quiet, zone, now)
            return Schedule(
                workspace=request.workspace,
                id=schedule_id(request.channel, command.kind),
                kind=command.kind,
                recurrence=self.recurrences.read(command.when, zone, now),
                zone=zone,
                channel=request.channel,
                created_at=request.received_at,
                quiet=quiet,
                paused_until=None if was is None else self._pause_on(was, ZoneInfo(zone)),
            )

        was, kept = await self._change(request, command.kind, change)
        before = None if was is None or was == kept else self.recurrences.in_words(was)
        if await self._pace(kept) is Pace.SLOWER:  # whoever sets the times anew has them all posted
            topic = await self.resolver.current(Venue(kept.workspace, kept.channel))
            await self.store.set_pace(kept.workspace, kept.channel, topic.id, Pace.KEEP)
        return await self._told(request, kept, before)

    async def pause(self, request: Request, command: PauseSchedule) -> Message:
        """Have nothing posted before the beginning of a day; in place of an earlier pause.

        Raises:
            BadInput: there is no such schedule, the day can't be read, or nothing would be posted after it.
        """
        now = self.clock.now()

        def change(was: Schedule | None) -> Schedule:
            was = self._there(was, command.kind)
            day = self.recurrences.read_day(command.until, was.zone, now)
            until = instant_of(datetime.combine(day, time()), was.clock)
            if until - now > LONGEST_PAUSE:
                raise BadInput(
                    say(
                        "A pause lasts up to two years; `/crux schedule remove {kind}` ends it for good.",
                        kind=command.kind,
                    )
                )
            return replace(was, paused_until=until)

        _, kept = await self._change(request, command.kind, change)
        return await self._told(request, kept)

    async def resume(self, request: Request, command: ResumeSchedule) -> Message:
        """End a pause; without one nothing changes.

        Raises:
            BadInput: there is no such schedule, or it has ended.
        """

        def change(was: Schedule | None) -> Schedule:
            was = self._there(was, command.kind)
            return was if self._pause_of(was) is None else replace(was, paused_until=None)

        _, kept = await self._change(request, command.kind, change)
        return await self._told(request, kept)

    async def quiet(self, request: Request, command: QuietSchedule) -> Message:
        """Give a schedule other quiet days, or none.

        Raises:
            BadInput: there is no such schedule, the days can't be read, or they leave none to post on.
        """
        now = self.clock.now()

        def change(was: Schedule | None) -> Schedule:
            was = self._there(was, command.kind)
            return replace(was, quiet=self.recurrences.read_quiet_days(command.days, was.zone, now))

        _, kept = await self._change(request, command.kind, change)
        return await self._told(request, kept)

    async def remove(self, request: Request, command: RemoveSchedule) -> Message:
        """Post it no longer.

        Raises:
            BadInput: there is no such schedule.
        """
        was = await self._here(request, command.kind)
        if request.tries:
            if was is None:  # a try before this one removed it, or found none
                return replies.none_left(command.kind)
            if was.created_at > request.received_at:
                return await self._told(request, was)
        was = self._there(was, command.kind)
        await self.store.remove_schedule(request.workspace, was.id)
        return replies.removed(was, self.recurrences.in_words(was))

    async def run(self, request: Request, command: RunSchedule) -> Message:
        """Have it posted now, once: a firing of this minute, unless there is one or another is still to be posted.

        Raises:
            BadInput: there is no such schedule, or the one of this minute came to nothing.
        """
        schedule = self._there(await self._here(request, command.kind), command.kind)
        if request.tries and schedule.created_at > request.received_at:
            raise BadInput(
                say(
                    "The schedule was changed before this was done; say `/crux schedule run {kind}` again if none "
                    "was posted.",
                    kind=command.kind,
                )
            )
        # A whole minute, so that two who ask at once, or right after it was due, name the same firing. Not before the
        # schedule was made, so that it is not one of an earlier schedule of this channel.
        due_at = max(request.received_at.replace(second=0, microsecond=0), schedule.created_at)
        states = await self._states(schedule)
        if any(state in _OPEN for at, state in states.items() if at != due_at):
            return replies.waiting(schedule)
        firing = Firing(request.workspace, schedule.id, schedule.kind, due_at)
        if await self.store.fire(firing, self.clock.now()):
            if await self._here(request, command.kind) is None:  # removed meanwhile: so is this
                await self.store.remove_schedule(request.workspace, schedule.id)
                raise _no_schedule(command.kind)
            return replies.due_now(schedule)
        match (await self._states(schedule)).get(due_at):
            case FiringState.DROPPED | FiringState.FAILED:
                raise BadInput(
                    say(
                        "The last one came to nothing; say `/crux schedule run {kind}` in a minute again.",
                        kind=command.kind,
                    )
                )
            case FiringState.DONE if not request.tries:
                return replies.posted_already(schedule)
            case FiringState.DUE | FiringState.LEASED if not request.tries:
                return replies.waiting(schedule)
            case _:
                return replies.due_now(schedule)

    # -- parts --------------------------------------------------------------------------------------------------------

    async def _change(self, request: Request, kind: ScheduleKind, change: Change) -> tuple[Schedule | None, Schedule]:
        """What a schedule was, and what is kept now. Of two changes at once the later is made of the earlier's result.

        A request that is tried again changes nothing where the schedule was changed since it came: by an earlier try
        of it, or by somebody who asked later.

        Raises:
            BadInput: `change` refuses, or nothing would be posted.
        """
        for _ in range(TRIES):
            was = await self._here(request, kind)
            if was is not None and request.tries and was.created_at >= request.received_at:
                return was, was
            changed = change(was)
            if was is not None:
                if replace(changed, created_at=was.created_at) == was:
                    return was, was
                changed = replace(changed, created_at=max(request.received_at, was.created_at))
            now = self.clock.now()
            if not self.recurrences.next_times(changed, now, 1):
                raise BadInput(
                    say(
                        "That would leave no time to post at; say other times or days, as in `/crux schedule {kind} "
                        "weekdays 9:00 quiet 25 december`.",
                        kind=kind,
                    )
                )
            if await self.store.change_schedule(was, changed, now):
                return was, changed
        raise BadInput(say("Others are changing this schedule right now; say it again in a moment."))

    async def _here(self, request: Request, kind: ScheduleKind) -> Schedule | None:
        return await self.store.schedule(request.workspace, schedule_id(request.channel, kind))

    def _there(self, found: Schedule | None, kind: ScheduleKind) -> Schedule:
        if found is None:
            raise _no_schedule(kind)
        return found

    async def _states(self, schedule: Schedule) -> Mapping[datetime, FiringState]:
        found = await self.store.firing_states(schedule.workspace, schedule.id)
        return {firing.due_at: state for firing, state, _ in found}

    async def _told(self, request: Request, kept: Schedule, before: str | None = None) -> Message:
        topic = await self.resolver.current(request.venue.top)
        return replies.kept(await self._shown(kept), topic, before)

    async def _shown(self, schedule: Schedule) -> replies.Shown:
        now = self.clock.now()
        return replies.Shown(
            schedule=schedule,
            words=self.recurrences.in_words(schedule),
            quiet=self.recurrences.quiet_in_words(schedule.quiet) if schedule.quiet != QuietDays() else None,
            paused_until=self._pause_of(schedule),
            next_times=tuple(self.recurrences.next_times(schedule, now, SHOWN)),
            slower=await self._pace(schedule) is Pace.SLOWER,
        )

    async def _pace(self, schedule: Schedule) -> Pace | None:
        """The pace that organisers chose for its channel and topic; None where none was chosen, and for digests."""
        if schedule.kind is not ScheduleKind.PROMPTS:
            return None
        topic = await self.resolver.current(Venue(schedule.workspace, schedule.channel))
        return await self.store.pace(schedule.workspace, schedule.channel, topic.id)

    def _pause_of(self, schedule: Schedule) -> datetime | None:
        """Until when a schedule is paused; None when it isn't, or no longer."""
        until = schedule.paused_until
        return until if until is not None and until > self.clock.now() else None

    def _pause_on(self, schedule: Schedule, clock: ZoneInfo) -> datetime | None:
        """The same at a zone's own beginning of that day."""
        until = self._pause_of(schedule)
        return None if until is None else instant_of(until.astimezone(schedule.clock).replace(tzinfo=None), clock)


_OPEN: Final = (FiringState.DUE, FiringState.LEASED)
_FOR_ORGANISERS: Final[Mapping[type[Reschedule], str]] = {
    SetSchedule: mark("Only organisers set schedules; ask one of them."),
    PauseSchedule: mark("Only organisers pause schedules; ask one of them."),
    ResumeSchedule: mark("Only organisers end a pause; ask one of them."),
    QuietSchedule: mark("Only organisers set quiet days; ask one of them."),
    RemoveSchedule: mark("Only organisers remove schedules; ask one of them."),
    RunSchedule: mark("Only organisers have a schedule run now; ask one of them."),
}


def schedule_id(channel: str, kind: ScheduleKind) -> str:
    """The same for every schedule of a kind in a channel, so that there is one."""
    return f"{channel}/{kind}"


def _no_schedule(kind: ScheduleKind) -> BadInput:
    return BadInput(
        say("This channel has no schedule for prompts; `/crux schedule prompts weekdays 9:00` makes one.")
        if kind is ScheduleKind.PROMPTS
        else say("This channel has no schedule for the digest; `/crux schedule digest weekdays 9:00` makes one.")
    )
