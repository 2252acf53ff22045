"""What holds of the books of any company at any time."""

from __future__ import annotations

from decimal import Decimal

from qbsimulator.ledger.check import faults
from tests.qbsimulator.helpers import Books


def check(books: Books) -> None:
    """Fail where the books are wrong: by what the file keeps, and by the balances that its lists show."""
    transactions = books.company.transactions
    assert list(faults(transactions.books(books.company.settings), transactions.store)) == []
    everybody = {"ActiveStatus": "All"}
    accounts = books.one("AccountQuery", everybody).records
    customers = books.one("CustomerQuery", everybody).records
    vendors = books.one("VendorQuery", everybody).records
    totals = {
        type_: sum((one["Balance"] for one in accounts if one["AccountType"] == type_), Decimal(0))
        for type_ in ("AccountsReceivable", "AccountsPayable")
    }
    # Names may be on lines of either, so it is their difference that always agrees.
    owing = sum((one["Balance"] for one in customers), Decimal(0)) - sum(
        (one["Balance"] for one in vendors), Decimal(0)
    )
    assert owing == totals["AccountsReceivable"] - totals["AccountsPayable"]
