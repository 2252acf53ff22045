"""Records of list elements as they are shown: with the names and balances of the day.

The file keeps a record in JSON. What is shown goes from there into the answer with as little on the way as can be: its
values stay JSON's own (texts and truth values), which answers write as they write Python's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from qbxml.model import Record

from .clock import Clock
from .kinds import kinds
from .storage import Element, Storage

#: Accounts whose natural side is the credit side: what is owed, owned and earned is positive.
CREDIT_SIDE = frozenset(
    {"AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "OtherIncome"}
)

#: So many elements are read at once.
_MANY = 500


_decoded = json.JSONDecoder().decode


def _amount(cents: int) -> str:
    """Cents as an amount in text."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


class Reading:
    """Reads records within one request: names that were looked up are kept for its time."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._names: dict[str, dict[str, str]] = {}

    def record(self, element: Element) -> Record:
        """The record of an element, as the newest schema has it."""
        return self._record(element, self._storage.total(element.key), bool(self._storage.children(element.key)))

    def records(self, wanted: Sequence[tuple[str, str]]) -> Iterator[tuple[Element, Record]]:
        """The elements of these kinds and ids with their records, in their order; what is gone is passed over."""
        for begin in range(0, len(wanted), _MANY):
            part = wanted[begin : begin + _MANY]
            found = {(one[0].kind, one[0].id): one for one in self._storage.elements(part)}
            for place in part:
                if place in found:
                    element, total, has_children = found[place]
                    yield element, self._record(element, total, has_children)

    def _record(self, element: Element, total: int, has_children: bool) -> Record:
        kind = kinds()[element.kind]
        body: dict[str, Any] = _decoded(element.body)[kind.ret]
        for name, value in body.items():
            if value.__class__ is dict or value.__class__ is list:
                body[name] = self.named(value)
        body["ListID"] = element.id
        body["TimeCreated"] = self._clock.text(element.created)
        body["TimeModified"] = self._clock.text(element.modified)
        body["EditSequence"] = element.edit_sequence
        if kind.is_tree:
            body["FullName"] = element.full_name
            body["Sublevel"] = element.level
            if element.parent is not None:
                body["ParentRef"] = self.names(element.parent)
        if element.kind in ("Customer", "Vendor", "Account"):
            body |= self._balances(element, body, total, has_children)
        return Record(kind.ret, body)

    def _balances(self, element: Element, body: dict[str, Any], total: int, has_children: bool) -> dict[str, str]:
        """Balance and, of customers and accounts, TotalBalance, which includes all that is below."""
        if element.kind == "Vendor":
            return {"Balance": _amount(-total)}
        sign = -1 if element.kind == "Account" and body["AccountType"] in CREDIT_SIDE else 1
        own = _amount(sign * total)
        below = self._storage.total_below(element.key) if has_children else 0
        return {"Balance": own, "TotalBalance": _amount(sign * (total + below)) if below else own}

    def named(self, value: Any) -> Any:
        """A value with the references in it as they are called now."""
        if value.__class__ is dict:
            if "key" in value:
                return self.names(value["key"])
            for one in value.values():
                if one.__class__ is dict or one.__class__ is list:
                    return {inner: self.named(one) for inner, one in value.items()}
            return value
        if value.__class__ is list:
            return [self.named(one) for one in value]
        return value

    def names(self, key: str) -> dict[str, str]:
        """What a reference to an element shows."""
        shown = self._names.get(key)
        if shown is None:
            kind, _, id_ = key.partition(" ")
            full_name = self._storage.full_name(kind, id_)
            assert full_name is not None, f"{key} is referred to and not there"
            shown = self._names[key] = {"ListID": id_, "FullName": full_name}
        return shown
