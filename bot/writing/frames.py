"""The outline writer's own sentences: frames into which the map's claims are set.

`{c}` takes a claim as a clause ("the field moves fast"), `{C}` as a sentence without its stop. A frame is chosen by
what the claim does in the case and by how firmly its author puts it, so that a guess is never reported as a fact.
Within a list the frames say the same, three or more to a list, so that the next asks can be answered in other words.
A frame promises no more than the relation does: an undercut takes weight from a claim and doesn't refute it, and what
supports a point may be evidence for it or may only raise its stakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.core.arguments import Certainty

Frames = Mapping[Certainty, tuple[str, ...]]

A, T, S = Certainty.ASSERTED, Certainty.TENTATIVE, Certainty.SPECULATIVE

# -- the view ---------------------------------------------------------------------------------------------------------

VIEW: Final[Frames] = {
    A: ("{C}", "Put plainly, {c}", "The claim to be defended is that {c}"),
    T: (
        "There is good reason to think that {c}",
        "The claim, held as likely and not as certain, is that {c}",
        "All things considered, it seems that {c}",
    ),
    S: (
        "A fair guess, and offered as no more, is that {c}",
        "It may well be that {c}",
        "The view is a guess, and a reasonable one: {c}",
    ),
}
DENIAL: Final = (
    "The better view is the opposite one, that {c}",
    "There is a good case that, on the contrary, {c}",
    "Those who reject the claim hold that {c}",
)
DENIAL_ALONE: Final = (
    "Those who reject the claim hold that {c}",
    "The opposite view is that {c}",
    "Against the claim it is held that {c}",
)
"""For a denial that the map carries only by undercuts or at one remove: nothing shows that the claim is false."""
AT_ITS_STRONGEST: Final = (
    "The view to be answered, in its best form, is that {c}",
    "At its strongest, the view under attack is that {c}",
    "The claim to be met is that {c}",
)
DEFENDED: Final = (
    "Its defenders would say that {c}",
    "In its support it is argued that {c}",
    "Those who hold it would add that {c}",
)
"""For a sentence of the attacked view's own text: the reply reports it and doesn't vouch for it."""

# -- reasons for the view ---------------------------------------------------------------------------------------------

FIRST_REASON: Final[Frames] = {
    A: (
        "The strongest reason is that {c}",
        "The case rests above all on this: {c}",
        "What speaks for it most is that {c}",
    ),
    T: (
        "The strongest reason, though not a conclusive one, is that {c}",
        "The case rests above all on something likely: {c}",
        "What speaks for it most, if not conclusively, is that {c}",
    ),
    S: (
        "The strongest reason is a guess, and offered as one: {c}",
        "The case rests above all on a conjecture, that {c}",
        "What speaks for it most is a guess, that {c}",
    ),
}
LEADING_REASON: Final[Frames] = {
    A: ("One good reason is that {c}", "It is worth noting first that {c}", "Consider, to begin with, that {c}"),
    T: (
        "One good reason, though not a conclusive one, is that {c}",
        "To begin with, it seems that {c}",
        "Consider, to begin with, something likely: {c}",
    ),
    S: (
        "One reason is a guess, and offered as one: {c}",
        "To begin with, it may be that {c}",
        "Consider, to begin with, a conjecture: {c}",
    ),
}
"""For a reason that leads because the strongest one led when the view was last asked for."""
NEXT_REASON: Final[Frames] = {
    A: ("Besides, {c}", "Add to this that {c}", "There is also the point that {c}", "Nor is that all: {c}"),
    T: (
        "It also seems that {c}",
        "There is reason to think, besides, that {c}",
        "Arguably, too, {c}",
        "A further point, put with some caution, is that {c}",
    ),
    S: ("Perhaps, too, {c}", "A conjecture may be added, that {c}", "It may be, too, that {c}"),
}
BACKING: Final[Frames] = {
    A: (
        "The point weighs the more because {c}",
        "Behind the point stands another: {c}",
        "With it goes a second point, that {c}",
    ),
    T: (
        "The point weighs the more if, as seems likely, {c}",
        "Behind the point stands another, itself open to doubt: {c}",
        "With it goes a second point, which seems likely: {c}",
    ),
    S: (
        "The point would weigh more still if the guess is right that {c}",
        "Behind the point stands a guess, that {c}",
        "With it goes a conjecture, that {c}",
    ),
}

# -- reasons against a view -------------------------------------------------------------------------------------------

FIRST_AGAINST: Final[Frames] = {
    A: (
        "The best reply is that {c}",
        "What tells against the view most is that {c}",
        "The first thing to say against it is that {c}",
    ),
    T: (
        "The best reply, though not a conclusive one, is that {c}",
        "What tells against the view most is something likely: {c}",
        "The first thing to say against it is that, by all appearances, {c}",
    ),
    S: (
        "The best reply is a guess, and offered as one: {c}",
        "What tells against the view most is a conjecture, that {c}",
        "The first thing to say against it is that perhaps {c}",
    ),
}
LEADING_AGAINST: Final[Frames] = {
    A: (
        "One good reply is that {c}",
        "It tells against the view that {c}",
        "For one thing, {c}",
    ),
    T: (
        "One good reply, though not a conclusive one, is that {c}",
        "A likely point against the view is that {c}",
        "For one thing, it seems that {c}",
    ),
    S: (
        "One reply is a guess, and offered as one: {c}",
        "A conjecture that tells against the view is that {c}",
        "For one thing, it may be that {c}",
    ),
}
GRANTED: Final[Frames] = {
    A: (
        "Even if the other side's claim is granted, less follows from it than it seems, because {c}",
        "The trouble lies less in the other side's claim than in what is drawn from it, since {c}",
        "Grant the other side's claim, and it still does not settle the matter, because {c}",
    ),
    T: (
        "Even if the other side's claim is granted, less may follow from it, because, by all appearances, {c}",
        "The trouble may lie less in the other side's claim than in what is drawn from it, since it seems that {c}",
        "Grant the other side's claim, and it may still not settle the matter, because it seems that {c}",
    ),
    S: (
        "Even if the other side's claim is granted, less may follow from it, because perhaps {c}",
        "The trouble may lie less in the other side's claim than in what is drawn from it, since perhaps {c}",
        "Grant the other side's claim, and it may still not settle the matter, because perhaps {c}",
    ),
}
"""For an undercut that opens the reasons: it leaves the claim standing and takes away what is drawn from it."""
SUPPOSING: Final[Frames] = {
    A: (
        "And even were the other side's claim granted, less would follow than it seems, because {c}",
        "Nor would much follow from the other side's claim if it were granted, since {c}",
        "The other side's claim could be granted, besides, and still weigh little, because {c}",
    ),
    T: (
        "And even were the other side's claim granted, less may follow from it, because, by all appearances, {c}",
        "Nor need much follow from the other side's claim if it were granted, since it seems that {c}",
        "The other side's claim could be granted, besides, and might still weigh little, because it seems that {c}",
    ),
    S: (
        "And even were the other side's claim granted, less may follow from it, because perhaps {c}",
        "Nor need much follow from the other side's claim if it were granted, since perhaps {c}",
        "The other side's claim could be granted, besides, and might still weigh little, because perhaps {c}",
    ),
}
"""For the first undercut after other reasons."""
REMOTE: Final[Frames] = {
    A: (
        "Nothing in the map meets the claim head on, but on the same question it is argued that {c}",
        "The map has no direct answer, and the nearest that it has is that {c}",
        "There is no direct reply to it here; what can be set beside it is that {c}",
    ),
    T: (
        "Nothing in the map meets the claim head on, but on the same question it is argued, if with caution, that {c}",
        "The map has no direct answer, and the nearest that it has is the likely point that {c}",
        "There is no direct reply to it here; what can be set beside it is a likely point, that {c}",
    ),
    S: (
        "Nothing in the map meets the claim head on, but on the same question it is conjectured that {c}",
        "The map has no direct answer, and the nearest that it has is the guess that {c}",
        "There is no direct reply to it here; what can be set beside it is a guess, that {c}",
    ),
}
"""For a point on the same question that doesn't meet the claim, where nothing does."""
GROUND: Final[Frames] = {
    A: (
        "What the other side's claim rests on is itself in dispute, since {c}",
        "The trouble starts with what the other side's claim rests on, because {c}",
        "The ground of the other side's claim is less firm than it looks, since {c}",
    ),
    T: (
        "What the other side's claim rests on is itself in dispute, since it seems that {c}",
        "The trouble starts with what the other side's claim rests on, because, by all appearances, {c}",
        "The ground of the other side's claim may be less firm than it looks, since it seems that {c}",
    ),
    S: (
        "What the other side's claim rests on is itself in dispute, since perhaps {c}",
        "The trouble may start with what the other side's claim rests on, because perhaps {c}",
        "The ground of the other side's claim may be less firm than it looks, since perhaps {c}",
    ),
}
"""For an attack on what supports the claim, where nothing attacks the claim itself."""

