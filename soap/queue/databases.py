"""What the databases do differently: how one opens them, locks in them, and hears from other processes.

SQLite has one writer at a time. Its own way of waiting lets threads starve one another, so writers of this process
queue up before they ask the database; those of other processes wait as SQLite waits. PostgreSQL locks the row of a
connection, and tells other processes what changed by NOTIFY.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep, time
from typing import Any, ClassVar, Protocol
from weakref import WeakValueDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StoreUnusable
from .signals import HANDLERS, Signals, settled, work
from .states import FINAL, State
from .tables import LAYOUT, layouts, metadata

logger = logging.getLogger(__name__)

#: Seconds that a writer waits for another process's, on SQLite.
BUSY_TIMEOUT = 30.0
#: Seconds between two looks for what other processes did, on SQLite, while somebody waits.
POLL = 0.1
#: The channel of NOTIFY, and the longest topic that it takes; who listens looks everywhere for a longer one.
CHANNEL = "openqbd"
LONGEST_TOPIC = 2000
#: Seconds before a lost listening connection is opened again.
RECONNECT = 1.0


class FairLock:
    """A lock that is given in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> FairLock:
        with self._guard:
            if not self._held:
                self._held = True
                return self
            turn = threading.Event()
            self._waiting.append(turn)
        try:
            turn.wait()
        except BaseException:
            with self._guard:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                    raise
            self._pass_on()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class Database(Protocol):
    """A database as the store needs it."""

    engine: Engine

    def write(self) -> Any:
        """A context manager: a SQLAlchemy connection in a transaction that may write; committed at its end."""

    def read(self) -> Any:
        """A context manager: a SQLAlchemy connection to read with."""

    def now(self) -> float:
        """The clock as near as it can be had without asking: seconds since 1970."""

    def clock(self, told: float | None) -> float:
        """The time that a transaction goes by; ``told`` is the database's own, where it has one."""

    @property
    def locks_rows(self) -> bool:
        """Whether a connection's row has to be locked; else a writer is alone anyway."""

    def tell(self, connection: Connection, topics: Iterable[str]) -> None:
        """Tell other processes, when the transaction of ``connection`` is committed."""

    def listen(self) -> None:
        """Begin to hear from other processes, if that has not begun."""

    def close(self) -> None:
        """Let go of everything."""


def open_database(where: str | URL | Engine, signals: Signals, clock: Callable[[], float] | None) -> Database:
    """Open a database, and make its tables where it has none.

    Raises :class:`~soap.errors.StoreUnusable` for a database of another kind, one that can't be opened, and one whose
    tables are of another release.
    """
    try:
        url = where.url if isinstance(where, Engine) else make_url(where)
        backend = url.get_backend_name()
        made: Database
        if backend == "sqlite":
            made = SQLite(url, signals, clock)
        elif backend == "postgresql":
            made = PostgreSQL(where if isinstance(where, Engine) else url, signals, clock)
        else:
            raise StoreUnusable(f"a queue can't be kept in {backend}", "Use SQLite or PostgreSQL.")
        try:
            with made.write() as connection:
                _make_tables(connection)
        except BaseException:
            made.close()
            raise
    except (SQLAlchemyError, ImportError) as error:
        raise StoreUnusable(f"the database can't be used: {error}", "Check its address, and that it runs.") from None
    return made


def _make_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Of two processes that begin at once, one makes the tables.
        connection.execute(select(func.pg_advisory_xact_lock(7253101)))
    metadata.create_all(connection)
    found = connection.execute(select(layouts.c.layout)).scalar()
    if found is None:
        connection.execute(layouts.insert().values(layout=LAYOUT))
    elif found != LAYOUT:
        raise StoreUnusable(
            f"the tables are of layout {found}; this release works with layout {LAYOUT}",
            "Use the release that made them, or migrate the database.",
        )


@contextmanager
def _ours(driver_error: type[Exception]) -> Iterator[None]:
    """Turn what a database or its driver raises into an error of ours."""
    try:
        yield
    except (SQLAlchemyError, driver_error) as error:
        reason = f"the database failed: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise StoreUnusable(reason, "See what it says of itself; nothing of this call was kept.") from error


