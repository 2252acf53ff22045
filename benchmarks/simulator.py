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
    with tempfile.TemporaryDirectory() as folder:
        with Company.create(Path(folder) / "bench.company") as company:
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
    # "ReceivePaymentAdd": _payment,
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
        ids = {company: _filled(company, count) for company, count in ((small, 1_000), (large, most))}
        for name, request in LOOKUPS.items():
            spent: dict[Company, list[float]] = {small: [], large: []}
            for number in range(times):
                for company, known in ids.items():
                    data = qbxml.build([request(known[number * 7 % len(known)])])
                    begin = perf_counter()
                    answer = company.process(data)
                    spent[company].append(perf_counter() - begin)
                    assert qbxml.parse(answer)[0].status_code == 0
            ratio = median(spent[large]) / median(spent[small])
            yield Row("simulator", f"{name}, {most} transactions beside 1000", ratio, goal=GROWTH)


def _filled(company: Company, count: int) -> list[tuple[str, str]]:
    """Put invoices in, many to a message set; the ids and RefNumbers of some of them."""
    _furnish(company)
    found = []
    for _ in range(count // 500):
        response = _done(company, [_invoice(1)] * 500)
        found += [(one.records[0]["TxnID"], one.records[0]["RefNumber"]) for one in response[:50]]
    return found


def _page_of(known: tuple[str, str]) -> dict[str, Any]:
    return {"InvoiceQueryRq": {"iterator": "Start", "MaxReturned": 20, "RefNumberFilter": _starting(known[1])}}


def _starting(ref: str) -> dict[str, str]:
    return {"MatchCriterion": "StartsWith", "RefNumber": ref}


LOOKUPS: dict[str, Callable[[tuple[str, str]], dict[str, Any]]] = {
    "by TxnID": lambda known: {"InvoiceQueryRq": {"TxnID": [known[0]]}},
    "by RefNumber": lambda known: {"InvoiceQueryRq": {"RefNumber": [known[1]]}},
}
