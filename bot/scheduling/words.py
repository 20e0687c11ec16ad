"""What the core asks of this package, put together."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from bot.core.schedules import QuietDays, Recurrence, Schedule
from bot.scheduling.days import read_day, read_quiet_days
from bot.scheduling.reading import read
from bot.scheduling.recurrence import due_between, next_due
from bot.scheduling.wording import in_words, next_in_words, quiet_in_words
from bot.scheduling.zones import read_zone

_INSTANT: Final = timedelta(microseconds=1)


class PlainRecurrences:
    """`core.ports.Recurrences`: plain English and rules of RFC 5545."""

    def read(self, text: str, zone: str, now: datetime) -> Recurrence:
        return read(text, zone, now)

    def read_zone(self, text: str) -> str:
        return read_zone(text)

    def read_quiet_days(self, text: str, zone: str, now: datetime) -> QuietDays:
        return read_quiet_days(text, zone, now)

    def read_day(self, text: str, zone: str, now: datetime) -> date:
        return read_day(text, zone, now)

    def in_words(self, schedule: Schedule) -> str:
        return in_words(schedule)

    def quiet_in_words(self, quiet: QuietDays) -> str:
        return quiet_in_words(quiet)

    def is_due(self, schedule: Schedule, at: datetime) -> bool:
        return bool(due_between(schedule, at - _INSTANT, at))

    def next_due(self, schedule: Schedule, after: datetime, count: int) -> tuple[datetime, ...]:
        return tuple(next_due(schedule, after, count))

    def next_times(self, schedule: Schedule, after: datetime, count: int) -> tuple[str, ...]:
        return next_in_words(schedule, after, count)
