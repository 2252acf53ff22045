"""``python -m qbsimulator.campaign``: the endpoint before the simulator. Exits 1 where a run violated anything."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from time import monotonic

from soap.testing.judging import Tally

from .runs import chunk

#: Runs that share a database, and a turn of a process.
CHUNK = 10
#: Violations that are printed.
SHOWN = 20


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m qbsimulator.campaign", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="how many runs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first run (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    given = parser.parse_args(arguments)
    begun, tally = monotonic(), Tally()
    end = given.seed + given.runs
    chunks = [range(first, min(first + CHUNK, end)) for first in range(given.seed, end, CHUNK)]
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="openqbd-simulated-", dir=memory) as folder,
        ProcessPoolExecutor(given.workers, mp_context=spawn) as pool,
    ):
        for done in as_completed([pool.submit(chunk, folder, seeds) for seeds in chunks]):
            tally.add(done.result())
    _tell(tally, monotonic() - begun)
    return 1 if tally.violations else 0


def _tell(tally: Tally, seconds: float) -> None:
    print(
        f"{tally.runs} runs in {seconds:.0f} s: {tally.requests} requests, {tally.writes} writes, {tally.executed} done"
        f" in {tally.sessions} updates, {tally.mishaps.total()} faults, {tally.kills} SIGKILL, {tally.stops} SIGTERM"
    )
    print("states: " + ", ".join(f"{count} {name}" for name, count in sorted(tally.states.items())))
    print("faults: " + (", ".join(f"{count} {name}" for name, count in sorted(tally.mishaps.items())) or "none"))
    print(f"{len(tally.violations)} violations")
    for one in tally.violations[:SHOWN]:
        print(f"{one.kind.value}: {one.text}")


if __name__ == "__main__":
    sys.exit(main())
