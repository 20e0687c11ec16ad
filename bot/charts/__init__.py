"""Where a group stands, as a picture.

Nothing that draws is loaded until a picture is asked for: a run that draws none pays for none.
"""

from __future__ import annotations

import asyncio

from bot.core.charts import StandingChart, alt_text
from bot.core.digest import Digest
from bot.core.digest_chart import chart_of
from bot.core.messages import Picture
from bot.core.ports import Store


async def picture(chart: StandingChart) -> bytes:
    """A chart as a PNG of at most 1600 x 2400 pixels, drawn beside the event loop.

    The same chart gives the same bytes on one machine.
    """
    return await asyncio.to_thread(picture_now, chart)


async def picture_of(store: Store, digest: Digest) -> Picture | None:
    """An archived digest's picture, as it is fit to be shown today; None where it has no figures."""
    chart = await chart_of(store, digest)
    return None if chart is None else Picture(await picture(chart), alt_text(chart))


def picture_now(chart: StandingChart) -> bytes:
    """As `picture`, in the caller's thread: some tenths of a second of computing."""
    from bot.charts import drawing, layout, typesetting

    return drawing.png(layout.laid_out(chart, typesetting.typeset))
