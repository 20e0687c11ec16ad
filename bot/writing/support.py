"""Does the text that a sentence cites support the sentence?

Rules refuse a sentence at once: for an amount, a name or a word of certainty that the cited text doesn't have, for
stating a guess flatly, and for being the contrary of what it cites nearly word for word. What passes them is measured
by `Measurements`, and a logistic regression on these gives the probability that the sentence is supported: once with
similarities by words, once by the encoder's vectors, and the log odds are averaged, since the two err on different
sentences. The coefficients were fitted on the tuning half of `tests/data/support.jsonl`;
`python -m tests.benchmarks.support` reports on the other half. Between two bounds the check is undecided, and a model
may be asked.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from bot.core.arguments import ArgumentMap, Certainty, Side
from bot.core.ports import Encoder
from bot.errors import EncoderError
from bot.writing import wording
from bot.writing.cited import (
    Cited,
    familiar,
    own_words,
    scope,
    sentences_of,
    speaking_against,
    speaking_for,
    standing,
    with_clauses,
)
from bot.writing.drafting import FaultKind
from bot.writing.similarity import EncoderSimilarity, LexicalSimilarity, Similarity

log = logging.getLogger(__name__)


class Support(StrEnum):
    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class SupportVerdict:
    """What the check found. `score` is the probability of support; `reason` is a clause for the model that repairs."""

    support: Support
    score: float
    reason: str = ""
    kind: FaultKind = FaultKind.UNSUPPORTED

    @property
    def leans(self) -> bool:
        """Whether the measurements favour support, for when nobody judges what is undecided."""
        return self.support is Support.SUPPORTED or (self.support is Support.UNDECIDED and self.score >= EVEN)


class Measurements(NamedTuple):
    """What is measured of a sentence against the arguments it cites; similarities are cosines.

    A sentence is as good as its worst clause, so that most are extremes over clauses. Each clause is compared with the
    claim, the sentences of the text, and the clauses of both.
    """

    weakest: float
    """The similarity of the clause that the cited text matches least."""
    rival: float
    """By how much some other argument matches a clause better than the cited ones do."""
    contrary: float
    """By how much a contrary or denial of the cited arguments matches a clause better than the arguments do."""
    other_side: float
    """By how much the claims of the other side match the last clause, where conclusions stand, better than its own."""
    unfamiliar: float
    """The share of content words that neither the cited arguments nor the topic have."""
    opposed: float
    """Pairs of opposites ("rise", "fall") from which sentence and nearest cited sentence take different ends."""
    negation: float
    """How near the clause is whose nearest cited clause differs from it by a negation, from a similarity of .4 up."""
    sweeping: float
    """Words that leave no exception, and that the cited text doesn't have."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression on standardised measurements: 1 / (1 + exp(-(intercept + weights . (x - mean) / scale)))."""

    mean: Measurements
    scale: Measurements
    weights: Measurements
    intercept: float

    def contributions(self, measured: Measurements) -> dict[str, float]:
        columns = zip(Measurements._fields, measured, self.mean, self.scale, self.weights, strict=True)
        return {name: weight * (x - mean) / scale for name, x, mean, scale, weight in columns}

    def log_odds(self, measured: Measurements) -> float:
        return self.intercept + sum(self.contributions(measured).values())


_Measure = tuple[Similarity, Calibration]

MINILM: Final = Calibration(
    mean=Measurements(0.634, -0.097, -0.094, -0.184, 0.251, 0.043, 0.052, 0.112),
    scale=Measurements(0.183, 0.216, 0.160, 0.178, 0.214, 0.203, 0.118, 0.342),
    weights=Measurements(0.194, -0.579, -0.388, -0.706, -0.537, -0.290, -0.121, -0.208),
    intercept=0.670,
)
LEXICAL: Final = Calibration(
    mean=Measurements(0.494, -0.159, -0.155, -0.247, 0.251, 0.026, 0.020, 0.112),
    scale=Measurements(0.226, 0.287, 0.244, 0.241, 0.214, 0.159, 0.066, 0.342),
    weights=Measurements(0.011, -0.562, -0.194, -0.334, -0.704, -0.447, -0.133, -0.229),
    intercept=0.550,
)
CALIBRATED: Final = {"all-MiniLM-L6-v2-int8": MINILM}
"""By the name of an encoder's model. Cosines of different models can't be compared: one that isn't here goes unused."""

