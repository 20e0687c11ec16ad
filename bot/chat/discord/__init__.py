"""Discord: its events as requests, and messages as Components V2."""
