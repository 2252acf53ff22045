"""The queue in a database beside bare inserts by the database's driver; and with a million requests waiting.

By the clock, not in CPU time, for most of a commit is the disk's. A disk that others use takes ten times as long from
one second to the next: floor and ours take turns in small blocks, and what counts is the median of their ratios.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from statistics import median
from time import perf_counter

import qbxml
from soap import SQLQueue, State
from soap.queue import Handed, Refusal

from . import calls
from .databases import Database, fill, postgresql, sqlite
from .measure import Row, row_of

ALONE = {"SQLite": 0.33, "PostgreSQL": 0.45}
TOGETHER = 1.0
SLOWEST_CLAIM, SMALLEST_SHARE = 50.0, 0.5
GROWTH = 1.2

#: Commits that a job takes: it is put in, handed out, and its answer stored.
COMMITS = 3
#: Jobs in a block, and threads where there are several.
JOBS, THREADS = 10, 8

_keys = itertools.count()


def rows(quick: bool) -> Iterator[Row]:
    """All cases of the queue, on each database that is installed."""
    databases: dict[str, Callable[[], AbstractContextManager[Database]]] = {"SQLite": sqlite, "PostgreSQL": postgresql}
    for name, opened in databases.items():
        try:
            database = opened()
            with database as one:
                yield from of_database(one, quick)
        except ImportError:
            yield Row("queue", name, None, note="not installed")


def of_database(database: Database, quick: bool) -> Iterator[Row]:
    """All cases on one database."""
    queue = SQLQueue(database.new())
    yield alone(database, queue, 5 if quick else 41)
    yield together(database, queue, 5 if quick else 31)
    if database.name == "SQLite":
        yield from claims(database, queue, 3.0 if quick else 20.0)
    queue.close()
    yield from growth(database, 100_000 if quick else 1_000_000, 7 if quick else 41)


# --- a job


def enqueue(queue: SQLQueue, connection: str) -> str:
    """Put a request in, under a key of its own."""
    return queue.enqueue(connection, calls.REQUEST, idempotency_key=f"order-{next(_keys)}")


def claim(queue: SQLQueue, connection: str) -> Handed:
    """Hand out what is next."""
    with queue.deliver(connection) as delivery:
        handed = delivery.hand_out(connection, "16.0", "US")
    assert handed is not None, "something waits"
    return handed


def settle(queue: SQLQueue, connection: str, handed: Handed) -> None:
    """Store the answer to what is out."""
    raw = calls.answer(handed.set_id)
    parsed = qbxml.parse(raw)
    with queue.deliver(connection) as delivery:
        delivery.settle(handed.errand, handed.set_id, parsed, raw, Refusal())


def job(queue: SQLQueue, connection: str) -> None:
    """All that one request costs, from its caller to its answer."""
    enqueue(queue, connection)
    settle(queue, connection, claim(queue, connection))


def jobs(queue: SQLQueue, connection: str) -> None:
    """A block of them."""
    for _ in range(JOBS):
        job(queue, connection)


# --- commits a second


def clocked(call: Callable[[], object], times: int = 1) -> float:
    """Seconds by the clock for one call."""
    start = perf_counter()
    for _ in range(times):
        call()
    return (perf_counter() - start) / times


def relative(
    name: str, database: Database, block: Callable[[], object], commits: int, samples: int, goal: float, note: str
) -> Row:
    """Commits a second, as a multiple of those of bare inserts right before and after."""
    inserts = JOBS * COMMITS
    block()
    clocked(database.insert, inserts)
    floors = [clocked(database.insert, inserts)]
    times: list[float] = []
    found: list[float] = []
    for _ in range(samples):
        times.append(clocked(block) / commits)
        floors.append(clocked(database.insert, inserts))
        found.append((floors[-2] + floors[-1]) / 2 / times[-1])
    note = f"commits a second: {1 / median(times):,.0f}, floor {1 / median(floors):,.0f}; {note}"
    return row_of(
        "queue", name, found, goal=goal, least=True, ours=median(times), floor=median(floors), note=note
    )  # fmt: skip


def alone(database: Database, queue: SQLQueue, samples: int) -> Row:
    """One worker."""
    return relative(
        f"{database.name}, a job, one worker", database, lambda: jobs(queue, "alone"), JOBS * COMMITS, samples,
        ALONE[database.name], "floor: bare inserts, one worker",
    )  # fmt: skip


def together(database: Database, queue: SQLQueue, samples: int) -> Row:
    """Several threads, each with a connection of the queue."""
    with ThreadPoolExecutor(THREADS) as pool:
        names = [f"together-{number}" for number in range(THREADS)]

        def block() -> None:
            for done in [pool.submit(jobs, queue, name) for name in names]:
                done.result()

        row = relative(
            f"{database.name}, jobs, {THREADS} threads", database, block, THREADS * JOBS * COMMITS, samples,
            TOGETHER, "floor: bare inserts, one worker",
        )  # fmt: skip
    if database.name == "SQLite":
        row.goal = None  # one writer at a time, whatever one does
    return row


def claims(database: Database, queue: SQLQueue, seconds: float) -> Iterator[Row]:
    """How long a claim takes while other threads work, and whether all get on."""
    taken: dict[str, list[float]] = {f"claims-{number}": [] for number in range(THREADS)}
    start = threading.Barrier(THREADS)

    def work(connection: str) -> None:
        start.wait()
        until = perf_counter() + seconds
        while perf_counter() < until:
            enqueue(queue, connection)
            before = perf_counter()
            handed = claim(queue, connection)
            taken[connection].append(perf_counter() - before)
            settle(queue, connection, handed)

    floors = [clocked(database.insert) for _ in range(100)]
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, name) for name in taken]:
            done.result()
    floors += [clocked(database.insert) for _ in range(100)]
    all_taken = [one for some in taken.values() for one in some]
    floor = f"a bare insert, alone: median {median(floors) * 1e3:.1f}, p99 {percentile(floors, 99) * 1e3:.1f} ms"
    yield Row(
        "queue", f"{database.name}, a claim, {THREADS} threads, p99", percentile(all_taken, 99) * 1e3, "ms",
        goal=SLOWEST_CLAIM,
        note=f"by the clock, {len(all_taken):,} claims, median {median(all_taken) * 1e3:.1f}; {floor}",
    )  # fmt: skip
    yield Row(
        "queue", f"{database.name}, smallest share", min(map(len, taken.values())) * THREADS / len(all_taken),
        goal=SMALLEST_SHARE, least=True, note=f"of {THREADS} threads, beside an even one",
    )  # fmt: skip


def percentile(values: list[float], per_cent: float) -> float:
    """The value that so many per cent do not exceed."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * per_cent / 100))]


