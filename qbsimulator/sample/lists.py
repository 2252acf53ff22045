"""The requests that make the lists of the sample company, out of its tables."""

from __future__ import annotations

import random
from collections.abc import Iterator

from . import people, plan
from .step import Content, Step, add, moment, ref

#: Accounts and the small lists come first, since what is below refers to them.
BEGIN = moment("2023-09-05T13:30:00")
#: The first entity of the file.
ANNIE_MADE = moment("2023-09-05T13:57:26")

#: A request of a list: the kind, the full name, and what it adds.
_Entry = tuple[str, str, Content]


def list_steps(rng: random.Random) -> Iterator[Step]:
    """All steps that make lists, in their order."""
    at = BEGIN
    for entry in _before_entities():
        yield _step(at, entry)
        at += rng.randint(4, 12)
    assert at < ANNIE_MADE, "the small lists are not done when the first customer is entered"
    yield _step(ANNIE_MADE, ("Customer", people.ANNIE, {"Notes": "Balance to be checked against the old card file."}))
    at = ANNIE_MADE + 64
    for entry in _after_the_first():
        yield _step(at, entry)
        at += rng.randint(9, 40)
    for key, request in _custom_fields():
        yield Step(at, key, *request)
        at += rng.randint(9, 40)


def _step(at: int, entry: _Entry) -> Step:
    kind, full_name, content = entry
    if kind == "SpecialAccount":
        return Step(at, f"Account {full_name}", *add(kind, content))
    parent, _, name = full_name.rpartition(":")
    named = {"SalesRep": "Initial", "Employee": ""}.get(kind, "Name")
    own: Content = {named: name} if named else {}
    if parent:
        own["ParentRef"] = ref(parent)
    return Step(at, f"{kind} {full_name}", *add(kind, {**own, **content}))


def _custom_fields() -> Iterator[tuple[str, tuple[str, Content]]]:
    """Definitions of custom fields, and values: keys and requests."""
    for name, (kind, values) in plan.CUSTOM_FIELDS.items():
        own = {"OwnerID": "0", "DataExtName": name}
        yield f"field {name}", add("DataExtDef", {**own, "DataExtType": "STR255TYPE", "AssignToObject": [kind]})
        for of, value in values.items():
            content = {**own, "ListDataExtType": kind, "ListObjRef": ref(of), "DataExtValue": value}
            yield f"field {name} of {of}", add("DataExt", content)


def _before_entities() -> Iterator[_Entry]:
    for type_, name in plan.SPECIAL_ACCOUNTS.items():
        yield "SpecialAccount", name, {"SpecialAccountType": type_}
    for type_, names in plan.ACCOUNTS.items():
        for name in names:
            yield "Account", name, {"AccountType": type_}
    simple = {
        "Class": plan.CLASSES,
        "CustomerType": plan.CUSTOMER_TYPES,
        "VendorType": plan.VENDOR_TYPES,
        "JobType": plan.JOB_TYPES,
        "ShipMethod": plan.SHIP_METHODS,
        "CustomerMsg": plan.CUSTOMER_MESSAGES,
    }
    for kind, names in simple.items():
        for name in names:
            yield kind, name, {}
    for name, (due, discount, percent) in plan.TERMS.items():
        yield "StandardTerms", name, {"StdDueDays": due, "StdDiscountDays": discount, "DiscountPct": percent}
    for name, (day, days) in plan.DATED_TERMS.items():
        yield "DateDrivenTerms", name, {"DayOfMonthDue": day, "DueNextMonthDays": days}
    for name, type_ in plan.PAYMENT_METHODS.items():
        yield "PaymentMethod", name, {"PaymentMethodType": type_}
    for name, desc in plan.VEHICLES.items():
        yield "Vehicle", name, {"Desc": desc}


def _after_the_first() -> Iterator[_Entry]:
    for number, name in enumerate(people.VENDORS):
        yield "Vendor", name, _vendor(number, name)
    for number, (first, last, job, hired, _) in enumerate(people.EMPLOYEES):
        fields: Content = {"FirstName": first, "LastName": last, "JobTitle": job, "HiredDate": hired}
        address: Content = {"Addr1": f"{11 + 23 * number} Rowan Street", "City": "Port Ellery", "State": "CA"}
        yield "Employee", f"{first} {last}", {**fields, "EmployeeAddress": address, "Phone": _phone(180 + number)}
    for name in people.OTHER_NAMES:
        yield "OtherName", name, {}
    for initials, name in people.SALES_REPS.items():
        yield "SalesRep", initials, {"SalesRepEntityRef": ref(name)}
    for code, (taxable, desc) in plan.TAX_CODES.items():
        yield "SalesTaxCode", code, {"IsTaxable": taxable, "Desc": desc}
    yield from _items()
    yield from _price_levels()
    for number, customer in enumerate(people.CUSTOMERS):
        yield "Customer", customer.name, _customer(number, customer)
        for job, type_ in customer.jobs:
            fields = {"JobTypeRef": ref(type_), "JobStatus": "Pending", **_taxes(customer)}
            if customer.terms:
                fields["TermsRef"] = ref(customer.terms)
            yield "Customer", f"{customer.name}:{job}", fields
    yield "Customer", people.WALK_IN, {"CustomerTypeRef": ref("Walk-in"), **_taxes(people.CUSTOMERS[0])}


