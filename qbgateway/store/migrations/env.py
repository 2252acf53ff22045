"""What Alembic runs to migrate: on the connection that it is given, in the transaction that it is in."""

from __future__ import annotations

from alembic import context

from qbgateway.store.tables import metadata, version

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=version.name,
    # SQLite can undo the making of tables, too.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
