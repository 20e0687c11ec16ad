"""Finds the arguments of a map that a text is about, and which way it leans on them."""
