"""The conversation in a terminal: lines in, answers out, by way of the inbox like every other chat."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from bot.chat.console.buttons import Buttons
from bot.chat.console.completion import Surroundings
from bot.chat.console.following import Following
from bot.chat.console.layout import Style, harmless, words, wrap
from bot.chat.console.lines import Reader
from bot.chat.console.posting import TerminalMessenger
from bot.chat.console.screen import Hushed, Screen
from bot.core.arguments import ArgumentMap
from bot.core.commands import Argue, Help, ProposeArgument, ProposeTopic, Say
from bot.core.inbox import Inbox
from bot.core.language import Languages, mark, say, spoken
from bot.core.messages import Finished, Message, ReplyEvent
from bot.core.outbox import Messenger
from bot.core.parsing import clean, normal_id, parse
from bot.core.ports import Catalogue, Clock, Store
from bot.core.requests import Request
from bot.errors import BadInput, CruxError, StorageBusy, StorageError

WORKSPACE: Final = "console"
CHANNEL: Final = "console"
MEMBER: Final = "you"
LONGEST_NAME: Final = 40
FAR_TOO_LONG: Final = 10_000
"""Characters of a line that is refused here, since the inbox need not keep it."""
ENDINGS: Final = ("/quit", "/exit", "/q", "quit", "exit")
CONSOLE_HELP: Final = mark(
    "In the terminal: a number presses its button, {speak_as} speaks as another member, Ctrl-C stops a reply, {quit} "
    "or Ctrl-D ends."
)
BUSY: Final = mark("The database is busy; try again in a moment.")
"""As `StorageBusy` has it."""


Events = AsyncGenerator[ReplyEvent]


async def nothing_to_post(_: Messenger) -> None:
    """For a console without schedules."""


@dataclass
class Home:
    """What the console needs of the application.

    `ready` waits for what it takes to read words, and raises an EncoderError when they can't be read.
    """

    inbox: Inbox
    catalogue: Catalogue
    store: Store
    clock: Clock
    languages: Languages
    ready: Callable[[], Awaitable[None]]
    organisers: Sequence[str] = (MEMBER,)
    """Names of those who decide on proposals, amend the maps and put claims to the group."""
    post_due: Callable[[Messenger], Awaitable[None]] = nothing_to_post
    """Ends prompts that are over, and sends what is due and what waits."""
    patience: float = 90.0
    """Seconds to wait for another process that holds a request of ours."""


@dataclass
class Conversation:
    """Members of one terminal, taking turns.

    Args:
        echo: repeat each line after its prompt, for a transcript that can be read; for lines that come from a pipe.
        keyboard: the terminal's descriptor, to keep it from echoing into replies.
        pace: what a reply's events pass through on their way to the screen.
    """

    home: Home
    screen: Screen
    buttons: Buttons
    around: Surroundings = field(default_factory=Surroundings)
    echo: bool = False
    keyboard: int | None = None
    pace: Callable[[Events], Events] = lambda events: events
    member: str = MEMBER
    exit_code: int = 0

    # -- the loop -----------------------------------------------------------------------------------------------------

    async def hold(self, reader: Reader) -> int:
        """Talk until the lines end; returns the exit code.

        Raises:
            ConfigurationError: no answer can be given before the operator changes something.
            StorageError: the maps or the channel's topic can't be read.
        """
        self.speak_as(self.member)
        await self._greet()
        while True:
            await self._take_up()
            await self._tell_due()
            try:
                line = await reader.read(self.prompt)
            except BadInput as error:
                self._refuse(error)
                continue
            except KeyboardInterrupt:
                continue
            text = harmless(line or "").strip()
            if line is None or text.lower() in ENDINGS:
                return self.exit_code
            if self.echo and text:
                self.screen.say(f"{self.prompt}{clean_or_short(text)}", Style.DIM)
            if line.strip():
                await self._hear(text)

    @property
    def prompt(self) -> str:
        return f"{harmless(self.member)}> "

    async def _hear(self, line: str) -> None:
        try:
            command, _, rest = line.partition(" ")
            if command.lower() == "/as":
                self._as(rest)
            else:
                await self._tell_due()  # what became due while the line was typed
                await self.answer(self.pressed(line))
        except (BadInput, StorageError) as error:
            self._refuse(error)

    def _refuse(self, error: CruxError) -> None:
        if isinstance(error, BadInput):
            self.screen.say(error.message)
            return
        self.exit_code = error.exit_code
        self.screen.say(spoken().text(error.message))  # what the operator is told of the database stays English

    # -- what the console answers itself ------------------------------------------------------------------------------

    async def _greet(self) -> None:
        current = await self.look_around()
        example = (current.arguments or (current.thesis,))[0].id
        welcome = say("Crux argues both sides of: {question}", question=current.question)
        arguing = say(
            "{steelman} for the best case for a claim, {counter} against it;",
            steelman=f"/steelman {example}",
            counter=f"/counter {example}",
        )
        asking = say(
            "{map} for all claims, {help} for all commands, {quit} to end.",
            map="/crux map",
            help="/crux help",
            quit=ENDINGS[0],
        )
        width = self.screen.width
        self.screen.write(
            [
                *wrap(words(welcome, Style.BOLD), width),
                *wrap(words(say("Say what you think in your own words, or type a command. For example:")), width),
                *wrap(words(arguing), width),
                *wrap(words(asking), width),
            ]
        )

    def speak_as(self, name: str) -> None:
        """Go on as another member.

        Raises:
            BadInput: the name can't be used.
        """
        name = clean(harmless(name))
        if not name:
            raise BadInput(say("You speak as {member}; `/as NAME` goes on as another member.", member=self.member))
        if len(name) > LONGEST_NAME:
            raise BadInput(say("That name is too long; use up to {most} characters.", most=LONGEST_NAME))
        self.member = name
        if name not in self.around.members:
            self.around.members.append(name)

    def _as(self, name: str) -> None:
        self.speak_as(name)
        self.screen.say(say("You now speak as {member}.", member=self.member), Style.DIM)

    def pressed(self, line: str) -> str:
        """What a line asks for: the action of the button whose number it is, or the line itself.

        Raises:
            BadInput: no button has that number.
        """
        number = self.buttons.typed(line)
        if number is None:
            return line
        button = self.buttons[number]
        if button is None:
            raise BadInput(
                say("There is no button [{button}]; type a number that stands in brackets above.", button=number)
            )
        self.screen.say(f"[{number}] {button.label}", Style.DIM)
        return f"/press {button.action}"

    # -- what the core answers ----------------------------------------------------------------------------------------

    async def answer(self, text: str, event_id: str | None = None) -> Finished | None:
        """Put a text through the inbox and show its answer; None when the member stopped it.

        A request whose event was seen before gets its stored reply.

        Raises:
            BadInput: far too long to be kept.
            StorageError: it can't be kept, or its answer can't.
            ConfigurationError: the operator must act first; nothing was kept.
        """
        await self.home.languages.speak_in(WORKSPACE, CHANNEL)
        text = harmless(text)
        if len(text) > FAR_TOO_LONG:
            clean(text)
        following = Following(self.screen, self.buttons)
        request = self._request(text, event_id)
        answering = asyncio.ensure_future(self._answered(request, following))
        with interrupting(answering.cancel) as stopped, Hushed(self.keyboard):
            try:
                finished = await answering
            except asyncio.CancelledError:
                if not stopped:
                    raise
                finished = None
            except CruxError:
                following.abandon()
                raise
        if finished is None:
            await self._stop(request, following)
        elif not request.text.startswith("/press"):
            self._add_help(request.text)
        await self.look_around()
        return finished

    async def _answered(self, request: Request, following: Following) -> Finished:
        if wants_reading(request.text):
            await self.home.ready()
        await self.home.inbox.receive(request)
        for _ in range(int(self.home.patience * 5) + 1):
            finished = await following.follow(self.pace(self.home.inbox.respond(request)))
            if finished is not None:
                return finished
            stored = await self.home.inbox.stored(request)
            if stored is not None:
                following.settle(stored.message)
                return Finished(stored.message, failed=stored.command in ("refused", "failed"))
            await asyncio.sleep(0.2)  # another process holds it: its reply is the one that counts
        raise StorageBusy(say("Another Crux is answering this and has not finished; ask again in a moment."))

    async def _stop(self, request: Request, following: Following) -> None:
        """Close a request that Ctrl-C stopped: what was shown is kept as its reply, and no restart answers it again."""
        await self.home.inbox.stop(request, following.title, following.text)
        stored = await self.home.inbox.stored(request)
        if stored is not None:
            following.settle(stored.message)
        else:
            self.screen.say(say("Stopped."), Style.DIM)

    async def _take_up(self) -> None:
        """Answer what a process that died has left open."""
        found = await self.home.inbox.work_one(WORKSPACE)
        while found is not None:
            request, message = found
            left_open = say(
                "Left open before, and answered now. {member}: {words}",
                member=request.member_name or request.member,
                words=clean_or_short(request.text),
            )
            self.screen.say(left_open, Style.DIM)
            Following(self.screen, self.buttons).settle(message)
            found = await self.home.inbox.work_one(WORKSPACE)

    async def _tell_due(self) -> None:
        """Show how prompts ended that are over, and what the schedules have to post."""
        await self.home.post_due(TerminalMessenger(self._show))

    def _show(self, message: Message) -> None:
        Following(self.screen, self.buttons).settle(message)

    @property
    def _organises(self) -> bool:
        return self.member.casefold() in {name.casefold() for name in self.home.organisers}

    def _request(self, text: str, event_id: str | None) -> Request:
        return Request(
            workspace=WORKSPACE,
            channel=CHANNEL,
            member=self.member.casefold(),
            member_name=self.member,
            organiser=self._organises,
            text=text,
            event_id=event_id or uuid.uuid4().hex,
            received_at=self.home.clock.now(),
            direct=True,
        )

    def _add_help(self, text: str) -> None:
        with suppress(BadInput):
            if parse(text) == Help():
                self.screen.say(say(CONSOLE_HELP, speak_as="/as NAME", quit=ENDINGS[0]), Style.DIM)

    async def look_around(self) -> ArgumentMap:
        """The channel's topic, which may have changed, as may its language; completion follows the topic."""
        await self.home.languages.speak_in(WORKSPACE, CHANNEL)
        maps = await self.home.catalogue.maps(WORKSPACE)
        chosen = await self.home.store.channel_topic(WORKSPACE, CHANNEL)
        current = next((found for found in maps if found.id == chosen), maps[0])
        self.around.map, self.around.maps = current, maps
        return current


def wants_reading(text: str) -> bool:
    """Whether answering takes retrieval: words were said, and not just a claim named."""
    try:
        command = parse(text)
    except BadInput:
        return False
    if isinstance(command, Argue):
        return normal_id(command.text) is None
    return isinstance(command, Say | ProposeArgument | ProposeTopic)


def clean_or_short(text: str) -> str:
    """A line as it is repeated: cleaned, and cut where it is too long to be answered."""
    return clean(text[:200]) + (" …" if len(text) > 200 else "")


@contextmanager
def interrupting(cancel: Callable[[], object]) -> Iterator[list[int]]:
    """While it lasts, Ctrl-C cancels the answer instead of ending the program; the list tells how often."""
    pressed: list[int] = []
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)

    def press() -> None:
        pressed.append(signal.SIGINT)
        cancel()

    try:
        signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(press))
    except ValueError:  # not the main thread, which alone hears of signals
        yield pressed
        return
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
