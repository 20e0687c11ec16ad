"""The fortnight's chat in Slack: the real adapter and slack_bolt against the small Slack."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

from tests.acceptance.fortnight.chat import Shown, until
from tests.acceptance.fortnight.scenario import Scenario
from tests.acceptance.fortnight.stage import Stage, quiet
from tests.acceptance.slack_bot import Bot, a_bot
from tests.slack import Clock, Member, Message, SlackServer


class SlackChat:
    """A driver: `async with SlackChat(scenario, stage) as chat`."""

    def __init__(self, scenario: Scenario, stage: Stage) -> None:
        self._stage = stage
        # An older Slack without charts of its own, so that digests come with their picture.
        self._slack = SlackServer(clock=Clock(source=lambda: stage.clock.now().timestamp()), charts=False)
        self._scenario = scenario
        self._members: dict[str, Member] = {}
        self._platform = AsyncExitStack()
        self._process = AsyncExitStack()
        self._bot: Bot | None = None

    async def __aenter__(self) -> SlackChat:
        slack = await self._platform.enter_async_context(self._slack)
        slack.rates.off()
        for key, name in self._scenario.members.items():
            self._members[key] = slack.member(name, admin=key in self._scenario.organisers)
        self._room = slack.channel("reading-group", *self._members.values())
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()
        await self._platform.aclose()

    async def _start(self) -> None:
        self._process = AsyncExitStack()
        started = a_bot(self._slack, self._stage.settings(), clock=self._stage.clock)
        self._bot = await self._process.enter_async_context(started)
        self._bot.application.warm()

    async def _end(self) -> None:
        """What is being answered gets no time to end, as where the process is killed."""
        if self._bot is not None:
            await self._bot.platform.stop(0.0)
        await self._process.aclose()

    @property
    def bot(self) -> Bot:
        assert self._bot is not None
        return self._bot

    @property
    def workspace(self) -> str:
        return f"slack:{self._slack.home.id}"

    # -- what members do ----------------------------------------------------------------------------------------------

    async def command(self, member: str, text: str) -> None:
        name, _, rest = text.partition(" ")
        ran = await self._members[member].command(self._room, name, rest)
        assert ran.acked, f"{text} was not acknowledged"

    async def says(self, member: str, text: str) -> None:
        await self._members[member].says(self._room, f"@crux {text}")

    async def presses(self, member: str, message: str, label: str) -> None:
        shown = next(each for each in self._slack.posts() if each.ts == message)
        pressed = await self._members[member].presses(shown, label)
        assert pressed.acked, f"{label} was not acknowledged"

    def sees(self, member: str) -> Sequence[Shown]:
        person = self._members[member]
        found: dict[str, Shown] = {}
        for message in sorted(self._slack.posts(), key=lambda each: each.ts):
            direct = message.channel != self._room.id
            if message.ephemeral_to not in (None, person.id):
                continue
            if direct and person.id not in self._slack.state.channels[message.channel].members:
                continue
            if any(not file.name.endswith(".png") for file in message.files):
                continue  # exported data, which says nothing of a debate
            shown = _shown(message, private=direct or message.ephemeral_to is not None)
            whole = found.get(message.thread_ts or "")
            if whole is not None and _is_part(message):
                text, pictures = f"{whole.text}\n{shown.text}", whole.pictures + shown.pictures
                found[whole.id] = Shown(whole.id, text, whole.private, (*whole.buttons, *shown.buttons), pictures)
            else:
                found[message.ts] = shown
        return list(found.values())

    # -- the bot ------------------------------------------------------------------------------------------------------

    async def post_due(self) -> None:
        await self.bot.application.post_due(self.bot.platform.messenger, self.workspace)

    async def settled(self) -> None:
        await self._slack.settled()
        await until(lambda: not self.bot.platform.desk._running, 20)
        await self.post_due()
        await quiet(self.bot.application, self.workspace)

    async def restart(self) -> None:
        await self._end()
        await self._start()


def _shown(message: Message, *, private: bool) -> Shown:
    seen = message.seen
    pictures = [file.alt_text or "" for file in message.files if file.name.endswith(".png")]
    text = "\n".join([seen.text, *pictures]).replace("\u2060", "")
    return Shown(message.ts, text, private, tuple(seen.labels), len(pictures))


def _is_part(message: Message) -> bool:
    """Whether it belongs to the message in whose thread it is: the rest of a long one, or its picture."""
    return message.metadata is None and message.ephemeral_to is None and message.stream == ""
