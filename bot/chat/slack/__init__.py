"""Slack: events to the core's requests, and its messages to Block Kit."""
