"""Are there two camps, or do people only differ? "No", unless one line of opinion can't explain the split.

Clustering always finds clusters. The question is whether two clusters lie further apart than they do in a group that is
merely spread along one dimension, however strongly its answers go together. So the observed split is compared with
groups simulated from a fitted one-factor ordinal model (parametric bootstrap: Efron and Tibshirani, *An Introduction to
the Bootstrap*, 1993; for clusters: Hennig and Lin, *Statistics and Computing* 25, 2015).

The null model. Member i has a place f_i on one line; claim j has a loading l_j and three thresholds; the answer is the
category in which l_j f_i + sqrt(1 - l_j^2) e_ij falls, e ~ N(0, 1) (Olsson, *Psychometrika* 44, 1979; Jöreskog and
Moustaki, *Multivariate Behavioral Research* 36, 2001). "Spread" has two readings and both must be rejected: f is normal
(*bell*: most people in the middle), or f is uniform (*flat*: people evenly along the line). Flat is the harder one, and
the one that a split of a unimodal group comes closest to (as in the dip test: Hartigan and Hartigan, *Annals of
Statistics* 13, 1985). The p-value is the larger of the two, which keeps the level (Berger, *Technometrics* 24, 1982).

The statistic. Claims are standardised, members scored on the first principal component, and the sorted scores are cut
where the share of their variance that lies between the two sides is largest (the criterion of two-means in one
dimension: Engelman and Hartigan, *JASA* 64, 1969), with at least three members on each side. In a large sample without
noise the share is 2/pi = .64 for a bell, .75 for a flat spread, and 1 for two points.

Nothing here depends on the order of members or claims: rows and columns are put in an order derived from the answers,
and so is the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Cells = npt.NDArray[np.int64]  # 0 for unanswered, 1 to 4 for the stances
Hashes = npt.NDArray[np.uint64]
Random = np.random.Generator

STANCES = (-2.0, -1.0, 1.0, 2.0)
MIN_VOTERS = 15
MIN_CLAIMS = 15
MIN_FILLED = 0.70
MIN_CAMP = 3
LEVEL = 0.05
REPLICATES = 499

_MAX_LOADING = 0.95  # at 1 the null itself has camps: everybody on one side of a threshold gives the same answers
_ITERATIONS = 100  # of the power method; the same for the group and its replicates, so that they stay comparable
_POOL = 4_000  # draws that set the thresholds of the null; an error of half a percentage point at most
_CHUNK = 4_000_000  # cells held at once: bounds memory at some 100 MB


class Verdict(StrEnum):
    """What may be said about camps."""

    TOO_FEW = "too few answers to look for camps"
    NO_CAMPS = "no stable camps"
    CAMPS = "two camps"


@dataclass(frozen=True, slots=True)
class CampTest:
    """The outcome. `camps` has one entry a member, in the order of the input: 0 (the larger camp), 1, or None.

    Nobody is placed unless the verdict is `CAMPS`; then those who answered at least half of the claims are.
    `statistic` is the between-camps share of the variance of the scores, in [0, 1]. It and the p-values are None when
    the group was too small to test.
    """

    verdict: Verdict
    reason: str
    camps: tuple[int | None, ...]
    sizes: tuple[int, int] | None = None
    statistic: float | None = None
    p_bell: float | None = None
    p_flat: float | None = None

    @property
    def p(self) -> float | None:
        """The larger of the two p-values: both kinds of spread must be ruled out."""
        return None if self.p_bell is None or self.p_flat is None else max(self.p_bell, self.p_flat)


def find_camps(stances: Floats, *, replicates: int = REPLICATES) -> CampTest:
    """Test for two camps among members.

    Args:
        stances: members x claims; -2, -1, 1 or 2 (strongly disagree to strongly agree), NaN for unanswered or unsure.
            Members and claims without any answer are left aside.
        replicates: groups simulated under each null; p-values are multiples of 1 / (replicates + 1).

    Raises:
        ValueError: the array is not two-dimensional, or holds another value.
    """
    given = np.asarray(stances, dtype=np.float64)
    if given.ndim != 2:
        raise ValueError("stances must be an array of members x claims")
    if not np.all(np.isnan(given) | np.isin(given, STANCES)):
        raise ValueError("a stance is -2, -1, 1, 2 or NaN")
    nobody: tuple[None, ...] = (None,) * given.shape[0]
    answered = ~np.isnan(given)
    claims = answered.any(axis=0)
    voters = int(answered.any(axis=1).sum())
    placed = answered.sum(axis=1) >= max(1.0, claims.sum() / 2)
    filled = float(answered.sum()) / max(1, voters * int(claims.sum()))
    if short := _shortfall(voters, int(placed.sum()), int(claims.sum()), filled):
        return CampTest(Verdict.TOO_FEW, short, nobody)

    answers = given[np.ix_(placed, claims)]
    cells = np.where(np.isnan(answers), 0, np.searchsorted(STANCES, answers) + 1)
    cells = cells[:, (cells > 0).any(axis=0)]
    row_keys, column_keys, seed = _signatures(cells)
    order = np.argsort(row_keys, kind="stable")
    cells = cells[np.ix_(order, np.argsort(column_keys, kind="stable"))]

    rng = np.random.default_rng(seed)
    shares, cuts, scores = _separation(cells[None], cells > 0)
    share = float(shares[0])
    if share <= 0 or not _has_first_component(cells):
        return CampTest(
            Verdict.NO_CAMPS, "no two sides of three members can be told apart", nobody, None, 0.0, 1.0, 1.0
        )
    loadings = _fit_loadings(cells)
    p_bell, p_flat = (
        (1 + _at_least(share, cells, loadings, rng, replicates, flat=flat)) / (replicates + 1) for flat in (False, True)
    )
    if max(p_bell, p_flat) > LEVEL:
        reason = "a group spread along one line can look like this"
        return CampTest(Verdict.NO_CAMPS, reason, nobody, None, share, p_bell, p_flat)

    side = np.empty(len(order), dtype=np.int64)
    side[order] = scores[0] > cuts[0]
    upper = int(side.sum())
    lower = len(side) - upper
    first = int(upper > lower) if upper != lower else int(side[np.argmin(row_keys)])
    sides = iter(np.where(side == first, 0, 1).tolist())
    camps = tuple(int(next(sides)) if is_placed else None for is_placed in placed)
    reason = "one line of opinion, bell-shaped or flat, does not explain the split"
    return CampTest(Verdict.CAMPS, reason, camps, (max(upper, lower), min(upper, lower)), share, p_bell, p_flat)


def _shortfall(voters: int, placed: int, claims: int, filled: float) -> str:
    """Why the group is too small for the test, or nothing."""
    if voters < MIN_VOTERS:
        return f"{voters} members answered; it takes {MIN_VOTERS}"
    if claims < MIN_CLAIMS:
        return f"{claims} claims have answers; it takes {MIN_CLAIMS}"
    if filled < MIN_FILLED:
        return f"{int(100 * filled)}% of the answers are in; it takes {MIN_FILLED:.0%}"
    if placed < MIN_VOTERS:
        return f"{placed} members answered half of the claims; it takes {MIN_VOTERS}"
    return ""


def _signatures(cells: Cells) -> tuple[Hashes, Hashes, int]:
    """Keys that put the rows and columns of `cells` in an order, and a seed: all depend on the answers alone.

    Rows that get equal keys are told apart by marking one of them and refining again. That gives one canonical table
    unless equal keys hide different rows, which takes an artificial, perfectly regular design.
    """
    marks = _mix(cells.astype(np.uint64) + np.uint64(1))
    rows, columns = _refine(marks, np.zeros(cells.shape[0], np.uint64), np.ones(cells.shape[1], np.uint64))
    seed = int(np.sum(rows, dtype=np.uint64)) ^ int(np.sum(columns, dtype=np.uint64))
    while True:
        keys, counts = np.unique(rows, return_counts=True)
        if (counts == 1).all():
            return rows, columns, seed
        one = np.flatnonzero(rows == keys[counts > 1][0])[:1]
        rows[one] = _mix(rows[one] + np.uint64(1))
        rows, columns = _refine(marks, rows, columns)


def _refine(marks: Hashes, rows: Hashes, columns: Hashes) -> tuple[Hashes, Hashes]:
    """Colour refinement (Weisfeiler and Leman, 1968): a row's key hashes the multiset of its (column's key, answer).

    Columns likewise. Sums of 64-bit integers wrap and commute, so the keys are exact.
    """
    for _ in range(6):
        rows = _mix(rows + _mix(marks ^ columns[None, :]).sum(axis=1, dtype=np.uint64))
        columns = _mix(columns + _mix(marks ^ rows[:, None]).sum(axis=0, dtype=np.uint64))
    return rows, columns


def _mix(keys: Hashes) -> Hashes:
    """SplitMix64's finaliser (Steele, Lea and Flood, 2014): spreads every bit of a key over all of them."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def _standardise(cells: Cells, mask: Bools) -> tuple[Floats, Floats]:
    """Stances with mean 0 and variance 1 in each claim over its answers, 0 where unanswered; and their deviations.

    Args:
        cells: groups x members x claims.
        mask: members x claims, what is answered.
    """
    values = np.array((0.0, *STANCES))[cells] * mask
    counts = mask.sum(axis=0)
    values -= values.sum(axis=1, keepdims=True) / counts
    values *= mask
    deviation = np.sqrt((values**2).sum(axis=1, keepdims=True) / counts)
    values /= np.where(deviation > 1e-9, deviation, 1.0)
    return values, deviation[:, 0, :]


