"""``python -m benchmarks``: run them and print the table."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from . import cold, decoding, encoding, endpoint, held, memory, peers, queue, simulator, table
from .measure import Row

#: Every part by its name, in the order of the table. Large documents come last: what they leave behind in the
#: allocator and the collector is no business of the others.
PARTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "cold": cold.rows,
    "decode": decoding.rows,
    "encode": encoding.rows,
    "peers": peers.rows,
    "endpoint": endpoint.rows,
    "queue": queue.rows,
    "held": held.rows,
    "simulator": simulator.rows,
    "memory": memory.rows,
    "growth": decoding.growth_rows,
}


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for. The exit status says nothing about goals: a busy machine misses them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the data and fewer samples: a first look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    parser.add_argument("--only", action="append", choices=sorted(PARTS), help="this part alone; may be repeated")
    parser.add_argument("--no-peers", action="store_true", help="leave the other libraries out")
    given = parser.parse_args(arguments)
    names = [name for name in PARTS if not given.only or name in given.only]
    if given.no_peers and "peers" in names:
        names.remove("peers")
    found = table.machine()
    begun = perf_counter()
    rows: list[Row] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += PARTS[name](given.quick)
    spent = perf_counter() - begun
    print(table.header(found))
    print()
    print("\n".join(table.lines(rows)))
    missed = sum(row.met is False for row in rows)
    goals = sum(row.met is not None for row in rows)
    print(f"\n{goals - missed} of {goals} goals met, in {spent:.0f} s" + (", --quick" if given.quick else ""))
    if given.json:
        report = {"machine": found, "quick": given.quick, "seconds": spent, "rows": [row.to_dict() for row in rows]}
        given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
