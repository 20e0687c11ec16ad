"""Fakes that ship with Crux, so that tests assert on state and mock nothing."""

from bot.testing.digests import FixedNarrator
from bot.testing.fakes import BagOfWordsEncoder, FixedCatalogue, ManualClock
from bot.testing.store import MemoryStore

__all__ = ["BagOfWordsEncoder", "FixedCatalogue", "FixedNarrator", "ManualClock", "MemoryStore"]
