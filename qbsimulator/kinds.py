"""The lists of a company: which kinds of elements there are, and what they have in common.

The kinds come from the schema: whatever has a Ret with a ListID and an Add. What the schema can't say is here: which
kinds share a name space or a counter of ids, and which list a reference means.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from qbxml.schema import Schema
from qbxml.versions import NEWEST_VERSION

#: Kinds that share a name space and a counter of ids: the people and companies one deals with.
ENTITIES = ("Customer", "Vendor", "Employee", "OtherName")
#: The terms are two kinds of one list.
TERMS = ("StandardTerms", "DateDrivenTerms")
#: Kinds with a ListID that no company here has: payroll, and currencies while there is one only.
LATER = frozenset({"Currency", "PayrollItemWage", "PayrollItemNonWage", "WorkersCompCode"})
#: Kinds without an Add: QuickBooks makes them itself.
_MADE_BY_QUICKBOOKS = ("Template",)

#: Levels in a tree.
MOST_LEVELS = 5

#: What a reference is to, where its name does not say it.
_MEANT: dict[str, tuple[str, ...]] = {
    "TermsRef": TERMS,
    "EntityRef": ENTITIES,
    "ShipToEntityRef": ENTITIES,
    "PayeeEntityRef": ENTITIES,
    "SalesRepEntityRef": ("Employee", "OtherName", "Vendor"),
    "PurchaseTaxCodeRef": ("SalesTaxCode",),
    "PreferredPaymentMethodRef": ("PaymentMethod",),
    "PrefVendorRef": ("Vendor",),
    "TaxVendorRef": ("Vendor",),
    "SupervisorRef": ("Employee",),
    "ParentSiteRef": ("InventorySite",),
}
#: References to any item, though their names say less: a customer's tax may be a group, a component an assembly.
_ANY_ITEM = frozenset({"ItemInventoryRef", "ItemPurchaseTaxRef", "ItemSalesTaxRef"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of list element, such as ``Customer``."""

    name: str
    #: The name space, and the counter that its ids come from.
    space: str
    counter: str
    #: Whether its elements form a tree, and the field that holds the name.
    is_tree: bool
    name_field: str

    @property
    def ret(self) -> str:
        """The name of its record."""
        return f"{self.name}Ret"

    @property
    def is_named(self) -> bool:
        """Whether its elements have names, no two the same; what there is to do is a note, and is called by its id."""
        return self.name_field != "Notes"


@functools.cache
def kinds() -> dict[str, Kind]:
    """All kinds, by name."""
    schema = Schema(NEWEST_VERSION, None)
    known = set(schema.records())
    found = {}
    added = [one.removesuffix("AddRq") for one in schema.records() if one.endswith("AddRq")]
    for name in (*added, *_MADE_BY_QUICKBOOKS):
        ret = f"{name}Ret"
        if name in LATER or ret not in known or "ListID" not in schema.record(ret).fields:
            continue
        fields = schema.record(ret).fields
        if name in ENTITIES:
            space = counter = "entity"
        elif name.startswith("Item"):
            space = counter = "item"
        else:
            space = counter = "terms" if name in TERMS else name.lower()
        name_field = next(one for one in ("Name", "Initial", "FullName", "Notes") if one in fields)
        found[name] = Kind(name, space, counter, "ParentRef" in fields, name_field)
    return found


@functools.cache
def items() -> tuple[str, ...]:
    """The kinds of items."""
    return tuple(name for name in kinds() if name.startswith("Item"))


@functools.cache
def meant(reference: str, kind: str) -> tuple[str, ...]:
    """The kinds that a reference of an element of ``kind`` may be to; none where there is no such list."""
    if reference == "ParentRef":
        return (kind,)
    if reference == "ItemSalesTaxRef" and kind == "ItemSalesTaxGroup":
        return ("ItemSalesTax",)
    if reference in _MEANT:
        return _MEANT[reference]
    base = reference.removesuffix("Ref")
    if base in kinds() and reference not in _ANY_ITEM:
        return (base,)
    if base.endswith("Account"):
        return ("Account",)
    if base.startswith("Item") or base.endswith("Item"):
        return items()
    ending = [name for name in kinds() if base.endswith(name)]
    return (max(ending, key=len),) if ending else ()


def looks_like_an_id(text: str) -> bool:
    """Whether a text has the form of an id, be there such an object or not."""
    return re.fullmatch("[0-9A-Fa-f]+-[0-9]+", text) is not None
