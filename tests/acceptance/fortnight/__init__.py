"""A fortnight of nine people in one channel, the same in every chat.

`fortnight.yaml` says who does what, and what is then seen by whom; `Runner` plays it through a driver, a `Chat`, and
checks all that anybody sees. `CoreChat` drives the bot without a platform, and is the example of a driver. One for a
platform is a class with the methods of `Chat` around the platform's small server and real client:

    async def test_the_fortnight(migrated: URL, tmp_path: Path) -> None:
        scenario = load()
        async with stage(scenario, migrated, tmp_path) as set_up, SlackChat(scenario, set_up) as chat:
            await Runner(scenario, chat, set_up).play()

where `SlackChat`

- makes a workspace with `scenario.members`, by the names that they have there, all of them in one channel, and makes
  `scenario.organisers` what organisers are there. The steps call them by the keys;
- starts the bot: `running(set_up.settings(…), clock=set_up.clock, showing_seconds=…)` with the platform's own settings,
  the adapter, and either an engine or, in `post_due`, `Application.post_due` with the adapter's messenger;
- in `restart` drops all that without a word, and starts it anew. Platform, clock, model and database stay;
- in `command`, `says` and `presses` does what the platform's client would, until the bot has acknowledged it;
- in `sees` reads the channel, its threads and what is for that member alone (ephemeral, or in a DM: `private`). What
  was begun of an answer when its process was killed may stay as it is; what was withdrawn is gone;
- in `settled` waits until its adapter answers nothing, and for `quiet(application, workspace)`.

Nothing need be in time: what is expected is waited for, `patience` seconds at most, and what is unexpected is found
when it comes, by the end of the day at the latest. The clock stands still between the steps that move it.

What a message must have is a few of its words, compared without backticks and line breaks (`normal`). So a driver shows
words as the bot says them, without the platform's markup, and leaves out what is no word of the bot's, such as the
platform's own line that says who used a command: names that their holders did not choose to show are found.
"""

from tests.acceptance.fortnight.chat import Chat, Shown, normal, until
from tests.acceptance.fortnight.core_chat import CoreChat
from tests.acceptance.fortnight.model import Model, State
from tests.acceptance.fortnight.runner import Runner
from tests.acceptance.fortnight.scenario import Scenario, load
from tests.acceptance.fortnight.stage import Stage, quiet, stage

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
    "quiet",
    "stage",
    "until",
]
