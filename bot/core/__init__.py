"""The rules of debate. Imports itself, `bot.errors`, the standard library and numpy; nothing else."""
