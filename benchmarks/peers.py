"""Other libraries on the same documents, in the same run; one that is not installed is said to be missing.

xmltodict knows no types. xmlschema decodes with the derived XSD. xsdata and pydantic-xml want a class per record,
made here from the schema's fields, as a generator or a patient programmer would write them. What the typed ones
read is compared with what qbxml reads.

All are imported by name: a type checker must not need them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field as dataclass_field
from dataclasses import fields, is_dataclass, make_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from importlib import import_module
from importlib.metadata import version
from types import GenericAlias
from typing import Any

from lxml import etree

from qbxml import Response
from qbxml.schema import RecordType

from . import documents, floors
from .decoding import SCHEMA
from .documents import STATUS, Values
from .measure import Row, once, ratio

#: No peer's case takes much longer than this, in seconds.
PATIENCE = 12.0

_TYPES: dict[str, type] = {
    "AMTTYPE": Decimal,
    "PRICETYPE": Decimal,
    "QUANTYPE": Decimal,
    "PERCENTTYPE": Decimal,
    "FLOATTYPE": Decimal,
    "INTTYPE": int,
    "BOOLTYPE": bool,
    "DATETYPE": date,
    "DATETIMETYPE": datetime,
}


class Peer:
    """One library: what reads the document, what writes what was read, what makes our values of it.

    ``compared`` is ``None`` for one without types, or with others than ours; ``note`` then says so.
    """

    def __init__(
        self,
        read: Callable[[bytes], Any],
        write: Callable[[Any], bytes],
        compared: Callable[[Any], list[Values]] | None = None,
        note: str = "",
    ) -> None:
        self.read = read
        self.write = write
        self.compared = compared
        self.note = note


def rows(quick: bool) -> Iterator[Row]:
    """Reading and writing customers: qbxml first, then every peer that is there."""
    count = 100 if quick else 1000
    data = documents.customer_document(count)
    values = documents.customers(count)

    def floor() -> bytes:
        return floors.response("CustomerQueryRs", "".join([floors.customer(one) for one in values]))

    def tree() -> object:
        return floors.tree(data)

    response = Response([{"CustomerQueryRs": {**STATUS, "CustomerRet": values}}])
    readers: list[Row] = []
    writers: list[Row] = []
    samples = 5 if quick else 21
    readers.append(ratio("peers: decode", "qbxml", lambda: SCHEMA.parse(data), tree, samples=samples))
    writers.append(ratio("peers: encode", "qbxml", lambda: SCHEMA.build(response), floor, samples=samples))
    for name, make in PEERS.items():
        try:
            peer = make()
        except ImportError:
            readers.append(Row("peers: decode", name, None, note="not installed"))
            continue
        label = f"{name} {version(name)}"
        found = peer.read(data)
        note = peer.note
        if peer.compared is not None:
            note = "the same values" if peer.compared(found) == values else "OTHER values"
        readers.append(_measured("peers: decode", label, partial(peer.read, data), tree, note, quick))
        note = "checked against the XSD" if name == "xmlschema" else "not checked against a schema"
        writers.append(_measured("peers: encode", label, partial(peer.write, found), floor, note, quick))
    yield from readers
    yield from writers


def _measured(group: str, name: str, ours: Any, floor: Any, note: str, quick: bool) -> Row:
    often = int((PATIENCE / 4 if quick else PATIENCE) / (once(ours) or 1))
    return ratio(group, name, ours, floor, samples=max(1, min(15, often - 1)), note=note)


# -- xmltodict --------------------------------------------------------------------------------------------------


def _xmltodict() -> Peer:
    xmltodict: Any = import_module("xmltodict")
    return Peer(xmltodict.parse, lambda found: xmltodict.unparse(found).encode(), note="no types")


# -- xmlschema --------------------------------------------------------------------------------------------------


def _xmlschema() -> Peer:
    schema: Any = import_module("xmlschema").XMLSchema(SCHEMA.xsd())

    def read(data: bytes) -> Any:
        return schema.decode(etree.fromstring(data), decimal_type=Decimal)

    def write(found: Any) -> bytes:
        root = schema.encode(found, path="QBXML", etree_element_class=etree.Element)
        return etree.tostring(root)

    return Peer(read, write, note="amounts and times stay text, which qbXML's own types are to the XSD")


# -- xsdata -----------------------------------------------------------------------------------------------------


def _dataclasses(record: RecordType, made: dict[str, type]) -> type:
    datatype: Any = import_module("xsdata.models.datatype")
    kinds: dict[Any, Any] = {date: datatype.XmlDate, datetime: datatype.XmlDateTime}
    if record.name in made:
        return made[record.name]
    members: list[tuple[str, Any, Any]] = []
    for one in record.fields.values():
        kind = _dataclasses(record.record(one), made) if one.is_record else _TYPES.get(one.type, str)
        kind = kinds.get(kind, kind)
        about = {"name": one.name, "type": "Element"}
        if one.repeats:
            members.append((one.name, GenericAlias(list, kind), dataclass_field(default_factory=list, metadata=about)))
        else:
            members.append((one.name, kind | None, dataclass_field(default=None, metadata=about)))
    for name, attribute in record.attributes.items():
        about = {"name": name, "type": "Attribute"}
        kind = _TYPES.get(attribute.type, str)
        members.append((name, kind | None, dataclass_field(default=None, metadata=about)))
    made[record.name] = make_dataclass(record.name, members, slots=True)
    return made[record.name]


def _envelope(make: Callable[[str, str, type], type], inner: type) -> type:
    return make("QBXML", "QBXMLMsgsRs", make("QBXMLMsgsRs", "CustomerQueryRs", inner))


def _xsdata() -> Peer:
    parser: Any = import_module("xsdata.formats.dataclass.parsers").XmlParser()
    serializer: Any = import_module("xsdata.formats.dataclass.serializers").XmlSerializer()

    def around(name: str, child: str, inner: type) -> type:
        about = {"name": child, "type": "Element"}
        return make_dataclass(name, [(child, inner | None, dataclass_field(default=None, metadata=about))])

    message = _dataclasses(SCHEMA.record("CustomerQueryRs"), {})
    root = _envelope(around, message)

    def compared(found: Any) -> list[Values]:
        return [_from_dataclass(one) for one in found.QBXMLMsgsRs.CustomerQueryRs.CustomerRet]

    return Peer(lambda data: parser.from_bytes(data, root), lambda one: serializer.render(one).encode(), compared)


def _from_dataclass(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_dataclass(one) for one in value]
    if is_dataclass(value):
        found = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: _from_dataclass(one) for name, one in found.items() if one is not None and one != []}
    # XmlDate has a to_datetime, too.
    for method in ("to_date", "to_datetime"):
        if hasattr(value, method):
            return getattr(value, method)()
    return value


# -- pydantic-xml -----------------------------------------------------------------------------------------------


def _pydantic() -> tuple[Any, Any]:
    return import_module("pydantic").create_model, import_module("pydantic_xml")


def _models(record: RecordType, made: dict[str, Any]) -> Any:
    create_model, xml = _pydantic()

    if record.name in made:
        return made[record.name]
    members: dict[str, Any] = {}
    for one in record.fields.values():
        kind = _models(record.record(one), made) if one.is_record else _TYPES.get(one.type, str)
        if one.repeats:
            members[one.name] = (GenericAlias(list, kind), xml.element(tag=one.name, default_factory=list))
        else:
            members[one.name] = (kind | None, xml.element(tag=one.name, default=None))
    for name, attribute in record.attributes.items():
        members[name] = (_TYPES.get(attribute.type, str) | None, xml.attr(name=name, default=None))
    made[record.name] = create_model(
        record.name,
        __base__=xml.BaseXmlModel,
        __cls_kwargs__={"tag": record.element, "search_mode": "ordered"},
        **members,
    )
    return made[record.name]


def _pydantic_xml() -> Peer:
    create_model, xml = _pydantic()

    def around(name: str, child: str, inner: type) -> type:
        made: type = create_model(
            name,
            __base__=xml.BaseXmlModel,
            __cls_kwargs__={"tag": name},
            **{child: (inner, xml.element(tag=child))},
        )
        return made

    root: Any = _envelope(around, _models(SCHEMA.record("CustomerQueryRs"), {}))

    def compared(found: Any) -> list[Values]:
        kept = found.model_dump(exclude_none=True)["QBXMLMsgsRs"]["CustomerQueryRs"]["CustomerRet"]
        return [_without_empty(one) for one in kept]

    return Peer(root.from_xml, lambda found: found.to_xml(exclude_none=True), compared)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_empty(one) for name, one in value.items() if one != []}
    return [_without_empty(one) for one in value] if isinstance(value, list) else value


PEERS: dict[str, Callable[[], Peer]] = {
    "xmlschema": _xmlschema,
    "xsdata": _xsdata,
    "xmltodict": _xmltodict,
    "pydantic-xml": _pydantic_xml,
}
