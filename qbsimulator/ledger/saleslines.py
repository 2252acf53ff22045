"""The lines of sales forms: what an item brings with it, amounts, discounts, subtotals, groups and sales tax.

The same rules hold for invoices, sales receipts, credit memos, estimates and sales orders. What a line posts is kept in
it under names that no schema has (``_account`` …), so that a later change of the item leaves the books alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..contents import shown_reference
from ..errors import NO_SUCH_RECORD, RequestError
from .accounts import may_sell
from .books import Item, Key, key_of
from .drafts import Draft, Line, LineList, flat, ref
from .money import cents, price, rounded

#: Items whose amounts come out negative on a sales form.
_NEGATIVE = ("ItemDiscount", "ItemPayment")
#: Items without a sales tax code of their own on a line.
_UNTAXED = ("ItemSubtotal", "ItemPayment", "ItemSalesTax", "ItemSalesTaxGroup")
#: What a request may say about the money of a line.
_MONEY = ("ItemRef", "Quantity", "Rate", "RatePercent", "Amount", "PriceLevelRef")


def complete_lines(draft: Draft, which: LineList) -> list[Line]:
    """Complete the lines of a sales form and put them into its record. Returns them, those of groups in their place.

    Raises :class:`~qbsimulator.errors.RequestError`.
    """
    lines = draft.lines(which, expand)
    done: list[Line] = []
    for line in flat(lines):
        complete_line(draft, line, done)
        done.append(line)
    for line in lines:
        if line.is_group:
            line.record["TotalAmount"] = sum((one.record.get("Amount", Decimal(0)) for one in line.members), Decimal(0))
    if not any(line.record.get("Amount") is not None or line.record.get("Desc") for line in done):
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")
    draft.put(which, lines)
    return done


# -- groups ------------------------------------------------------------------------------------------------------


def expand(draft: Draft, line: Line, name: str) -> None:
    """A group's line brings the lines of its items, when it is new or its group or quantity changes."""
    key = key_of(line.record, "ItemGroupRef")
    if key is None:
        raise RequestError(3150, field="ItemGroupRef")
    group = draft.books.body(key)
    line.record.setdefault("Desc", group.get("ItemDesc"))
    line.record["IsPrintItemsInGroup"] = group.get("IsPrintItemsInGroup", False)
    named = any(one.given for one in line.members)
    anew = line.old is None or any(one in line.given for one in ("ItemGroupRef", "Quantity"))
    if named or not anew:
        return
    times = line.record.get("Quantity") or Decimal(1)
    line.members = []
    for one in group.get("ItemGroupLine") or []:
        if "ItemRef" not in one:  # the schema lets it be left out
            continue
        element = draft.books.element(one["ItemRef"]["key"])
        given: dict[str, Any] = {"ItemRef": {"ListID": element.id}}
        if one.get("Quantity") is not None:
            given["Quantity"] = one["Quantity"] * times
        line.members.append(draft.new_member(name, given))


# -- amounts -----------------------------------------------------------------------------------------------------


def complete_line(draft: Draft, line: Line, above: Sequence[Line]) -> None:
    """Complete a line by its item, and by the lines above it. Raises :class:`~qbsimulator.errors.RequestError`."""
    record = line.record
    key = key_of(record, "ItemRef")
    if key is None and line.given.get("_account", record.get("_account")):
        # The opening balance of a customer, which no item is behind.
        record |= {"_account": line.given.get("_account", record.get("_account"))}
        record["Amount"] = rounded(record["Amount"])
        return
    if key is None:
        if any(record.get(one) is not None for one in ("Quantity", "Rate", "Amount")):
            raise RequestError(3150, field="ItemRef")
        return
    item = draft.books.item(key)
    if item.kind == "ItemGroup":
        raise RequestError(3280, value=draft.books.element(key).full_name, field="ItemRef")
    if item.sales_desc and "Desc" not in line.given and (line.old is None or "ItemRef" in line.given):
        record["Desc"] = item.sales_desc
    if line.old is None or any(one in line.given for one in _MONEY) or _depends(item, line):
        _amount(item, line, above)
    if line.old is None or "ItemRef" in line.given:
        _accounts(draft, item, record)
    own = line.given.get("OverrideItemAccountRef")
    if own:
        record["_account"] = _overriding(draft, own)
    _tax_code(draft, item, line)


def _overriding(draft: Draft, given: Mapping[str, Any]) -> Key:
    """The account that a line posts to in the place of its item's: it is in no record. Raises ``RequestError``."""
    found = draft.books.elements.found(given, ("Account",))
    if found is None or draft.books.is_open_account(found.key):
        name, value = f"{draft.kind.name} line", shown_reference(given)
        raise RequestError(3140, kind="OverrideItemAccount", value=value, name=name, detail=NO_SUCH_RECORD)
    return ref(found.key)


def _depends(item: Item, line: Line) -> bool:
    """Whether a line's amount follows from the lines above it."""
    return item.kind == "ItemSubtotal" or line.record.get("RatePercent") is not None


def _amount(item: Item, line: Line, above: Sequence[Line]) -> None:
    """The amount of a line, and the rate or the per cent that it comes from."""
    record, given = line.record, line.given
    if item.kind == "ItemSubtotal":
        record["Amount"] = _subtotal(above)
        record["_subtotal"] = True
        return
    record.pop("_subtotal", None)
    sign = -1 if item.kind in _NEGATIVE else 1
    amount: Decimal | None = given.get("Amount")
    percent = _percent(item, line)
    quantity: Decimal | None = record.get("Quantity")
    if amount is not None:
        record.pop("RatePercent", None)
        if sign < 0:
            amount = -abs(amount)
        if quantity:
            record["Rate"] = price(amount / quantity)
        elif "Rate" in given:
            record["Rate"] = price(amount)
        else:
            record.pop("Rate", None)
    elif percent is not None:
        record.pop("Rate", None)
        record["RatePercent"] = percent if sign > 0 else -abs(percent)
        amount = rounded(_above(above) * record["RatePercent"] / 100)
    else:
        record.pop("RatePercent", None)
        rate = _rate(item, line)
        if sign < 0:
            rate = -abs(rate)
        record["Rate"] = rate
        amount = rounded(rate * (Decimal(1) if quantity is None else quantity))
    record["Amount"] = rounded(amount)


