"""What Crux keeps: models, migrations and the store, on SQLite (one process or a few) or PostgreSQL (replicas).

This file imports nothing, so that a part which needs none of SQLAlchemy (the codec, say) doesn't pay for it. Start at
`bot.storage.store.SqlStore.open`.
"""
