"""Macros: within one message set, an object that is only being added is referred to by a name.

``defMacro="TxnID:Name"`` stands on what adds an object or a line of it, and says which of the new ids is meant;
``useMacro="TxnID:Name"`` stands on a later id in place of its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qbxml.values import UseMacro

from .answers import Answer
from .errors import RequestError

#: Nobody has recorded which code of 9100 to 9199 is which; these are ours.
UNDEFINED = 9101
DEFINED_TWICE = 9102
ITS_REQUEST_FAILED = 9103
MALFORMED = 9104


class Macros:
    """The macros of one message set."""

    def __init__(self) -> None:
        self._ids: dict[str, str | None] = {}

    def resolved(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """A request's content with ids in place of the macros that it uses; those that it defines can be defined.

        Raises :class:`~qbsimulator.errors.RequestError`.
        """
        seen: set[str] = set()
        for name, _, _, _ in _defined(content):
            _check(name)
            if name in seen or name in self._ids:
                raise RequestError(DEFINED_TWICE, value=name)
            seen.add(name)
        return {name: self._real(value, name) for name, value in content.items()}

    def _real(self, value: Any, field: str) -> Any:
        if isinstance(value, dict):
            return {name: self._real(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self._real(one, field) for one in value]
        if not isinstance(value, UseMacro):
            return value
        _check(value.name)
        if value.name not in self._ids:
            raise RequestError(UNDEFINED, value=value.name)
        id_ = self._ids[value.name]
        if id_ is None:
            raise RequestError(ITS_REQUEST_FAILED, value=value.name)
        return id_

    def define(self, content: Mapping[str, Any], answer: Answer) -> None:
        """Note what a request's macros stand for, from its answer; nothing where it failed.

        A line is found by its place from the end: lines that come from a linked document stand before those given.
        """
        records = [value for _, value in answer.content if isinstance(value, dict)] if answer.code < 1000 else []
        record: Mapping[str, Any] = records[0] if records else {}
        for name, line, place, of in _defined(content):
            found = record
            if line is not None:
                lines = lines_of(record, line)
                at = len(lines) - of + place
                found = lines[at] if 0 <= at < len(lines) else {}
            id_ = found.get(name.partition(":")[0])
            self._ids.setdefault(name, None if id_ is None else str(id_))


def _defined(content: Mapping[str, Any]) -> Iterator[tuple[str, str | None, int, int]]:
    """The macros that a request defines: name, and for a line its element, its place, and how many there are."""
    for own in content.values():
        if not isinstance(own, Mapping):
            continue
        if "defMacro" in own:
            yield str(own["defMacro"]), None, 0, 0
        for element, value in own.items():
            lines = value if isinstance(value, list) else [value]
            for place, line in enumerate(lines):
                if isinstance(line, Mapping) and "defMacro" in line:
                    yield str(line["defMacro"]), element, place, len(lines)


def lines_of(record: Mapping[str, Any], element: str) -> list[Mapping[str, Any]]:
    """The lines of a record that a request calls by another name: ``InvoiceLineAdd`` and ``InvoiceLineRet``."""
    base = element.removesuffix("Add")
    found = record.get(f"{base}Ret", record.get(base)) or []
    return found if isinstance(found, list) else [found]


def _check(name: str) -> None:
    field, colon, rest = name.partition(":")
    if not (field and colon and rest):
        raise RequestError(MALFORMED, value=name)
