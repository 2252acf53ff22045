"""Writing: build, against f-strings that put the same values between tags and look at none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

import qbxml
from qbxml import requests

from . import documents, floors
from .documents import STATUS, Values
from .measure import Row, ratio

SCHEMA = qbxml.Schema("16.0", "US")

ORDERED, OTHER_ORDER = 2.2, 2.6

Case = tuple[str, dict[str, Values], Callable[[], bytes]]


def cases(quick: bool = False) -> list[Case]:
    """Answers as values, each with the floor that writes the same: what a simulator does, and every test's fixture."""
    part = 10 if quick else 1
    customers = documents.customers(1000 // part)
    invoices = documents.invoices(1000 // part)
    items = documents.item_lists(1000 // part)
    report = documents.report(5000 // part)
    return [
        (
            f"{len(customers):,} customers",
            {"CustomerQueryRs": {**STATUS, "CustomerRet": customers}},
            lambda: floors.response("CustomerQueryRs", "".join([floors.customer(one) for one in customers])),
        ),
        (
            f"{len(invoices):,} invoices",
            {"InvoiceQueryRs": {**STATUS, "InvoiceRet": invoices}},
            lambda: floors.response("InvoiceQueryRs", "".join([floors.invoice(one) for one in invoices])),
        ),
        (
            f"{1000 // part:,} items",
            {"ItemQueryRs": {**STATUS, **items}},
            lambda: floors.response("ItemQueryRs", floors.items(items)),
        ),
        (
            f"report, {5000 // part:,} rows",
            {"GeneralDetailReportQueryRs": {**STATUS, "ReportRet": report}},
            lambda: floors.response("GeneralDetailReportQueryRs", floors.report(report)),
        ),
    ]


def adds(count: int) -> tuple[list[dict[str, Values]], Callable[[], bytes]]:
    """Requests that add customers, and the floor that writes them."""
    values = [documents.customer_add(number) for number in range(count)]
    given = [{"CustomerAddRq": {"CustomerAdd": one}} for one in values]
    return given, lambda: floors.requests([floors.customer_add(one) for one in values], SCHEMA.version)


def shuffled(value: Any, random: Random) -> Any:
    """The same values with the keys of every dict in another order."""
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(one, random) for one in value] if isinstance(value, list) else value


def typed(given: list[dict[str, Values]]) -> list[Any]:
    """The same requests as typed objects."""
    return [requests.CustomerAddRq.from_dict(one["CustomerAddRq"]) for one in given]


def rows(quick: bool) -> Iterator[Row]:
    """All cases of writing."""
    samples = 7 if quick else 31
    for name, values, floor in cases(quick):
        response = qbxml.Response([values])
        yield ratio("encode", name, partial(SCHEMA.build, response), floor, samples=samples, goal=ORDERED)
    random = Random(1)
    for name, values, floor in cases(quick)[:2]:
        other: list[Any] = [None]

        def shuffle(values: Any = values, other: list[Any] = other) -> None:
            other[0] = qbxml.Response([shuffled(values, random)])

        shuffle()
        yield ratio(
            "encode", f"{name}, other order", partial(_build_first, other), floor,
            samples=samples // 2, goal=OTHER_ORDER, prepare=shuffle, note="keys shuffled anew for each sample",
        )  # fmt: skip
    count = 100 if quick else 1000
    given, floor = adds(count)
    yield ratio("encode", f"{count:,} requests, dicts", partial(SCHEMA.build, given), floor, samples=samples)
    objects = typed(given)
    yield ratio(
        "encode", f"{count:,} requests, typed objects", partial(SCHEMA.build, objects), floor,
        samples=samples, goal=ORDERED,
    )  # fmt: skip


def _build_first(responses: list[Any]) -> bytes:
    return SCHEMA.build(responses[0])
