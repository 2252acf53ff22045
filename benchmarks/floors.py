"""The floors: the least that any library must do for the same result, written by hand for these documents alone.

Reading: lxml makes a tree of the bytes, and nobody looks at it. Writing: f-strings put the values between tags, in the
schema's order, without looking at any of them: no escaping, no check, no other fields than these documents have. What
comes out is what ``qbxml.build`` writes, but for the escaping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

from .documents import STATUS, Values


def tree(data: bytes) -> etree._Element:
    """Bare lxml, as everybody calls it."""
    return etree.fromstring(data)


def iterated(source: Any, name: str) -> int:
    """Bare lxml in bounded memory, by the book: each record is cleared, and so is what stands before it."""
    count = 0
    for _, node in etree.iterparse(source, tag=name):
        node.clear(keep_tail=True)
        parent = node.getparent()
        while parent is not None and node.getprevious() is not None:
            del parent[0]
        count += 1
    return count


# -- writing ----------------------------------------------------------------------------------------------------


def _ref(name: str, value: Values) -> str:
    return f"<{name}><ListID>{value['ListID']}</ListID><FullName>{value['FullName']}</FullName></{name}>"


def _optional(name: str, value: Values) -> str:
    return f"<{name}>{value[name]!s}</{name}>" if name in value else ""


def _head(key: str, d: Values) -> str:
    return (
        f"<{key}>{d[key]}</{key}><TimeCreated>{d['TimeCreated'].isoformat()}</TimeCreated>"
        f"<TimeModified>{d['TimeModified'].isoformat()}</TimeModified><EditSequence>{d['EditSequence']}</EditSequence>"
    )


def _bool(value: bool) -> str:
    return "true" if value else "false"


def customer(d: Values) -> str:
    """A CustomerRet."""
    bill, block = d["BillAddress"], d["BillAddressBlock"]
    return (
        f"<CustomerRet>{_head('ListID', d)}<Name>{d['Name']}</Name><FullName>{d['FullName']}</FullName>"
        f"<IsActive>{'true' if d['IsActive'] else 'false'}</IsActive>"
        f"{_ref('ParentRef', d['ParentRef']) if 'ParentRef' in d else ''}"
        f"<Sublevel>{d['Sublevel']}</Sublevel><CompanyName>{d['CompanyName']}</CompanyName>"
        f"<FirstName>{d['FirstName']}</FirstName><LastName>{d['LastName']}</LastName>"
        f"<BillAddress><Addr1>{bill['Addr1']}</Addr1><Addr2>{bill['Addr2']}</Addr2><City>{bill['City']}</City>"
        f"<State>{bill['State']}</State><PostalCode>{bill['PostalCode']}</PostalCode></BillAddress>"
        f"<BillAddressBlock><Addr1>{block['Addr1']}</Addr1><Addr2>{block['Addr2']}</Addr2>"
        f"<Addr3>{block['Addr3']}</Addr3></BillAddressBlock><Phone>{d['Phone']}</Phone>{_optional('Fax', d)}"
        f"<Email>{d['Email']}</Email><Contact>{d['Contact']}</Contact>"
        f"{_ref('CustomerTypeRef', d['CustomerTypeRef']) if 'CustomerTypeRef' in d else ''}"
        f"{_ref('TermsRef', d['TermsRef'])}<Balance>{d['Balance']!s}</Balance>"
        f"<TotalBalance>{d['TotalBalance']!s}</TotalBalance>{_ref('SalesTaxCodeRef', d['SalesTaxCodeRef'])}"
        f"{_optional('CreditLimit', d)}<JobStatus>{d['JobStatus']}</JobStatus>{_optional('JobStartDate', d)}"
        f"{_optional('Notes', d)}<PreferredDeliveryMethod>{d['PreferredDeliveryMethod']}</PreferredDeliveryMethod>"
        "</CustomerRet>"
    )


def customer_add(d: Values) -> str:
    """A CustomerAdd."""
    bill = d["BillAddress"]
    return (
        f"<CustomerAdd><Name>{d['Name']}</Name><IsActive>{'true' if d['IsActive'] else 'false'}</IsActive>"
        f"<CompanyName>{d['CompanyName']}</CompanyName><FirstName>{d['FirstName']}</FirstName>"
        f"<LastName>{d['LastName']}</LastName>"
        f"<BillAddress><Addr1>{bill['Addr1']}</Addr1><Addr2>{bill['Addr2']}</Addr2><City>{bill['City']}</City>"
        f"<State>{bill['State']}</State><PostalCode>{bill['PostalCode']}</PostalCode></BillAddress>"
        f"<Phone>{d['Phone']}</Phone>{_optional('Fax', d)}<Email>{d['Email']}</Email><Contact>{d['Contact']}</Contact>"
        f"{_ref('CustomerTypeRef', d['CustomerTypeRef']) if 'CustomerTypeRef' in d else ''}"
        f"{_ref('TermsRef', d['TermsRef'])}{_ref('SalesTaxCodeRef', d['SalesTaxCodeRef'])}"
        f"{_optional('CreditLimit', d)}<JobStatus>{d['JobStatus']}</JobStatus>{_optional('JobStartDate', d)}"
        f"{_optional('Notes', d)}<PreferredDeliveryMethod>{d['PreferredDeliveryMethod']}</PreferredDeliveryMethod>"
        "</CustomerAdd>"
    )


def _line(d: Values) -> str:
    return (
        f"<InvoiceLineRet><TxnLineID>{d['TxnLineID']}</TxnLineID>{_ref('ItemRef', d['ItemRef'])}"
        f"<Desc>{d['Desc']}</Desc><Quantity>{d['Quantity']!s}</Quantity><Rate>{d['Rate']!s}</Rate>"
        f"<Amount>{d['Amount']!s}</Amount>{_ref('SalesTaxCodeRef', d['SalesTaxCodeRef'])}</InvoiceLineRet>"
    )


def _group(d: Values) -> str:
    return (
        f"<InvoiceLineGroupRet><TxnLineID>{d['TxnLineID']}</TxnLineID>{_ref('ItemGroupRef', d['ItemGroupRef'])}"
        f"<Desc>{d['Desc']}</Desc><Quantity>{d['Quantity']!s}</Quantity>"
        f"<IsPrintItemsInGroup>{_bool(d['IsPrintItemsInGroup'])}</IsPrintItemsInGroup>"
        f"<TotalAmount>{d['TotalAmount']!s}</TotalAmount>{''.join([_line(one) for one in d['InvoiceLineRet']])}"
        "</InvoiceLineGroupRet>"
    )


def _by_place(kinds: Iterable[tuple[Callable[[Values], str], list[Values]]]) -> str:
    found = [(one["_at"], write, one) for write, several in kinds for one in several]
    found.sort(key=lambda one: one[0])
    return "".join([write(one) for _, write, one in found])


def invoice(d: Values) -> str:
    """An InvoiceRet."""
    bill = d["BillAddress"]
    if "InvoiceLineGroupRet" in d:
        lines = _by_place([(_line, d["InvoiceLineRet"]), (_group, d["InvoiceLineGroupRet"])])
    else:
        lines = "".join([_line(one) for one in d["InvoiceLineRet"]])
    return (
        f"<InvoiceRet>{_head('TxnID', d)}<TxnNumber>{d['TxnNumber']}</TxnNumber>"
        f"{_ref('CustomerRef', d['CustomerRef'])}{_ref('ARAccountRef', d['ARAccountRef'])}"
        f"{_ref('TemplateRef', d['TemplateRef'])}<TxnDate>{d['TxnDate'].isoformat()}</TxnDate>"
        f"<RefNumber>{d['RefNumber']}</RefNumber><BillAddress><Addr1>{bill['Addr1']}</Addr1>"
        f"<City>{bill['City']}</City><State>{bill['State']}</State><PostalCode>{bill['PostalCode']}</PostalCode>"
        f"</BillAddress><IsPending>{_bool(d['IsPending'])}</IsPending>"
        f"<IsFinanceCharge>{_bool(d['IsFinanceCharge'])}</IsFinanceCharge>{_ref('TermsRef', d['TermsRef'])}"
        f"<DueDate>{d['DueDate'].isoformat()}</DueDate><ShipDate>{d['ShipDate'].isoformat()}</ShipDate>"
        f"<Subtotal>{d['Subtotal']!s}</Subtotal>{_ref('ItemSalesTaxRef', d['ItemSalesTaxRef'])}"
        f"<SalesTaxPercentage>{d['SalesTaxPercentage']!s}</SalesTaxPercentage>"
        f"<SalesTaxTotal>{d['SalesTaxTotal']!s}</SalesTaxTotal><AppliedAmount>{d['AppliedAmount']!s}</AppliedAmount>"
        f"<BalanceRemaining>{d['BalanceRemaining']!s}</BalanceRemaining><IsPaid>{_bool(d['IsPaid'])}</IsPaid>"
        f"<IsToBePrinted>{_bool(d['IsToBePrinted'])}</IsToBePrinted>"
        f"<IsToBeEmailed>{_bool(d['IsToBeEmailed'])}</IsToBeEmailed>{lines}</InvoiceRet>"
    )


def _item_head(kind: str, d: Values) -> str:
    full = f"<FullName>{d['FullName']}</FullName>" if "FullName" in d else ""
    level = f"<Sublevel>{d['Sublevel']}</Sublevel>" if "Sublevel" in d else ""
    return (
        f"<Item{kind}Ret>{_head('ListID', d)}<Name>{d['Name']}</Name>{full}"
        f"<IsActive>{_bool(d['IsActive'])}</IsActive>{level}"
    )


def _sold(kind: str) -> Callable[[Values], str]:
    def write(d: Values) -> str:
        sale = d["SalesOrPurchase"]
        return (
            f"{_item_head(kind, d)}{_ref('SalesTaxCodeRef', d['SalesTaxCodeRef'])}"
            f"<SalesOrPurchase><Desc>{sale['Desc']}</Desc><Price>{sale['Price']!s}</Price>"
            f"{_ref('AccountRef', sale['AccountRef'])}</SalesOrPurchase></Item{kind}Ret>"
        )

    return write


def _inventory(d: Values) -> str:
    return (
        f"{_item_head('Inventory', d)}{_ref('SalesTaxCodeRef', d['SalesTaxCodeRef'])}"
        f"<SalesDesc>{d['SalesDesc']}</SalesDesc><SalesPrice>{d['SalesPrice']!s}</SalesPrice>"
        f"{_ref('IncomeAccountRef', d['IncomeAccountRef'])}<PurchaseDesc>{d['PurchaseDesc']}</PurchaseDesc>"
        f"<PurchaseCost>{d['PurchaseCost']!s}</PurchaseCost>{_ref('COGSAccountRef', d['COGSAccountRef'])}"
        f"{_ref('AssetAccountRef', d['AssetAccountRef'])}<QuantityOnHand>{d['QuantityOnHand']!s}</QuantityOnHand>"
        f"<AverageCost>{d['AverageCost']!s}</AverageCost><QuantityOnOrder>{d['QuantityOnOrder']!s}</QuantityOnOrder>"
        f"<QuantityOnSalesOrder>{d['QuantityOnSalesOrder']!s}</QuantityOnSalesOrder></ItemInventoryRet>"
    )


def _subtotal(d: Values) -> str:
    return f"{_item_head('Subtotal', d)}<ItemDesc>{d['ItemDesc']}</ItemDesc></ItemSubtotalRet>"


def _discount(d: Values) -> str:
    return (
        f"{_item_head('Discount', d)}<ItemDesc>{d['ItemDesc']}</ItemDesc>"
        f"<DiscountRatePercent>{d['DiscountRatePercent']!s}</DiscountRatePercent>"
        f"{_ref('AccountRef', d['AccountRef'])}</ItemDiscountRet>"
    )


def _sales_tax(d: Values) -> str:
    return (
        f"{_item_head('SalesTax', d)}<ItemDesc>{d['ItemDesc']}</ItemDesc><TaxRate>{d['TaxRate']!s}</TaxRate>"
        f"{_ref('TaxVendorRef', d['TaxVendorRef'])}</ItemSalesTaxRet>"
    )


def _item_group(d: Values) -> str:
    lines = [
        f"<ItemGroupLine>{_ref('ItemRef', one['ItemRef'])}<Quantity>{one['Quantity']!s}</Quantity></ItemGroupLine>"
        for one in d["ItemGroupLine"]
    ]
    return (
        f"{_item_head('Group', d)}<ItemDesc>{d['ItemDesc']}</ItemDesc>"
        f"<IsPrintItemsInGroup>{_bool(d['IsPrintItemsInGroup'])}</IsPrintItemsInGroup>{''.join(lines)}</ItemGroupRet>"
    )


_ITEMS: dict[str, Callable[[Values], str]] = {
    "ItemServiceRet": _sold("Service"),
    "ItemNonInventoryRet": _sold("NonInventory"),
    "ItemOtherChargeRet": _sold("OtherCharge"),
    "ItemInventoryRet": _inventory,
    "ItemSubtotalRet": _subtotal,
    "ItemDiscountRet": _discount,
    "ItemSalesTaxRet": _sales_tax,
    "ItemGroupRet": _item_group,
}


def items(lists: dict[str, list[Values]]) -> str:
    """The items of an answer, from a list per kind."""
    return _by_place([(_ITEMS[name], several) for name, several in lists.items()])


def _cells(d: Values) -> str:
    return "".join([f'<ColData colID="{one["colID"]}" value="{one["value"]}"></ColData>' for one in d["ColData"]])


def _row(name: str) -> Callable[[Values], str]:
    return lambda d: f'<{name} rowNumber="{d["rowNumber"]}">{_cells(d)}</{name}>'


def _text_row(d: Values) -> str:
    return f'<TextRow rowNumber="{d["rowNumber"]}" value="{d["value"]}"></TextRow>'


_ROWS: dict[str, Callable[[Values], str]] = {
    "DataRow": _row("DataRow"),
    "TextRow": _text_row,
    "SubtotalRow": _row("SubtotalRow"),
    "TotalRow": _row("TotalRow"),
}


def _column(d: Values) -> str:
    title = d["ColTitle"][0]
    value = f' value="{title["value"]}"' if "value" in title else ""
    return (
        f'<ColDesc colID="{d["colID"]}" dataType="{d["dataType"]}"><ColTitle titleRow="{title["titleRow"]}"{value}>'
        f"</ColTitle><ColType>{d['ColType']}</ColType></ColDesc>"
    )


def report(d: Values) -> str:
    """A ReportRet."""
    return (
        f"<ReportRet><ReportTitle>{d['ReportTitle']}</ReportTitle><ReportSubtitle>{d['ReportSubtitle']}"
        f"</ReportSubtitle><ReportBasis>{d['ReportBasis']}</ReportBasis><NumRows>{d['NumRows']}</NumRows>"
        f"<NumColumns>{d['NumColumns']}</NumColumns><NumColTitleRows>{d['NumColTitleRows']}</NumColTitleRows>"
        f"{''.join([_column(one) for one in d['ColDesc']])}"
        f"<ReportData>{_by_place([(_ROWS[name], rows) for name, rows in d['ReportData'].items()])}</ReportData>"
        "</ReportRet>"
    )


def response(message: str, text: str) -> bytes:
    """A response document around the records' text."""
    status = "".join([f' {name}="{value}"' for name, value in STATUS.items()])
    return (
        f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n<{message}{status}>{text}</{message}>\n'
        "</QBXMLMsgsRs>\n</QBXML>\n"
    ).encode()


def requests(texts: Iterable[str], version: str) -> bytes:
    """A request document of CustomerAddRq, numbered from 1."""
    body = "".join(
        [f'<CustomerAddRq requestID="{number}">{text}</CustomerAddRq>\n' for number, text in enumerate(texts, 1)]
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{version}"?>\n'
        f'<QBXML>\n<QBXMLMsgsRq onError="stopOnError">\n{body}</QBXMLMsgsRq>\n</QBXML>\n'
    ).encode()
