"""The app as it is set up in Slack: a manifest, and each permission with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.chat.slack.events import SHORTCUTS, STAND_SHORTCUT
from bot.chat.slack.home import SUGGESTED

SCOPES: Final[Mapping[str, str]] = {
    "app_mentions:read": "hears a message that mentions it",
    "assistant:write": "shows in a thread that it is writing, and suggests what to ask in a direct message",
    "channels:history": "hears replies below its answers, and looks whether a post is there before it sends it again",
    "chat:write": "posts, changes and takes back its own messages",
    "commands": "takes slash commands and message shortcuts",
    "files:write": "uploads a digest's picture, and the file of /crux export-me",
    "groups:history": "the same as channels:history in private channels that it is invited to",
    "im:history": "hears direct messages to it",
    "im:write": "opens a direct message for what is for one member alone",
    "mpim:history": "the same in direct messages with several people, and with several organisers at once",
    "mpim:write": "tells several organisers at once what is for organisers",
    "usergroups:read": "knows who is in the group that organisers chose to organise",
    "users:read": "knows a member's name, whether they are an admin, and when their account is deactivated",
}
"""The least that the adapter's calls and events take."""

EVENTS: Final[Mapping[str, str]] = {
    "app_home_opened": "shows the Home tab",
    "app_mention": "is spoken to in a channel",
    "app_uninstalled": "begins to forget the workspace",
    "message.channels": "replies below its answers",
    "message.groups": "the same in private channels",
    "message.im": "direct messages",
    "message.mpim": "is spoken to in a direct message with several people; replies below its answers there",
    "tokens_revoked": "the same as app_uninstalled",
    "user_change": "no longer counts or names a member whose account is deactivated",
}

_COMMANDS: Final = (
    ("/steelman", "The best case for a view", "TEXT or MI-04"),
    ("/counter", "The best case against a view", "TEXT or MI-04"),
    ("/stand", "Say where you stand on a claim", "MI-04 agree because …"),
    ("/crux", "Standing, map, topics, digest, prompts: /crux help", "help"),
)
_SHORTCUTS: Final = {
    "steelman_this": ("Steelman this", "The best case for what this message says"),
    "counter_this": ("Counter this", "The best case against what this message says"),
    STAND_SHORTCUT: ("Where do I stand?", "Record your position on what this message says"),
}


def manifest(name: str = "Crux", base_url: str | None = None, *, distributed: bool = False) -> dict[str, Any]:
    """The manifest of an app: for Socket Mode, or with a base address for HTTP.

    Args:
        name: what the app and its bot are called.
        base_url: where Slack reaches the bot, as `https://crux.example.org`; None for Socket Mode.
        distributed: for many workspaces, which install it from the bot's own page.
    """
    events = f"{base_url.rstrip('/')}/slack/events" if base_url else None
    reached = {"url": events} if events else {}
    found: dict[str, Any] = {
        "display_information": {
            "name": name,
            "description": "Argues both sides of a question, and shows where your group stands",
            "background_color": "#1d3557",
        },
        "features": {
            "agent_view": {
                "agent_description": "Argues both sides of a question from a curated map of arguments",
                "suggested_prompts": [{"title": title, "message": text} for title, text in SUGGESTED],
            },
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "slash_commands": [
                {"command": command, "description": says, "usage_hint": hint, "should_escape": False, **reached}
                for command, says, hint in _COMMANDS
            ],
            "shortcuts": [
                {"name": title, "type": "message", "callback_id": callback_id, "description": says}
                for callback_id, (title, says) in _SHORTCUTS.items()
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENTS), **({"request_url": events} if events else {})},
            "interactivity": {"is_enabled": True, **({"request_url": events} if events else {})},
            "org_deploy_enabled": distributed,
            "socket_mode_enabled": base_url is None,
            "token_rotation_enabled": distributed,
        },
    }
    if distributed and base_url:
        found["oauth_config"]["redirect_urls"] = [f"{base_url.rstrip('/')}/slack/oauth_redirect"]
    return found


assert set(_SHORTCUTS) == {*SHORTCUTS, STAND_SHORTCUT}
