"""Custom fields: read off a record by owner and name, and the requests that set and delete one.

QuickBooks calls them data extensions. A record holds them as a list of ``DataExtRet``, each with the OwnerID of who
defined it: ``0`` for the fields that users see, a GUID for those of an application. A query answers only with those of
the OwnerIDs it lists, ``{"CustomerQueryRq": {"OwnerID": ["0"]}}``; without any, a record has none.

They are set one by one, by requests of their own that name the object: a list object by its ListID, a transaction or
one of its lines by TxnID and TxnLineID, or the company.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from ._master import RECORDS
from .errors import InvalidRequest
from .model import Record
from .modifying import CannotModify
from .problems import Problem
from .schema import Schema
from .values import READ, WANTS, WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Request = dict[str, dict[str, dict[str, Any]]]

#: The owner of the fields that users see.
PUBLIC = "0"

_LIST = "DataExtRet"
_LINE_ID = "TxnLineID"
#: Where a request names the kind of its object, and what says which object of the kind it is.
_KINDS = (("TxnDataExtType", "TxnID"), ("ListDataExtType", "ListID"), ("OtherDataExtType", ""))
#: The type that a Python value is written as where nothing says which type the field has; a truth value is an ``int``.
_WRITTEN_AS = (
    (bool, "BOOLTYPE"),
    (int, "INTTYPE"),
    ((Decimal, float), "FLOATTYPE"),
    (date, "DATETIMETYPE"),
    (timedelta, "TIMEINTERVALTYPE"),
)


class CustomFields(Mapping[tuple[str, str], "Any"]):
    """The custom fields of a record: ``fields["0", "Colour"]`` is the value of one, by OwnerID and DataExtName.

    Values are ``Decimal``, ``int``, ``datetime`` or ``str`` by their DataExtType; one that does not fit stays text, and
    an empty one that is not text is ``None``. GUIDs are compared without regard to case. Read only.
    """

    __slots__ = ("_fields",)

    def __init__(self, record: Mapping[str, Any]) -> None:
        given = record.get(_LIST)
        items = given if isinstance(given, list) else [given]
        #: the DataExtRet by owner and name
        self._fields: dict[tuple[str, str], Mapping[str, Any]] = {}
        for item in items:
            if isinstance(item, dict):
                owner = str(item.get("OwnerID") or PUBLIC)
                self._fields[owner.upper(), str(item.get("DataExtName", ""))] = item

    def _found(self, key: object) -> Mapping[str, Any]:
        if not (isinstance(key, tuple) and len(key) == 2):
            raise KeyError(key)
        owner, name = key
        try:
            return self._fields[str(owner).upper(), name]
        except KeyError:
            raise KeyError(key) from None

    def __getitem__(self, key: tuple[str, str]) -> Any:
        found = self._found(key)
        return _value(found.get("DataExtValue"), found.get("DataExtType"))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((str(item.get("OwnerID") or PUBLIC), name) for (_, name), item in self._fields.items())

    def __len__(self) -> int:
        return len(self._fields)

    def text(self, name: str, owner_id: str = PUBLIC) -> str:
        """The ``DataExtValue`` of a field, as it was sent. Raises :class:`KeyError`."""
        return str(self._found((owner_id, name)).get("DataExtValue") or "")

    def type(self, name: str, owner_id: str = PUBLIC) -> str:
        """The ``DataExtType`` of a field (``STR255TYPE``, ``AMTTYPE`` …). Raises :class:`KeyError`."""
        return str(self._found((owner_id, name)).get("DataExtType") or "")

    @property
    def public(self) -> dict[str, Any]:
        """The fields that users see, by name alone."""
        return {name: self[owner, name] for owner, name in self if owner == PUBLIC}

    def __repr__(self) -> str:
        return f"CustomFields({dict(self)!r})"


def _value(text: Any, kind: Any) -> Any:
    if not isinstance(text, str) or kind not in READ:
        return text
    if text == "":
        return None
    try:
        return READ[kind](text)
    except ValueError:
        return text


def custom_fields(record: Mapping[str, Any]) -> CustomFields:
    """The custom fields of a record, or of a line of a transaction, with typed values; empty where there are none."""
    return CustomFields(record)


def custom_field(record: Mapping[str, Any], name: str, owner_id: str = PUBLIC, default: Any = None) -> Any:
    """The value of one custom field, or ``default`` where the record does not have it."""
    return CustomFields(record).get((owner_id, name), default)


def set_custom_field(
    record: Record,
    name: str,
    value: Any,
    owner_id: str = PUBLIC,
    *,
    line: str | Mapping[str, Any] | None = None,
    exists: bool | None = None,
    schema: Schema | None = None,
) -> Request:
    """The request that gives a custom field of a record its value, ready for :func:`qbxml.build`.

    For a record that has the field it is a ``DataExtModRq``, else a ``DataExtAddRq``: QuickBooks refuses either in
    place of the other (3180). A record knows only the fields of the owners that its query listed; ``exists`` says it
    for one that was read without. The field must have been defined for that kind of record, else QuickBooks refuses
    both.

    ``line`` is a line of the transaction, or its TxnLineID, for a custom field of the line. ``value`` is written as the
    field's DataExtType wants it, where that is known; ``None`` or ``""`` empties the field. ``schema`` says which
    objects can have custom fields, by default the newest.

    Raises :class:`~qbxml.modifying.CannotModify` for a record that can't have custom fields, lacks its ListID or TxnID,
    or has no such line, and :class:`~qbxml.errors.InvalidRequest` for a value that does not fit the field.
    """
    target = _target(record, line, schema or Schema())
    holder = record if line is None else _line(record, line)
    fields = CustomFields(holder)
    there = (owner_id, name) in fields
    kind = fields.type(name, owner_id) if there else ""
    message = "DataExtMod" if (there if exists is None else exists) else "DataExtAdd"
    try:
        text = _text(value, kind)
    except ValueError as error:
        path = f"{message}Rq.{message}.DataExtValue"
        wanted = WANTS.get(kind, "text")
        raise InvalidRequest([Problem(path, "value", str(error), given=value, expected=wanted)]) from None
    content = {"OwnerID": owner_id, "DataExtName": name, **target, "DataExtValue": text}
    return {f"{message}Rq": {message: content}}


def delete_custom_field(
    record: Record,
    name: str,
    owner_id: str = PUBLIC,
    *,
    line: str | Mapping[str, Any] | None = None,
    schema: Schema | None = None,
) -> Request:
    """The request that takes a custom field off a record, ready for :func:`qbxml.build`; its definition stays.

    The arguments are those of :func:`set_custom_field`. Raises :class:`~qbxml.modifying.CannotModify`.
    """
    target = _target(record, line, schema or Schema())
    return {"DataExtDelRq": {"DataExtDel": {"OwnerID": owner_id, "DataExtName": name, **target}}}


def _text(value: Any, kind: str) -> str:
    """What a value is written as. Raises :class:`ValueError`."""
    if value is None or value == "":
        return ""
    if kind in WRITE:
        return WRITE[kind](value)
    if isinstance(value, str):
        return str(value)
    for classes, written_as in _WRITTEN_AS:
        if isinstance(value, classes):
            return WRITE[written_as](value)
    raise ValueError(f"a {type(value).__name__} is no value of a custom field")


def _target(record: Record, line: str | Mapping[str, Any] | None, schema: Schema) -> dict[str, Any]:
    """The fields of a request that name its object."""
    if not isinstance(record, Record):
        advice = 'Make it a Record: Record("CustomerRet", fields).'
        raise CannotModify("record", f"a {type(record).__name__} does not say what it is", advice)
    where, kind, identity = _kind(record.name, schema)
    if line is not None and identity != "TxnID":
        raise CannotModify(record.name, "it is no transaction, so it has no lines", "Leave line out.")
    if not identity:
        return {where: kind}
    value = record.get(identity)
    if not value:
        raise CannotModify(record.name, f"it has no {identity} to name it by")
    if identity == "ListID":
        return {where: kind, "ListObjRef": {"ListID": value}}
    if line is None:
        return {where: kind, "TxnID": value}
    return {where: kind, "TxnID": value, _LINE_ID: _line(record, line)[_LINE_ID]}


def _kind(ret: str, schema: Schema) -> tuple[str, str, str]:
    """The field that names the kind of an object, that kind, and what the object is named by.

    The schema lists the kinds; all kinds of items are one, ``Item``.
    """
    stem = ret.removesuffix("Ret")
    listed = schema.record("DataExtAdd").fields if "DataExtAdd" in schema.messages else {}
    for where, identity in _KINDS:
        if where in listed and stem in (listed[where].values or ()):
            return where, stem, identity
    if listed and ret in RECORDS and _LIST in schema.record(ret).fields:
        for kind in listed["ListDataExtType"].values or ():
            if stem.startswith(kind):
                return "ListDataExtType", kind, "ListID"
    raise CannotModify(
        ret, "QuickBooks keeps no custom fields for it", "Use the record that the field was defined for."
    )


def _line(record: Mapping[str, Any], line: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A line of a transaction, by itself or by its TxnLineID, within groups too."""
    name = record.name if isinstance(record, Record) else "record"
    if not isinstance(line, str):
        if not line.get(_LINE_ID):
            raise CannotModify(name, f"the line has no {_LINE_ID} to name it by")
        return line
    waiting: list[Any] = [value for value in record.values() if isinstance(value, list)]
    while waiting:
        for one in waiting.pop():
            if isinstance(one, dict):
                if one.get(_LINE_ID) == line:
                    return one
                waiting += [value for value in one.values() if isinstance(value, list)]
    raise CannotModify(name, f"it has no line {line!r}")
