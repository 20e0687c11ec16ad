"""`crux run`: everything that is configured in one process, and how it is watched from outside."""
