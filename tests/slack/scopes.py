"""Which scopes Slack documents for which method and event, so that a manifest can be held against what a bot does."""

from __future__ import annotations

KINDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
"""A channel's kind, to the word in its scopes."""

METHOD_SCOPES: dict[str, tuple[str, ...]] = {
    "auth.test": (),
    "auth.revoke": (),
    "apps.uninstall": (),
    "apps.connections.open": ("connections:write",),
    "chat.postMessage": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "chat.appendStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    "chat.getPermalink": (),
    "conversations.history": ("{kind}:history",),
    "conversations.replies": ("{kind}:history",),
    "conversations.info": ("{kind}:read",),
    "conversations.open": ("im:write", "mpim:write"),
    "conversations.join": ("channels:join",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "usergroups.users.list": ("usergroups:read",),
    "views.open": (),
    "views.update": (),
    "views.push": (),
    "views.publish": (),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
    "assistant.threads.setStatus": ("chat:write", "assistant:write"),
    "assistant.threads.setSuggestedPrompts": ("assistant:write", "chat:write"),
    "assistant.threads.setTitle": ("assistant:write", "chat:write"),
    "bots.info": ("users:read",),
    "team.info": ("team:read",),
    "reactions.add": ("reactions:write",),
    "oauth.v2.access": (),
}
"""Any one of a method's scopes is enough; {kind} stands for the channel's."""

EVENT_SCOPES: dict[str, str] = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "app_home_opened": "",
    "app_uninstalled": "",
    "tokens_revoked": "",
    "member_joined_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "user_change": "users:read",
}
"""The scope without which an event is never sent; empty when it needs none."""

ALL_BOT_SCOPES = frozenset(
    {
        "app_mentions:read", "assistant:write", "channels:history", "channels:join", "channels:read", "chat:write",
        "commands", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history",
        "mpim:read", "mpim:write", "reactions:write", "team:read", "usergroups:read", "users:read",
    }
)  # fmt: skip
"""What a bot gets that asks for everything this server knows (`chat:write.public` apart)."""
