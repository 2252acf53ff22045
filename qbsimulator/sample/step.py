"""One step in the making of the sample company: a request, when it is made, and what it takes from earlier answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

#: The time zone of the sample company.
ZONE = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Of:
    """A value out of the record in an earlier answer: ``Of("invoice 1", "InvoiceLineRet", 0, "TxnLineID")``."""

    key: str
    path: tuple[str | int, ...]

    def __init__(self, key: str, *path: str | int) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "path", path)


@dataclass(frozen=True, slots=True)
class Step:
    """A request. ``at`` is in seconds since 1970; under ``key`` the record in its answer is known to later steps."""

    at: int
    key: str
    name: str
    content: Mapping[str, Any]

    def request(self, known: Callable[[Of], Any]) -> dict[str, Any]:
        """The request as ``qbxml.build`` takes it. ``known`` gives what earlier answers hold."""
        return {self.name: _filled(self.content, known)}


def _filled(value: Any, known: Callable[[Of], Any]) -> Any:
    if isinstance(value, Of):
        return known(value)
    if isinstance(value, Mapping):
        return {name: _filled(one, known) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(one, known) for one in value]
    return value


def add(kind: str, content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and content of a request that adds something."""
    return f"{kind}AddRq", {f"{kind}Add": dict(content)}


def mod(kind: str, key: str, content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and content of a request that changes what an earlier step made, or changed, last."""
    id_ = "TxnID" if is_transaction(kind) else "ListID"
    own = {id_: Of(key, id_), "EditSequence": Of(key, "EditSequence")}
    return f"{kind}ModRq", {f"{kind}Mod": {**own, **content}}


def is_transaction(kind: str) -> bool:
    """Whether a kind has a TxnID. The sample's lists are customers, vendors and the like, accounts and items."""
    return kind not in ("Customer", "Vendor", "Employee", "Account") and not kind.startswith("Item")


#: The content of a request, or of a part of one.
Content = dict[str, Any]


def ref(full_name: str) -> dict[str, str]:
    """A reference by name."""
    return {"FullName": full_name}


def moment(text: str) -> int:
    """Seconds since 1970 of a local time, ``2023-09-05T13:57:26``."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())
