"""Records that a session has open, as a user has one open in a window: nobody else changes them until it lets go.

A request about such a record is refused with 3175, one that only refers to it with 3176.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .errors import RequestError
from .kinds import meant

if TYPE_CHECKING:
    from .company import Session
    from .context import Context


class Locks:
    """Who has which record open, by kind and id: ids of different lists may be the same."""

    def __init__(self) -> None:
        self._holders: dict[str, weakref.ref[Session]] = {}

    def take(self, key: str, session: Session) -> bool:
        """Open a record; whether it could be."""
        if self.is_taken(key, session):
            return False
        self._holders[key] = weakref.ref(session)
        return True

    def release(self, session: Session, key: str | None = None) -> None:
        """Let go of a record, or of all that the session has."""
        for held in [key] if key is not None else list(self._holders):
            holder = self._holders.get(held)
            if holder is not None and holder() is session:
                del self._holders[held]

    def is_taken(self, key: str, session: Session) -> bool:
        """Whether a session that is not this one, and is still there, has a record open."""
        holder = self._holders.get(key)
        other = None if holder is None else holder()
        return other is not None and other is not session

    def check(self, context: Context, content: Mapping[str, Any]) -> None:
        """Refuse a change that somebody else's open record is in the way of.

        Raises :class:`~qbsimulator.errors.RequestError`.
        """
        taken = {key for key in self._holders if self.is_taken(key, context.session)}
        if not taken:
            return
        changed = content.get(context.name, content)
        kinds = [str(content[name]) for name in ("ListDelType", "TxnDelType", "TxnVoidType") if name in content]
        for name in ("ListID", "TxnID"):
            for kind in [*kinds, context.name.removesuffix("Mod")]:
                if f"{kind} {changed.get(name)}" in taken:
                    raise RequestError(3175, value=changed[name])
        transactions = {key.partition(" ")[2] for key in taken}
        for kind, name, value in _references(content, context.name):
            if name.endswith("TxnID"):
                is_taken = value in transactions
            else:
                is_taken = bool(taken & _keys(context, kind, name, value))
            if is_taken:
                raise RequestError(3176, value=value)


def _references(content: Any, kind: str) -> Iterator[tuple[str, str, str]]:
    """All ids and full names in a request: what holds each, its own name, its value."""
    for name, value in content.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from _references(one, name)
            elif isinstance(one, str) and (name.endswith("TxnID") or name in ("ListID", "FullName")):
                yield kind, name, one


def _keys(context: Context, reference: str, name: str, value: str) -> set[str]:
    """The key of the element that a reference is to, if there is one."""
    among = meant(reference, context.name[:-3]) if reference.endswith("Ref") else ()
    found = context.company.elements.found({name: value}, among) if among else None
    return set() if found is None else {found.key}
