"""From what a request gives to what a record holds.

The schema has one name for most things in an Add, a Mod and the record; where it has several (``ContactsMod``,
``ContactsRet``), they are brought together here. References are looked up, and kept as the key of what they are to, so
that a record always shows the name of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from qbxml.schema import RecordType, Schema
from qbxml.versions import NEWEST_VERSION

from . import adjusted
from .errors import NO_SUCH_RECORD, RequestError
from .kinds import looks_like_an_id, meant
from .settings import Settings
from .storage import Element

#: Elements of the record that are columns of the file, and written when it is read.
COLUMNS = frozenset({"ListID", "TimeCreated", "TimeModified", "EditSequence", "FullName", "Sublevel", "ParentRef"})

#: Fields of which a record has one at most: whoever gives one of them clears the others.
_EITHER = (
    ("SalesOrPurchase", "SalesAndPurchase"),
    ("Price", "PricePercent"),
    ("DiscountRate", "DiscountRatePercent"),
    ("CustomPrice", "CustomPricePercent"),
    ("PriceLevelFixedPercentage", "PriceLevelPerItemRet"),
    ("FixedBillingRate", "BillingRatePerItemRet"),
    ("CustomRate", "CustomRatePercent"),
)
#: References of which an element of a kind has one at most.
_ONE_REFERENCE = {"ToDo": ("CustomerRef", "EmployeeRef", "LeadRef", "VendorRef")}
#: Lists within a record whose members have a number: the field that holds it.
_NUMBERED = {"LocationsRet": "LocationID", "LeadContactsRet": "LeadContactID"}

#: What QuickBooks fills in where nothing was given, beside the defaults in the schema.
_FILLED: dict[str, dict[str, Any]] = {
    "Customer": {"Balance": Decimal("0.00"), "TotalBalance": Decimal("0.00")},
    "Vendor": {"Balance": Decimal("0.00"), "IsVendorEligibleFor1099": False},
    "Employee": {"EmployeeType": "Regular"},
    "Account": {"Balance": Decimal("0.00"), "TotalBalance": Decimal("0.00")},
    "ItemInventory": {
        "SalesPrice": Decimal("0.00"),
        "PurchaseCost": Decimal("0.00"),
        "QuantityOnHand": Decimal(0),
        "AverageCost": Decimal("0.00"),
        "QuantityOnOrder": Decimal(0),
        "QuantityOnSalesOrder": Decimal(0),
    },
    "StandardTerms": {"StdDueDays": 0, "StdDiscountDays": 0, "DiscountPct": Decimal(0)},
}

#: How cash flow statements see an account, by its type.
_CASH_FLOW = {
    **dict.fromkeys(("Bank", "NonPosting"), "NotApplicable"),
    **dict.fromkeys(
        ("AccountsReceivable", "OtherCurrentAsset", "AccountsPayable", "CreditCard", "OtherCurrentLiability"),
        "Operating",
    ),
    **dict.fromkeys(("FixedAsset", "OtherAsset"), "Investing"),
    **dict.fromkeys(("LongTermLiability", "Equity"), "Financing"),
    **dict.fromkeys(("Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense"), "None"),
}


class Company(Protocol):
    """What the contents of a record depend on."""

    def found(self, reference: Mapping[str, Any], among: tuple[str, ...]) -> Element | None:
        """What a reference is to."""

    def row(self, counter: str) -> dict[str, Any]:
        """ListID, times and EditSequence for something new within a record."""

    def today(self) -> Any:
        """The date."""


class Named(Protocol):
    """A kind of record: what errors call it, and the name of its record in the schema."""

    @property
    def name(self) -> str:
        """Such as ``Customer``, or ``Invoice line``."""

    @property
    def ret(self) -> str:
        """Such as ``CustomerRet``."""


class Contents:
    """What one request changes in one record. ``old`` is what the record held: empty for an Add."""

    def __init__(self, company: Company, kind: Named, old: Mapping[str, Any], settings: Settings) -> None:
        self._company = company
        self._kind = kind
        self._old = old
        self._settings = settings
        self._ret = Schema(NEWEST_VERSION, None).record(kind.ret)

    def taken(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The record's own fields as they are after the request. Raises :class:`~qbsimulator.errors.RequestError`."""
        body = self.merged(self._old, given, self._ret)
        references = _ONE_REFERENCE.get(self._kind.name, ())
        if any(given.get(name) for name in references):
            for name in references:
                if name not in given:
                    body.pop(name, None)
        if given.get("ClearItemsInGroup"):
            for name in ("ItemGroupLine", "ItemInventoryAssemblyLine"):
                if name not in given:
                    body.pop(name, None)
        for name in self._ret.fields:
            if f"{name}Block" in self._ret.fields:
                body.pop(f"{name}Block", None)
                if name in body and (block := address_block(body[name])):
                    body[f"{name}Block"] = block
        return body

    def fill(self, body: dict[str, Any]) -> None:
        """Put in what QuickBooks fills in when nothing was given."""
        fields = Schema(NEWEST_VERSION, self._settings.country).record(self._kind.ret).fields
        if "IsActive" in fields:
            body.setdefault("IsActive", True)
        for name, field in fields.items():
            default = field.default or field.doc_default
            if field.values is not None and default is not None:
                body.setdefault(name, default)
        for name, value in _FILLED.get(self._kind.name, {}).items():
            body.setdefault(name, value)
        if self._kind.name == "Account":
            body.setdefault("CashFlowClassification", _CASH_FLOW.get(str(body.get("AccountType")), "None"))
        if self._kind.name == "BillingRate":
            body["BillingRateType"] = "PerItem" if "BillingRatePerItemRet" in body else "FixedRate"
        if self._kind.name == "Customer" and self._settings.uses_sales_tax:
            self._fill_tax(body)

    def _fill_tax(self, body: dict[str, Any]) -> None:
        """The sales tax of the preferences, as far as the company has such a code and such an item."""
        for name, among, wanted in (
            ("SalesTaxCodeRef", ("SalesTaxCode",), self._settings.default_taxable_code),
            ("ItemSalesTaxRef", ("ItemSalesTax", "ItemSalesTaxGroup"), self._settings.default_sales_tax_item),
        ):
            found = self._company.found({"FullName": wanted}, among) if wanted else None
            if found is not None:
                body.setdefault(name, {"key": found.key})

    # -- records and values ------------------------------------------------------------------------------------------

    def merged(self, old: Mapping[str, Any], given: Mapping[str, Any], record: RecordType) -> dict[str, Any]:
        """A record with what is given in the place of what it held; what is given empty is cleared."""
        body = dict(old)
        for name, value in given.items():
            target = _target(name, record)
            if target is None or target in COLUMNS:
                continue
            value = self._value(name, target, value, old.get(target), record)
            for group in _EITHER:
                if target in group:
                    for one in group:
                        body.pop(one, None)
            body.pop(target, None)
            if value not in (None, "", {}, []):
                body[target] = value
        return body

    def _value(self, name: str, target: str, value: Any, old: Any, record: RecordType) -> Any:
        if name == "BarCode":
            return value.get("BarCodeValue")
        if name == "TaxLineID":
            return None if value is None else {"TaxLineID": value}
        field = record.fields[target]
        if not field.is_record:
            return value
        inner = record.record(field)
        if set(inner.fields) == {"ListID", "FullName"}:
            if not field.repeats:
                return self._reference(target, value)
            return [key for one in value if (key := self._reference(target, one)) is not None]
        if target == "ContactsRet":
            return [self._contact(one, old or [], inner) for one in value]
        if target == "AdditionalNotesRet":
            return self._notes(value, old or [])
        if target in _NUMBERED:
            return [self._numbered(one, old or [], place, inner, _NUMBERED[target]) for place, one in enumerate(value)]
        if target in adjusted.LISTS:
            value = [self._absolute(target, one, old or []) for one in value]
        if field.repeats:
            return [self._whole({}, one, inner) for one in value]
        return self._whole(old or {}, value, inner) if value else None

    def _whole(self, old: Mapping[str, Any], given: Mapping[str, Any], record: RecordType) -> dict[str, Any]:
        """A record within a record. Raises 3150 where it lacks what every such record has."""
        body = self.merged(old, given, record)
        for name, field in record.fields.items():
            is_needed = field.required and not field.is_record and not field.in_choice and name not in COLUMNS
            if is_needed and name not in body:
                raise RequestError(3150, field=name)
        return body

    def _reference(self, name: str, given: Mapping[str, Any]) -> dict[str, str] | None:
        if not any(given.values()):
            return None
        check_id(given.get("ListID"))
        found = self._company.found(given, meant(name, self._kind.name))
        if found is None:
            shown, kind = shown_reference(given), name.removesuffix("Ref")
            raise RequestError(3140, kind=kind, value=shown, name=self._kind.name, detail=NO_SUCH_RECORD)
        return {"key": found.key}

    # -- lists within a record ---------------------------------------------------------------------------------------

    def _contact(self, given: Mapping[str, Any], old: list[dict[str, Any]], record: RecordType) -> dict[str, Any]:
        """A contact: with a ListID the one that was there, else a new one."""
        row = self._company.row("contact")
        id_ = given.get("ListID")
        if not id_:
            return {**row, **self._whole({}, given, record)}
        known = next((one for one in old if one["ListID"] == id_), None)
        if known is None:
            raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
        kept = {"ListID": id_, "TimeCreated": known["TimeCreated"]}
        return {**row, **self._whole(known, given, record), **kept, "EditSequence": row["EditSequence"]}

    def _numbered(
        self, given: Mapping[str, Any], old: list[dict[str, Any]], place: int, record: RecordType, field: str
    ) -> dict[str, Any]:
        """A member of a list that is given as a whole: with a number the one that was there, else a new one."""
        number = given.get(field)
        known = next((one for one in old if one[field] == number), None)
        if number is not None and known is None:
            raise RequestError(3120, value=number, detail=NO_SUCH_RECORD)
        highest = max((one[field] for one in old), default=-1)
        body = {**self.merged(known or {}, given, record), field: number if known else highest + 1 + place}
        if field == "LocationID":  # a guess: the first line of its address, else what it is called
            if "Location" not in body:
                raise RequestError(3150, field="Location")
            address = body.get("LeadAddress") or {}
            body["MainAddress"] = str(address.get("Addr1") or body["Location"])[:32]
        return body

    def _absolute(self, list_: str, given: Mapping[str, Any], old: list[dict[str, Any]]) -> Mapping[str, Any]:
        """A row of prices; where it is relative to another price, with one of its own."""
        if given.get("AdjustPercentage") is None:
            return given
        self._reference("ItemRef", given["ItemRef"])  # it may be to nothing
        item = self._company.found(given["ItemRef"], meant("ItemRef", self._kind.name))
        return given if item is None else adjusted.absolute(list_, given, old, item)

    def _notes(self, given: list[dict[str, Any]], old: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Notes have a number within their record. A Mod names the notes that it changes; the others stay."""
        notes = {one["NoteID"]: one for one in old}
        for one in given:
            number = one.get("NoteID", len(notes))
            if "NoteID" in one and number not in notes:
                raise RequestError(3120, value=number, detail=NO_SUCH_RECORD)
            notes[number] = {"NoteID": number, "Date": self._company.today(), "Note": one["Note"]}
        return list(notes.values())


def _target(name: str, record: RecordType) -> str | None:
    """The record's field for a field of a request; ``None`` where it is an instruction, and no content."""
    plain = name.removesuffix("Mod")
    special = {"BarCode": "BarCodeValue", "TaxLineID": "TaxLineInfoRet"}.get(name, name)
    return next((one for one in (special, plain, f"{plain}Ret") if one in record.fields), None)


def used_by(value: Any) -> set[str]:
    """The keys of all that a record refers to."""
    if isinstance(value, list):
        return set().union(*(used_by(one) for one in value))
    if not isinstance(value, dict):
        return set()
    if "key" in value:
        return {str(value["key"])}
    return set().union(*(used_by(one) for one in value.values()))


def check_id(id_: Any, field: str = "ListID") -> None:
    """Raise :class:`~qbsimulator.errors.RequestError` for an id that can't be one, whatever there is."""
    if id_ and not looks_like_an_id(str(id_)):
        raise RequestError(3000, value=id_, field=field)


def shown_reference(reference: Mapping[str, Any]) -> str:
    """What an error calls a reference by."""
    return str(reference.get("ListID") or reference.get("FullName") or "")


#: A line of an address has so many characters.
_LONGEST_LINE = 41


def address_block(address: Mapping[str, Any]) -> dict[str, Any]:
    """An address as lines: those given, then city, state and code, then the country."""
    lines = [str(address[f"Addr{number}"]) for number in range(1, 6) if address.get(f"Addr{number}")]
    city, state, code = (str(address.get(one) or "") for one in ("City", "State", "PostalCode"))
    place = ", ".join(one for one in (city, state) if one)
    lines += [
        one for one in ("  ".join(part for part in (place, code) if part), str(address.get("Country") or "")) if one
    ]
    return {f"Addr{number}": line[:_LONGEST_LINE] for number, line in enumerate(lines[:5], 1)}
