"""Word lists of English, for what is read off a sentence without understanding it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTION_WORDS: Final = word_set(
    """
    a an the this that these those it its they them their there here he she his her we us our you your i me my who whom
    whose which what when where why how and or but nor so yet if then than as at by for from in into of off on onto out
    over to up with within about against between through during before after above below under again is am are was were
    be been being do does did doing done have has had having can could may might shall should will would must ought not
    no only just also too very much many more most less least few fewer some any each every all both either neither
    other another such same own once because since while whereas although though until unless however even still
    already one ones s t d ll re ve don won isn aren doesn didn couldn wouldn
    """
)
DISCOURSE_WORDS: Final = word_set(
    """
    say says said argue argues argued argument arguments point points pointed critic critics objection objections
    reply replies answer true honest honestly case view side fact reason reasons strong strongest strongly best main
    first second third finally indeed moreover besides therefore thus hence likewise similarly instead rather perhaps
    probably possibly likely maybe may might tend tends seem seems appear appears suggest suggests mean means show
    shows worry worries concern concerns concede concedes grant granted admit admits admittedly matter matters simply
    really quite fairly kind sort way ways thing things course along well like get gets make makes go goes come comes
    take takes give gives let lets use uses used need needs new now today sum short long
    """
)
"""Words that join or hedge, and assert nothing about the topic."""

NEGATIONS: Final = word_set(
    """
    not no never none nobody nothing neither nor cannot without hardly barely seldom rarely scarcely lack lacks lacking
    fail fails failed unable
    """
)
CERTAINTIES: Final = re.compile(
    r"\b(?:prove[sdn]|proof that|certainly|certain to|is certain|definitely|undoubtedly|doubtless|no doubt"
    r"|beyond (?:\w+ )?doubt|without (?:a )?doubt|guarantee[sd]?|inevitabl[ey]|invariably|unquestionabl[ey]"
    r"|indisputabl[ey]|undeniabl[ey]|conclusive(?:ly)?|bound to|sure to|without exception|indispensable|impossible)\b",
    re.IGNORECASE,
)
"""Words that put a thing as beyond doubt."""

HEDGES: Final = re.compile(
    r"\b(?:may|might|could|can|would|should|perhaps|possibl[ey]|possibility|probabl[ey]|likely|unlikely|seem(?:s|ed|ing)?"
    r"|appear(?:s|ed|ing)?|suggest(?:s|ed|ing)?|tend(?:s|ed|ing)?|often|usually|mostly|most|sometimes|rarely|seldom|some|if|whether|guess|rough(?:ly)?|worry|fear"
    r"|expects?|believe|think|argue|claim|doubt|risk|concern|hardly|weak|little|open|uncertain|estimate|hope|chance"
    r"|promise)\b",
    re.IGNORECASE,
)
"""Words that keep a thing from being stated flatly."""

SWEEPING: Final = word_set(
    """
    always never forever completely fully entirely totally utterly whatsoever all every any must solved solve everybody
    everyone nobody anything whole ruin destroy destroys unbearable only
    """
)
"""Words that leave no exception; a good paraphrase may have one of them, so that they only count against it."""

OPPOSITES: Final = tuple(
    (word_set(one), word_set(other))
    for one, other in (
        (
            "rise rises rose risen rising grow grows grew grown growing increase increases increased climb climbs "
            "climbed widen gain gains up",
            "fall falls fell fallen falling drop drops dropped shrink shrinks decrease decreases decreased decline "
            "declines declined slip slipped down lower",
        ),
        ("easy easily easier", "hard harder difficult tricky"),
        ("often frequently usually", "seldom rarely hardly"),
        ("cheap cheaper", "expensive costly dear dearer"),
        ("safer better improve improves", "worse worsen worsens"),
        ("keep keeps kept remain remains retain stay stays continue", "abandon abandoned"),
        ("reliable trustworthy trusted solid", "unreliable illusion illusions dubious doubtful"),
        ("even certain", "uneven uncertain"),
        ("calm calmer", "stressed stressful intense"),
        ("fair", "unfair"),
        ("favoured favourite promoted", "deprioritised demoted deprioritized"),
        ("quick quickly fast soon", "slow slowly late"),
    )
)

CONVERSES: Final = (word_set("win wins won beat beats outperform outperforms"), word_set("lose loses lost"))
"""Opposites that say the same when those they speak of change places: "A beats B" and "B loses to A"."""

UNITS: Final = {
    word: number
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
            *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        )
    )
}
TENS: Final = {
    word: 10 * number
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}
SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
PARTS: Final = {
    **dict.fromkeys(("half", "halves"), Fraction(1, 2)),
    **dict.fromkeys(("third", "thirds"), Fraction(1, 3)),
    **dict.fromkeys(("quarter", "quarters"), Fraction(1, 4)),
    **dict.fromkeys(("fifth", "fifths"), Fraction(1, 5)),
    **dict.fromkeys(("tenth", "tenths"), Fraction(1, 10)),
}
NUMBER_WORDS: Final = frozenset({*UNITS, *TENS, *SCALES, *PARTS})

NEVER_LAST: Final = word_set("e.g i.e eg ie vs cf dr mr mrs ms prof st approx ca fig figs eq pp eds resp viz")
"""Abbreviations whose stop doesn't end a sentence."""
MAYBE_LAST: Final = word_set("etc al inc ltd co corp jr sr dept est sec ch vol ed gen sen rep rev")
"""Abbreviations whose stop may end a sentence too."""
BEFORE_NUMBERS: Final = word_set("no nos art p")
"""Abbreviations where a number follows, and words elsewhere."""
STARTERS: Final = word_set(
    """
    the this that these those it its they there he she we you i a an but and so yet or nor if when while since because
    as for in on at by with without however still even only what who why how where not no some many most all each every
    any one two both another here then thus hence instead nobody nothing
    """
)
"""Words that start a sentence far more often than they follow an abbreviation in it."""

FRAMING_WORDS: Final = word_set(
    """
    two three four five six several few point points reason reasons ground grounds consideration considerations thing
    things carry carries case view claim rest rests stand stands speak speaks come comes follow follows here first
    begin begins weigh weighs matter matters start starts support back its this so
    """
)
"""Words by which a sentence announces others."""
POINTS_BACK: Final = word_set(
    """
    but yet however still so this that these those it they therefore thus hence instead even such nor similarly also
    besides moreover conversely otherwise
    """
)
"""First words of sentences that need the sentence before them."""
