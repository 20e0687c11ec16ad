"""Charts to look at and to test with. `python -m tests.charts FOLDER` draws them all, on light and dark grounds."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from bot.charts import picture_now
from bot.core.charts import StandingChart, standing_chart
from bot.core.disclosure import Shared, shared
from bot.core.kept import PublishedClaim
from bot.core.positions import Stance
from bot.core.standing import Tally

AT = datetime(2026, 11, 9, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)
Cells = Sequence[int]
"""Counts in the order of `Stance`: strongly disagree, disagree, agree, strongly agree, unsure."""


def figures(claim_id: str, cells: Cells, members: int, at: datetime = AT, version: int = 1) -> Mapping[str, Shared]:
    """The figures of one claim; none of them below three voters."""
    tally = Tally(claim_id, dict(zip(Stance, cells, strict=True)), max(members, sum(cells)))
    return shared([PublishedClaim(claim_id, tally, 0, at, version)])


def chart_of(
    claims: Sequence[tuple[str, Cells, Cells | None]],
    members: int,
    title: str = "A four-day week",
    thesis: Sequence[Cells] = (),
) -> StandingChart:
    """A chart of claims with their counts now and before; the first of them is the thesis."""
    now: dict[str, Shared] = {}
    before: dict[str, Shared] = {}
    texts = {}
    for at, (text, cells, earlier) in enumerate(claims):
        claim_id = f"FW-{at:02d}"
        texts[claim_id] = text
        now |= figures(claim_id, cells, members)
        before |= figures(claim_id, earlier, members, AT - WEEK) if earlier else {}
    over_time = [
        point
        for at, cells in enumerate(thesis)
        for point in figures("FW-00", cells, members, AT - WEEK * (len(thesis) - 1 - at)).values()
    ]
    chart = standing_chart(title, texts, now, before, over_time, "FW-00")
    assert chart is not None
    return chart


_TEXTS = (
    "Our team should move to a four-day week at full pay",
    "People get as much done in four days as in five",
    "Customers will wait longer for answers",
    "A fifth day off does more for health than higher pay",
    "Small firms can't afford the extra hires that a shorter week asks for",
)


def demo_chart() -> StandingChart:
    """An ordinary week: nine members, five claims, last week beside."""
    return chart_of(
        [
            (_TEXTS[0], (1, 2, 3, 1, 1), (2, 3, 1, 0, 1)),
            (_TEXTS[1], (0, 1, 4, 1, 0), (0, 3, 2, 0, 1)),
            (_TEXTS[2], (1, 1, 2, 0, 2), (1, 1, 2, 0, 2)),
            (_TEXTS[3], (0, 0, 2, 5, 1), None),
            (_TEXTS[4], (2, 1, 1, 2, 0), (3, 1, 1, 1, 0)),
        ],
        9,
        thesis=[(2, 2, 0, 0, 1), (2, 3, 1, 0, 0), (2, 3, 1, 0, 1), (1, 2, 3, 1, 1)],
    )


def samples() -> Mapping[str, StandingChart]:
    """Charts of many kinds, by name."""
    long = (
        "If the legislature does not fund the programme for at least three full years before the pilot is judged, then "
        "whatever the pilot finds will tell us more about the patience of those who pay than about the week itself, "
        "which nobody has tried at that scale, in that climate, with those people"
    )
    sizes = [
        (3, 8, 12, 9, 4),
        (1, 1, 20, 10, 2),
        (10, 1, 1, 14, 1),
        (0, 2, 3, 25, 0),
        (12, 14, 1, 0, 6),
        (1, 0, 0, 1, 30),
    ]
    emoji = "🎉 Ship it on Fridays 🚀 👩🏽‍💻 🏳️‍🌈 🇩🇪 ✅ or never ❤️"
    hostile = "\x00\x1b[31mred\u202eabc\u2066 " + "Z̸̡͎͔̫̜͓̺̐͌̆̇̿́̐a̷͔̍̃l̶̡͔̑̌g̵̤̀̾o̴̺̊̏ " + "\U000e0001\ufeff<svg onload='x'>&amp; "
    return {
        "ordinary": demo_chart(),
        "first": chart_of([(text, (1, 2, 3, 1, 1), None) for text in _TEXTS[:3]], 9),
        "three": chart_of([(_TEXTS[0], (0, 1, 2, 0, 0), None), (_TEXTS[1], (1, 1, 0, 0, 1), None)], 3),
        "forty": chart_of(
            [(_TEXTS[at % 5] + f", {at}", sizes[at % 6], sizes[(at + 1) % 6]) for at in range(12)],
            40,
            thesis=[sizes[at % 5] for at in range(14)],
        ),
        "long": chart_of(
            [(long, (1, 2, 3, 1, 1), (1, 1, 4, 1, 1))] * 1 + [(long[:90], (0, 2, 2, 1, 0), None)], 9, long
        ),
        "arabic": chart_of(
            [
                ("يجب أن يعمل فريقنا أربعة أيام (4 أيام) في الأسبوع بأجر كامل", (1, 2, 3, 1, 1), (2, 3, 1, 0, 1)),
                (
                    "سينتظر العملاء وقتًا أطول للحصول على إجابات من فريق Support إلى أن يعود الجميع",
                    (0, 1, 4, 1, 0),
                    None,
                ),
            ],
            9,
            "أسبوع عمل من أربعة أيام",
        ),
        "hebrew": chart_of(
            [("הצוות שלנו צריך לעבור לשבוע עבודה של 4 ימים (בשכר מלא, GDP).", (1, 2, 3, 1, 1), None)] * 1
            + [("לקוחות יחכו יותר זמן לתשובות: 10-12 שעות!", (0, 1, 4, 1, 0), None)],
            9,
            "שבוע בן ארבעה ימים",
        ),
        "japanese": chart_of(
            [
                (
                    "私たちのチームは、給与を変えずに週四日制へ移るべきである。直した骨組みを「来年度」から試してみる価値がある。",
                    (1, 2, 3, 1, 1),
                    None,
                )
            ],
            9,
            "週四日制について",
        ),
        "chinese": chart_of(
            [
                (
                    "我们的团队应当在全薪的前提下改为每周工作四天，“直接”从下个季度开始试行，并且每个月评估一次效果。",
                    (1, 2, 3, 1, 1),
                    None,
                ),
                ("고객은 답변을 더 오래 기다리게 될 것이다", (0, 1, 4, 1, 0), None),
            ],
            9,
            "四天工作制",
        ),
        "emoji": chart_of(
            [(emoji, (1, 2, 3, 1, 1), None), ("हम चार दिन काम करें / เราควรทำงานสี่วัน", (0, 1, 4, 1, 0), None)], 9, emoji
        ),
        "hostile": chart_of(
            [
                (hostile, (1, 2, 3, 1, 1), None),
                ("W" * 500, (0, 1, 4, 1, 0), None),
                ("𓀀𓀁𓀂 𒀀", (1, 1, 1, 0, 0), None),
                ("\x00", (1, 1, 1, 0, 0), None),
            ],
            9,
            hostile * 4,
        ),
        "unsure": chart_of([(text, (0, 0, 0, 0, 6), None) for text in _TEXTS[:2]], 9),
        "unanimous": chart_of(
            [(text, (0, 0, 0, 7, 0), (0, 0, 7, 0, 0)) for text in _TEXTS[:2]],
            7,
            thesis=[(0, 0, 7, 0, 0), (0, 0, 0, 7, 0)],
        ),
    }


def main(folder: Path) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for name, chart in samples().items():
        drawn = Image.open(BytesIO(picture_now(chart)))
        for ground, colour in (("light", (255, 255, 255, 255)), ("dark", (26, 29, 33, 255))):
            for width in (800, 400):
                scaled = drawn.resize((width, round(drawn.height * width / drawn.width)), Image.Resampling.LANCZOS)
                sheet = Image.new("RGBA", (width + 40, scaled.height + 40), colour)
                sheet.alpha_composite(scaled, (20, 20))
                sheet.save(folder / f"{name}-{ground}-{width}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