# -- objections -------------------------------------------------------------------------------------------------------

FIRST_OBJECTION: Final = (
    "A serious objection is that {c}",
    "Against this it is said that {c}",
    "Critics will answer that {c}",
)
FIRST_REJOINDER: Final = (
    "Those who hold the view will reply that {c}",
    "In defence of the view it can be said that {c}",
    "A serious rejoinder is that {c}",
)
NEXT_OBJECTION: Final = (
    "Others object that {c}",
    "A second objection is that {c}",
    "It is also said against this that {c}",
)
ANSWER: Final[Frames] = {
    A: ("The answer is that {c}", "But {c}", "To that there is a plain reply: {c}"),
    T: ("The likely answer is that {c}", "But it seems that {c}", "To that there is a fair, if cautious, reply: {c}"),
    S: ("A possible answer is that {c}", "But perhaps {c}", "To that it may be replied, as a guess, that {c}"),
}
GRANTING: Final[Frames] = {
    A: (
        "Grant the objection, and it still settles less than it seems, because {c}",
        "That can be granted without giving up the case, since {c}",
        "Even if so, less follows than it seems, because {c}",
    ),
    T: (
        "Grant the objection, and it may still settle little, because, by all appearances, {c}",
        "That can probably be granted without giving up the case, since it seems that {c}",
        "Even if so, less may follow, because it seems that {c}",
    ),
    S: (
        "Grant the objection, and it may still settle little, because perhaps {c}",
        "That can perhaps be granted without giving up the case, since it may be that {c}",
        "Even if so, less may follow, because perhaps {c}",
    ),
}
UNANSWERED: Final = (
    "An honest case leaves one objection standing: {c}",
    "One objection goes unanswered here, which is that {c}",
    "To one objection the map has no answer: {c}",
)
CONCESSION: Final = (
    "The other side keeps a point, which is that {c}",
    "One point of the other side goes unanswered here: {c}",
    "What is left standing is the other side's point that {c}",
)

