"""The documents: answers of an invented company, first as typed values, then in the form QuickBooks writes them.

Values are what ``qbxml.parse`` gives: dicts in schema order. They are made without qbxml and written without it, so
that a mistake in the codec can't hide here. The same numbers give the same documents in every run.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any
from xml.sax.saxutils import escape

Values = dict[str, Any]

#: What an answer's message starts with.
STATUS = {"requestID": "1", "statusCode": 0, "statusSeverity": "Info", "statusMessage": "Status OK"}

#: Which keys are attributes; everywhere else all keys are elements.
ATTRIBUTES = {
    "ColDesc": {"colID", "dataType"},
    "ColTitle": {"titleRow", "value"},
    "TextRow": {"rowNumber", "value"},
    "DataRow": {"rowNumber"},
    "SubtotalRow": {"rowNumber"},
    "TotalRow": {"rowNumber"},
    "RowData": {"rowType", "value"},
    "ColData": {"colID", "value"},
}

#: Customers that differ; the thousand is repeated with new ListIDs where more are wanted.
DISTINCT = 1000

_ZONE = timezone(timedelta(hours=-7))
_START = datetime(2023, 9, 5, 13, 57, 26, tzinfo=_ZONE)
_ENTITIES = {"'": "&apos;", '"': "&quot;"}

_FIRST = ["Ada", "Ben", "Chloé", "Dana", "Eli", "Fay", "Gus", "Hana", "Ian", "Joan", "Kurt", "Lena", "Milo", "Nora"]
_LAST = ["Abbott", "Baker", "Costa", "Diaz", "Ellis", "Fischer", "Garcia", "Hughes", "Iverson", "Jones", "Kim", "Lee"]
_TRADES = ["Gardens", "Ponds & Fountains", "Roofing", "Painting", "O'Brien Stone", "Fencing", "Lumber", "Electric"]
_STREETS = ["Mill Road", "Harbor Street", "Oak Avenue", "Station Lane", "County Road 12", "Cherry Hill"]
_CITIES = [("Bayshore", "CA", "94326"), ("Middlefield", "CA", "94482"), ("Tucson", "AZ", "85701")]
_TERMS = ["Net 15", "Net 30", "Due on receipt"]
_NOTES = [
    "Prefers to be called in the morning. Gate code is with the neighbour at number 12.",
    "Paid late twice in 2022; ask for a deposit before ordering stone.",
    "Brother of the Baker account.\nSend both statements in one envelope.",
]
_SERVICES = ["Pond digging", "Water lilies", "Stone, natural", "Weekly care", "Pump, 60 W", "Liner 4 x 6 m"]


# -- parts ------------------------------------------------------------------------------------------------------


def _list_id(number: int) -> str:
    return f"8{number:07X}-1693947446"


def _ref(number: int, name: str) -> Values:
    return {"ListID": _list_id(number), "FullName": name}


def _head(random: Random, key: str, identifier: str) -> Values:
    created = _START + timedelta(minutes=random.randrange(200_000))
    modified = created + timedelta(minutes=random.randrange(200_000))
    return {
        key: identifier,
        "TimeCreated": created,
        "TimeModified": modified,
        "EditSequence": str(int(modified.timestamp())),
    }


def _cents(random: Random, most: int = 2_000_000) -> Decimal:
    return Decimal(random.randrange(most)).scaleb(-2)


def _chance(random: Random, percent: int) -> bool:
    return random.randrange(100) < percent


# -- customers --------------------------------------------------------------------------------------------------


def customer(number: int) -> Values:
    """A customer, or every fifth time a job: 37 elements on average, some of them not always there."""
    random = Random(number)
    first, last, trade = random.choice(_FIRST), random.choice(_LAST), random.choice(_TRADES)
    name = f"{last} {trade} {number}"
    job = number % 5 == 4
    street = f"{random.randrange(1, 999)} {random.choice(_STREETS)}"
    city, state, code = random.choice(_CITIES)
    made: Values = _head(random, "ListID", _list_id(number))
    made |= {"Name": f"Job {number}" if job else name, "FullName": f"{name}:Job {number}" if job else name}
    made["IsActive"] = _chance(random, 95)
    if job:
        made["ParentRef"] = _ref(number - 1, name)
    made |= {"Sublevel": 1 if job else 0, "CompanyName": f"{last} {trade}", "FirstName": first, "LastName": last}
    made["BillAddress"] = {"Addr1": f"{first} {last}", "Addr2": street, "City": city, "State": state}
    made["BillAddress"]["PostalCode"] = code
    made["BillAddressBlock"] = {"Addr1": f"{first} {last}", "Addr2": street, "Addr3": f"{city}, {state} {code}"}
    made["Phone"] = f"415-555-{number % 10000:04}"
    if _chance(random, 30):
        made["Fax"] = f"415-555-{(number + 7) % 10000:04}"
    made |= {"Email": f"office{number}@example.com", "Contact": f"{first} {last}"}
    if _chance(random, 40):
        made["CustomerTypeRef"] = _ref(7, "Residential")
    made["TermsRef"] = _ref(3, random.choice(_TERMS))
    made |= {"Balance": _cents(random), "TotalBalance": _cents(random)}
    made["SalesTaxCodeRef"] = _ref(1, "Tax")
    if _chance(random, 30):
        made["CreditLimit"] = _cents(random)
    made["JobStatus"] = "InProgress" if job else "None"
    if job:
        made["JobStartDate"] = date(2024, 1, 1) + timedelta(days=number % 300)
    if _chance(random, 35):
        made["Notes"] = random.choice(_NOTES)
    made["PreferredDeliveryMethod"] = random.choice(["None", "Email", "Fax"])
    return made


def customers(count: int) -> list[Values]:
    """The first ``count`` customers."""
    return [customer(number) for number in range(count)]


def customer_add(number: int) -> Values:
    """What a program sends to add that customer: the fields of the record that a request has."""
    given = customer(number)
    keys = (
        "IsActive", "CompanyName", "FirstName", "LastName", "BillAddress", "Phone", "Fax", "Email", "Contact",
        "CustomerTypeRef", "TermsRef", "SalesTaxCodeRef", "CreditLimit", "JobStatus", "JobStartDate", "Notes",
        "PreferredDeliveryMethod",
    )  # fmt: skip
    return {"Name": given["Name"], **{key: given[key] for key in keys if key in given}}


# -- invoices ---------------------------------------------------------------------------------------------------


def _line(random: Random, number: int) -> Values:
    quantity = Decimal(random.randrange(1, 40))
    rate = _cents(random, 90_000)
    return {
        "TxnLineID": f"{number:X}-1693947930",
        "ItemRef": _ref(20 + number % 6, _SERVICES[number % 6]),
        "Desc": f"{_SERVICES[number % 6]}, as agreed on the phone",
        "Quantity": quantity,
        "Rate": rate,
        "Amount": (quantity * rate).quantize(Decimal("0.01")),
        "SalesTaxCodeRef": _ref(1, "Tax"),
    }


def _group(random: Random, number: int) -> Values:
    return {
        "TxnLineID": f"{number:X}-1693947930",
        "ItemGroupRef": _ref(40, "Pond, complete"),
        "Desc": "Pond, complete",
        "Quantity": Decimal(1),
        "IsPrintItemsInGroup": True,
        "TotalAmount": _cents(random),
        "InvoiceLineRet": [_line(random, number + one) for one in (1, 2)],
    }


def invoice(number: int) -> Values:
    """An invoice with three to eight lines; in every fourth a group line stands between them."""
    random = Random(10_000 + number)
    day = date(2024, 1, 1) + timedelta(days=number % 360)
    tax = _cents(random, 10_000)
    made = _head(random, "TxnID", f"{number:X}-1693947930")
    made |= {
        "TxnNumber": number + 1,
        "CustomerRef": _ref(number % 500, f"{random.choice(_LAST)} {random.choice(_TRADES)}"),
        "ARAccountRef": _ref(33, "Accounts Receivable"),
        "TemplateRef": _ref(1, "Intuit Service Invoice"),
        "TxnDate": day,
        "RefNumber": str(number + 1),
        "BillAddress": {"Addr1": random.choice(_STREETS), "City": "Bayshore", "State": "CA", "PostalCode": "94326"},
        "IsPending": False,
        "IsFinanceCharge": False,
        "TermsRef": _ref(3, "Net 30"),
        "DueDate": day + timedelta(days=30),
        "ShipDate": day,
        "Subtotal": _cents(random),
        "ItemSalesTaxRef": _ref(5, "San Tomas"),
        "SalesTaxPercentage": Decimal("7.75"),
        "SalesTaxTotal": tax,
        "AppliedAmount": Decimal("0.00"),
        "BalanceRemaining": _cents(random),
        "IsPaid": False,
        "IsToBePrinted": True,
        "IsToBeEmailed": False,
        "InvoiceLineRet": [_line(random, one) for one in range(random.randrange(3, 9))],
    }
    if number % 4 == 0:
        made["InvoiceLineGroupRet"] = [_group(random, 20)]
        places = list(range(len(made["InvoiceLineRet"]) + 1))
        made["InvoiceLineGroupRet"][0]["_at"] = places.pop(1)
        for line, place in zip(made["InvoiceLineRet"], places, strict=True):
            line["_at"] = place
    return made


def invoices(count: int) -> list[Values]:
    """The first ``count`` invoices."""
    return [invoice(number) for number in range(count)]


# -- items ------------------------------------------------------------------------------------------------------

KINDS = ("Service", "NonInventory", "OtherCharge", "Inventory", "Subtotal", "Discount", "SalesTax", "Group")


def item(number: int) -> tuple[str, Values]:
    """An item: the name of its record and its values. The kinds come mixed, common ones more often."""
    random = Random(20_000 + number)
    kind = KINDS[number] if number < len(KINDS) else random.choices(KINDS, [6, 3, 1, 6, 1, 1, 2, 2])[0]
    name = f"{kind} {number}"
    made = _head(random, "ListID", _list_id(number)) | {"Name": name}
    if kind in ("Service", "NonInventory", "OtherCharge", "Inventory", "Discount"):
        made["FullName"] = name
    made["IsActive"] = True
    if "FullName" in made:
        made["Sublevel"] = 0
    text = f"{random.choice(_SERVICES)}, catalogue number {number}"
    if kind in ("Service", "NonInventory", "OtherCharge"):
        made["SalesTaxCodeRef"] = _ref(1, "Tax")
        made["SalesOrPurchase"] = {"Desc": text, "Price": _cents(random, 90_000), "AccountRef": _ref(50, "Sales")}
    elif kind == "Inventory":
        made |= {
            "SalesTaxCodeRef": _ref(1, "Tax"),
            "SalesDesc": text,
            "SalesPrice": _cents(random, 90_000),
            "IncomeAccountRef": _ref(50, "Sales"),
            "PurchaseDesc": text,
            "PurchaseCost": _cents(random, 50_000),
            "COGSAccountRef": _ref(51, "Cost of Goods Sold"),
            "AssetAccountRef": _ref(52, "Inventory Asset"),
            "QuantityOnHand": Decimal(random.randrange(500)),
            "AverageCost": _cents(random, 50_000),
            "QuantityOnOrder": Decimal(0),
            "QuantityOnSalesOrder": Decimal(0),
        }
    elif kind == "Discount":
        made |= {"ItemDesc": text, "DiscountRatePercent": Decimal("-10.0"), "AccountRef": _ref(53, "Discounts")}
    elif kind == "SalesTax":
        made |= {"ItemDesc": text, "TaxRate": Decimal("7.75"), "TaxVendorRef": _ref(60, "State Board")}
    else:
        made["ItemDesc"] = text
    if kind == "Group":
        made["IsPrintItemsInGroup"] = True
        made["ItemGroupLine"] = [
            {"ItemRef": _ref(20 + one, _SERVICES[one]), "Quantity": Decimal(one + 1)} for one in range(3)
        ]
    return f"Item{kind}Ret", made


def items(count: int) -> list[tuple[str, Values]]:
    """The first ``count`` items, in the order in which they come."""
    return [item(number) for number in range(count)]


def item_lists(count: int) -> Values:
    """The same items as a message has them: a list per kind, each item with its place."""
    made: Values = {}
    for place, (name, values) in enumerate(items(count)):
        made.setdefault(name, []).append({**values, "_at": place})
    return made


# -- a report ---------------------------------------------------------------------------------------------------

_COLUMNS = ("Type", "Date", "Num", "Name", "Memo", "Split", "Amount", "Balance")


def report(rows: int) -> Values:
    """A general ledger of so many rows: headings, postings, subtotals, one total."""
    random = Random(30_000)
    columns: list[Values] = [{"colID": 1, "dataType": "STRTYPE", "ColTitle": [{"titleRow": 1}], "ColType": "Blank"}]
    for place, name in enumerate(_COLUMNS, 2):
        kind = "AMTTYPE" if name in ("Amount", "Balance") else "DATETYPE" if name == "Date" else "STRTYPE"
        title = [{"titleRow": 1, "value": name}]
        columns.append({"colID": place, "dataType": kind, "ColTitle": title, "ColType": _column_type(name)})
    lists: Values = {"DataRow": [], "TextRow": [], "SubtotalRow": [], "TotalRow": []}
    for number in range(1, rows + 1):
        if number == rows:
            kind, row = "TotalRow", _cells(number, [(1, "TOTAL"), (8, "0.00")])
        elif number % 25 == 1:
            kind, row = "TextRow", {"rowNumber": number, "value": f"{number} · Account, checking"}
        elif number % 25 == 0:
            amounts = [(column, str(_cents(random))) for column in (8, 9)]
            kind, row = "SubtotalRow", _cells(number, [(1, "Total Account, checking"), *amounts])
        else:
            texts = ["Invoice", "2024-03-20", str(number), f"{random.choice(_LAST)} {random.choice(_TRADES)}"]
            texts += [random.choice(_SERVICES), "-SPLIT-", str(_cents(random)), str(_cents(random))]
            cells = [(column, text) for column, text in enumerate(texts, 2) if column != 6 or _chance(random, 60)]
            kind, row = "DataRow", _cells(number, cells)
        lists[kind].append({**row, "_at": number - 1})
    return {
        "ReportTitle": "General Ledger",
        "ReportSubtitle": "January through December 2024",
        "ReportBasis": "Accrual",
        "NumRows": rows,
        "NumColumns": len(columns),
        "NumColTitleRows": 1,
        "ColDesc": columns,
        "ReportData": {name: found for name, found in lists.items() if found},
    }


def _column_type(name: str) -> str:
    return {"Type": "TxnType", "Num": "RefNumber", "Split": "SplitAccount", "Balance": "RunningBalance"}.get(name, name)


def _cells(number: int, cells: list[tuple[int, str]]) -> Values:
    return {"rowNumber": number, "ColData": [{"colID": column, "value": text} for column, text in cells]}


# -- the form QuickBooks writes ---------------------------------------------------------------------------------


def plain(value: Any) -> str:
    """A value as text."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def in_order(value: Values, names: set[str]) -> Iterator[tuple[str, Any]]:
    """The children of a record as they stand in the document: kinds that interleave by their place."""
    placed: list[tuple[int, str, Any]] = []
    for name, inner in value.items():
        several = inner if isinstance(inner, list) else [inner]
        if isinstance(inner, list) and "_at" in inner[0]:
            placed += [(one["_at"], name, one) for one in inner]
        elif name not in names and name != "_at":
            yield from _sorted(placed)
            placed.clear()
            yield from ((name, one) for one in several)
    yield from _sorted(placed)