# --- many waiting


def growth(database: Database, many: int, samples: int, few: int = 1000) -> Iterator[Row]:
    """What is done with a thousand requests waiting, and with a million."""
    queues = []
    for count in (few, many):
        queue = SQLQueue(database.new())
        queue.enqueue("annie", calls.REQUEST)
        fill(database, queue, "annie", count)
        queues.append(queue)
    out: list[Handed] = []

    def after_claim(queue: SQLQueue) -> None:
        settle(queue, "annie", out.pop())

    def nothing(queue: SQLQueue) -> None:
        """Nothing is left to do."""

    cases: list[tuple[str, Callable[[SQLQueue], object], Callable[[SQLQueue], object]]] = [
        ("claim", lambda queue: out.append(claim(queue, "annie")), after_claim),
        ("enqueue", lambda queue: enqueue(queue, "annie"), nothing),
        ("find", lambda queue: queue.find("annie", states={State.QUEUED}, limit=100), nothing),
    ]
    for name, call, after in cases:
        found: list[float] = []
        times: list[list[float]] = []
        for _ in range(samples + 1):
            spent = []
            for queue in [*queues, queues[0]]:
                block = []
                for _ in range(5):
                    block.append(clocked(partial(call, queue)))
                    after(queue)
                spent.append(median(block))
            times.append(spent)
            found.append(spent[1] / ((spent[0] + spent[2]) / 2))
        del found[0], times[0]  # whoever comes first finds nothing in memory
        yield row_of(
            "queue", f"{database.name}, {name}, {many:,} waiting", found, goal=GROWTH,
            ours=median(one[1] for one in times), floor=median(one[0] for one in times),
            note=f"floor: the same with {few:,} waiting; by the clock",
        )  # fmt: skip
    for queue in queues:
        queue.close()
