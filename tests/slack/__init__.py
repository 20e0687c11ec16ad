"""A small Slack for tests, against which slack_bolt and slack_sdk run over real sockets on 127.0.0.1.

It behaves as Slack documents: `SlackServer` is the whole, `Member` a person in it, `blocks` its Block Kit rules.
"""

from tests.slack.app import App
from tests.slack.clock import Clock
from tests.slack.delivery import Attempt, Delivery
from tests.slack.hub import Timings
from tests.slack.interactions import NotPossible
from tests.slack.members import Member, Submitted
from tests.slack.rates import Rates
from tests.slack.seeing import Button, Seen, seen
from tests.slack.server import SlackServer
from tests.slack.state import Call, Channel, File, Message, Team, User, View

__all__ = [
    "App",
    "Attempt",
    "Button",
    "Call",
    "Channel",
    "Clock",
    "Delivery",
    "File",
    "Member",
    "Message",
    "NotPossible",
    "Rates",
    "Seen",
    "SlackServer",
    "Submitted",
    "Team",
    "Timings",
    "User",
    "View",
    "seen",
]