EVEN: Final = 0.45
"""Above it the measurements favour support. Below one half, as most sentences of a model are good ones."""
SURE_BELOW: Final = 0.3
SURE_ABOVE: Final = 0.65
OPPOSITE: Final = 0.3
"""`Measurements.contrary`, averaged, above which a sentence says the opposite, whatever else is measured."""
WORD_FOR_WORD: Final = 0.8


class SupportCheck:
    """Checks sentences against what they cite.

    Args:
        encoder: what compares meanings. Without one, or with one that isn't calibrated, words are compared.
    """

    def __init__(self, encoder: Encoder | None) -> None:
        self._by_words: _Measure = (LexicalSimilarity(), LEXICAL)
        self._by_meaning: tuple[EncoderSimilarity, Calibration] | None = None
        if encoder is not None:
            calibration = CALIBRATED.get(encoder.model_id.split("@")[0])
            if calibration is None:
                log.warning("The support check isn't calibrated for %s and compares words alone", encoder.model_id)
            else:
                self._by_meaning = (EncoderSimilarity(encoder), calibration)

    async def prepare(self, argument_map: ArgumentMap, cited: Sequence[Cited]) -> None:
        """Encode what may be compared, while the model is still thinking: the map, and what may be cited of it."""
        if self._by_meaning is not None:
            pieces = [
                piece for c in cited for side in (speaking_for(c), speaking_against(c)) for piece in with_clauses(side)
            ]
            try:
                await self._by_meaning[0].remember([*standing(argument_map), *pieces])
            except EncoderError as error:
                log.warning("The encoder failed before a support check: %s", error)

    async def check(self, sentence: str, cited: Sequence[Cited], argument_map: ArgumentMap) -> SupportVerdict:
        """Judge a sentence, citations left out of the comparison. If the encoder fails, words are compared."""
        text = wording.plain(sentence)
        if seen := _on_its_face(text, cited, argument_map):
            kind, reason = seen
            return SupportVerdict(Support.UNSUPPORTED, 0.0, reason, kind)
        found = [await self._measured(text, cited, argument_map, *self._by_words)]
        if self._by_meaning is not None:
            try:
                found.append(await self._measured(text, cited, argument_map, *self._by_meaning))
            except EncoderError as error:
                log.warning("The encoder failed in a support check; words alone were compared: %s", error)
        if sum(measured.contrary for measured, _ in found) / len(found) > OPPOSITE:
            reason = await self._reason("contrary", text, cited, argument_map)
            return SupportVerdict(Support.UNSUPPORTED, 0.0, reason, FaultKind.OPPOSITE)
        score = _logistic(sum(calibration.log_odds(measured) for measured, calibration in found) / len(found))
        if score >= SURE_ABOVE:
            return SupportVerdict(Support.SUPPORTED, score)
        measured, calibration = found[-1]
        contributions = calibration.contributions(measured)
        worst = min(contributions, key=lambda name: contributions[name])
        reason = await self._reason(worst, text, cited, argument_map)
        support = Support.UNSUPPORTED if score < SURE_BELOW else Support.UNDECIDED
        return SupportVerdict(support, score, reason, _KINDS.get(worst, FaultKind.UNSUPPORTED))

    async def _reason(self, measurement: str, text: str, cited: Sequence[Cited], argument_map: ArgumentMap) -> str:
        """Why a sentence is refused, with the part that is to blame, so that whoever repairs it knows what to change.

        Located by words: vectors of the very same texts may just have failed.
        """
        clauses = wording.clauses(text) or [text]
        part = await _part(measurement, clauses, cited, self._by_words[0])
        found = {
            "part": f'"{part.strip(" .,;:")}"' if len(clauses) > 1 else "it",
            "ids": " and ".join(c.argument.id for c in cited),
            "words": _listed(wording.unknown(text, familiar(cited, argument_map))),
            "sweeping": _listed(sorted(wording.sweeping(text) - frozenset(wording.words(own_words(cited))))),
        }
        return _REASONS[measurement].format(**found)

    async def _measured(
        self,
        text: str,
        cited: Sequence[Cited],
        argument_map: ArgumentMap,
        similarity: Similarity,
        calibration: Calibration,
    ) -> tuple[Measurements, Calibration]:
        return await measure(text, cited, argument_map, similarity), calibration


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


