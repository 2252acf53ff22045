"""The lines of what is bought: expenses, each on an account, and items at their cost; two lists, each with its own Mod.

The same rules hold for bills, item receipts, vendor credits, checks, and charges and credits of a card; those of items
for purchase orders, too. The account that a line posts to is kept in it as ``_account``, so that a later change of the
item leaves the books alone: of stock that of its asset, else that of its expense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..errors import NO_SUCH_RECORD, RequestError
from . import orders, saleslines
from .accounts import may_post
from .books import Item, key_of
from .drafts import Draft, Line, LineList, flat, ref, stored_flat
from .money import cents, price, rounded
from .rows import Posting

EXPENSES = LineList("ExpenseLine", clear="ClearExpenseLines")
ITEMS = LineList("ItemLine", "ItemGroupLine", "ClearItemLines")

#: Items that can't be bought.
_NOT_BOUGHT = ("ItemGroup", "ItemPayment", "ItemSalesTax", "ItemSalesTaxGroup")
_OPEN = ("AccountsReceivable", "AccountsPayable")


def complete_lines(draft: Draft) -> Decimal:
    """Complete both lists of lines and put them into the record. Returns what they come to.

    Lines of purchase orders that a request links are taken over. Raises :class:`~qbsimulator.errors.RequestError`.
    """
    orders.take_over(draft, ITEMS, ("PurchaseOrder",))
    expenses = draft.lines(EXPENSES)
    for line in expenses:
        _expense(draft, line)
    draft.put(EXPENSES, expenses)
    items = complete_items(draft, ITEMS, "Cost")
    orders.link(draft, items)
    for line in (*expenses, *items):
        _whom(draft, line)
    if not expenses and not items:
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")
    return sum((one.record.get("Amount") or Decimal(0) for one in expenses), total_of(items))


def _expense(draft: Draft, line: Line) -> None:
    """A line on an account."""
    key = key_of(line.record, "AccountRef")
    if key is None:
        raise RequestError(3150, field="AccountRef")
    line.record.setdefault("Amount", Decimal("0.00"))
    line.record["_account"] = ref(key)


def _whom(draft: Draft, line: Line) -> None:
    """Keep in a line whom it is with: its customer, else whom the whole is with. Payables are with a vendor.

    Raises :class:`~qbsimulator.errors.RequestError` where the line can't post to its account.
    """
    line.record.pop("_name", None)
    account = key_of(line.record, "_account")
    if account is None:
        return
    books, type_ = draft.books, draft.books.account_type(account)
    customer = key_of(line.record, "CustomerRef")
    name = draft.entity if type_ == "AccountsPayable" else customer or draft.entity
    if type_ in _OPEN and draft.key("APAccountRef") is not None:
        detail = "It may have one account of receivables or payables only."
        raise RequestError(3180, name=draft.kind.name, detail=detail)
    if type_ in _OPEN and name is None:
        raise RequestError(3150, field="PayeeEntityRef")
    may_post(books, account, name, f"{draft.kind.name} line")
    if name is not None:
        line.record["_name"] = ref(name)


# -- items -------------------------------------------------------------------------------------------------------


def complete_items(draft: Draft, which: LineList, rate: str) -> list[Line]:
    """Complete the lines of items and put them into the record; ``rate`` names the field for what one of them costs.

    Returns them, those of groups in their place. Raises :class:`~qbsimulator.errors.RequestError`.
    """
    lines = draft.lines(which, _expand)
    done: list[Line] = []
    for line in flat(lines):
        _item(draft, line, done, rate)
        done.append(line)
    for line in lines:
        if line.is_group:
            line.record["TotalAmount"] = total_of(line.members)
    draft.put(which, lines)
    return done


def total_of(lines: Sequence[Line]) -> Decimal:
    """What lines come to, subtotals left out."""
    return sum(
        (one.record.get("Amount") or Decimal(0) for one in lines if not one.record.get("_subtotal")), Decimal("0.00")
    )


def _expand(draft: Draft, line: Line, name: str) -> None:
    saleslines.expand(draft, line, name)
    if name == ITEMS.name:  # such lines do not say what is printed of a group
        line.record.pop("IsPrintItemsInGroup", None)


def _item(draft: Draft, line: Line, above: Sequence[Line], rate: str) -> None:
    record = line.record
    key = key_of(record, "ItemRef")
    if key is None:
        if rate == "Cost" or any(record.get(one) is not None for one in ("Quantity", rate, "Amount")):
            raise RequestError(3150, field="ItemRef")
        return
    item = draft.books.item(key)
    if item.kind in _NOT_BOUGHT:
        raise RequestError(3280, value=draft.books.element(key).full_name, field="ItemRef")
    anew = line.old is None or "ItemRef" in line.given
    if anew and "Desc" not in line.given:
        record.pop("Desc", None)
        if item.purchase_desc:
            record["Desc"] = item.purchase_desc
    money = ("ItemRef", "Quantity", rate, "Amount")
    follows = item.kind == "ItemSubtotal" or record.get("_percent") is not None
    if anew or follows or any(one in line.given for one in money):
        _amount(item, line, above, rate)
    other = line.given.get("OverrideItemAccountRef")
    if other and any(other.values()):
        record["_account"] = ref(_account(draft, other))
    elif anew or other is not None:
        _posted_to(draft, item, record)


def _amount(item: Item, line: Line, above: Sequence[Line], rate: str) -> None:
    """The amount of a line, and what one of it costs."""
    record, given = line.record, line.given
    record.pop("_subtotal", None)
    if item.kind == "ItemSubtotal":
        record["Amount"], record["_subtotal"] = _subtotal(above), True
        return
    sign = -1 if item.kind == "ItemDiscount" else 1
    anew = line.old is None or "ItemRef" in given
    quantity: Decimal | None = record.get("Quantity")
    kept = record.pop("_percent", None)  # as text: the schema knows no such field
    percent = item.percent if anew else None if kept is None else Decimal(kept)
    if given.get("Amount") is not None:
        amount = rounded(-abs(given["Amount"]) if sign < 0 else given["Amount"])
        if quantity:
            record[rate] = price(amount / quantity)
        elif given.get(rate) is not None:
            record[rate] = price(amount)
        else:
            record.pop(rate, None)
    elif percent is not None and given.get(rate) is None:
        record.pop(rate, None)
        record["_percent"] = str(percent)
        amount = rounded(_above(above) * sign * abs(percent) / 100)
    else:
        known: Decimal | None = None if anew and rate not in given else record.get(rate)
        one = _cost(item) if known is None else known
        record[rate] = -abs(one) if sign < 0 else one
        amount = rounded(record[rate] * (Decimal(1) if quantity is None else quantity))
    record["Amount"] = amount


def _cost(item: Item) -> Decimal:
    """What one of an item costs; of a discount its own rate."""
    found = item.price if item.kind == "ItemDiscount" else item.cost
    return found or Decimal(0)


def _above(above: Sequence[Line]) -> Decimal:
    """The amount of the last line above that has one."""
    amounts = (line.record.get("Amount") for line in reversed(above))
    return next((one for one in amounts if one is not None), Decimal(0))


def _subtotal(above: Sequence[Line]) -> Decimal:
    """The sum of the lines since the last subtotal."""
    total = Decimal("0.00")
    for line in reversed(above):
        if line.record.get("_subtotal"):
            break
        total += line.record.get("Amount") or Decimal(0)
    return total


def _account(draft: Draft, given: Mapping[str, Any]) -> str:
    """The account of a reference that the record does not show. Raises ``RequestError``."""
    found = draft.books.elements.found(given, ("Account",))
    if found is None:
        shown = given.get("ListID") or given.get("FullName")
        place = f"{draft.kind.name} line"
        raise RequestError(3140, kind="OverrideItemAccount", value=shown, name=place, detail=NO_SUCH_RECORD)
    return found.key


def _posted_to(draft: Draft, item: Item, record: dict[str, Any]) -> None:
    """The account that a line posts to."""
    record.pop("_account", None)
    if item.kind != "ItemSubtotal":
        account = item.asset if item.is_stock else item.expense
        record["_account"] = ref(account or draft.books.special("UncategorizedExpenses"))


# -- what is posted ----------------------------------------------------------------------------------------------


def line_postings(record: Mapping[str, Any], sign: int) -> Iterator[Posting]:
    """What both lists of lines post, each line to its own account. ``sign`` 1: bought; -1: given back."""
    for which, memo in ((EXPENSES, "Memo"), (ITEMS, "Desc")):
        for line in stored_flat(record, which):
            account, amount = key_of(line, "_account"), cents(line.get("Amount"))
            if account is None or not amount or line.get("_subtotal"):
                continue
            quantity = line.get("Quantity")
            yield Posting(
                account,
                sign * amount,
                line=str(line["TxnLineID"]),
                entity=key_of(line, "_name"),
                item=key_of(line, "ItemRef"),
                class_=key_of(line, "ClassRef"),
                quantity=None if quantity is None else str(quantity),
                memo=str(line.get(memo) or ""),
            )
