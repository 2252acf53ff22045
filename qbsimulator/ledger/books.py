"""What the rules of transactions read of the lists: elements, items, special accounts, and what names are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import qbxml
from qbxml.model import Record

from ..elements import Elements
from ..kinds import kinds
from ..settings import Settings
from ..storage import Element, Storage
from .special import ANY_OF_TYPE, SPECIAL
from .store import LedgerStore

#: A reference within a record: the key of what it is to.
Key = dict[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """What a line needs of an item. Prices are ``None`` where the item has none of its own."""

    kind: str
    key: str
    body: Mapping[str, Any]
    price: Decimal | None
    #: A price in per cent of the line above.
    percent: Decimal | None
    cost: Decimal | None
    sales_desc: str | None
    purchase_desc: str | None
    #: Keys of accounts: where sales and purchases go; a stock item's asset and cost of goods.
    income: str | None
    expense: str | None
    asset: str | None
    goods: str | None
    tax_code: str | None

    @property
    def is_stock(self) -> bool:
        """Whether it is kept in stock."""
        return self.kind in ("ItemInventory", "ItemInventoryAssembly")


def key_of(record: Mapping[str, Any], *path: str) -> str | None:
    """The key that a reference in a record holds, at the end of a path of names."""
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return str(value["key"]) if isinstance(value, Mapping) and "key" in value else None


class Books:
    """The lists as the rules of transactions see them, within one request."""

    def __init__(self, storage: Storage, elements: Elements, store: LedgerStore, settings: Settings) -> None:
        self._storage = storage
        self.elements = elements
        self.store = store
        self.settings = settings
        #: What elements are called.
        self.reading = elements.reading()
        self._bodies: dict[str, Record] = {}
        self._items: dict[str, Item] = {}

    def element(self, key: str) -> Element:
        """An element that something refers to."""
        return self.elements.by_key(key)

    def body(self, key: str) -> Record:
        """The record of an element as the file keeps it: references are keys."""
        if key not in self._bodies:
            body = qbxml.from_json(self.element(key).body)
            assert isinstance(body, Record)
            self._bodies[key] = body
        return self._bodies[key]

    def today(self) -> date:
        """The date, where QuickBooks runs."""
        return self.elements.today()

    # -- accounts ----------------------------------------------------------------------------------------------------

    def account_type(self, key: str) -> str:
        """The AccountType of an account."""
        return str(self.body(key)["AccountType"])

    def is_open_account(self, key: str) -> bool:
        """Whether an account holds receivables or payables, of which each part is open or settled."""
        return self.account_type(key) in ("AccountsReceivable", "AccountsPayable")

    def special(self, name: str) -> str:
        """The key of a special account by its SpecialAccountType. It is made where the company has none."""
        title, type_ = SPECIAL[name]
        found = self._special(name, type_)
        if found is not None:
            return found
        free, number = title, 1
        while self._storage.holder("account", None, free) is not None:
            number += 1
            free = f"{title} {number}"
        added = self.elements.add(kinds()["Account"], {"Name": free, "AccountType": type_}, self.settings)
        body = {**self.body(added.key), "SpecialAccountType": name}
        if name == "UndepositedFunds":
            body["CashFlowClassification"] = "NotApplicable"
        added.body = qbxml.to_json(Record("AccountRet", body))
        self._storage.write(added)
        self._bodies.pop(added.key, None)
        return added.key

    def known_special(self, name: str) -> str | None:
        """The key of a special account, where the company has it already."""
        return self._special(name, SPECIAL[name][1])

    def _special(self, name: str, type_: str) -> str | None:
        held = "json_extract(body, '$.AccountRet.{}') = ?"
        found = self._storage.find(["Account"], held.format("SpecialAccountType"), [name], "created, id")
        if not found and name in ANY_OF_TYPE:
            found = self._storage.find(["Account"], held.format("AccountType"), [type_], "created, id")
        return " ".join(found[0]) if found else None

    # -- items -------------------------------------------------------------------------------------------------------

    def item(self, key: str) -> Item:
        """An item."""
        if key not in self._items:
            self._items[key] = self._read_item(key)
        return self._items[key]

    def _read_item(self, key: str) -> Item:
        kind, body = key.partition(" ")[0], self.body(key)
        either: Mapping[str, Any] = body.get("SalesOrPurchase") or {}
        both: Mapping[str, Any] = body.get("SalesAndPurchase") or {}
        own = {**body, **both}
        price = own.get("SalesPrice", either.get("Price", body.get("DiscountRate")))
        percent = either.get("PricePercent", body.get("DiscountRatePercent", body.get("TaxRate")))
        account = key_of(either, "AccountRef") or key_of(body, "AccountRef")
        asset = key_of(body, "AssetAccountRef")
        return Item(
            kind=kind,
            key=key,
            body=body,
            price=price,
            percent=percent,
            cost=own.get("PurchaseCost", either.get("Price")),
            sales_desc=own.get("SalesDesc") or either.get("Desc") or body.get("ItemDesc"),
            purchase_desc=own.get("PurchaseDesc") or either.get("Desc") or body.get("ItemDesc"),
            income=key_of(own, "IncomeAccountRef") or account or key_of(body, "DepositToAccountRef") or asset,
            expense=key_of(own, "ExpenseAccountRef") or asset or account,
            asset=asset,
            goods=key_of(body, "COGSAccountRef"),
            tax_code=key_of(body, "SalesTaxCodeRef"),
        )

    # -- sales tax ---------------------------------------------------------------------------------------------------

    def is_taxable(self, code: str | None) -> bool:
        """Whether a sales tax code, by its key, is one with tax."""
        return code is not None and self.body(code).get("IsTaxable") is True

    def named_key(self, kind: str, full_name: str) -> str | None:
        """The key of the element of a kind that has a name."""
        found = self._storage.named(kind, full_name)
        return None if found is None else found.key

    def taxes(self, key: str) -> list[tuple[str, str | None, Decimal]]:
        """The taxes that a tax item, or a group of them, is made of: key, vendor, per cent."""
        body = self.body(key)
        if key.startswith("ItemSalesTaxGroup "):
            return [tax for one in body.get("ItemSalesTaxRef") or [] for tax in self.taxes(one["key"])]
        return [(key, key_of(body, "TaxVendorRef"), body.get("TaxRate") or Decimal(0))]
