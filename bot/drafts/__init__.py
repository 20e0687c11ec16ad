"""Drafts an argument map from a document, for a person to review.

A language model proposes; nothing that it says is taken on trust. `document` reads and divides the text, `asking` asks,
`repairs`, `quotes` and `relations` check, `drafting` puts these together, and `emission` and `saving` make the file.
"""
