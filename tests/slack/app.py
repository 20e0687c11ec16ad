"""The app as its developer set it up: ids, secrets, scopes, subscriptions, commands; also out of a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.slack.scopes import ALL_BOT_SCOPES, EVENT_SCOPES


@dataclass
class App:
    """None for events, commands or shortcuts means any: for tests that are not about the manifest."""

    id: str = "A0CRUX0001"
    name: str = "crux"
    client_id: str = "1111.2222"
    client_secret: str = "client-secret"
    signing_secret: str = "signing-secret"
    app_token: str = "xapp-1-A0CRUX0001-app"
    scopes: frozenset[str] = ALL_BOT_SCOPES
    events: frozenset[str] | None = None
    commands: frozenset[str] | None = None
    shortcuts: frozenset[str] | None = None
    escaping: frozenset[str] = frozenset()
    """Commands with `should_escape`: whose text has mentions as `<@U1|name>`."""
    redirect_urls: frozenset[str] | None = None
    token_rotation: bool = False
    org_deploy: bool = True
    home_tab: bool = True
    messages_tab: bool = True

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> App:
        """The app that Slack would make of this manifest."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        oauth, home = manifest.get("oauth_config", {}), features.get("app_home", {})
        commands = features.get("slash_commands", [])
        return cls(
            name=features.get("bot_user", {}).get("display_name", "crux"),
            scopes=frozenset(oauth.get("scopes", {}).get("bot", [])),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            commands=frozenset(command["command"] for command in commands),
            escaping=frozenset(command["command"] for command in commands if command.get("should_escape")),
            shortcuts=frozenset(shortcut["callback_id"] for shortcut in features.get("shortcuts", [])),
            redirect_urls=frozenset(oauth["redirect_urls"]) if "redirect_urls" in oauth else None,
            token_rotation=bool(settings.get("token_rotation_enabled", False)),
            org_deploy=bool(settings.get("org_deploy_enabled", False)),
            home_tab=bool(home.get("home_tab_enabled", False)),
            messages_tab=bool(home.get("messages_tab_enabled", False)),
        )

    def gets(self, event: str, granted: frozenset[str]) -> bool:
        """Whether an event (`message.im`, `app_mention`) is subscribed to and covered by the granted scopes."""
        if self.events is not None and event not in self.events:
            return False
        scope = EVENT_SCOPES.get(event, "")
        return not scope or scope in granted