# -- what hangs on it -------------------------------------------------------------------------------------------------

CONTEXT_FOR: Final = (
    "The point matters because a larger claim leans on it: {c}",
    "Much hangs on the point, since it speaks for the claim that {c}",
    "The point is a reason to think that {c}",
)
CONTEXT_AGAINST: Final = (
    "The point matters because it tells against a larger claim, that {c}",
    "Much hangs on the point, since it counts against the claim that {c}",
    "The point is a reason to doubt that {c}",
)
CONTEXT_LOST: Final = (
    "If this is right, one reason falls away in the dispute over whether {c}",
    "At stake is one of the reasons in the dispute over whether {c}",
    "What hangs on it is one of the reasons in the dispute over whether {c}",
)
CONTEXT_STEP: Final = (
    "If this is right, one argument loses weight in the dispute over whether {c}",
    "At stake is how much one argument weighs in the dispute over whether {c}",
    "What hangs on it is the force of one argument in the dispute over whether {c}",
)
WOULD_CHANGE: Final = (
    "What would shake this case is good evidence that {c}",
    "Anyone who argues so should think again if it turned out that {c}",
    "The case would lose an important support if it were shown that {c}",
)
WOULD_CHANGE_REPLY: Final = (
    "What would shake this reply is good evidence that {c}",
    "Anyone who answers so should think again if it turned out that {c}",
    "The reply would lose an important support if it were shown that {c}",
)
WOULD_CHANGE_LEAF: Final = (
    "What would change this view is good evidence that {c}",
    "Anyone who argues so should give way if it turned out that {c}",
    "The view would have to go if it were shown that {c}",
)
"""For a view with no reasons but itself."""
