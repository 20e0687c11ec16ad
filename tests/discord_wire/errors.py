"""What Discord says no with: an HTTP status, a JSON code and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

SAYINGS: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    40058: (400, "Cannot message this channel until it is a thread"),
    40060: (400, "Interaction has already been acknowledged."),
    40067: (400, "A tag is required to create a forum post in this channel"),
    40094: (400, "This interaction has reached its limit of follow-up messages"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
}


class Refused(Exception):
    """A call that Discord would not take; `details` are strings of `path: reason`."""

    def __init__(self, code: int, details: Sequence[str] = ()) -> None:
        self.code = code
        self.status, self.saying = SAYINGS[code]
        self.details = list(details)
        super().__init__(f"{code} {self.saying}: {'; '.join(self.details)}")

    def body(self) -> Json:
        """As Discord sends it: the details nested by path, each a list under `_errors`."""
        found: Json = {"message": self.saying, "code": self.code}
        if self.details:
            found["errors"] = {}
        for detail in self.details:
            path, _, reason = detail.partition(": ")
            place = found["errors"]
            for step in path.split("."):
                place = place.setdefault(step, {})
            place.setdefault("_errors", []).append({"code": "INVALID", "message": reason})
        return found


class Impossible(Exception):
    """A test asks for what no member could do in Discord: the test is wrong, not the bot."""
