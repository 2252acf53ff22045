"""Bringing the gateway's tables up to date.

Alembic is loaded only where there is something to do: a server that starts over tables that are up to date reads one
row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, select

from ..errors import Unusable
from .tables import version

if TYPE_CHECKING:
    from alembic.config import Config

#: The revision of the last migration. A test sees to it that it is.
HEAD = "0001"

#: For two processes that begin at once: one migrates.
_LOCK = 7253103


def revision_of(sql: Connection) -> str | None:
    """The revision that a database is at; ``None`` for one without our tables."""
    if not inspect(sql).has_table(version.name):
        return None
    found: str | None = sql.execute(select(version.c.version_num)).scalar()
    return found


def upgrade(sql: Connection, to: str = "head") -> str | None:
    """Migrate, in the transaction of ``sql``; the revision that the database was at. Nothing where it is up to date.

    Raises :class:`~qbgateway.errors.Unusable` for the tables of a newer release.
    """
    if sql.dialect.name == "postgresql":
        sql.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    before = revision_of(sql)
    if before != HEAD:
        from alembic import command
        from alembic.util import CommandError

        config = configuration()
        config.attributes["connection"] = sql
        try:
            command.upgrade(config, to)
        except CommandError as error:
            raise Unusable(f"the tables can't be migrated from revision {before!r}: {error}") from None
    return before


def configuration() -> Config:
    """Alembic's configuration, as far as it needs one."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "qbgateway:store/migrations")
    return config
