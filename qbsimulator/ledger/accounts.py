"""What accounts and names a line may have: banks, balance sheet accounts, whom an open account is with."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import NO_SUCH_RECORD, RequestError
from .books import Books

#: The types of accounts on a balance sheet.
BALANCE_SHEET = frozenset(
    {"Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard"}
    | {"OtherCurrentLiability", "LongTermLiability", "Equity"}
)

#: Whom an open account is with.
_WITH = {"AccountsReceivable": "Customer", "AccountsPayable": "Vendor"}


def must_be(books: Books, account: str, types: Collection[str], place: str) -> None:
    """Raise 3140 for an account, by its key, that is of none of some types. ``place`` is where it is referred to."""
    if books.account_type(account) not in types:
        raise _wrong(books, account, place)


def may_post(books: Books, account: str, entity: str | None, place: str) -> None:
    """Raise where a line can't post to an account: it is non-posting (3140), or its name is missing or of another kind.

    Receivables are with a customer and payables with a vendor: without one 3150, with another name 3140.
    """
    type_ = books.account_type(account)
    if type_ == "NonPosting":
        raise _wrong(books, account, place)
    if type_ in _WITH:
        if entity is None:
            raise RequestError(3150, field="EntityRef")
        if not entity.startswith(f"{_WITH[type_]} "):
            raise _wrong(books, entity, place)


def may_sell(books: Books, account: str, place: str) -> None:
    """Raise 3140 for an account that no item posts to on a line: receivables, payables, one that is non-posting."""
    if books.account_type(account) in (*_WITH, "NonPosting"):
        raise _wrong(books, account, place)


def _wrong(books: Books, key: str, place: str) -> RequestError:
    kind, name = key.partition(" ")[0], books.element(key).full_name
    return RequestError(3140, kind=kind, value=name, name=place, detail=NO_SUCH_RECORD)