# -- what is seen at once ---------------------------------------------------------------------------------------------


def fault_on_its_face(text: str, cited: Sequence[Cited], argument_map: ArgumentMap) -> str:
    """An amount, a name or a certainty that the cited text doesn't have, as a clause; empty when there is none."""
    seen = _on_its_face(text, cited, argument_map)
    return seen[1] if seen else ""


def _on_its_face(text: str, cited: Sequence[Cited], argument_map: ArgumentMap) -> tuple[FaultKind, str] | None:
    given = scope(cited, argument_map)
    amounts = wording.numbers(text) - wording.numbers(given)
    if amounts:
        shown = ", ".join(f"{float(amount):g}" for amount in sorted(amounts))
        return FaultKind.AMOUNT, f"gives an amount ({shown}) that the cited text doesn't give"
    lexicon = _lexicon(argument_map)
    known = {wording.name_of(word) for word in wording.words(given)} | wording.initials(given)
    names = wording.names(text, lexicon.names, lexicon.common) - known
    if names:
        return FaultKind.NAME, f"names {', '.join(sorted(names))}, which the cited text doesn't mention"
    if firm := wording.certainties(text) - wording.stems(given):
        shown = ", ".join(word for word in wording.words(text) if wording.stem(word) in firm)
        return FaultKind.CERTAINTY, f"is put as more certain ({shown}) than the cited text puts it"
    if _states_a_guess(text, cited):
        ids = " and ".join(c.argument.id for c in cited)
        return (
            FaultKind.CERTAINTY,
            f"states flatly what {ids} puts as a guess; it needs a word like might, could, perhaps",
        )
    if _repeats_contrary(text, cited):
        ids = " and ".join(c.argument.id for c in cited)
        return FaultKind.OPPOSITE, _REASONS["contrary"].format(part="it", ids=ids)
    return None


def _states_a_guess(text: str, cited: Sequence[Cited]) -> bool:
    """Whether a sentence has no hedge, where all that it cites is speculative and its nearest part has one.

    Not so for what is tentative: there the authors themselves state half of their sentences flatly.
    """
    if wording.hedged(text) or not all(c.affirmed and c.argument.certainty is Certainty.SPECULATIVE for c in cited):
        return False
    own = wording.content(text)
    pieces = [
        (wording.content(piece), piece) for c in cited for piece in (c.argument.claim, *sentences_of(c.argument.text))
    ]
    nearest = max(pieces, key=lambda found: len(own & found[0]) / math.sqrt(max(len(found[0]), 1)))
    return wording.hedged(nearest[1])


def _repeats_contrary(text: str, cited: Sequence[Cited]) -> bool:
    """Whether a sentence is the contrary of a cited argument nearly word for word, which vectors can't tell apart."""
    own = wording.stems(text)
    against = max(_alike(own, piece) for c in cited for piece in speaking_against(c))
    return against >= WORD_FOR_WORD and against > max(_alike(own, piece) for c in cited for piece in speaking_for(c))


def _alike(own: frozenset[str], piece: str) -> float:
    """Jaccard's index of two texts' stems, function words among them."""
    other = wording.stems(piece)
    return len(own & other) / max(len(own | other), 1)


class _Lexicon(NamedTuple):
    names: frozenset[str]
    common: frozenset[str]


@lru_cache(maxsize=16)
def _lexicon(argument_map: ArgumentMap) -> _Lexicon:
    """Words that the map's texts use as names, and words that they use in lower case."""
    texts = [part for a in argument_map for part in (a.claim, a.contrary, *sentences_of(a.text))]
    common = {word for text in texts for word in text.split() if word.islower()}
    return _Lexicon(
        frozenset().union(*(wording.names(text) for text in texts)), frozenset(wording.name_of(word) for word in common)
    )


