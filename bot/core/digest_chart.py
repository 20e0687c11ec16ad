"""The picture of a digest: its figures as data, which an adapter draws."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.charts import StandingChart, standing_chart
from bot.core.digest import Digest
from bot.core.disclosure import Shared, shared
from bot.core.ports import Store


async def chart_of(store: Store, digest: Digest) -> StandingChart | None:
    """What an archived digest shows, beside the digest before it, and its thesis over time; None without figures.

    Figures are those of the copies that digests keep, as far as no forgotten member was counted in them, and of claims
    alone that the digest itself shows; two of a claim stand side by side only where its text may compare them. All are
    dated by their digest, also where the snapshot is older: figures that stay as they are make a digest too.
    """
    until = [each for each in await store.digests(digest.workspace, digest.topic) if each.at <= digest.at]
    kept = {each.key: await _figures(store, each) for each in until}
    now = await _figures(store, digest)
    before = kept.get(digest.before, {}) if digest.before is not None else {}
    compared = {each.claim_id for each in digest.figures if each.before is not None}
    thesis = [figures.get(digest.thesis_id) for figures in kept.values()]
    words = now[digest.thesis_id].version if digest.thesis_id in now else None
    return standing_chart(
        digest.title,
        {each.claim_id: each.claim for each in digest.figures},
        now,
        {claim_id: figures for claim_id, figures in before.items() if claim_id in compared},
        [figures for figures in thesis if figures is not None and figures.version == words],
        digest.thesis_id,
    )


async def _figures(store: Store, digest: Digest) -> Mapping[str, Shared]:
    found = shared(await store.digest_claims(digest.workspace, digest.topic, digest.key))
    return {claim_id: figures.as_of(digest.at) for claim_id, figures in found.items()}
