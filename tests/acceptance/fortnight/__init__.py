"""A fortnight of nine people in one channel, the same in every chat.

`fortnight.yaml` says who does what, and what is then seen by whom; `Runner` plays it through a driver, a `Chat`, and
checks all that anybody sees. `CoreChat` drives the bot without a platform. A platform's driver is a class with the
methods of `Chat` around the platform's small server and real client:

    async def test_the_fortnight(migrated: URL, tmp_path: Path) -> None:
        scenario = load()
        async with stage(scenario, migrated, tmp_path) as set_up, SlackChat(scenario, set_up) as chat:
            await Runner(scenario, chat, set_up).play()

where `SlackChat`

- makes a workspace with `scenario.members` (names by which they are called in steps, and as they are shown), all of
  them in one channel, `scenario.organisers` with what makes organisers there;
- starts the bot in `running(set_up.settings(slack_bot_token=…), clock=set_up.clock, showing_seconds=…)`, and an engine
  or `Application.post_due` with the adapter's messenger; `restart` drops all of it without a word, and starts it anew;
- acts: `await member.command(channel, "/stand", "MI-04 agree because …")`, returning when it is acknowledged;
- sees: for each of the bot's messages that the member sees, a `Shown` of its words without markup, under the id that
  the platform gave it; with `private` where it is ephemeral or in a DM, and the labels of its buttons;
- is `settled` when the adapter's desk answers nothing and the outbox is empty.

Nothing need be in time: what is expected is waited for, `patience` seconds at most, and what is unexpected is found
when it comes, by the end of the day at the latest. The clock stands still between the steps that move it.

What a message must have is a few of its words, compared without backticks and line breaks (`normal`); so a driver must
show words as they are said, and no name, id or mention that the bot's own message lacks, such as who used a command.
"""

from tests.acceptance.fortnight.chat import Chat, Shown, normal, until
from tests.acceptance.fortnight.core_chat import CoreChat
from tests.acceptance.fortnight.model import Model, State
from tests.acceptance.fortnight.runner import Runner
from tests.acceptance.fortnight.scenario import Scenario, load
from tests.acceptance.fortnight.stage import Stage, stage

__all__ = [
    "Chat",
    "CoreChat",
    "Model",
    "Runner",
    "Scenario",
    "Shown",
    "Stage",
    "State",
    "load",
    "normal",
    "stage",
    "until",
]
