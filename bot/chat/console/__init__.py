"""The debate in a terminal."""
