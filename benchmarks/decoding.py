"""Reading: parse, validate and iterparse, against lxml making a bare tree of the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import qbxml

from . import documents, floors
from .measure import Row, ratio

#: What the documents are read with: the newest US schema, as a caller who knows his QuickBooks would.
SCHEMA = qbxml.Schema("16.0", "US")

RECORDS, REPORTS, VALIDATE = 2.2, 2.6, 3.5


def small_documents(quick: bool = False) -> dict[str, bytes]:
    """The documents by name, all but the largest; with ``quick`` a tenth of them."""
    part = 10 if quick else 1
    return {
        "1 customer": documents.customer_document(1),
        f"{1000 // part:,} customers": documents.customer_document(1000 // part),
        f"{1000 // part:,} invoices": documents.invoice_document(1000 // part),
        f"{1000 // part:,} items": documents.item_document(1000 // part),
        f"report, {5000 // part:,} rows": documents.report_document(5000 // part),
    }


def rows(quick: bool) -> Iterator[Row]:
    """All cases of reading."""
    samples = 7 if quick else 31
    small = small_documents(quick)
    for name, data in small.items():
        goal = None if name == "1 customer" else REPORTS if name.startswith("report") else RECORDS
        yield ratio(
            "decode", name, partial(SCHEMA.parse, data), partial(floors.tree, data),
            samples=samples, goal=goal,
            note="fixed costs weigh most" if name == "1 customer" else "",
        )  # fmt: skip
    for name, data in small.items():
        yield ratio(
            "validate", name, partial(SCHEMA.validate, data), partial(floors.tree, data),
            samples=samples // 2, goal=None if name == "1 customer" else VALIDATE,
        )  # fmt: skip
    name, data = list(small.items())[1]
    yield ratio(
        "iterparse", name, lambda: [None for _ in SCHEMA.iterparse(data)], partial(floors.tree, data),
        samples=samples // 2, note="floor: a whole tree; see memory for the other",
    )  # fmt: skip


def growth_rows(quick: bool) -> Iterator[Row]:
    """Time per record as documents grow: 1,000, 10,000 and 100,000 customers."""
    sizes = (100, 1000) if quick else (1000, 10_000, 100_000)
    measured: list[tuple[int, Row]] = []
    for count in sizes:
        data = documents.customer_document(count)
        samples = max(3, min(31, 60_000 // count))
        row = ratio(
            "growth", f"{count:,} customers", partial(SCHEMA.parse, data), partial(floors.tree, data),
            samples=samples, goal=RECORDS,
        )  # fmt: skip
        measured.append((count, row))
        row.note = f"{_each(row.ours, count):.1f} µs per record, lxml {_each(row.floor, count):.1f}"
        yield row
    (first, base), *others = measured
    for count, row in others:
        change = _each(row.ours, count) / _each(base.ours, first) - 1
        bare = _each(row.floor, count) / _each(base.floor, first) - 1
        name = f"per record, {first:,} to {count:,}"
        yield Row("growth", name, change * 100, "%", goal=15, note=f"lxml itself {bare:+.0%}")


def _each(seconds: float | None, count: int) -> float:
    """Microseconds per record."""
    return (seconds or 0) / count * 1e6
