"""Custom fields: definitions with an owner, and values in lists, transactions, their lines, and the company itself.

Owner ``0`` is the company: its fields are what users see. Any other owner is the GUID of an application.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qbxml.model import Record
from qbxml.values import ALLOWS

from .answers import Answer
from .clock import Clock
from .contents import check_id, shown_reference
from .context import Context, Handler, wanted
from .errors import NO_SUCH_RECORD, UNREADABLE, RequestError
from .fieldstore import Definition, FieldStore
from .kinds import items
from .storage import Storage

#: The owner of the fields that users see.
PUBLIC = "0"
#: What such fields can be assigned to, and on which part of a transaction they are then found.
_OF_PUBLIC = ("Customer", "Employee", "Item", "Vendor")
_PUBLIC_IN_HEADERS = ("Customer", "Employee", "Vendor")
_PUBLIC_IN_LINES = ("Item",)

_NO_DEFINITION = "The custom field definition could not be found."
_VALUE_EXISTS = "The custom field has a value already."

#: Longest texts, by the type of a field.
_LONGEST = {"STR255TYPE": 255, "STR1024TYPE": 1024}

#: The company itself, as a holder of values.
COMPANY = "Company"


@dataclass(frozen=True, slots=True)
class Holder:
    """What may hold values: its key in the file, and what a definition must be assigned to, public or private."""

    key: str
    public: tuple[str, ...]
    private: tuple[str, ...]

    def objects(self, owner: str) -> tuple[str, ...]:
        """The objects of which an owner's definition must have one."""
        return self.public if owner == PUBLIC else self.private


def txn_key(kind: str, txn_id: str, line_id: str | None = None) -> str:
    """The key under which a transaction or a line of it holds values."""
    return f"{kind} {txn_id}" if line_id is None else f"{kind} {txn_id} {line_id}"


def txn_holder(kind: str, txn_id: str, line_id: str | None = None) -> Holder:
    """A transaction, or a line of it, as a holder of values."""
    public = _PUBLIC_IN_HEADERS if line_id is None else _PUBLIC_IN_LINES
    return Holder(txn_key(kind, txn_id, line_id), public, (kind,))


class Transactions(Protocol):
    """What custom fields need to know of transactions."""

    def has(self, kind: str, txn_id: str, line_id: str | None) -> bool:
        """Whether there is such a transaction, with such a line."""

    def touch(self, txn_id: str, now: float, edit_sequence: str | None) -> None:
        """Move a transaction's TimeModified, and its EditSequence where one is given."""


class CustomFields:
    """The custom fields of a company. ``transactions`` is set by whoever keeps them; until then there are none."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.store: FieldStore = storage.fields
        self._clock = clock
        self.transactions: Transactions | None = None

    def records(self, key: str, owners: Iterable[str]) -> list[dict[str, Any]]:
        """The DataExtRet of a holder, for the owners that a query asks for."""
        names = ("OwnerID", "DataExtName", "DataExtType", "DataExtValue")
        return [dict(zip(names, row, strict=True)) for row in self.store.values(key, owners)]

    def show(self, record: dict[str, Any], key: str, owners: Sequence[str]) -> None:
        """Put a holder's values into its record, where a query asks for their owners."""
        found = self.records(key, owners) if owners else []
        if found:
            record["DataExtRet"] = found

    def fill(self, holder: Holder, given: Iterable[Mapping[str, Any]]) -> None:
        """Set the ``DataExt`` of a line that is being added. Raises :class:`~qbsimulator.errors.RequestError`."""
        for one in given:
            self.set(holder, str(one["OwnerID"]), str(one["DataExtName"]), one["DataExtValue"], is_new=True)

    def set(self, holder: Holder, owner: str, name: str, value: Any, *, is_new: bool) -> Definition:
        """Set one value; ``is_new``: there must be none yet. Raises :class:`~qbsimulator.errors.RequestError`."""
        place = f'DataExt list, element "{name}"'
        one, object_ = self._definition(holder, owner, name)
        if is_new and self.store.value(holder.key, one) is not None:
            raise RequestError(3180, name=place, detail=_VALUE_EXISTS)
        text = "" if value is None else str(value)
        if text and one.type in ALLOWS and not ALLOWS[one.type](text):
            raise RequestError(UNREADABLE[one.type], value=text, field="DataExtValue")
        if len(text) > _LONGEST.get(one.type, len(text)):
            raise RequestError(3070, value=text, field="DataExtValue", detail=_LONGEST[one.type])
        self.store.set_value(holder.key, object_, one, text or None)
        return one

    def _definition(self, holder: Holder, owner: str, name: str) -> tuple[Definition, str]:
        """A definition that the holder may have, and the object that allows it."""
        one = self.store.definition(owner, name)
        objects = [] if one is None else [object_ for object_ in holder.objects(one.owner) if object_ in one.objects]
        if one is None or not objects:
            raise RequestError(3180, name=f'DataExt list, element "{name}"', detail=_NO_DEFINITION)
        return one, objects[0]

    def unset(self, holder: Holder, owner: str, name: str) -> None:
        """Take one value out. Raises :class:`~qbsimulator.errors.RequestError` where there is none."""
        one, object_ = self._definition(holder, owner, name)
        if self.store.value(holder.key, one) is None:
            raise RequestError(3120, value=name, detail=NO_SUCH_RECORD)
        self.store.set_value(holder.key, object_, one, None)

    def keep_lines(self, key: str, lines: Iterable[str]) -> None:
        """Take out the values of all lines of a transaction but those of some TxnLineIDs."""
        self.store.forget_others(key, {f"{key} {line}" for line in lines})

    def forget(self, key: str) -> None:
        """What held values is gone, with its lines."""
        self.store.forget(key)