def _items() -> Iterator[_Entry]:
    for name, (rate, agency) in plan.TAXES.items():
        yield "ItemSalesTax", name, {"ItemDesc": name, "TaxRate": rate, "TaxVendorRef": ref(agency)}
    for name, taxes in plan.TAX_GROUPS.items():
        members = [ref(one) for one in taxes]
        yield "ItemSalesTaxGroup", name, {"ItemDesc": f"Sales tax, {name}", "ItemSalesTaxRef": members}
    for item in plan.ITEMS:
        yield f"Item{item.kind}", item.name, _item(item)
    for name, (desc, parts) in plan.GROUPS.items():
        lines = [{"ItemRef": ref(part), "Quantity": str(count)} for part, count in parts]
        yield "ItemGroup", name, {"ItemDesc": desc, "IsPrintItemsInGroup": True, "ItemGroupLine": lines}
    yield "ItemSubtotal", plan.SUBTOTAL, {"ItemDesc": "Subtotal"}
    for name, percent in plan.DISCOUNTS.items():
        own = {"AccountRef": ref("Construction Income:Discounts Given"), "SalesTaxCodeRef": ref("Tax")}
        yield "ItemDiscount", name, {"ItemDesc": name, "DiscountRatePercent": percent, **own}
    yield "ItemPayment", plan.PAYMENT_ITEM, {"ItemDesc": "Paid when the contract was signed"}
    for name, (account, desc, bought, cost) in plan.FIXED_ASSETS.items():
        fields: Content = {"AcquiredAs": "New", "PurchaseDesc": desc, "PurchaseDate": bought, "PurchaseCost": cost}
        yield "ItemFixedAsset", name, {**fields, "AssetAccountRef": ref(account)}


def _item(item: plan.Item) -> Content:
    code = ref("Tax" if item.taxable else "Non")
    if item.kind.startswith("Inventory"):
        fields: Content = {
            "SalesTaxCodeRef": code,
            "SalesDesc": item.desc,
            "SalesPrice": item.price,
            "IncomeAccountRef": ref(item.income),
            "PurchaseDesc": item.desc,
            "PurchaseCost": item.cost,
            "COGSAccountRef": ref(item.expense),
            "AssetAccountRef": ref(plan.SPECIAL_ACCOUNTS["InventoryAssets"]),
        }
        if item.vendor:
            fields["PrefVendorRef"] = ref(item.vendor)
        if item.reorder:
            fields["ReorderPoint"] = str(item.reorder)
        if item.parts:
            parts = [{"ItemInventoryRef": ref(part), "Quantity": str(count)} for part, count in item.parts]
            fields["ItemInventoryAssemblyLine"] = parts
        return fields
    if not (item.income and item.expense):
        account = item.income or item.expense
        either: Content = {"Desc": item.desc, "Price": item.price, "AccountRef": ref(account)}
        return {"SalesTaxCodeRef": code, "SalesOrPurchase": either}
    both: Content = {
        "SalesDesc": item.desc,
        "SalesPrice": item.price,
        "IncomeAccountRef": ref(item.income),
        "PurchaseDesc": item.desc,
        "PurchaseCost": item.cost,
        "ExpenseAccountRef": ref(item.expense),
    }
    if item.vendor:
        both["PrefVendorRef"] = ref(item.vendor)
    return {"SalesTaxCodeRef": code, "SalesAndPurchase": both}


def _price_levels() -> Iterator[_Entry]:
    for name, percent in plan.PRICE_LEVELS.items():
        yield "PriceLevel", name, {"PriceLevelFixedPercentage": percent}
    name, prices = plan.ITEM_PRICE_LEVEL
    each = [{"ItemRef": ref(item), "CustomPrice": price} for item, price in prices.items()]
    yield "PriceLevel", name, {"PriceLevelPerItem": each}


def _phone(number: int) -> str:
    """Numbers that are kept free for stories."""
    return f"707-555-0{number:03}"


def _taxes(customer: people.Customer) -> Content:
    return {"SalesTaxCodeRef": ref(customer.tax_code), "ItemSalesTaxRef": ref(customer.tax)}


def _customer(number: int, customer: people.Customer) -> Content:
    address: Content = {"Addr1": customer.name if customer.is_firm else f"{customer.first} {customer.last}"}
    address |= {"Addr2": customer.street, "City": customer.town, "State": "CA", "PostalCode": "94999"}
    fields: Content = {
        "FirstName": customer.first,
        "LastName": customer.last,
        "BillAddress": address,
        "ShipAddress": address,
        "Phone": _phone(100 + number),
        "Email": f"{customer.first}.{customer.last}@example.com".lower(),
        "CustomerTypeRef": ref(customer.type),
        "TermsRef": ref(customer.terms),
        **_taxes(customer),
    }
    if customer.is_firm:
        fields["CompanyName"] = customer.name
        fields["SalesRepRef"] = ref("CQ")
    if customer.price_level:
        fields["PriceLevelRef"] = ref(customer.price_level)
    if customer.credit_limit:
        fields["CreditLimit"] = customer.credit_limit
    return fields


def _vendor(number: int, name: str) -> Content:
    type_, form_1099, terms, town = people.VENDORS[name]
    street = ("Foundry Row", "Harbor Road", "Tollgate Lane", "Cooper's Yard")[number % 4]
    address: Content = {"Addr1": name, "Addr2": f"{10 + 17 * number} {street}", "City": town, "State": "CA"}
    fields: Content = {
        "CompanyName": name,
        "VendorAddress": {**address, "PostalCode": "94998"},
        "Phone": _phone(130 + number),
        "NameOnCheck": name,
        "VendorTypeRef": ref(type_),
    }
    if terms:
        fields["TermsRef"] = ref(terms)
    if form_1099:
        fields |= {"IsVendorEligibleFor1099": True, "VendorTaxIdent": f"00-00000{number:02}"}
    return fields
