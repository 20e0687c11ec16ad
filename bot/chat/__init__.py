"""The chat adapters: each maps its platform's events to calls of the core, and Messages to its platform's markup."""
