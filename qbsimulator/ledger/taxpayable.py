"""What is owed for sales tax: to whom, and for which tax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qbxml.model import Record

from ..answers import Answer
from ..context import Context, wanted
from .money import money


def tax_payable(context: Context, content: Mapping[str, Any]) -> Answer:
    """SalesTaxPayableQuery: what the account of sales tax holds for each agency, up to a day or to the end."""
    transactions = context.company.transactions
    books = transactions.books(context.settings)
    account, day = books.known_special("SalesTaxPayable"), content.get("AsOfDate")
    until = "9999-12-31" if day is None else day.isoformat()
    owed: dict[str | None, list[tuple[str | None, int]]] = {}
    for agency, item, cents in () if account is None else transactions.store.sums_of(account, until):
        if cents:
            owed.setdefault(agency, []).append((item, -cents))
    answer = Answer(0 if owed else 1, wanted=wanted(content))
    if answer.count(content, len(owed)):
        by_name = sorted(owed, key=lambda one: "" if one is None else books.element(one).full_name.lower())
        found = [_record(agency, owed[agency]) for agency in by_name]
        answer.content = [("SalesTaxPayableRet", Record(one.name, books.reading.named(dict(one)))) for one in found]
    return answer


def _record(agency: str | None, items: list[tuple[str | None, int]]) -> Record:
    lines = [
        {**({} if item is None else {"ItemSalesTaxRef": {"key": item}}), "Amount": money(cents)}
        for item, cents in items
    ]
    record: dict[str, Any] = {} if agency is None else {"PayeeEntityRef": {"key": agency}}
    record |= {"Amount": money(sum(cents for _, cents in items)), "SalesTaxPayableLineRet": lines}
    return Record("SalesTaxPayableRet", record)