_NEWEST = "SELECT coalesce(max(line), 0) FROM openqbd_history"
_PAUSED = "SELECT name FROM openqbd_connections WHERE paused"


class SQLite:
    """One file. WAL, and durable: a commit is on the disk before it is told."""

    locks_rows = False
    #: A lock for each file, shared by all queues of this process.
    _locks: ClassVar[WeakValueDictionary[str, FairLock]] = WeakValueDictionary()
    _locks_guard = threading.Lock()

    def __init__(self, url: URL, signals: Signals, clock: Callable[[], float] | None) -> None:
        if not url.database or url.database == ":memory:":
            raise StoreUnusable("a queue needs a file", "Use MemoryQueue for one in memory.")
        self._clock = clock or time
        self._signals = signals
        options = {"check_same_thread": False, "timeout": BUSY_TIMEOUT}
        self.engine = create_engine(url, connect_args=options, pool_size=8, max_overflow=64)
        event.listen(self.engine, "connect", _prepare)
        with self._locks_guard:
            self._lock = self._locks.setdefault(url.database, FairLock())
        self._closed = threading.Event()
        self._poller: threading.Thread | None = None
        self._poller_guard = threading.Lock()
        #: The last line of the history that was looked at, and the connections that were paused then.
        self._seen = 0
        self._paused: set[str] = set()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """See :class:`Database`."""
        with _ours(sqlite3.Error), self._lock, self.engine.connect() as connection:
            # By the driver: SQLAlchemy's way costs more than all statements of a small transaction. The right to write
            # is taken at once, for a transaction that read first could else be refused it.
            driver: Any = connection.connection.driver_connection
            driver.execute("BEGIN IMMEDIATE")
            yield connection
            driver.commit()
            # What was not committed is taken back when the connection goes back to its pool.

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """See :class:`Database`."""
        with _ours(sqlite3.Error), self.engine.connect() as connection:
            yield connection

    def now(self) -> float:
        """See :class:`Database`."""
        return self._clock()

    def clock(self, told: float | None) -> float:
        """See :class:`Database`."""
        return self._clock()

    def tell(self, connection: Connection, topics: Iterable[str]) -> None:
        """Nothing to do: those of other processes look for themselves."""

    def listen(self) -> None:
        """See :class:`Database`."""
        with self._poller_guard:
            if self._poller is None and not self._closed.is_set():
                # Before anybody looks: what is committed after that is news.
                with self.read() as connection:
                    self._seen = connection.exec_driver_sql(_NEWEST).scalar_one()
                    self._paused = set(connection.exec_driver_sql(_PAUSED).scalars())
                self._poller = threading.Thread(target=self._poll, name="openqbd-poll", daemon=True)
                self._poller.start()

    def _poll(self) -> None:
        while not self._closed.is_set():
            try:
                self._look_on_one_connection()
            except sqlite3.Error as error:
                logger.warning("looking for what other processes wrote failed: %s", type(error).__name__)
                self._closed.wait(RECONNECT)

    def _look_on_one_connection(self) -> None:
        """Look whether another connection wrote something; if so, read what, mostly from the history."""
        database = self.engine.url.database
        assert database is not None
        look = sqlite3.connect(database, timeout=BUSY_TIMEOUT, check_same_thread=False)
        try:
            version = None
            while not self._closed.wait(POLL):
                found = look.execute("PRAGMA data_version").fetchone()[0]
                if found == version:
                    continue
                version = found
                # In this order: who begins to watch after the second line looks for himself at what the first one saw.
                newest = look.execute(_NEWEST).fetchone()[0]
                if self._signals.watched:
                    self._tell_of(look)
                self._seen = newest
        finally:
            look.close()

    def _tell_of(self, look: sqlite3.Connection) -> None:
        paused = {row[0] for row in look.execute(_PAUSED)}
        resumed, self._paused = self._paused - paused, paused
        rows = look.execute(
            "SELECT r.connection, r.id, h.state FROM openqbd_history h"
            " JOIN openqbd_requests r ON r.number = h.number WHERE h.line > ? ORDER BY h.line",
            (self._seen,),
        ).fetchall()
        topics = _topics((connection, id_, State(state)) for connection, id_, state in rows)
        self._signals.tell(topics | {work(name) for name in resumed})

    def close(self) -> None:
        """See :class:`Database`."""
        self._closed.set()
        if self._poller is not None:
            self._poller.join()
        self.engine.dispose()


