"""The simulated company beside the least that any could do: parse the request, build the answer, commit once.

By the clock, for a commit is the disk's. Floor and ours take turns, and what counts is the median of their ratios.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import qbxml
from qbsimulator import Company

from .measure import Row, row_of

WRITE, PAGE, GROWTH = 4.0, 3.0, 1.3
#: Customers in a page of the iterator.
CUSTOMERS = 1000

_numbers = itertools.count(1)
#: What the companies' clocks show.
_TIME = [1_700_000_000.0]


def rows(quick: bool) -> Iterator[Row]:
    """All cases of the simulator."""
    with _company() as (company, folder):
        _furnish(company)
        for name, request in WRITES.items():
            yield writing(company, folder, name, request, 15 if quick else 101)
        yield page(company, 5 if quick else 21)
    yield from growth(5_000 if quick else 100_000, 15 if quick else 101)


@contextmanager
def _company() -> Iterator[tuple[Company, Path]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Company.create(Path(folder) / "bench.company", clock=lambda: _TIME[0]) as company,
    ):
        yield company, Path(folder)


def _done(company: Company, requests: list[Any]) -> qbxml.Response:
    response = qbxml.parse(company.process(qbxml.build(requests)))
    for message in response:
        assert message.status_code == 0, message.status_message
    return response


def _furnish(company: Company) -> None:
    """What the requests refer to."""
    _done(
        company,
        [
            {"AccountAddRq": {"AccountAdd": {"Name": "Sales", "AccountType": "Income"}}},
            {"ItemServiceAddRq": {"ItemServiceAdd": {"Name": "Work", "SalesOrPurchase": {**_WORK}}}},
            {"CustomerAddRq": {"CustomerAdd": {"Name": "Ann"}}},
        ],
    )


_WORK = {"Desc": "Good work", "Price": "50.00", "AccountRef": {"FullName": "Sales"}}
_ANN = {"CustomerRef": {"FullName": "Ann"}}


def _customer() -> dict[str, Any]:
    number = next(_numbers)
    address = {"Addr1": f"{number} Elm Street", "City": "Springfield", "State": "OR", "PostalCode": "97477"}
    return {"CustomerAddRq": {"CustomerAdd": {"Name": f"Customer {number:07}", "BillAddress": address}}}


def _invoice(lines: int = 10) -> dict[str, Any]:
    one = {"ItemRef": {"FullName": "Work"}, "Desc": "Repairs", "Quantity": "3"}
    return {"InvoiceAddRq": {"InvoiceAdd": {**_ANN, "InvoiceLineAdd": [one] * lines}}}


def _payment() -> dict[str, Any]:
    return {"ReceivePaymentAddRq": {"ReceivePaymentAdd": {**_ANN, "TotalAmount": "10.00", "IsAutoApply": True}}}


WRITES: dict[str, Callable[[], dict[str, Any]]] = {
    "CustomerAdd": _customer,
    "InvoiceAdd of ten lines": _invoice,
    "ReceivePaymentAdd": _payment,
}


def _row(name: str, ours: list[float], floors: list[float], goal: float) -> Row:
    ratios = [one / floor for one, floor in zip(ours, floors, strict=True)]
    return row_of("simulator", name, ratios, ours=median(ours), floor=median(floors), goal=goal)


# --- writes


def writing(company: Company, folder: Path, name: str, request: Callable[[], dict[str, Any]], times: int) -> Row:
    """A write beside parsing its request, building its answer, and one durable commit."""
    ours, floors = [], []
    bare = sqlite3.connect(folder / f"floor {name}.sqlite", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, body TEXT)")
    for _ in range(times):
        data = qbxml.build([request()])
        begin = perf_counter()
        answer = company.process(data)
        ours.append(perf_counter() - begin)
        parsed = qbxml.parse(answer)
        assert parsed[0].status_code == 0, parsed[0].status_message
        begin = perf_counter()
        qbxml.parse_request(data)
        text = qbxml.build(parsed)
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO kept (body) VALUES (?)", (text,))
        bare.execute("COMMIT")
        floors.append(perf_counter() - begin)
    bare.close()
    return _row(name, ours, floors, WRITE)


# --- a page


def page(company: Company, times: int) -> Row:
    """A page of an iterator beside parsing its request and building its answer."""
    there = len(qbxml.parse(company.process(qbxml.build([{"CustomerQueryRq": {"ActiveStatus": "All"}}])))[0].records)
    _done(company, [_customer() for _ in range(CUSTOMERS + 1 - there)])
    data = qbxml.build([{"CustomerQueryRq": {"iterator": "Start", "MaxReturned": CUSTOMERS}}])
    ours, floors = [], []
    for _ in range(times):
        begin = perf_counter()
        answer = company.process(data)
        ours.append(perf_counter() - begin)
        parsed = qbxml.parse(answer)
        assert len(parsed[0].records) == CUSTOMERS
        begin = perf_counter()
        qbxml.parse_request(data)
        qbxml.build(parsed)
        floors.append(perf_counter() - begin)
    return _row(f"a page of {CUSTOMERS} customers", ours, floors, PAGE)


# --- growth


def growth(most: int, times: int) -> Iterator[Row]:
    """Look-ups in a company of many transactions beside the same in one of a thousand."""
    with _company() as (small, _), _company() as (large, _):
        known = {small: _filled(small, 1_000), large: _filled(large, most)}
        for name, (request, goal) in LOOKUPS.items():
            spent: dict[Company, list[float]] = {small: [], large: []}
            for number in range(times):
                for company, those in known.items():
                    spent[company].append(_looked_up(company, request, those[number * 7 % len(those)]))
            ratio = median(spent[large]) / median(spent[small])
            yield Row(
                "simulator",
                f"{name}, {most} transactions beside 1000",
                ratio,
                goal=goal,
                ours=median(spent[large]),
                floor=median(spent[small]),
            )


def _looked_up(company: Company, requests: Callable[[Known], list[dict[str, Any]]], those: Known) -> float:
    """Seconds for the last of some requests, in a session of their own."""
    session, spent, iterator = company.session(), 0.0, ""
    for request in requests(those):
        for content in request.values():
            if content.get("iterator") == "Continue":
                content["iteratorID"] = iterator
        data = qbxml.build([request])
        begin = perf_counter()
        answer = session.process(data)
        spent = perf_counter() - begin
        (message,) = qbxml.parse(answer)
        assert message.status_code == 0, message.status_message
        iterator = message.iterator_id or ""
    return spent


#: What there is to look for: a TxnID, its RefNumber, and the second in which it was modified.
Known = tuple[str, str, Any]
#: So many invoices are made in one second.
_AT_ONCE = 50


def _filled(company: Company, count: int) -> list[Known]:
    """Put invoices in, many to a message set; some of them."""
    _furnish(company)
    found: list[Known] = []
    for number in range(count // _AT_ONCE):
        _TIME[0] += 1
        records = [one.records[0] for one in _done(company, [_invoice(1)] * _AT_ONCE)]
        if number % 5 == 0:
            found += [(one["TxnID"], one["RefNumber"], one["TimeModified"]) for one in records[:5]]
    return found


def _page_of(which: str) -> Callable[[Known], list[dict[str, Any]]]:
    """An iterator's pages of 20 up to its first or its second."""
    start = {"InvoiceQueryRq": {"iterator": "Start", "MaxReturned": 20}}

    def requests(known: Known) -> list[dict[str, Any]]:
        following = {"InvoiceQueryRq": {"iterator": "Continue", "MaxReturned": 20}}
        return [start] if which == "first" else [start, following]

    return requests


def _modified(known: Known) -> list[dict[str, Any]]:
    span = {"FromModifiedDate": known[2], "ToModifiedDate": known[2]}
    return [{"InvoiceQueryRq": {"ModifiedDateRangeFilter": span}}]


LOOKUPS: dict[str, tuple[Callable[[Known], list[dict[str, Any]]], float | None]] = {
    "by TxnID": (lambda known: [{"InvoiceQueryRq": {"TxnID": [known[0]]}}], GROWTH),
    "by RefNumber": (lambda known: [{"InvoiceQueryRq": {"RefNumber": [known[1]]}}], GROWTH),
    "a customer by name": (lambda known: [{"CustomerQueryRq": {"FullName": ["Ann"]}}], GROWTH),
    "by modified date": (_modified, GROWTH),
    # Which transactions it goes over is fixed with its first page.
    "an iterator's first page": (_page_of("first"), None),
    "an iterator's next page": (_page_of("second"), GROWTH),
}