def _sorted(placed: list[tuple[int, str, Any]]) -> Iterator[tuple[str, Any]]:
    return ((name, one) for _, name, one in sorted(placed, key=lambda one: one[0]))


def element(name: str, value: Any) -> str:
    """An element as QuickBooks writes it: each tag on a line, nothing indented, the five entities."""
    if not isinstance(value, dict):
        return f"<{name}>{escape(plain(value), _ENTITIES)}</{name}>\n"
    names = ATTRIBUTES.get(name, set())
    start = name + "".join(f' {one}="{escape(plain(value[one]), _ENTITIES)}"' for one in value if one in names)
    children = "".join(element(child, inner) for child, inner in in_order(value, names))
    return f"<{start}>\n{children}</{name}>\n" if children else f"<{start} />\n"


def _around(message: str) -> tuple[bytes, bytes]:
    status = "".join(f' {name}="{value}"' for name, value in STATUS.items())
    head = f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n<{message} {status.strip()}>\n'
    return head.encode(), f"</{message}>\n</QBXMLMsgsRs>\n</QBXML>\n".encode()


def response(message: str, *texts: str) -> bytes:
    """A document with one answer."""
    head, tail = _around(message)
    return head + "".join(texts).encode() + tail


def customer_document(count: int) -> bytes:
    """An answer to CustomerQueryRq."""
    head, tail = _around("CustomerQueryRs")
    texts = [element("CustomerRet", one) for one in customers(min(count, DISTINCT))]
    # Past <CustomerRet>, <ListID> and the ListID of 19 characters.
    rests = [text[len("<CustomerRet>\n<ListID>") + 19 :].encode() for text in texts]
    body = (
        b"<CustomerRet>\n<ListID>%b%b" % (_list_id(number).encode(), rests[number % DISTINCT])
        for number in range(count)
    )
    return head + b"".join(body) + tail


def invoice_document(count: int) -> bytes:
    """An answer to InvoiceQueryRq."""
    return response("InvoiceQueryRs", *(element("InvoiceRet", one) for one in invoices(count)))


def item_document(count: int) -> bytes:
    """An answer to ItemQueryRq."""
    return response("ItemQueryRs", *(element(name, one) for name, one in items(count)))


def report_document(rows: int) -> bytes:
    """An answer to GeneralDetailReportQueryRq."""
    return response("GeneralDetailReportQueryRs", element("ReportRet", report(rows)))


class Endless(io.RawIOBase):
    """A file of ``size`` bytes or a little more: an answer with customers, made while it is read and never held."""

    def __init__(self, size: int) -> None:
        head, tail = _around("CustomerQueryRs")
        texts = "".join(element("CustomerRet", one) for one in customers(DISTINCT)).encode()
        self.customers = DISTINCT * max(1, -(-size // len(texts)))
        self._pieces = self._made(head, texts, tail)
        self._rest = memoryview(b"")

    def _made(self, head: bytes, texts: bytes, tail: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(self.customers // DISTINCT):
            yield texts
        yield tail

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        if size < 0:
            raise ValueError("it is not for reading at once")
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return piece
