"""What holds of the books of any company at any time."""

from __future__ import annotations

from decimal import Decimal

from qbsimulator.ledger.check import faults
from qbsimulator.ledger.money import money
from tests.qbsimulator.helpers import Books


def check(books: Books) -> None:
    """Fail where the books are wrong: by what the file keeps, and by the balances that its lists show."""
    transactions = books.company.transactions
    rules, store = transactions.books(books.company.settings), transactions.store
    assert list(faults(rules, store)) == []
    everybody = {"ActiveStatus": "All"}
    accounts = books.one("AccountQuery", everybody).records
    customers = books.one("CustomerQuery", everybody).records
    vendors = books.one("VendorQuery", everybody).records
    parts = [part for txn in store.all() for part in store.parts(txn.id)]
    for type_, names, sign in (("AccountsReceivable", customers, 1), ("AccountsPayable", vendors, -1)):
        total = sum((one["Balance"] for one in accounts if one["AccountType"] == type_), Decimal(0))
        assert total == sum((one["Balance"] for one in names), Decimal(0)), type_
        opened = sum(part.open for part in parts if rules.account_type(part.account) == type_)
        assert total == money(sign * opened), type_
