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
        value = value.get(name) if isinstance(value, dict) else None
    return str(value["key"]) if isinstance(value, dict) and "key" in value else None


class Books:
    """The lists as the rules of transactions see them, within one request."""

    def __init__(self, storage: Storage, elements: Elements, store: LedgerStore, settings: Settings) -> None:
        self._storage = storage
        self.elements = elements
        self.store = store
        self.settings = settings
        #: What elements are called.
        self.reading = elements.reading()
        self._elements: dict[str, Element] = {}
        self._found: dict[tuple[str | None, str, tuple[str, ...]], Element | None] = {}
        self._bodies: dict[str, Record] = {}
        self._specials: dict[str, str] = {}
        self._items: dict[str, Item] = {}

    def element(self, key: str) -> Element:
        """An element that something refers to."""
        if key not in self._elements:
            self._elements[key] = self.elements.by_key(key)
        return self._elements[key]

    def found(self, reference: Mapping[str, Any], among: tuple[str, ...]) -> Element | None:
        """What a reference is to: by ListID where it has one, else by FullName."""
        place = (reference.get("ListID") or None, str(reference.get("FullName")).lower(), among)
        if place not in self._found:
            found = self.elements.found(reference, among)
            self._found[place] = found
            if found is not None:
                self._elements.setdefault(found.key, found)
        return self._found[place]

    def row(self, counter: str) -> dict[str, Any]:
        """ListID, times and EditSequence for something new within a record."""
        return self.elements.row(counter)

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
        if name not in self._specials:
            self._specials[name] = self._special(name) or self._made(name)
        return self._specials[name]

    def _made(self, name: str) -> str:
        title, type_ = SPECIAL[name]
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
        self._elements[added.key] = added
        return added.key

    def known_special(self, name: str) -> str | None:
        """The key of a special account, where the company has it already."""
        return self._special(name)

    def _special(self, name: str) -> str | None:
        type_ = SPECIAL[name][1]
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