# -- definitions -------------------------------------------------------------------------------------------------------


def _checked_objects(owner: str, objects: Iterable[Any]) -> set[str]:
    given = {str(one) for one in objects}
    if owner == PUBLIC and given - set(_OF_PUBLIC):
        raise RequestError(3351)
    return given


def _definition_record(one: Definition) -> Record:
    return Record(
        "DataExtDefRet",
        {
            "OwnerID": one.owner,
            "DataExtID": one.number,
            "DataExtName": one.name,
            "DataExtType": one.type,
            "AssignToObject": sorted(one.objects, key=str.lower),
            "DataExtListRequire": one.list_required,
            "DataExtTxnRequire": one.txn_required,
            "DataExtFormatString": one.format,
        },
    )


def _add_definition(context: Context, content: Mapping[str, Any]) -> Answer:
    store, given = context.company.custom_fields.store, content["DataExtDefAdd"]
    owner, name = str(given["OwnerID"]), str(given["DataExtName"]).strip()
    if not name:
        raise RequestError(3150, field="DataExtName")
    objects = _checked_objects(owner, given.get("AssignToObject") or ())
    if store.definition(owner, name) is not None:
        raise RequestError(3100, value=name)
    one = Definition(owner, name, str(given["DataExtType"]), objects=objects)
    _take(one, given)
    store.add(one)
    return Answer(content=[("DataExtDefRet", _definition_record(one))], wanted=wanted(content))


def _take(one: Definition, given: Mapping[str, Any]) -> None:
    if given.get("DataExtListRequire") is not None:
        one.list_required = bool(given["DataExtListRequire"])
    if given.get("DataExtTxnRequire") is not None:
        one.txn_required = bool(given["DataExtTxnRequire"])
    if "DataExtFormatString" in given:
        one.format = str(given["DataExtFormatString"] or "")


def _mod_definition(context: Context, content: Mapping[str, Any]) -> Answer:
    store, given = context.company.custom_fields.store, content["DataExtDefMod"]
    one = store.definition(str(given["OwnerID"]), str(given["DataExtName"]))
    if one is None:
        place = f'DataExtDef list, element "{given["DataExtName"]}"'
        raise RequestError(3180, name=place, detail=_NO_DEFINITION)
    new_name = str(given.get("DataExtNewName") or "").strip()
    if new_name:
        holder = store.definition(one.owner, new_name)
        if holder is not None and holder.number != one.number:
            raise RequestError(3100, value=new_name)
        one.name = new_name
    one.objects |= _checked_objects(one.owner, given.get("AssignToObject") or ())
    one.objects -= {str(object_) for object_ in given.get("RemoveFromObject") or ()}
    _take(one, given)
    store.change(one)
    return Answer(content=[("DataExtDefRet", _definition_record(one))], wanted=wanted(content))


def _del_definition(context: Context, content: Mapping[str, Any]) -> Answer:
    """Public definitions can't be deleted so; a private one that is assigned stays, and the answer is a success."""
    store = context.company.custom_fields.store
    owner, name = str(content["OwnerID"]), str(content["DataExtName"])
    one = store.definition(owner, name)
    if one is None:
        raise RequestError(3120, value=name, detail=NO_SUCH_RECORD)
    if one.owner == PUBLIC:
        raise RequestError(3160, value=name, detail="A public custom field can't be deleted.")
    if not (one.objects and context.settings.assigned_definition_stays):
        store.remove(one)
    clock = context.company.clock
    told = {"OwnerID": one.owner, "DataExtName": one.name, "TimeDeleted": clock.local(clock.now())}
    return Answer(content=[("DataExtDefDelRet", Record("DataExtDefDelRet", told))])


