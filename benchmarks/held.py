"""Held calls: many sessions that wait for work, on a server in a process of its own, over HTTP.

By the clock: a busy machine is seen here as it is. The server and those who call it share this machine's processors.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import suppress
from time import sleep

from .databases import postgresql
from .held_client import Crowd, Server, serving
from .measure import Row
from .queue import clocked, percentile

#: KB for a call; wake-ups a second and per cent of a processor at rest; milliseconds; jobs a second; seconds.
MEMORY, WAKE_UPS, CPU = 32.0, 5.0, 1.0
MEDIAN, SLOWEST, ACROSS = 6.0, {1000: 20.0, 5000: 40.0}, 50.0
SATURATED, ENDED = 300.0, 1.0

#: Requests a second, and how many at once to see how many it can do.
RATE, AT_ONCE = 20.0, 64
#: Calls held before anything is measured, so that all is loaded.
WARM = 10


def rows(quick: bool) -> Iterator[Row]:
    """All cases of held calls. Linux only: it is the kernel that is asked about the server."""
    _allow_files(20_000)
    seconds = 5.0 if quick else 30.0
    for count in (1000,) if quick else (1000, 5000):
        yield from held(count, seconds)
    try:
        yield from across(20 if quick else 200, seconds)
    except ImportError:
        yield Row("held", "PostgreSQL", None, note="not installed")


def _allow_files(wanted: int) -> None:
    """Each call is a file, at both ends; what the server has it has from here."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))


def held(count: int, seconds: float) -> Iterator[Row]:
    """So many calls held by one process, on a queue in memory."""
    crowd = Crowd()
    with serving("memory") as server:
        crowd.join(server.address, WARM)
        crowd.paced(server.address, RATE, 1.0)
        before = server.memory()
        crowd.join(server.address, count)
        sleep(1.0)
        name = f"{count:,} held"
        yield Row(
            "held", f"{name}, memory for each", (server.memory() - before) / count / 1000, "KB", goal=MEMORY,
            note="of the server's process: session, connection and call",
        )  # fmt: skip
        yield from rest(name, server, min(seconds, 10.0))
        took = crowd.paced(server.address, RATE, seconds)
        slowest = SLOWEST.get(count, SLOWEST[1000])
        yield from latency(name, took, slowest)
        _, spent = server.rest()
        rate = crowd.saturated(server.address, AT_ONCE, seconds / 2)
        spent = (server.rest()[1] - spent) / max(1, len(crowd.took))
        yield Row(
            "held", f"{name}, jobs at saturation", rate, "/s", goal=SATURATED, least=True,
            note=f"{AT_ONCE} at once, one processor; {spent * 1e3:.1f} ms of CPU for a job",
        )  # fmt: skip
        yield Row("held", f"{name}, SIGTERM", crowd.end(server), "s", goal=ENDED, note="until all are answered")
    crowd.close()


def rest(name: str, server: Server, seconds: float) -> Iterator[Row]:
    """What the server does while nothing happens."""
    switches, spent = server.rest()
    sleep(seconds)
    switches_after, spent_after = server.rest()
    yield Row(
        "held", f"{name}, wake-ups at rest", (switches_after - switches) / seconds, "/s", goal=WAKE_UPS,
        note="one look a second is for callers that went away",
    )  # fmt: skip
    yield Row("held", f"{name}, CPU at rest", 100 * (spent_after - spent) / seconds, "% of one", goal=CPU)


def latency(name: str, took: list[float], slowest: float, median: float | None = MEDIAN) -> Iterator[Row]:
    """From a request's ``enqueue`` by HTTP to its caller's answer."""
    note = f"{len(took):,} at {RATE:g} a second, by HTTP, without the connector's own time"
    yield Row("held", f"{name}, enqueue to answer, p50", percentile(took, 50) * 1e3, "ms", goal=median, note=note)
    yield Row("held", f"{name}, enqueue to answer, p99", percentile(took, 99) * 1e3, "ms", goal=slowest)


def across(count: int, seconds: float) -> Iterator[Row]:
    """Calls held by one process, requests put in by another, both on one database of PostgreSQL."""
    with postgresql() as database:
        crowd = Crowd()
        where = database.new()
        with serving(where) as one, serving(where) as other:
            crowd.join(one.address, count)
            crowd.paced(other.address, RATE, 1.0)
            inserts = [clocked(database.insert) for _ in range(50)]
            took = crowd.paced(other.address, RATE, seconds)
            inserts += [clocked(database.insert) for _ in range(50)]
            typical, slow = (percentile(inserts, one) * 1e3 for one in (50, 99))
            found = latency(f"{count:,} held, PostgreSQL, two processes", took, ACROSS, None)
            for row in found:
                row.note = f"three commits, one after the other; a bare insert: p50 {typical:.1f}, p99 {slow:.1f} ms"
                yield row
        crowd.close()
