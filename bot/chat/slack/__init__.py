"""Slack: events become requests, messages become Block Kit. Nothing here decides anything about a debate."""