def _query_definitions(context: Context, content: Mapping[str, Any]) -> Answer:
    """By owners; or by objects, and then only the public ones. Without a filter nothing is found."""
    store = context.company.custom_fields.store
    if (owners := content.get("OwnerID")) is not None:
        found = store.of_owners([str(one) for one in owners])
    elif (objects := content.get("AssignToObject")) is not None:
        found = store.assigned(PUBLIC, [str(one) for one in objects])
    else:
        found = []
    answer = Answer(0 if found else 1, wanted=wanted(content))
    if answer.count(content, len(found)):
        answer.content += [("DataExtDefRet", _definition_record(one)) for one in found]
    return answer


# -- values ------------------------------------------------------------------------------------------------------------


def _holder(context: Context, given: Mapping[str, Any]) -> Holder:
    """What a request is about. Raises :class:`~qbsimulator.errors.RequestError` where there is no such thing."""
    company = context.company
    if "ListDataExtType" in given:
        kind, reference = str(given["ListDataExtType"]), given["ListObjRef"] or {}
        if not any(reference.values()):
            raise RequestError(3150, field="ListObjRef")
        check_id(reference.get("ListID"))
        element = company.elements.found(reference, items() if kind == "Item" else (kind,))
        if element is None:
            shown = shown_reference(reference)
            raise RequestError(3140, kind=kind, value=shown, name="DataExt", detail=NO_SUCH_RECORD)
        return Holder(element.key, (kind,), (kind,))
    if "TxnDataExtType" in given:
        kind, txn_id = str(given["TxnDataExtType"]), str(given["TxnID"] or "")
        line = str(given["TxnLineID"]) if given.get("TxnLineID") else None
        check_id(txn_id, "TxnID")
        transactions = company.custom_fields.transactions
        if transactions is None or not transactions.has(kind, txn_id, line):
            raise RequestError(3120, value=line or txn_id, detail=NO_SUCH_RECORD)
        return txn_holder(kind, txn_id, line)
    return Holder(COMPANY, (), (COMPANY,))


def _touch(context: Context, holder: Holder, given: Mapping[str, Any]) -> None:
    """A custom field that is set moves its object's TimeModified."""
    company = context.company
    now = company.clock.now()
    sequence = str(int(now)) if context.settings.custom_field_moves_edit_sequence else None
    if "ListDataExtType" in given:
        company.elements.touch(holder.key, now, sequence)
    elif "TxnDataExtType" in given and company.custom_fields.transactions is not None:
        company.custom_fields.transactions.touch(str(given["TxnID"]), now, sequence)


def _set(context: Context, content: Mapping[str, Any]) -> Answer:
    given = content[context.name]
    holder = _holder(context, given)
    value = given["DataExtValue"]
    fields = context.company.custom_fields
    owner, name = str(given["OwnerID"]), str(given["DataExtName"])
    one = fields.set(holder, owner, name, value, is_new=context.name == "DataExtAdd")
    _touch(context, holder, given)
    told = {
        "OwnerID": one.owner,
        "DataExtName": one.name,
        "DataExtType": one.type,
        "DataExtValue": "" if value is None else str(value),
    }
    return Answer(content=[("DataExtRet", Record("DataExtRet", told))])


def _unset(context: Context, content: Mapping[str, Any]) -> Answer:
    given = content["DataExtDel"]
    holder = _holder(context, given)
    context.company.custom_fields.unset(holder, str(given["OwnerID"]), str(given["DataExtName"]))
    _touch(context, holder, given)
    clock = context.company.clock
    told = {**given, "TimeDeleted": clock.local(clock.now())}
    return Answer(content=[("DataExtDelRet", Record("DataExtDelRet", told))])


#: By the name of the request without ``Rq``.
CUSTOM_FIELDS: dict[str, Handler] = {
    "DataExtDefAdd": _add_definition,
    "DataExtDefMod": _mod_definition,
    "DataExtDefDel": _del_definition,
    "DataExtDefQuery": _query_definitions,
    "DataExtAdd": _set,
    "DataExtMod": _set,
    "DataExtDel": _unset,
}
