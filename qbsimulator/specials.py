"""Accounts and items that QuickBooks knows by their use: SpecialAccountAddRq and SpecialItemAddRq make them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .answers import Answer
from .context import Context, Handler, wanted
from .errors import RequestError
from .kinds import kinds
from .ledger.special import SPECIAL

#: By SpecialItemType: the kind of item, and its name.
_ITEMS: dict[str, tuple[str, str]] = {
    "FinanceCharge": ("ItemOtherCharge", "Fin Chg"),
    "ReimbursableExpenseGroup": ("ItemGroup", "Reimb Group"),
    "ReimbursableExpenseSubtotal": ("ItemSubtotal", "Reimb Subt"),
}


def _holder(context: Context, kind: str, field: str, value: str) -> str | None:
    """The name of the element of a kind that is special in this way."""
    storage = context.company._storage
    found = storage.find([kind], f"json_extract(body, '$.{kind}Ret.{field}') = ?", [value], "created, id")
    element = storage.element(*found[0]) if found else None
    return None if element is None else element.name


def _add(context: Context, content: Mapping[str, Any], kind: str, fields: dict[str, Any]) -> Answer:
    elements = context.company.elements
    added = elements.add(kinds()[kind], fields, context.settings)
    return Answer(content=[(f"{kind}Ret", elements.record(added))], wanted=wanted(content))


def _account(context: Context, content: Mapping[str, Any]) -> Answer:
    """SpecialAccountAddRq. A company has one of each type."""
    type_ = str(content["SpecialAccountAdd"]["SpecialAccountType"])
    name, account_type = SPECIAL[type_]
    taken = _holder(context, "Account", "SpecialAccountType", type_)
    if taken is not None:
        raise RequestError(3100, value=taken)
    fields = {"Name": name, "AccountType": account_type, "SpecialAccountType": type_}
    if type_ == "UndepositedFunds":
        fields["CashFlowClassification"] = "NotApplicable"
    return _add(context, content, "Account", fields)


def _item(context: Context, content: Mapping[str, Any]) -> Answer:
    """SpecialItemAddRq. A company has one of each type."""
    given = content["SpecialItemAdd"]
    type_ = str(given["SpecialItemType"])
    kind, name = _ITEMS[type_]
    taken = _holder(context, kind, "SpecialItemType", type_)
    if taken is not None:
        raise RequestError(3100, value=taken)
    fields = {"Name": name, **{one: given[one] for one in ("BarCode", "ExternalGUID") if one in given}}
    if kind == "ItemOtherCharge":
        account = context.settings.finance_charge_account
        reference = {"AccountRef": {"FullName": account}} if account else {}
        fields["SalesOrPurchase"] = {"Price": Decimal("0.00"), **reference}
    return _add(context, content, kind, {**fields, "SpecialItemType": type_})


#: By the name of the request without ``Rq``.
SPECIAL_REQUESTS: dict[str, Handler] = {"SpecialAccountAdd": _account, "SpecialItemAdd": _item}
