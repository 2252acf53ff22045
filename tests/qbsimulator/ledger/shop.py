"""A company to trade with: accounts, items of each kind, customers, vendors, terms, taxes."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from qbxml import InvalidRequest, Record
from qbxml.model import MessageResponse
from tests.qbsimulator.helpers import Books

ACCOUNTS = {
    "Checking": "Bank",
    "Savings": "Bank",
    "Stock": "OtherCurrentAsset",
    "Tools": "FixedAsset",
    "Card": "CreditCard",
    "Loan": "LongTermLiability",
    "Capital": "Equity",
    "Sales": "Income",
    "Discounts": "Income",
    "Goods": "CostOfGoodsSold",
    "Rent": "Expense",
    "Supplies": "Expense",
    "Interest": "OtherIncome",
}


@functools.cache
def _template() -> bytes:
    """The file of a shop at its beginning: to copy it takes less time than to make it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.company"
        made = Shop.__new__(Shop)
        Books.__init__(made, path)
        made.furnish()
        made.close()
        return path.read_bytes()


def ref(name: str) -> dict[str, str]:
    """A reference by full name."""
    return {"FullName": name}


class Shop(Books):
    """Books with everything that a transaction refers to. Balances are asked for with :meth:`balance`."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(_template())
        self._open(path)

    def furnish(self) -> None:
        """Put in what there is at the beginning."""
        for code, taxable in (("Tax", True), ("Non", False)):
            self.add("SalesTaxCode", {"Name": code, "IsTaxable": taxable})
        for name, type_ in ACCOUNTS.items():
            self.add("Account", {"Name": name, "AccountType": type_})
        for name, days in (("Net 30", 30), ("Due on receipt", 0)):
            self.add("StandardTerms", {"Name": name, "StdDueDays": days})
        self.add("StandardTerms", {"Name": "2% 10", "StdDueDays": 30, "StdDiscountDays": 10, "DiscountPct": "2.0"})
        for name in ("State", "City", "Lumber Ltd", "Office Inc"):
            self.add("Vendor", name)
        for name, rate, vendor in (("State tax", "6.25", "State"), ("City tax", "2.0", "City")):
            self.add("ItemSalesTax", {"Name": name, "TaxRate": rate, "TaxVendorRef": ref(vendor)})
        both = [ref("State tax"), ref("City tax")]
        self.add("ItemSalesTaxGroup", {"Name": "Both taxes", "ItemSalesTaxRef": both})
        for name in ("Ann", "Bob"):
            self.add("Customer", name)
        self.add("Customer", {"Name": "Kitchen", "ParentRef": ref("Bob")})
        self.add("Customer", {"Name": "Taxed", "ItemSalesTaxRef": ref("Both taxes")})
        self.add("Employee", {"FirstName": "Eve", "LastName": "Worker"})
        for name in ("Cash", "Check"):
            self.add("PaymentMethod", name)
        self.add("Class", "North")
        self._items()

    def _items(self) -> None:
        work = {"Desc": "Good work", "Price": "50.00", "AccountRef": ref("Sales")}
        self.add("ItemService", {"Name": "Work", "SalesOrPurchase": work})
        advice = {"Price": "80.00", "AccountRef": ref("Sales")}
        self.add("ItemService", {"Name": "Advice", "SalesOrPurchase": advice, "SalesTaxCodeRef": ref("Non")})
        board = {"SalesDesc": "A board", "SalesPrice": "20.00", "IncomeAccountRef": ref("Sales")}
        bought = {"PurchaseDesc": "A raw board", "PurchaseCost": "12.00", "ExpenseAccountRef": ref("Supplies")}
        self.add("ItemNonInventory", {"Name": "Board", "SalesAndPurchase": {**board, **bought}})
        stock = {"SalesPrice": "30.00", "IncomeAccountRef": ref("Sales"), "COGSAccountRef": ref("Goods")}
        self.add("ItemInventory", {"Name": "Lamp", **stock, "PurchaseCost": "18.00", "AssetAccountRef": ref("Stock")})
        freight = {"Price": "15.00", "AccountRef": ref("Sales")}
        self.add("ItemOtherCharge", {"Name": "Freight", "SalesOrPurchase": freight})
        self.add("ItemDiscount", {"Name": "Ten off", "DiscountRatePercent": "10.0", "AccountRef": ref("Discounts")})
        self.add("ItemDiscount", {"Name": "Five dollars", "DiscountRate": "5.00", "AccountRef": ref("Discounts")})
        self.add("ItemSubtotal", "Subtotal")
        self.add("ItemPayment", {"Name": "Paid at once", "DepositToAccountRef": ref("Checking")})
        parts = [{"ItemRef": ref("Work"), "Quantity": "2"}, {"ItemRef": ref("Board"), "Quantity": "5"}]
        self.add("ItemGroup", {"Name": "Shelf", "ItemDesc": "A shelf", "ItemGroupLine": parts})

    # -- transactions ------------------------------------------------------------------------------------------------

    def txn(self, kind: str, **fields: Any) -> Record:
        """Add a transaction and return its record."""
        answer = self.try_txn(kind, **fields)
        assert answer.status_code == 0, f"{answer.status_code} {answer.status_message}"
        return answer.records[0]

    def try_txn(self, kind: str, **fields: Any) -> MessageResponse:
        """Add a transaction, whatever comes of it."""
        return self.one(f"{kind}Add", {f"{kind}Add": fields})

    def invoice(self, customer: str = "Ann", amount: str | Decimal = "100.00", **fields: Any) -> Record:
        """An invoice for untaxed advice."""
        lines = [{"ItemRef": ref("Advice"), "Amount": str(amount)}]
        return self.txn("Invoice", **{"CustomerRef": ref(customer), "InvoiceLineAdd": lines, **fields})

    def change(self, record: Mapping[str, Any], **fields: Any) -> MessageResponse:
        """Change a transaction that is current, a second later."""
        self.time.pass_(1)
        kind = str(getattr(record, "name", "")).removesuffix("Ret")
        own = {"TxnID": record["TxnID"], "EditSequence": record["EditSequence"]}
        return self.one(f"{kind}Mod", {f"{kind}Mod": {**own, **fields}})

    def changed(self, record: Mapping[str, Any], **fields: Any) -> Record:
        """Change a transaction, and return the new record."""
        answer = self.change(record, **fields)
        assert answer.status_code == 0, f"{answer.status_code} {answer.status_message}"
        return answer.records[0]

    def now(self, record: Record) -> Record:
        """A transaction as it is now, with lines and links as far as its query shows them."""
        kind = record.name.removesuffix("Ret")
        lines, links = {"IncludeLineItems": True}, {"IncludeLinkedTxns": True}
        for options in ({**lines, **links}, lines, links, {}):
            try:
                answer = self.one(f"{kind}Query", {"TxnID": [record["TxnID"]], **options})
            except InvalidRequest:  # its query has no such option
                continue
            assert answer.status_code == 0, answer.status_message
            return answer.records[0]
        raise AssertionError("no query fits")

    def remove(self, record: Record) -> MessageResponse:
        """Delete a transaction, a second later."""
        self.time.pass_(1)
        return self.one("TxnDel", {"TxnDelType": record.name.removesuffix("Ret"), "TxnID": record["TxnID"]})

    def void(self, record: Record) -> MessageResponse:
        """Void a transaction, a second later."""
        self.time.pass_(1)
        return self.one("TxnVoid", {"TxnVoidType": record.name.removesuffix("Ret"), "TxnID": record["TxnID"]})

    # -- balances ----------------------------------------------------------------------------------------------------

    def balance(self, name: str, kind: str = "Account") -> str:
        """The balance of an account, or of a ``Customer`` or ``Vendor``, as text; ``0.00`` where there is none yet."""
        answer = self.one(f"{kind}Query", {"FullName": [name]})
        return str(answer.records[0]["Balance"]) if answer.records else "0.00"
