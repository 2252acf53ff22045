"""What is asked for in a run, and what is to be found in a company afterwards.

Every write carries a mark of its own: a customer's name, a transaction's Memo. So the company itself tells how often
each was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import qbxml

from ..company import Company

#: The customers that every company has.
CUSTOMERS = ("Ann", "Bob")

_FURNITURE: list[dict[str, Any]] = [
    {"AccountAddRq": {"AccountAdd": {"Name": "Checking", "AccountType": "Bank"}}},
    {"AccountAddRq": {"AccountAdd": {"Name": "Sales", "AccountType": "Income"}}},
    {"AccountAddRq": {"AccountAdd": {"Name": "Rent", "AccountType": "Expense"}}},
    {
        "ItemServiceAddRq": {
            "ItemServiceAdd": {
                "Name": "Work",
                "SalesOrPurchase": {"Price": "50.00", "AccountRef": {"FullName": "Sales"}},
            }
        }
    },
    {"VendorAddRq": {"VendorAdd": {"Name": "Landlord"}}},
    *({"CustomerAddRq": {"CustomerAdd": {"Name": name}}} for name in CUSTOMERS),
]

#: The kinds of transactions that are asked for.
KINDS = ("Invoice", "SalesReceipt", "ReceivePayment", "Bill", "JournalEntry")


def furnish(company: Company) -> None:
    """Put in what requests refer to."""
    for answer in qbxml.parse(company.process(qbxml.build(_FURNITURE))):
        assert answer.status_code == 0, answer.status_message


def any_requests(random: Random, mark: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Requests to be put in together, each with the mark and its place in it; and how they are put in."""
    count = random.choice((1, 1, 1, 2, 3))
    requests = [_any_request(random, f"{mark}.{number}") for number in range(count)]
    if count > 1 and random.random() < 0.3:
        requests[1] = _payment_of(requests[0], f"{mark}.1") or requests[1]
    more: dict[str, Any] = {"on_lost": random.choice(("resend", "resend", "ask"))}
    if count > 1:
        more |= {"one_set": True, "on_error": random.choice(("stopOnError", "continueOnError"))}
    return requests, more


def _any_request(random: Random, mark: str) -> dict[str, Any]:
    customer = {"FullName": random.choice(CUSTOMERS)}
    amount = f"{random.randint(1, 500)}.{random.randint(0, 99):02}"
    line = {"ItemRef": {"FullName": "Work"}, "Amount": amount}
    choice = random.random()
    if choice < 0.15:
        return {"CustomerAddRq": {"CustomerAdd": {"Name": f"Customer {mark}"}}}
    if choice < 0.35:
        add: dict[str, Any] = {"CustomerRef": customer, "Memo": mark, "InvoiceLineAdd": [line]}
        return {"InvoiceAddRq": {"InvoiceAdd": add}}
    if choice < 0.5:
        add = {"CustomerRef": customer, "Memo": mark, "SalesReceiptLineAdd": [line]}
        return {"SalesReceiptAddRq": {"SalesReceiptAdd": add}}
    if choice < 0.65:
        add = {"CustomerRef": customer, "TotalAmount": amount, "Memo": mark, "IsAutoApply": True}
        return {"ReceivePaymentAddRq": {"ReceivePaymentAdd": add}}
    if choice < 0.75:
        expense = {"AccountRef": {"FullName": "Rent"}, "Amount": amount}
        return {
            "BillAddRq": {"BillAdd": {"VendorRef": {"FullName": "Landlord"}, "Memo": mark, "ExpenseLineAdd": [expense]}}
        }
    if choice < 0.85:
        debit = {"AccountRef": {"FullName": "Rent"}, "Amount": amount, "Memo": mark}
        # Now and then it does not balance, and is refused.
        credit = {"AccountRef": {"FullName": "Checking"}, "Amount": amount if random.random() < 0.8 else "0.01"}
        return {"JournalEntryAddRq": {"JournalEntryAdd": {"JournalDebitLine": [debit], "JournalCreditLine": [credit]}}}
    return {"CustomerQueryRq": {"MaxReturned": random.randint(1, 5)}}


def _payment_of(request: dict[str, Any], mark: str) -> dict[str, Any] | None:
    """A payment of the invoice before it in the same set, which it names by a macro."""
    add = request.get("InvoiceAddRq", {}).get("InvoiceAdd")
    if add is None:
        return None
    add["defMacro"] = "TxnID:before"
    amount = add["InvoiceLineAdd"][0]["Amount"]
    applied = {"TxnID": qbxml.UseMacro("TxnID:before"), "PaymentAmount": amount}
    paid = {"CustomerRef": add["CustomerRef"], "TotalAmount": amount, "Memo": mark, "AppliedToTxnAdd": [applied]}
    return {"ReceivePaymentAddRq": {"ReceivePaymentAdd": paid}}


def mark_of(request: dict[str, Any]) -> str | None:
    """The mark of a write; ``None`` for a query."""
    for name, content in request.items():
        add = content.get(name.removesuffix("Rq"))
        if add is not None:
            first = (add.get("JournalDebitLine") or [{}])[0]
            return str(add.get("Memo") or add.get("Name", "").removeprefix("Customer ") or first.get("Memo"))
    return None


def marks(company: Company) -> Counter[str]:
    """How often each mark is found in a company."""
    return Counter(_marks(company))


def _marks(company: Company) -> Iterator[str]:
    for one in _records(company, "CustomerQuery", {"ActiveStatus": "All"}):
        if str(one["Name"]).startswith("Customer "):
            yield str(one["Name"]).removeprefix("Customer ")
    for kind in KINDS:
        for one in _records(company, f"{kind}Query", {"IncludeLineItems": True} if kind == "JournalEntry" else {}):
            first = (one.get("JournalDebitLine") or [{}])[0]
            yield str(one.get("Memo") or first.get("Memo"))


def _records(company: Company, name: str, content: dict[str, Any]) -> list[Any]:
    (answer,) = qbxml.parse(company.process(qbxml.build([{f"{name}Rq": content}])))
    assert answer.status_code in (0, 1), answer.status_message
    return list(answer.records)
