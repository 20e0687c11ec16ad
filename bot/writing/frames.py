"""The outline writer's own sentences: frames into which the map's claims are set.

`{c}` takes a claim as a clause ("the field moves fast"), `{C}` as a sentence without its stop. A frame is chosen by
what the claim does in the case and by how firmly its author puts it, so that a guess is never reported as a fact.
Within a list the frames say the same, so that the next ask can be answered in other words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.core.arguments import Certainty

Frames = Mapping[Certainty, tuple[str, ...]]

A, T, S = Certainty.ASSERTED, Certainty.TENTATIVE, Certainty.SPECULATIVE

VIEW: Final[Frames] = {
    A: ("{C}", "On this view, {c}", "Put at its plainest, the view is that {c}"),
    T: ("On this view, and it is put with care, {c}", "The view, held as likely and not as certain, is that {c}"),
    S: (
        "The view is offered as a guess, and it is that {c}",
        "On this view, which claims to be no more than a guess, {c}",
    ),
}
DENIAL: Final = (
    "This view denies {id}; in the words of those who hold it, {c}",
    "Those who hold this view would put it so: {c}",
    "Against {id}, this view says that {c}",
)
FIRST_REASON: Final[Frames] = {
    A: ("The strongest reason is that {c}", "It stands first of all on this: {c}", "The case begins here: {c}"),
    T: (
        "The strongest reason is put with some caution: {c}",
        "What speaks for it most, if not conclusively, is that {c}",
        "The case begins with something likely rather than proven: {c}",
    ),
    S: (
        "The strongest reason is a guess, and said to be one: {c}",
        "The case begins with a conjecture, namely that {c}",
    ),
}
NEXT_REASON: Final[Frames] = {
    A: ("Besides, {c}", "Add to this that {c}", "There is also the point that {c}", "Nor is that all: {c}"),
    T: (
        "It also seems that {c}",
        "There is reason to think, besides, that {c}",
        "Arguably, too, {c}",
        "A further point, made with care, is that {c}",
    ),
    S: ("Perhaps, too, {c}", "A bolder conjecture is added, that {c}"),
}
SUPPOSING: Final[Frames] = {
    A: (
        "And even were the claim itself granted, less would follow than it seems, because {c}",
        "Nor would much follow from the claim if it were granted, since {c}",
    ),
    T: (
        "And even were the claim itself granted, less may follow than it seems, because, by the look of it, {c}",
        "Nor need much follow from the claim if it were granted, since it seems that {c}",
    ),
    S: ("And even were the claim itself granted, less may follow than it seems, because perhaps {c}",),
}
BACKING: Final[Frames] = {
    A: ("That matters since {c}", "Behind that point stands another: {c}", "One thing that bears this out is that {c}"),
    T: ("It gains weight if, as seems likely, {c}", "Behind it stands a further point, put with less certainty: {c}"),
    S: ("It would weigh more still if the guess is right that {c}",),
}
FIRST_OBJECTION: Final = (
    "The strongest objection is that {c}",
    "Against this it is said that {c}",
    "Critics will answer that {c}",
)
NEXT_OBJECTION: Final = (
    "Others object that {c}",
    "A second objection is that {c}",
    "It is also said against this that {c}",
)
ANSWER: Final[Frames] = {
    A: ("The answer is that {c}", "But {c}", "To that there is a plain reply: {c}"),
    T: ("The likely answer is that {c}", "But it seems that {c}", "To that there is a fair, if cautious, reply: {c}"),
    S: ("A possible answer is that {c}", "But perhaps {c}"),
}
GRANTING: Final[Frames] = {
    A: (
        "Grant the objection, and it still settles less than it seems, because {c}",
        "Even so, the case holds, since {c}",
    ),
    T: (
        "Grant the objection, and it may still settle less than it seems, because, by the look of it, {c}",
        "Even so, the case probably holds, since it seems that {c}",
    ),
    S: ("Grant the objection, and it may still settle little, because perhaps {c}",),
}
UNANSWERED: Final = (
    "One objection stands unanswered in the map, and an honest case grants it: {c}",
    "To one objection the map has no answer, and it has to be granted: {c}",
)
CONCESSION: Final = (
    "This much of the view stands all the same: {c}",
    "What has to be granted to the other side is that {c}",
    "The other side keeps a point, which is that {c}",
)
AT_ITS_STRONGEST: Final = (
    "At its strongest, the view under attack says that {c}",
    "The view to be answered, in its best form, is that {c}",
)
CONTEXT_FOR: Final = (
    "It matters because a larger claim leans on it: {c}",
    "Much hangs on this, since it carries the claim that {c}",
)
CONTEXT_AGAINST: Final = (
    "It matters because it tells against a larger claim, that {c}",
    "Much hangs on this, since it counts against the claim that {c}",
)
CONTEXT_LOST: Final = (
    "If this is right, one reason falls away in the dispute over whether {c}",
    "What hangs on it is one of the reasons in the dispute over whether {c}",
)
CONTEXT_STEP: Final = (
    "It matters because it weakens what others draw from one claim, namely that {c}",
    "The point of it is to show that less follows than is thought from the claim that {c}",
)
WOULD_CHANGE: Final = (
    "What would change this view is good evidence that {c}",
    "Anyone who argues so should give way if it turned out that {c}",
    "This case would fall if it were shown that {c}",
)
WOULD_CHANGE_REPLY: Final = (
    "What would undo this reply is good evidence that {c}",
    "Anyone who answers so should give way if it turned out that {c}",
    "This reply would fail if it were shown that {c}",
)