def _percent(item: Item, line: Line) -> Decimal | None:
    """The per cent of the line above that a line takes; ``None`` where it has a price."""
    percent: Decimal | None
    if line.given.get("RatePercent") is not None:
        percent = line.given["RatePercent"]
    elif line.given.get("Rate") is not None:
        percent = None
    elif line.old is None or "ItemRef" in line.given:
        percent = item.percent
    else:
        percent = line.record.get("RatePercent")
    return percent


def _rate(item: Item, line: Line) -> Decimal:
    given: Decimal | None = line.given.get("Rate")
    if given is not None:
        return given
    if line.old is None or "ItemRef" in line.given:
        return item.price or Decimal(0)
    kept: Decimal | None = line.record.get("Rate")
    return item.price or Decimal(0) if kept is None else kept


def _above(above: Sequence[Line]) -> Decimal:
    """The amount of the last line above that has one."""
    amounts = (line.record.get("Amount") for line in reversed(above))
    return next((one for one in amounts if one is not None), Decimal(0))


def _subtotal(above: Sequence[Line]) -> Decimal:
    """The sum of the lines since the last subtotal."""
    total = Decimal(0)
    for line in reversed(above):
        if line.record.get("_subtotal"):
            break
        total += line.record.get("Amount") or Decimal(0)
    return total


def _accounts(draft: Draft, item: Item, record: dict[str, Any]) -> None:
    """The accounts that a line posts to; a stock item's cost goes with it."""
    for name in ("_account", "_asset", "_goods", "_cost"):
        record.pop(name, None)
    if item.kind == "ItemSubtotal":
        return
    account = item.income
    if account is None:
        if item.kind == "ItemPayment":
            account = draft.books.special("UndepositedFunds")
        elif item.kind in ("ItemSalesTax", "ItemSalesTaxGroup"):
            account = draft.books.special("SalesTaxPayable")
        else:
            account = draft.books.special("UncategorizedIncome")
    for one in (account, item.asset, item.goods):
        if one is not None:
            may_sell(draft.books, one, f"{draft.kind.name} line")
    record["_account"] = ref(account)
    if item.is_stock and item.asset and item.goods:
        record |= {"_asset": ref(item.asset), "_goods": ref(item.goods), "_cost": str(item.cost or 0)}


# -- sales tax ---------------------------------------------------------------------------------------------------


def _tax_code(draft: Draft, item: Item, line: Line) -> None:
    if not draft.settings.uses_sales_tax or item.kind in _UNTAXED:
        line.record.pop("SalesTaxCodeRef", None)
        return
    customer = draft.key("CustomerSalesTaxCodeRef")
    if customer is not None and not draft.books.is_taxable(customer):
        line.record["SalesTaxCodeRef"] = ref(customer)
        return
    if line.given.get("SalesTaxCodeRef") or (line.old is not None and "ItemRef" not in line.given):
        return
    code = item.tax_code or draft.books.named_key("SalesTaxCode", draft.settings.default_taxable_code)
    if code is not None:
        line.record["SalesTaxCodeRef"] = ref(code)


def complete_totals(draft: Draft, lines: Sequence[Line], *, total: str | None) -> None:
    """Subtotal, sales tax and, under the name ``total``, their sum. Every tax of a group has its share of the tax."""
    record = draft.record
    real = [line.record for line in lines if not line.record.get("_subtotal")]
    subtotal = sum((one.get("Amount") or Decimal(0) for one in real), Decimal(0))
    taxable = sum(
        (one.get("Amount") or Decimal(0) for one in real if draft.books.is_taxable(key_of(one, "SalesTaxCodeRef"))),
        Decimal(0),
    )
    record["Subtotal"] = rounded(subtotal)
    item = draft.key("ItemSalesTaxRef")
    taxes = draft.books.taxes(item) if item is not None and draft.settings.uses_sales_tax else []
    percent = sum((one for _, _, one in taxes), Decimal(0))
    record["SalesTaxPercentage"] = percent if percent else Decimal("0.00")
    tax = rounded(taxable * percent / 100)
    record["SalesTaxTotal"] = tax
    record["_taxes"] = _shares(tax, taxes)
    if record["_taxes"]:
        record["_tax_account"] = ref(draft.books.special("SalesTaxPayable"))
    if total is not None:
        record[total] = rounded(subtotal + tax)


def _shares(tax: Decimal, taxes: Sequence[tuple[str, str | None, Decimal]]) -> list[dict[str, Any]]:
    """What each tax has of the whole; what rounding leaves goes to the largest."""
    percent = sum((one for _, _, one in taxes), Decimal(0))
    if not tax or not percent:
        return []
    shares = [cents(tax * one / percent) for _, _, one in taxes]
    largest = max(range(len(taxes)), key=lambda place: taxes[place][2])
    shares[largest] += cents(tax) - sum(shares)
    return [
        {"item": ref(key), **({"vendor": ref(vendor)} if vendor else {}), "cents": share}
        for (key, vendor, _), share in zip(taxes, shares, strict=True)
        if share
    ]


def total_of(record: Mapping[str, Any]) -> Decimal:
    """What a sales form comes to, tax and all."""
    total: Decimal = record["Subtotal"] + record["SalesTaxTotal"]
    return total
