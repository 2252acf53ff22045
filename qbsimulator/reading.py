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
from .storage import Element, Shown, Storage

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
        (shown,) = self._storage.shown(element.kind, [element.id])
        return self._record(shown)

    def records(self, wanted: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Record]]:
        """The keys of the elements of these kinds and ids, with their records; what is gone is passed over."""
        for begin in range(0, len(wanted), _MANY):
            part = wanted[begin : begin + _MANY]
            by_kind: dict[str, list[str]] = {}
            for kind, id_ in part:
                by_kind.setdefault(kind, []).append(id_)
            found = {one[:2]: one for kind, ids in by_kind.items() for one in self._storage.shown(kind, ids)}
            for place in part:
                shown = found.get(place)
                if shown is not None:
                    yield f"{shown[0]} {shown[1]}", self._record(shown)

    def _record(self, shown: Shown) -> Record:
        name, id_, parent, level, full_name, created, modified, edit_sequence, text, total, is_parent = shown
        kind = kinds()[name]
        body: dict[str, Any] = _decoded(text)[kind.ret]
        for field, value in body.items():
            if value.__class__ is dict or value.__class__ is list:
                body[field] = self.named(value)
        body["ListID"] = id_
        body["TimeCreated"] = self._clock.text(created)
        body["TimeModified"] = self._clock.text(modified)
        body["EditSequence"] = edit_sequence
        if kind.is_tree:
            body["FullName"] = full_name
            body["Sublevel"] = level
            if parent is not None:
                body["ParentRef"] = self.names(parent)
        if name == "Vendor":
            body["Balance"] = _amount(-total)
        elif name in ("Customer", "Account"):
            # TotalBalance includes all that is below.
            sign = -1 if name == "Account" and body["AccountType"] in CREDIT_SIDE else 1
            below = self._storage.total_below(f"{name} {id_}") if is_parent else 0
            body["Balance"] = own = _amount(sign * total)
            body["TotalBalance"] = _amount(sign * (total + below)) if below else own
        return Record(kind.ret, body)

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
