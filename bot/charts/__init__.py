"""Where a group stands, as a picture.

Nothing that draws is loaded until a picture is asked for: a run that draws none pays for none.
"""

from __future__ import annotations

import asyncio
import logging

from bot.core.charts import StandingChart, alt_text
from bot.core.digest import Digest
from bot.core.digest_chart import chart_of
from bot.core.messages import Message, Picture
from bot.core.ports import Store

log = logging.getLogger(__name__)


async def picture(chart: StandingChart) -> bytes:
    """A chart as a PNG of at most 1600 x 2400 pixels, drawn beside the event loop.

    The same chart gives the same bytes on one machine.
    """
    return await asyncio.to_thread(picture_now, chart)


async def picture_of(store: Store, digest: Digest) -> Picture | None:
    """An archived digest's picture, as it is fit to be shown today; None where it has no figures."""
    chart = await chart_of(store, digest)
    return None if chart is None else Picture(await picture(chart), alt_text(chart))


async def picture_with(store: Store, workspace: str, message: Message) -> Picture | None:
    """The picture that goes with a message; None where none does, the digest is gone, or it can't be drawn."""
    if message.charted is None:
        return None
    digest = await store.digest(workspace, message.charted.topic, message.charted.key)
    try:
        return None if digest is None else await picture_of(store, digest)
    except Exception:  # whatever is wrong with fonts or memory: the figures are in the text
        log.exception("a digest could not be drawn: workspace=%s digest=%s", workspace, message.charted.key)
        return None


def picture_now(chart: StandingChart) -> bytes:
    """As `picture`, in the caller's thread: some tenths of a second of computing."""
    from bot.charts import drawing, layout, typesetting

    return drawing.png(layout.laid_out(chart, typesetting.typeset))
