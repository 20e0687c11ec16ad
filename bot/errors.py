"""The error tree.

An exception's docstring is its default message, and a message is one sentence that says what to do.

    CruxError
    ├── BadInput                what a member or operator typed; shown to them as it is
    │   ├── UnknownCommand
    │   ├── UnknownClaim        offers the nearest claims
    │   ├── RetiredClaim
    │   ├── NotAnOrganiser
    │   ├── UnknownStance
    │   ├── UnknownTopic
    │   ├── TextTooLong
    │   └── EmptyText
    ├── ConfigurationError      the operator must change something before Crux can start
    │   ├── MapError            a map's file, line and remedy
    │   ├── EncoderError        weights missing or changed, endpoint wrong
    │   └── PromptError         a template that can't be rendered
    ├── StorageError            the database
    │   ├── StorageBusy         locked, or out of reach; worth trying again
    │   ├── StorageFull         no space, or read-only
    │   ├── StorageCorrupt
    │   └── SchemaTooNew
    ├── WriterError             a language model's failure; never reaches a member
    │   ├── WriterUnavailable   refused, timed out, cut, or circuit open: worth another try later
    │   ├── WriterMisconfigured bad key, unknown model: an operator must act
    │   ├── WriterOverloaded    429 and the like, with `retry_after` seconds when the server said so
    │   ├── BudgetSpent         the member's or the workspace's tokens for the day are used up
    │   └── NothingUsable       it answered, and nothing of the answers can be used
    └── MessengerError          a platform that didn't take a post
        ├── RateLimited         not posted; `retry_after` seconds are to pass first
        ├── Refused             not posted, and never will be: the channel is gone, a permission lacks
        │   └── Departed        the member it was for is not there any longer: nobody has to decide about it
        ├── Unreachable         not posted; worth another try later
        └── OutcomeUnknown      it may have been posted

``exit_code`` is what the command line returns for each branch.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import ClassVar


class CruxError(Exception):
    """Something went wrong in Crux; the log has the details."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or ""))

    @property
    def message(self) -> str:
        """The one sentence to show."""
        return str(self.args[0])


class BadInput(CruxError):
    """Crux can't read that; try `/crux help`."""

    exit_code = 2


class UnknownCommand(BadInput):
    """There is no such command; `/crux help` lists them."""


class UnknownClaim(BadInput):
    """There is no claim with that id; `/crux map` lists them."""

    def __init__(self, message: str | None = None, nearest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.nearest = tuple(nearest)


class RetiredClaim(BadInput):
    """That claim is retired; `/crux map` lists those in use."""


class NotAnOrganiser(BadInput):
    """That is for organisers: ask one of them to do it."""


class UnknownStance(BadInput):
    """A stance is one of: strongly agree, agree, disagree, strongly disagree, unsure."""


class UnknownTopic(BadInput):
    """There is no such topic; `/crux topic` lists them."""


class TextTooLong(BadInput):
    """That is too long; say it in fewer words."""


class EmptyText(BadInput):
    """Say what you mean after the command, as in `/steelman interpretability has no concrete plan`."""


class ConfigurationError(CruxError):
    """A setting is wrong; `crux doctor` says which."""

    exit_code = 3


class MapError(ConfigurationError):
    """An argument map can't be read; `crux seeds check` says where."""


class EncoderError(ConfigurationError):
    """The encoder can't be loaded; set CRUX_ENCODER=none to search by words alone."""


class PromptError(ConfigurationError):
    """A prompt template can't be used; `crux doctor` says which."""


class StorageError(CruxError):
    """The database failed; `crux doctor` says what to do."""

    exit_code = 4


class StorageBusy(StorageError):
    """The database is busy; try again in a moment."""


class StorageFull(StorageError):
    """The database can't be written: free some space or make its folder writable, then try again."""


class StorageCorrupt(StorageError):
    """The database file is damaged: put back the newest copy from the backups folder beside it."""


class SchemaTooNew(StorageError):
    """The database was made by a newer Crux: install that version, or restore an older backup."""


class WriterError(CruxError):
    """The language model failed."""

    exit_code = 5


class WriterUnavailable(WriterError):
    """The language model can't be reached or stopped answering."""


class WriterMisconfigured(WriterError):
    """The language model refused the key or the model name."""


class WriterOverloaded(WriterError):
    """The language model is rate-limited."""

    def __init__(self, message: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BudgetSpent(WriterError):
    """Today's share of model tokens is used up."""


class NothingUsable(WriterError):
    """The language model's answers hold nothing that can be used; try a larger model."""


class MessengerError(CruxError):
    """The platform didn't take a post."""

    exit_code = 6


class RateLimited(MessengerError):
    """The platform asks for a pause."""

    def __init__(self, retry_after: float, message: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Refused(MessengerError):
    """The platform refuses the post: check that the channel is there and that Crux may post in it."""


class Departed(Refused):
    """The member that this was for is not there any longer."""


class Unreachable(MessengerError):
    """The platform can't be reached."""


class OutcomeUnknown(MessengerError):
    """The platform did not answer, so the post may have arrived."""
