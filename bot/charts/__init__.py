"""Where a group stands, as a picture.

Nothing that draws is loaded until a picture is asked for: a run that draws none pays for none.
"""

from __future__ import annotations

import asyncio

from bot.core.charts import StandingChart


async def picture(chart: StandingChart) -> bytes:
    """A chart as a PNG of at most 1600 x 2400 pixels, drawn beside the event loop.

    The same chart gives the same bytes on one machine.
    """
    return await asyncio.to_thread(picture_now, chart)


def picture_now(chart: StandingChart) -> bytes:
    """As `picture`, in the caller's thread: some tenths of a second of computing."""
    from bot.charts import drawing, layout, typesetting

    return drawing.png(layout.laid_out(chart, typesetting.typeset))
