"""Where a group stands, as Slack's own chart block.

slack_sdk has no class for it yet, so it is written as it goes over the wire. A workspace whose Slack doesn't know the
block refuses the message (`invalid_blocks`), which is then posted without it, and the picture below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.chat.slack.blocks import BLOCKS, Block, Payload
from bot.core.charts import StandingChart
from bot.core.disclosure import Shared
from bot.core.language import capital, say, spoken
from bot.core.positions import Stance

_TITLE: Final = 50
_LABEL: Final = 20
_MOST: Final = 20
"""Categories of one chart."""


def chart_blocks(chart: StandingChart) -> list[Block]:
    """The claims' counts as bars; the thesis over time as lines, from the second digest on."""
    claims = chart.shown[:_MOST]
    names = [each.now.claim_id[:_LABEL] for each in claims]
    counts = _by_side([each.now for each in claims])
    found = [_chart("bar", say("Where the group stands, in members"), names, counts)]
    thesis = chart.thesis[-_MOST:]
    days = [spoken().day(each.at)[:_LABEL] for each in thesis]
    if len(days) > 1 and len(set(days)) == len(days):
        title = say("{claim} over time, in members", claim=thesis[0].claim_id)
        found.append(_chart("line", title, days, _by_side(thesis)))
    return found


def _by_side(figures: Sequence[Shared]) -> dict[str, list[int]]:
    return {
        capital(Stance.AGREE.words): [each.agree for each in figures],
        capital(Stance.DISAGREE.words): [each.disagree for each in figures],
        capital(Stance.UNSURE.words): [each.unsure for each in figures],
    }


def with_chart(payloads: Sequence[Payload], chart: StandingChart) -> list[Payload]:
    """A message with its chart below its title; as it is where there is no room."""
    first, *rest = payloads
    drawn = chart_blocks(chart)
    if len(first.blocks) + len(drawn) > BLOCKS + 3:
        return list(payloads)
    head, body = first.blocks[:1], first.blocks[1:]
    return [replace(first, blocks=(*head, *drawn, *body)), *rest]


def _chart(kind: str, title: str, names: Sequence[str], counts: dict[str, list[int]]) -> Block:
    series = [
        {"name": name, "data": [{"label": label, "value": value} for label, value in zip(names, values, strict=True)]}
        for name, values in counts.items()
    ]
    return {
        "type": "data_visualization",
        "title": title[:_TITLE],
        "chart": {"type": kind, "axis_config": {"categories": list(names)}, "series": series},
    }
