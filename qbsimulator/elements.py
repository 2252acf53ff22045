"""Adding, changing and deleting elements of lists, by the schema and a few rules.

What an Add gives goes into the record under the same names. References are looked up, and stand in the record with
ListID and FullName. What an opening balance books stands in :mod:`~qbsimulator.ledger.opening`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import qbxml
from qbxml.model import Record
from qbxml.schema import Schema
from qbxml.versions import NEWEST_VERSION

from .clock import Clock
from .contents import Contents, check_id, shown_reference, used_by
from .errors import NO_SUCH_RECORD, RequestError
from .kinds import MOST_LEVELS, Kind
from .reading import Reading
from .settings import Settings
from .storage import Element, Storage


class Elements:
    """The lists of a company file."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    # -- reading -----------------------------------------------------------------------------------------------------

    def record(self, element: Element) -> Record:
        """The record of an element, as the newest schema has it."""
        return self.reading().record(element)

    def reading(self) -> Reading:
        """What reads many records within one request."""
        return Reading(self._storage, self._clock)

    def by_key(self, key: str) -> Element:
        """An element that something refers to."""
        kind, _, id_ = key.partition(" ")
        found = self._storage.element(kind, id_)
        assert found is not None, f"{key} is referred to and not there"
        return found

    def below(self, key: str) -> list[str]:
        """The keys of all elements below one."""
        return [one for child in self._storage.children(key) for one in (child.key, *self.below(child.key))]

    def keys(self, given: Mapping[str, Any], among: tuple[str, ...], kind: str, place: str) -> list[str]:
        """The keys of what a filter names: by id or full name, one or several, with what is below where it says so.

        ``kind`` and ``place`` are what an error calls the reference and the request that it is in. Raises
        :class:`~qbsimulator.errors.RequestError`.
        """
        keys: list[str] = []
        for name, values in given.items():
            by = "ListID" if name.startswith("ListID") else "FullName"
            for value in values if isinstance(values, list) else [values]:
                found = self.found({by: value}, among)
                if found is None:
                    raise RequestError(3140, kind=kind, value=value, name=place, detail=NO_SUCH_RECORD)
                keys += [found.key, *(self.below(found.key) if name.endswith("WithChildren") else ())]
        return keys

    # -- adding ------------------------------------------------------------------------------------------------------

    def add(self, kind: Kind, given: Mapping[str, Any], settings: Settings) -> Element:
        """Add an element. Raises :class:`~qbsimulator.errors.RequestError`."""
        name = self._name(kind, given)
        parent = self._parent(kind, given.get("ParentRef"))
        contents = Contents(self, kind, {}, settings)
        body = {**contents.taken(given), kind.name_field: name}
        contents.fill(body)
        self._name_is_free(kind, parent, name)
        self._may_be(kind, body)
        now = self._clock.now()
        id_ = self._new_id(kind.counter)
        element = Element(
            kind=kind.name,
            id=id_,
            space=kind.space if parent is None else f"{kind.name} below",
            parent=None if parent is None else parent.key,
            level=0 if parent is None else parent.level + 1,
            name=name if kind.is_named else id_,
            full_name=name if parent is None else f"{parent.full_name}:{name}",
            is_active=body.get("IsActive", True) is not False,
            created=now,
            modified=now,
            edit_sequence=str(int(now)),
            body=qbxml.to_json(Record(kind.ret, body)),
        )
        self._write(element, body)
        return element

    def _write(self, element: Element, body: Mapping[str, Any]) -> None:
        self._storage.write(element)
        used = used_by(body) | ({element.parent} if element.parent is not None else set())
        self._storage.write_uses(element.key, used)

    def _new_id(self, counter: str) -> str:
        return f"{0x80000000 + self._storage.count(counter):08X}-{int(self._clock.now())}"

    def row(self, counter: str) -> dict[str, Any]:
        """ListID, times and EditSequence for something new within a record."""
        now = self._clock.local(self._clock.now())
        id_ = self._new_id(counter)
        return {"ListID": id_, "TimeCreated": now, "TimeModified": now, "EditSequence": id_.partition("-")[2]}

    def today(self) -> date:
        """The date, where QuickBooks runs."""
        return self._clock.today()

    def _may_be(self, kind: Kind, body: Mapping[str, Any], own: str = "") -> None:
        """The rules of single kinds. Raises :class:`~qbsimulator.errors.RequestError`."""
        place = f'{kind.name} list, element "{body[kind.name_field]}"'
        number = body.get("AccountNumber")
        if kind.name == "Account" and number and self._storage.with_number(str(number)) not in (None, own):
            raise RequestError(3180, name=place, detail="The account number is already in use.")
        for name, field in Schema(NEWEST_VERSION, None).record(kind.ret).fields.items():
            if field.low is not None and name in body and not field.low <= body[name] <= (field.high or body[name]):
                raise RequestError(3085, field=name, value=body[name])  # some versions do not say so
        if kind.name == "ItemFixedAsset" and "AssetAccountRef" not in body:
            raise RequestError(3180, name=place, detail="The asset account is missing.")

    def _name(self, kind: Kind, given: Mapping[str, Any]) -> str:
        if kind.name == "Employee":
            parts = (given.get(one) for one in ("FirstName", "MiddleName", "LastName"))
            name = " ".join(str(one) for one in parts if one)
            if not name:
                raise RequestError(3150, field="FirstName")
        else:
            name = str(given.get(kind.name_field) or "").strip()
            if not name:
                raise RequestError(3150, field=kind.name_field)
        if ":" in name and kind.is_named:
            raise RequestError(3090, value=name, field=kind.name_field)
        return name

    def _parent(self, kind: Kind, reference: Any, own: Element | None = None) -> Element | None:
        """The parent that a reference is to. ``own`` is what is to be moved below it, with all it has below itself."""
        if not reference or not any(reference.values()):
            return None
        check_id(reference.get("ListID"))
        found = self.found(reference, (kind.name,))
        if found is None or (own is not None and (found.key == own.key or self._is_below(found, own))):
            raise RequestError(3130, value=shown_reference(reference), name=kind.name, detail=NO_SUCH_RECORD)
        if found.level + 1 + (self._depth(own) if own is not None else 0) >= MOST_LEVELS:
            raise RequestError(3090, value=found.full_name, field="ParentRef")
        return found

    def _name_is_free(self, kind: Kind, parent: Element | None, name: str, own: Element | None = None) -> None:
        if not kind.is_named:
            return
        space = kind.space if parent is None else f"{kind.name} below"
        holder = self._storage.holder(space, None if parent is None else parent.key, name)
        if holder is not None and (own is None or holder.key != own.key):
            raise RequestError(3100, value=name)

    def found(self, reference: Mapping[str, Any], among: tuple[str, ...]) -> Element | None:
        """What a reference is to: by ListID where it has one, else by FullName."""
        id_ = reference.get("ListID")
        hits = self._storage.among(among, "id" if id_ else "full_name", str(id_ or reference.get("FullName")))
        return min(hits, key=lambda hit: among.index(hit.kind), default=None)

    # -- changing ----------------------------------------------------------------------------------------------------

    def modify(self, kind: Kind, given: Mapping[str, Any], settings: Settings) -> Element:
        """Change what is given, and nothing else. Raises :class:`~qbsimulator.errors.RequestError`."""
        check_id(given["ListID"])
        element = self._storage.element(kind.name, str(given["ListID"]))
        if element is None:
            raise RequestError(3120, value=given["ListID"], detail=NO_SUCH_RECORD)
        if str(given["EditSequence"]) != element.edit_sequence:
            raise RequestError(3200, value=given["EditSequence"], record=self.record(element))
        old = qbxml.from_json(element.body)
        assert isinstance(old, Record)
        parent = self.by_key(element.parent) if element.parent is not None else None
        if "ParentRef" in given:
            parent = self._parent(kind, given["ParentRef"], element)
        body = Contents(self, kind, old, settings).taken(given)
        named = any(one in given for one in (kind.name_field, "FirstName", "MiddleName", "LastName"))
        name = self._name(kind, {**old, **given}) if named else element.name if kind.is_named else element.full_name
        body[kind.name_field] = name
        if kind.name == "Account" and body["AccountType"] != old["AccountType"]:
            self._may_change_type(element, old, body)
        self._name_is_free(kind, parent, name, element)
        self._may_be(kind, body, element.id)
        now = self._clock.now()
        element.name = name if kind.is_named else element.id
        element.parent, element.level = (None, 0) if parent is None else (parent.key, parent.level + 1)
        element.space = kind.space if parent is None else f"{kind.name} below"
        element.full_name = name if parent is None else f"{parent.full_name}:{name}"
        element.is_active = body.get("IsActive", True) is not False
        element.modified = now
        element.edit_sequence = str(int(now))
        element.body = qbxml.to_json(Record(kind.ret, body))
        self._write(element, body)
        self.rename_below(element)
        return element

    def _may_change_type(self, element: Element, old: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Raise for an account that QuickBooks needs as it is, and for one whose postings the other type can't have."""
        fixed = {"AccountsReceivable", "AccountsPayable", "NonPosting"} & {old["AccountType"], body["AccountType"]}
        if "SpecialAccountType" in old or (fixed and self._storage.has_postings(element.key)):
            detail = "The type of this account can't be changed."
            raise RequestError(3210, field="AccountType", value=body["AccountType"], detail=detail)

    def _depth(self, element: Element) -> int:
        """How many levels there are below an element."""
        return max((1 + self._depth(child) for child in self._storage.children(element.key)), default=0)

    def _is_below(self, element: Element, above: Element) -> bool:
        while element.parent is not None:
            if element.parent == above.key:
                return True
            element = self.by_key(element.parent)
        return False

    def rename_below(self, element: Element) -> None:
        """Children take over a new name and level at once; nothing else of them changes."""
        for child in self._storage.children(element.key):
            full_name, level = f"{element.full_name}:{child.name}", element.level + 1
            if (child.full_name, child.level) != (full_name, level):
                child.full_name, child.level = full_name, level
                self._storage.write(child)
                self.rename_below(child)

    def touch(self, key: str, now: float, edit_sequence: str | None = None) -> None:
        """Something beside its record was changed in an element: its TimeModified moves, its EditSequence if given."""
        kind, _, id_ = key.partition(" ")
        element = self._storage.element(kind, id_)
        assert element is not None
        element.modified, element.edit_sequence = now, edit_sequence or element.edit_sequence
        self._storage.write(element)

    # -- deleting ----------------------------------------------------------------------------------------------------

    def delete(self, kind: Kind, id_: str, settings: Settings) -> tuple[Element, float]:
        """Delete an element; with other users in the file it is only made inactive. Returns it, and when."""
        check_id(id_)
        element = self._storage.element(kind.name, id_)
        if element is None:
            raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
        if kind.name == "UnitOfMeasureSet":
            raise RequestError(3160, value=id_, detail="Units of measure can't be deleted.")
        users = [one for one in self._storage.users(element.key) if one != element.key]
        if users or self._storage.children(element.key) or self._storage.has_postings(element.key):
            raise RequestError(3160, value=id_, detail="It is in use.")
        now = self._clock.now()
        if settings.file_mode == "MultiUser":
            body = qbxml.from_json(element.body)
            assert isinstance(body, Record)
            element.is_active, element.modified = False, now
            element.body = qbxml.to_json(Record(kind.ret, {**body, "IsActive": False}))
            self._storage.write(element)
        else:
            self._storage.remove(element, now)
        return element, now
