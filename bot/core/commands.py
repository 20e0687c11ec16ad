"""Commands: what a member asks for, however they typed or pressed it.

Each says by `private` whether its answer is for its member alone, which some platforms want to know before it is there.
The message itself decides (`Message.private`): words that point back may ask for another command, and what is refused
is always for its member alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.core.arguments import RelationKind, View
from bot.core.assignments import Task
from bot.core.houserules import Setting
from bot.core.positions import Stance
from bot.core.schedules import ScheduleKind


class ForOneself:
    """A command whose answer is for its member alone."""

    __slots__ = ()
    private: ClassVar[bool] = True


class ForAll:
    """A command whose answer is for everybody in the channel."""

    __slots__ = ()
    private: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Argue:
    """`/steelman [privately] …` or `/counter [privately] …` about a text."""

    task: Task
    text: str
    private: bool = False
    """The answer is for whoever asks; they may share it."""


@dataclass(frozen=True, slots=True)
class ArgueView:
    """The same about a view that a button names: nothing to read."""

    task: Task
    topic: str
    view: View
    private: bool = False


@dataclass(frozen=True, slots=True)
class Stand(ForOneself):
    """`/stand CLAIM [STANCE [reason] [crux] [public]]`; without a stance, "where do I stand?"."""

    claim: str
    stance: Stance | None = None
    reason: str | None = None
    crux: bool = False
    public: bool = False
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw(ForOneself):
    """`/stand CLAIM withdraw`: hold no position on a claim any longer."""

    claim: str


@dataclass(frozen=True, slots=True)
class Credit(ForOneself):
    """`/crux credit ARGUMENT [for CLAIM] because REASON`: an argument changed the member's mind on a claim.

    Without a claim, the one that they changed their stance on last.
    """

    argument: str
    reason: str
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class UndoCredit(ForOneself):
    """`/crux credit undo`: take back the credit given last."""


@dataclass(frozen=True, slots=True)
class Changed(ForOneself):
    """A press of "This changed my mind" under a reply: how to say so."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Read a reply's text the other way around."""

    reply_id: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Share(ForAll):
    """A press of "Share with the channel", under an answer that was for its member alone."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class Endorse(ForOneself):
    reply_id: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Topic(ForAll):
    """`/crux topic [ID]`: list the topics, or choose that of the channel, or of the thread that it is said in."""

    topic: str | None = None
    of_channel: bool = False
    """For the channel, though it is said in a thread."""


@dataclass(frozen=True, slots=True)
class Map(ForAll):
    """`/crux map [CLAIM]`: the tree, or one claim with what bears on it."""

    claim: str | None = None


@dataclass(frozen=True, slots=True)
class Standing(ForAll):
    """`/crux standing [CLAIM]`: where the group stands, on the topic or on one claim."""

    claim: str | None = None


@dataclass(frozen=True, slots=True)
class PostDigest:
    """`/crux digest`: post where the group stands against the last digest, and keep it; a preview does neither."""

    preview: bool = False

    @property
    def private(self) -> bool:
        return self.preview


@dataclass(frozen=True, slots=True)
class ReadDigest(ForOneself):
    """`/crux digest 2026-W47`: an archived digest of the channel's topic, again."""

    key: str


@dataclass(frozen=True, slots=True)
class ListDigests(ForOneself):
    """`/crux digest list`: the archived digests of the channel's topic."""


@dataclass(frozen=True, slots=True)
class Me(ForOneself):
    """`/crux me`: the member's own positions and changes."""


@dataclass(frozen=True, slots=True)
class ExportMe(ForOneself):
    """`/crux export-me`: all that is kept about the member, as JSON."""


@dataclass(frozen=True, slots=True)
class ForgetMe(ForOneself):
    """`/crux forget-me`: delete all that is kept about the member; asks first unless `sure`."""

    sure: bool = False


@dataclass(frozen=True, slots=True)
class ProposeTopic(ForOneself):
    """`/crux topic new QUESTION? Thesis: … Contrary: …`."""

    text: str


@dataclass(frozen=True, slots=True)
class ProposeArgument(ForOneself):
    """`/crux argue CLAIM for|against …`, or `/crux argue CLAIM undercut [END] …` of the step from CLAIM to END."""

    claim: str
    kind: RelationKind
    text: str
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Submit(ForOneself):
    """A press of "Propose it all the same", after an argument that is near was shown."""

    number: int


@dataclass(frozen=True, slots=True)
class Drop(ForOneself):
    """`/crux withdraw NUMBER`: take a proposal of one's own back."""

    number: int


@dataclass(frozen=True, slots=True)
class Proposals(ForOneself):
    """`/crux proposals [NUMBER]`: those that are open and one's own, or one of them whole."""

    number: int | None = None


