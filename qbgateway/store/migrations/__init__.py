"""The migrations of the gateway's tables, run by Alembic: one module in ``versions`` for each step."""
