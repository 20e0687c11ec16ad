"""Crux: a debate bot that argues both sides from a map of arguments, and shows where a group stands."""

__version__ = "0.1.0"