def _separation(cells: Cells, mask: Bools) -> tuple[Floats, Floats, Floats]:
    """The statistic of each group, the score at which it is cut, and its members' scores.

    A score is w'z / (w'w + s) over the claims that the member answered, with w the loadings on the first component and
    s the mean variance outside it (the posterior mean of probabilistic PCA: Tipping and Bishop, *JRSS B* 61, 1999): few
    answers pull a member to the middle. Members with equal scores are never parted.
    """
    values, _ = _standardise(cells, mask)
    groups, members, claims = values.shape
    gram = values @ values.transpose(0, 2, 1)
    widest = np.diagonal(gram, axis1=1, axis2=2).argmax(axis=1)
    component = np.take_along_axis(gram, widest[:, None, None], axis=2)
    for _ in range(_ITERATIONS):
        component = gram @ component
        component /= np.sqrt((component**2).sum(axis=1, keepdims=True)) + 1e-300
    weights = (values.transpose(0, 2, 1) @ component)[:, :, 0] / np.sqrt(members)
    outside = np.clip(1 - (weights**2).sum(axis=1, keepdims=True) / claims, 1e-3, 1.0)
    scores = (values @ weights[:, :, None])[:, :, 0] / ((weights**2) @ mask.T.astype(np.float64) + outside)
    scores -= scores.mean(axis=1, keepdims=True)

    ranked = np.sort(scores, axis=1)
    total = (ranked**2).sum(axis=1, keepdims=True)
    below = np.arange(1, members)
    share = np.cumsum(ranked, axis=1)[:, :-1] ** 2 * members / (below * (members - below)) / np.maximum(total, 1e-300)
    tied = np.diff(ranked, axis=1) <= 1e-7 * np.sqrt(total / members)
    share = np.where(tied | (total < 1e-12), 0.0, share)[:, MIN_CAMP - 1 : members - MIN_CAMP]
    best = share.argmax(axis=1) + MIN_CAMP - 1
    here = np.arange(groups)
    return share.max(axis=1), (ranked[here, best] + ranked[here, best + 1]) / 2, scores