# -- what is measured -------------------------------------------------------------------------------------------------


async def measure(text: str, cited: Sequence[Cited], argument_map: ArgumentMap, similarity: Similarity) -> Measurements:
    """Measure a sentence, given without citations.

    Raises:
        EncoderError: from the similarity's encoder.
    """
    clauses = wording.clauses(text) or [text]
    pieces = with_clauses(piece for c in cited for piece in speaking_for(c))
    contraries = with_clauses(piece for c in cited for piece in speaking_against(c))
    ids = {c.argument.id for c in cited}
    rivals = [piece for a in argument_map if a.id not in ids for piece in (a.claim, *sentences_of(a.text))]
    near = await similarity.between(clauses, pieces)
    best = near.max(axis=1)
    nearest = [pieces[at] for at in near.argmax(axis=1)]
    whole = pieces[int((await similarity.between([text], pieces)).argmax())]
    differ = [
        max(0.0, float(score) - 0.4)
        for clause, piece, score in zip(clauses, nearest, best, strict=True)
        if wording.negated(clause) != wording.negated(piece)
    ]
    known_words = familiar(cited, argument_map)
    content = wording.content(text)
    said = frozenset(wording.words(own_words(cited)))
    return Measurements(
        weakest=float(best.min()),
        rival=float(((await similarity.between(clauses, rivals)).max(axis=1) - best).max()) if rivals else -1.0,
        contrary=float(((await similarity.between(clauses, contraries)).max(axis=1) - best).max()),
        other_side=await _other_side(clauses[-1], float(best[-1]), cited, argument_map, similarity),
        unfamiliar=len(content - known_words) / max(len(content), 1),
        opposed=float(wording.opposed(text, whole)),
        negation=max(differ, default=0.0),
        sweeping=float(len(wording.sweeping(text) - said)),
    )


async def _other_side(
    clause: str, best: float, cited: Sequence[Cited], argument_map: ArgumentMap, similarity: Similarity
) -> float:
    """See `Measurements.other_side`; its usual value when the cited arguments stand on both sides or on none."""
    sides = {c.argument.side if c.affirmed else c.argument.side.opposite for c in cited}
    if len(sides) != 1 or Side.NEUTRAL in sides:
        return -0.1
    side = sides.pop()
    sided = [a for a in argument_map if a.side is not Side.NEUTRAL]
    own = [a.claim if a.side is side else a.contrary for a in sided]
    other = [a.contrary if a.side is side else a.claim for a in sided]
    scores = await similarity.between([clause], [*own, *other])
    return float(scores[0, len(own) :].max() - max(scores[0, : len(own)].max(), best))


_REASONS: Final = {
    "weakest": "{part} is not something that {ids} says",
    "rival": "{part} is what another argument says, if any, and not what {ids} says",
    "contrary": "{part} says the opposite of {ids}",
    "other_side": "{part} draws a conclusion for the other side, which {ids} doesn't draw",
    "unfamiliar": "adds details that {ids} doesn't give ({words})",
    "opposed": "says the opposite of {ids}, by its choice of words",
    "negation": "{part} denies, or fails to deny, what {ids} says",
    "sweeping": "allows no exception ({sweeping}), where {ids} does",
}
_KINDS: Final = dict.fromkeys(("contrary", "opposed", "negation"), FaultKind.OPPOSITE)


async def _part(measurement: str, clauses: list[str], cited: Sequence[Cited], similarity: Similarity) -> str:
    """The clause that a measurement blames."""
    if measurement == "other_side":
        return clauses[-1]
    pieces = with_clauses(piece for c in cited for piece in speaking_for(c))
    near = (await similarity.between(clauses, pieces)).max(axis=1)
    if measurement == "contrary":
        contraries = with_clauses(piece for c in cited for piece in speaking_against(c))
        near -= (await similarity.between(clauses, contraries)).max(axis=1)
    elif measurement == "negation":
        near = -near
    return clauses[int(near.argmin())]


def _listed(found: Sequence[str], most: int = 6) -> str:
    return ", ".join(found[:most])
