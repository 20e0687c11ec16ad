"""Posts that are held: organisers are told, and decide by a press."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.actions import held_action
from bot.core.commands import SettlePost
from bot.core.language import Languages, say, speaking
from bot.core.messages import Button, Message, Paragraph
from bot.core.outbox import ANSWER, ORGANISERS, Outbox, Post, PostState, post_id
from bot.core.ports import Clock
from bot.core.requests import Request
from bot.errors import BadInput, NotAnOrganiser


@dataclass(frozen=True)
class Holding:
    """What organisers hear of held posts and do about them; operators have `crux outbox` for the same."""

    store: Outbox
    clock: Clock
    languages: Languages

    async def tell(self, post: Post, reason: str) -> None:
        """Tell the organisers of a workspace that a post is held, by a post of its own; once for each.

        Nobody is told of such a note that is held itself: what keeps it from them would keep that from them too.
        """
        if post.kind == ORGANISERS:
            return
        with speaking(await self.languages.of(post.workspace, post.channel)):
            note = note_on(post, reason)
        about = post_id(f"held\0{post.id}", 0)
        await self.store.enqueue([Post(post.workspace, about, post.channel, ORGANISERS, note, self.clock.now())])

    async def settle(self, request: Request, command: SettlePost) -> Message:
        """Send a held post after all, or drop it.

        Raises:
            BadInput: it is not held any longer.
            NotAnOrganiser: somebody else presses.
        """
        if not request.organiser:
            raise NotAnOrganiser(say("Only organisers decide about posts that are held; ask one of them."))
        entry = await self.store.outbox_entry(request.workspace, command.post_id)
        wanted = PostState.PENDING if command.send else PostState.DROPPED
        if entry is not None and entry.state is PostState.HELD:
            act = self.store.retry_post if command.send else self.store.drop_post
            await act(request.workspace, command.post_id, self.clock.now())
        elif entry is None or not (request.tries and entry.state is wanted):
            raise BadInput(say("That post is no longer held: somebody has decided about it, or it was sent after all."))
        said = say("It will be sent in a moment.") if command.send else say("It will not be sent.")
        return Message((Paragraph(said),), private=True)


def note_on(post: Post, reason: str) -> Message:
    """What organisers read of a held post: which one, why, and what to look for."""
    text = say("It was for the channel that this is about, and is held: {reason}.", reason=reason.rstrip("."))
    todo = say(
        "Look in the channel. If it is there, leave it; if it is not, send it again once nothing stands in its way."
    )
    return Message(
        (Paragraph(_named(post)), Paragraph(text), Paragraph(todo)),
        title=say("A post is held"),
        notes=(say("For organisers. The operator sees the same in `crux outbox list`."),),
        buttons=(
            Button(say("Send it again"), held_action(post.id, send=True)),
            Button(say("Leave it"), held_action(post.id, send=False)),
        ),
        private=True,
    )


def _named(post: Post) -> str:
    """A post by its title, or by how it begins; of an answer nothing, which may be a direct message to one member."""
    if post.kind == ANSWER:
        return say("The answer to a member.")
    begins = post.message.title or post.message.text.partition("\n")[0]
    short = begins if len(begins) <= 100 else begins[:99].rstrip() + "…"
    match post.kind:
        case "prompt":
            return say("The prompt “{beginning}”.", beginning=short)
        case "digest":
            return say("The digest “{beginning}”.", beginning=short)
        case _:
            return say("The note “{beginning}”.", beginning=short)