def _has_first_component(cells: Cells) -> bool:
    """Whether one direction has the largest variance; in perfectly regular tables several share it."""
    values = _standardise(cells[None], cells > 0)[0][0]
    second, first = np.linalg.eigvalsh(values @ values.T)[-2:]
    return bool(first - second > 1e-6 * first)


def _fit_loadings(cells: Cells) -> Floats:
    """Loadings of the one-factor model, one a claim.

    Principal axes of the correlations give the signs and raw sizes. In small groups these are mostly noise, and too
    large; four categories blur the latent variable and make them too small. So the sizes are drawn towards their mean
    by the part of their spread that sampling explains (empirical Bayes, after James and Stein, 1961), scaled until the
    mean squared correlation is its nearly unbiased estimate (that of adjusted R²), and divided by the correlation of
    category and latent variable, sum_k phi(t_k) (c_k+1 - c_k) / sd (Olsson, Drasgow and Dorans, *Psychometrika* 47,
    1982).
    """
    mask = cells > 0
    values, deviations = (part[0] for part in _standardise(cells[None], mask))
    varied = deviations > 1e-9
    pairs = mask.T.astype(np.float64) @ mask
    correlations = values.T @ values / np.maximum(pairs, 1.0)
    np.fill_diagonal(correlations, 0.0)
    communality = np.full(len(varied), 0.3)
    raw = np.zeros(len(varied))
    for _ in range(15):
        eigenvalues, vectors = np.linalg.eigh(correlations + np.diag(communality))
        raw = vectors[:, -1] * np.sqrt(max(float(eigenvalues[-1]), 0.0))
        communality = np.minimum(raw**2, 1.0)

    size = np.abs(raw)
    sampling = float(((1 - communality[varied]) ** 2 / mask.sum(axis=0)[varied]).mean())
    kept = max(0.0, 1 - sampling / max(float(size[varied].var()), 1e-12))
    mean = float(size[varied].mean())
    size = np.where(varied, mean + kept * (size - mean), 0.0)

    apart = ~np.eye(len(varied), dtype=bool) & varied[:, None] & varied[None, :] & (pairs > 3)
    squared = np.minimum(correlations[apart] ** 2, 1.0)
    target = max(0.0, float((squared - (1 - squared) / (pairs[apart] - 2)).sum()))
    reached = float((np.outer(size, size)[apart] ** 2).sum())
    size *= (target / max(reached, 1e-12)) ** 0.25

    normal = NormalDist()
    steps = np.diff(STANCES)
    inner = [[normal.pdf(normal.inv_cdf(q)) if 0 < q < 1 else 0.0 for q in claim] for claim in _cumulative(cells)]
    blur = np.where(varied, (np.array(inner) * steps).sum(axis=1) / np.where(varied, deviations, 1.0), 1.0)
    return np.asarray(np.clip(np.sign(raw) * size / blur, -_MAX_LOADING, _MAX_LOADING), dtype=np.float64)


