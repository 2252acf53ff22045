"""Memory: what a process has at its peak above what it had before, each measured in a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import documents
from .measure import Row, fresh

STREAM_MEGABYTES, STREAM_CPU, PARSE = 60, 4.0, 1.6

_MEGABYTE = 1_000_000

#: Prints the peak above the start in bytes, the CPU time in seconds and how many records there were.
_STREAM = """
import json, sys
from time import process_time
from benchmarks.documents import Endless
from benchmarks.measure import resident
size, how = int(sys.argv[1]), sys.argv[2]
if how == "qbxml":
    import qbxml
    schema = qbxml.Schema("16.0", "US")
    def read(source):
        return sum(1 for _, record in schema.iterparse(source) if record is not None)
elif how == "iterparse":
    from benchmarks.floors import iterated
    def read(source):
        return iterated(source, "CustomerRet")
else:
    def read(source):
        while source.read(1 << 16):
            pass
        return source.customers
source = Endless(size)
expected = source.customers
now, _ = resident()
start = process_time()
count = read(source)
spent = process_time() - start
assert count == expected, (count, expected)
print(json.dumps([resident()[1] - now, spent, count]))
"""

_PARSE = """
import json, sys
from lxml import etree
from benchmarks.measure import resident
import qbxml
from qbxml import parsing
schema = qbxml.Schema("16.0", "US")
data = open(sys.argv[1], "rb").read()
now, _ = resident()
kept = schema.parse(data) if sys.argv[2] == "qbxml" else etree.fromstring(data)
print(json.dumps(resident()[1] - now))
"""


def rows(quick: bool) -> Iterator[Row]:
    """All cases of memory; on other systems than Linux a peak counts from the highest point before."""
    size = (20 if quick else 400) * _MEGABYTE
    megabytes = f"{size // _MEGABYTE} MB"
    peak, spent, _ = fresh(_STREAM, str(size), "qbxml")
    bare_peak, bare_spent, _ = fresh(_STREAM, str(size), "iterparse")
    _, making, _ = fresh(_STREAM, str(size), "nothing")
    note = f"floor: etree.iterparse and clear; without {making:.1f} s for making the document"
    yield Row(
        "memory", f"iterparse, {megabytes}, peak", peak / _MEGABYTE, "MB", goal=STREAM_MEGABYTES,
        note=f"above start; lxml iterparse and clear {bare_peak / _MEGABYTE:.1f}",
    )  # fmt: skip
    spent, bare_spent = spent - making, bare_spent - making
    yield Row(
        "memory", f"iterparse, {megabytes}, CPU", spent / bare_spent, goal=STREAM_CPU, ours=spent, floor=bare_spent,
        note=note,
    )  # fmt: skip
    count = 1000 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "customers.xml")
        data = documents.customer_document(count)
        path.write_bytes(data)
        ours, floor = fresh(_PARSE, str(path), "qbxml"), fresh(_PARSE, str(path), "lxml")
    note = f"{ours / _MEGABYTE:,.0f} MB and {floor / _MEGABYTE:,.0f} MB for {len(data) / _MEGABYTE:,.0f} MB of XML"
    yield Row("memory", f"parse, {count:,} customers, peak", ours / floor, goal=PARSE, note=note)
