"""Answers have types without ``None``: what is always there is there, the rest may be missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qbxml import records


def shown(customer: records.CustomerRet) -> str:
    name: str = customer["FullName"]
    level: int = customer["Sublevel"]
    balance: Decimal = customer.get("Balance", Decimal("0.00"))
    city = customer["BillAddress"].get("City", "") if "BillAddress" in customer else ""
    return f"{'-' * level}{name} {city} {balance}"


def total(invoice: records.InvoiceRet) -> Decimal:
    day: date = invoice["TxnDate"]
    lines: list[records.InvoiceLineRet] = invoice.get("InvoiceLineRet", [])
    places: list[int] = [line["_at"] for line in lines if "_at" in line]
    assert day.year > 2000 or len(places) <= len(lines)
    return sum((line["Amount"] for line in lines if "Amount" in line), Decimal(0))


def answered(answer: records.CustomerQueryRs) -> list[str]:
    code: int = answer["statusCode"]
    left: int = answer.get("iteratorRemainingCount", 0)
    assert code == 0 or left == 0
    return [customer["ListID"] for customer in answer.get("CustomerRet", [])]