def _cumulative(cells: Cells) -> Floats:
    """Claims x 3: the share of a claim's answers at or below each of the lower three stances."""
    counts = (cells > 0).sum(axis=0)
    return np.stack([((cells > 0) & (cells <= stance)).sum(axis=0) / counts for stance in (1, 2, 3)], axis=1)


def _at_least(share: float, cells: Cells, loadings: Floats, rng: Random, replicates: int, *, flat: bool) -> int:
    """How many groups simulated under the null, with the same cells unanswered, are split as sharply."""
    members, claims = cells.shape
    mask = cells > 0
    noise = np.sqrt(1 - loadings**2)

    def latent(*shape: int) -> Floats:
        place = rng.uniform(-np.sqrt(3), np.sqrt(3), (*shape, 1)) if flat else rng.standard_normal((*shape, 1))
        return np.asarray(loadings * place + noise * rng.standard_normal((*shape, claims)), dtype=np.float64)

    pool = np.sort(latent(_POOL), axis=0)
    shares = _cumulative(cells)
    at = np.clip((shares.T * _POOL).astype(np.int64), 0, _POOL - 1)
    thresholds = np.take_along_axis(pool, at, axis=0)
    thresholds = np.where(shares.T <= 0, -np.inf, np.where(shares.T >= 1, np.inf, thresholds))

    count = 0
    step = max(1, _CHUNK // (members * max(members, claims)))
    for start in range(0, replicates, step):
        drawn = latent(min(step, replicates - start), members)
        answers = 1 + sum((drawn > threshold).astype(np.int64) for threshold in thresholds)
        count += int((_separation(answers * mask, mask)[0] >= share - 1e-9).sum())
    return count