@dataclass(frozen=True, slots=True)
class Approve(ForAll):
    """`/crux approve NUMBER [TEXT]`: put a proposal into the map, in other words if there are any."""

    number: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Decline(ForOneself):
    """`/crux decline NUMBER because REASON`."""

    number: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reword(ForAll):
    """`/crux reword CLAIM TEXT`: a new version of a claim."""

    claim: str
    text: str


@dataclass(frozen=True, slots=True)
class Retire(ForAll):
    """`/crux retire CLAIM because REASON`."""

    claim: str
    reason: str


@dataclass(frozen=True, slots=True)
class Restore(ForAll):
    """`/crux restore CLAIM`."""

    claim: str


@dataclass(frozen=True, slots=True)
class Schedules(ForOneself):
    """`/crux schedule [list]`: what is posted when in the workspace."""


@dataclass(frozen=True, slots=True)
class SetSchedule(ForAll):
    """`/crux schedule KIND WHEN [in ZONE] [quiet DAYS]`, in words that are read later."""

    kind: ScheduleKind
    when: str
    zone: str | None = None
    quiet: str | None = None


@dataclass(frozen=True, slots=True)
class PauseSchedule(ForAll):
    """`/crux schedule pause KIND until DATE`."""

    kind: ScheduleKind
    until: str


@dataclass(frozen=True, slots=True)
class ResumeSchedule(ForAll):
    """`/crux schedule resume KIND`."""

    kind: ScheduleKind


@dataclass(frozen=True, slots=True)
class QuietSchedule(ForAll):
    """`/crux schedule quiet KIND DAYS`: in place of the quiet days that there are."""

    kind: ScheduleKind
    days: str


@dataclass(frozen=True, slots=True)
class RemoveSchedule(ForAll):
    """`/crux schedule remove KIND`."""

    kind: ScheduleKind


@dataclass(frozen=True, slots=True)
class RunSchedule(ForOneself):
    """`/crux schedule run KIND`: post it now."""

    kind: ScheduleKind


@dataclass(frozen=True, slots=True)
class Post(ForAll):
    """`/crux prompt [CLAIM]`: put a claim to the group; without one, the claim that comes next."""

    claim: str | None = None


@dataclass(frozen=True, slots=True)
class Close(ForAll):
    """`/crux prompt close [CLAIM]`: end the channel's prompt, or the one on a claim."""

    claim: str | None = None


@dataclass(frozen=True, slots=True)
class Queue(ForOneself):
    """`/crux queue`: what comes next, and why."""


@dataclass(frozen=True, slots=True)
class Enqueue(ForOneself):
    """`/crux queue add CLAIM`; with `first`, `/crux queue first CLAIM`: before all others."""

    claim: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class PassOver(ForOneself):
    """`/crux queue skip CLAIM`: take a claim out of the queue, and leave it out for a while."""

    claim: str


@dataclass(frozen=True, slots=True)
class Answer(ForOneself):
    """A press of a stance under a prompt."""

    prompt_id: str
    stance: Stance


@dataclass(frozen=True, slots=True)
class MarkCrux(ForOneself):
    """A press of "This is a crux for me" under a prompt."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class SetPace(ForOneself):
    """A press of "Slower" or "Keep it so", after two prompts that nobody answered; `prompt_id` is the second's."""

    prompt_id: str
    slower: bool


@dataclass(frozen=True, slots=True)
class SettlePost(ForOneself):
    """A press of "Send it again" or "Leave it", under the note that a post is held."""

    post_id: str
    send: bool


@dataclass(frozen=True, slots=True)
class Settings(ForOneself):
    """`/crux settings`: what the channel and the workspace have set."""


@dataclass(frozen=True, slots=True)
class ChangeSetting(ForOneself):
    """`/crux settings NAME VALUE`; `value` is as it is kept, None for the default."""

    setting: Setting
    value: str | None


@dataclass(frozen=True, slots=True)
class Help(ForOneself):
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Say(ForAll):
    """Plain words, addressed to the bot."""

    text: str


Propose = ProposeTopic | ProposeArgument | Submit | Drop | Proposals
Decide = Approve | Decline
Amend = Reword | Retire | Restore
Reschedule = SetSchedule | PauseSchedule | ResumeSchedule | QuietSchedule | RemoveSchedule | RunSchedule
"""What organisers do to the schedules of a channel."""
Ask = Post | Close | Answer | MarkCrux | SetPace
Line = Queue | Enqueue | PassOver
Report = PostDigest | ReadDigest | ListDigests

Command = (
    Argue
    | ArgueView
    | Stand
    | Withdraw
    | Credit
    | UndoCredit
    | Changed
    | Turn
    | Share
    | Endorse
    | Topic
    | Map
    | Standing
    | Me
    | ExportMe
    | ForgetMe
    | Propose
    | Decide
    | Amend
    | Schedules
    | Reschedule
    | Ask
    | Line
    | Report
    | SettlePost
    | Settings
    | ChangeSetting
    | Help
    | Say
)
