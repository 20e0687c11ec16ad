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
    alone that the digest itself shows; two of a claim stand side by side only where its text may compare them.
    """
    now = await _figures(store, digest, digest.key)
    before = await _figures(store, digest, digest.before) if digest.before is not None else {}
    compared = {each.claim_id for each in digest.figures if each.before is not None}
    until = [each.key for each in await store.digests(digest.workspace, digest.topic) if each.at <= digest.at]
    thesis = [(await _figures(store, digest, key)).get(digest.thesis_id) for key in until]
    return standing_chart(
        digest.title,
        {each.claim_id: each.claim for each in digest.figures},
        now,
        {claim_id: figures for claim_id, figures in before.items() if claim_id in compared},
        [figures for figures in thesis if figures is not None],
        digest.thesis_id,
    )


async def _figures(store: Store, digest: Digest, key: str) -> Mapping[str, Shared]:
    return shared(await store.digest_claims(digest.workspace, digest.topic, key))
