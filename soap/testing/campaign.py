"""Thousands of runs in which everything goes wrong, and what came of them: ``python -m soap.testing``.

Each run is a :class:`~soap.testing.world.World` of its own, decided by its number. Here the server is an object in this
process, thrown away at a commit; in those of :mod:`soap.testing.killing` it is a process of its own, which is killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TypeAlias

from ..endpoint import Options
from ..queue import MemoryStore, Store
from .connector import SeededPlan
from .judging import Kind, Tally, Violation
from .rows import Clock
from .world import World

#: How many things happen in a run before it comes to rest; how often one goes wrong, and how often the server dies.
LEAST, MOST = 20, 120
MISHAP_RATES = (0.03, 0.1, 0.3)
CRASH_RATES = (0.0, 0.02, 0.05)
#: Runs that share a database, and a turn of a process.
CHUNK = 25
#: What the name of a kind of store ends with, where it is about runs over a process that is killed.
KILLS = ", kills"

#: Given a run's clock: what opens its store, each time over the same data.
Opener: TypeAlias = Callable[[Clock], Callable[[], Store]]


def run(seed: int, opener: Opener) -> Tally:
    """One run."""
    random = Random(seed)
    clock = Clock()
    plan = SeededPlan(random, random.choice(MISHAP_RATES))
    crash_rate = random.choice(CRASH_RATES)

    def crash() -> str:
        return random.choice(("before", "after")) if random.random() < crash_rate else ""

    names = [f"run {seed} connection {number}" for number in range(random.choice((1, 1, 2, 3)))]
    connectors = random.choice((1, 1, 2, 3))
    try:
        options = Options(busy_for=random.choice((0.0, 0.0, 20.0)))
        world = World(
            opener(clock), clock, random, plan, names=names, connectors=connectors, crash=crash, options=options
        )
        for number in range(random.randint(2, 6)):
            requests, more = world.any_request(1000 + number)
            world.enqueue(random.choice(names), requests, **more)
        for number in range(random.randint(LEAST, MOST)):
            world.anything(number)
        world.settle()
        tally = world.judge()
    except Exception as error:  # whatever it is, it should not have happened
        tally = Tally(runs=1, violations=[Violation(Kind.ERROR, f"{type(error).__name__}: {error}")])
    tally.violations = [Violation(one.kind, f"run {seed}: {one.text}", seed) for one in tally.violations]
    return tally


@contextmanager
def stores(kind: str, where: str) -> Iterator[Opener]:
    """What opens stores of a kind. ``where`` is a new folder for ``sqlite``, and a URL for ``postgresql``."""
    if kind == "memory":
        yield _in_memory
        return
    from sqlalchemy import URL, make_url

    url = URL.create("sqlite", database=str(Path(where) / "queue.db")) if kind == "sqlite" else make_url(where)
    databases = _Databases(url)
    yield databases.opener
    databases.close()


def _in_memory(clock: Clock) -> Callable[[], Store]:
    store = MemoryStore(clock)
    return lambda: store


class _Databases:
    """Opens the store of a database, closing the one before: the process that had it is dead."""

    def __init__(self, url: object) -> None:
        self._url = url
        self._store: Store | None = None

    def opener(self, clock: Clock) -> Callable[[], Store]:
        """See :data:`Opener`."""
        return lambda: self._opened(clock)

    def _opened(self, clock: Clock) -> Store:
        from ..queue.sql import SQLStore

        self.close()
        self._store = SQLStore(self._url, clock)  # type: ignore[arg-type]  # loaded here, so its types are not known above
        return self._store

    def close(self) -> None:
        """Close the last one."""
        if self._store is not None:
            self._store.close()
            self._store = None


def run_chunk(kind: str, seeds: Iterable[int], where: str) -> Tally:
    """Several runs over one database of their own. ``kind`` ends with :data:`KILLS` for those of a real process."""
    logging.disable(logging.CRITICAL)  # of what goes wrong here nobody wants to read
    tally = Tally()
    store = kind.removesuffix(KILLS)
    with tempfile.TemporaryDirectory(prefix="openqbd-campaign-", dir=where if store == "sqlite" else None) as folder:
        place = folder if store == "sqlite" else where
        with _database(place) if store == "postgresql" else _itself(place) as address:
            if kind != store:
                from . import killing

                return killing.run_chunk(f"sqlite:///{folder}/queue.db" if store == "sqlite" else address, seeds)
            with stores(kind, address) as opener:
                for seed in seeds:
                    tally.add(run(seed, opener))
    return tally


@contextmanager
def _itself(place: str) -> Iterator[str]:
    yield place


@contextmanager
def _database(server: str) -> Iterator[str]:
    """A new database of a PostgreSQL server, dropped at the end."""
    from uuid import uuid4

    from sqlalchemy import create_engine, make_url, text

    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"campaign_{uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        # The machine does not go down here, so nobody has to wait for its disk.
        options = {"options": "-c synchronous_commit=off"}
        yield url.set(database=name).update_query_dict(options).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()


def campaign(plan: Iterable[tuple[str, range, str]], *, workers: int) -> Iterator[tuple[str, Tally]]:
    """Many runs in many processes. ``plan`` has kind, seeds and place of each share. The tallies come one by one."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [
            (kind, pool.submit(run_chunk, kind, seeds[start : start + CHUNK], where))
            for kind, seeds, where in plan
            for start in range(0, len(seeds), CHUNK)
        ]
        for kind, future in futures:
            yield kind, future.result()


def table(tallies: dict[str, Tally]) -> str:
    """The counts as one table: a column for each kind of store, and one for all."""
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    columns = [_counts(tally) for tally in (*tallies.values(), total)]
    rows = [["", *tallies, "all"]]
    rows += [[name, *(str(column[name]) for column in columns)] for name in columns[0]]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])  # names to the left
        for row in rows
    ]
    before = len(rows) - len(Kind)
    line = "-" * len(lines[0])
    return "\n".join([lines[0], line, *lines[1:before], line, *lines[before:]])


def _counts(tally: Tally) -> dict[str, int]:
    states = {
        word: sum(count for state, count in tally.states.items() if state.startswith(word))
        for word in ("done", "failed", "unknown", "expired", "cancelled")
    }
    return {
        "runs": tally.runs,
        "requests": tally.requests,
        "writes among them": tally.writes,
        "executed by QuickBooks": tally.executed,
        "done": states["done"],
        "failed": states["failed"],
        "unknown": states["unknown"],
        "expired, cancelled": states["expired"] + states["cancelled"],
        "sessions": tally.sessions,
        "mishaps": tally.mishaps.total(),
        "deaths at a commit": tally.crashes,
        "SIGKILL": tally.kills,
        "SIGTERM": tally.stops,
        **{kind.value: sum(one.kind is kind for one in tally.violations) for kind in Kind},
    }