def _topics(rows: Iterable[tuple[str, str, State]]) -> set[str]:
    topics = set()
    for connection, id_, state in rows:
        topics |= {settled(id_), HANDLERS} if state in FINAL else {work(connection)}
    return topics


def _prepare(connection: Any, record: object) -> None:
    """Settings of a new connection to SQLite."""
    # Transactions begin where ``write`` says so; not by the driver in its own way.
    connection.isolation_level = None
    cursor = connection.cursor()
    until = monotonic() + BUSY_TIMEOUT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:
            # Of several that open a new file at once SQLite refuses some here, and doesn't let them wait.
            if monotonic() > until:
                raise
            sleep(0.01)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


class PostgreSQL:
    """Any number of processes."""

    locks_rows = True

    def __init__(self, where: URL | Engine, signals: Signals, clock: Callable[[], float] | None) -> None:
        self._clock = clock
        self._signals = signals
        # Whatever the engine or the database has as a default: what is read behind a lock is what is there then.
        level = "READ COMMITTED"
        self._own = not isinstance(where, Engine)
        self.engine: Engine
        if isinstance(where, Engine):
            self.engine = where.execution_options(isolation_level=level)
        else:
            url = where.set(drivername="postgresql+psycopg") if where.drivername == "postgresql" else where
            self.engine = create_engine(url, pool_size=8, max_overflow=24, isolation_level=level)
        driver: Any = self.engine.dialect.loaded_dbapi
        self._error: type[Exception] = driver.Error
        self._closed = threading.Event()
        self._listener: threading.Thread | None = None
        self._listener_guard = threading.Lock()
        self._listens = threading.Event()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """See :class:`Database`."""
        with _ours(self._error), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """See :class:`Database`."""
        with _ours(self._error), self.engine.connect() as connection:
            yield connection

    def now(self) -> float:
        """See :class:`Database`. This machine's clock, which may be off by a little."""
        return time() if self._clock is None else self._clock()

    def clock(self, told: float | None) -> float:
        """See :class:`Database`. The database's clock, which all processes share."""
        if self._clock is not None or told is None:
            return self.now()
        return told

    def tell(self, connection: Connection, topics: Iterable[str]) -> None:
        """See :class:`Database`."""
        payloads = [topic if len(topic) <= LONGEST_TOPIC else "" for topic in topics]
        if payloads:
            connection.connection.cursor().execute(_NOTIFY, (payloads,))

    def listen(self) -> None:
        """See :class:`Database`."""
        with self._listener_guard:
            if self._listener is None and not self._closed.is_set():
                self._listener = threading.Thread(target=self._hear, name="openqbd-listen", daemon=True)
                self._listener.start()
        self._listens.wait(5.0)

    def _hear(self) -> None:
        while not self._closed.is_set():
            try:
                self._hear_on_one_connection()
            except Exception as error:
                if self._closed.is_set():
                    return
                logger.warning("the connection that listens to the database was lost: %s", type(error).__name__)
                self._closed.wait(RECONNECT)

    def _hear_on_one_connection(self) -> None:
        import psycopg

        address = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._listens.set()
            # What was told while nobody listened is lost: everybody looks once.
            self._signals.tell_all()
            while not self._closed.is_set():
                for notice in connection.notifies(timeout=1.0):
                    if notice.payload:
                        self._signals.tell([notice.payload])
                    else:
                        self._signals.tell_all()

    def close(self) -> None:
        """See :class:`Database`."""
        self._closed.set()
        if self._listener is not None:
            self._listener.join(timeout=5.0)
        if self._own:
            self.engine.dispose()


_NOTIFY = f"SELECT pg_notify('{CHANNEL}', topic) FROM unnest(%s::text[]) AS topic"
