"""Every element and attribute of the schema with every edge value of its type, by name: nothing is left to chance."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

import qbxml
from qbxml.building import build
from qbxml.checking import examine
from qbxml.schema import Field, RecordType
from qbxml.testing.generation import FULL, SPARSE, Generator, Node, seeded
from qbxml.testing.markup import write
from qbxml.testing.values import refused, spellings, values
from tests.properties.judges import TRIED, complaint, libxml2_records

#: The union, and an edition with lengths of its own.
WHOLE = [("16.0", None), pytest.param("16.0", "UK", marks=pytest.mark.slow)]


def element(node: Node) -> etree._Element:
    return etree.fromstring(write(node))


def accepts(node: etree._Element, record: RecordType) -> bool:
    found: list[Any] = []
    examine(node, record, record.name, found)
    return not found


def full_node(schema: qbxml.Schema, record: RecordType, turn: int) -> Node:
    """A record with all its own elements and attributes; the records within have only what they must."""
    pick = seeded((record.name, turn))
    full = Generator(schema, pick, density=FULL, size=1 << 30, macros=False)
    sparse = Generator(schema, pick, density=SPARSE, macros=False)
    node = Node(record.name, record=record)
    node.attributes = {field.name: full.spelling(field) for field in record.attributes.values()}
    node.children = [
        sparse.node(record.record(field), field) if field.is_record else full.leaf(field)
        for field in full.fields(record.content)
    ]
    return node


def leaves(node: Node) -> list[tuple[Node, Field]]:
    return [
        (child, child.field)
        for child in node.children
        if isinstance(child, Node) and child.field is not None and not child.field.is_record
    ]


def signature(field: Field) -> tuple[Any, ...]:
    """What a field's verdict on a text depends on."""
    empty = field.default is not None and not field.is_attribute
    return field.type, field.values, field.limit, field.low, field.high, empty, field.is_attribute


@pytest.mark.parametrize(("version", "edition"), WHOLE)
def test_every_element_takes_every_spelling(version: str, edition: str | None) -> None:
    schema, judge = qbxml.Schema(version, edition), libxml2_records(version, edition)
    for name in schema.records():
        record = schema.record(name)
        if record.name.endswith(("MsgsRq", "MsgsRs")) or record.name == "QBXML":
            continue  # they hold no values
        node = full_node(schema, record, 0)
        rows = [(leaf, spellings(field)) for leaf, field in leaves(node)]
        attributes = [(field.name, spellings(field)) for field in record.attributes.values()]
        for turn in range(max([len(row) for _, row in [*rows, *attributes]], default=0)):
            for leaf, row in rows:
                leaf.children = [row[turn % len(row)]]
            for attribute, row in attributes:
                node.attributes[attribute] = row[turn % len(row)]
            tree = element(node)
            assert judge.validate(tree), f"{name}: {complaint(judge)}"
            assert accepts(tree, record), f"{name}, turn {turn}"


@pytest.mark.parametrize(("version", "edition"), TRIED)
def test_every_kind_of_field_refuses_what_is_wrong_for_it(version: str, edition: str | None) -> None:
    """Fields of one type and the same bounds are one kind; each kind is tried where it is met first."""
    schema, judge = qbxml.Schema(version, edition), libxml2_records(version, edition)
    seen: set[tuple[Any, ...]] = set()
    for name in schema.records():
        record = schema.record(name)
        node = None
        for field in (*record.fields.values(), *record.attributes.values()):
            if field.is_record or signature(field) in seen:
                continue
            for turn in range(40):  # until a choice lets the field stand
                node = full_node(schema, record, turn)
                if field.is_attribute or any(leaf.name == field.name for leaf, _ in leaves(node)):
                    break
            assert node is not None
            seen.add(signature(field))
            for text in refused(field):
                tree = element(_changed(node, field, text))
                assert not judge.validate(tree), f"{name}.{field.name} = {text!r}"
                assert not accepts(tree, record), f"{name}.{field.name} = {text!r}: {complaint(judge)}"
    assert len(seen) > 50


def _changed(node: Node, field: Field, text: str) -> Node:
    node = node.copy()
    if field.is_attribute:
        node.attributes[field.name] = text
        return node
    for leaf, _ in leaves(node):
        if leaf.name == field.name:
            leaf.children = [text]
    return node


def test_every_value_of_every_kind_of_field_is_written_and_read_back() -> None:
    schema = qbxml.Schema("16.0")
    seen: set[tuple[Any, ...]] = set()
    for name in schema.messages:
        record = schema.record(f"{name}Rs")
        for path, field in _paths(record, ()):
            if signature(field) in seen:
                continue
            content = _reaching(schema, record, path, field)
            if content is None:
                continue
            seen.add(signature(field))
            for value in values(field):
                whole, holder = content()
                holder[field.name] = [value] if field.repeats else value
                document = build(qbxml.Response([{record.name: whole}]), schema=schema)
                message = qbxml.parse(document, schema=schema)[0]
                assert message.content == whole, f"{name}: {path} = {value!r}"
    assert len(seen) > 100


def _paths(record: RecordType, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Field]]:
    found: list[tuple[tuple[str, ...], Field]] = [(path, field) for field in record.attributes.values()]
    for field in record.fields.values():
        if field.is_record:
            found += _paths(record.record(field), (*path, field.name))
        else:
            found.append((path, field))
    return found


def _reaching(schema: qbxml.Schema, record: RecordType, path: tuple[str, ...], field: Field) -> Any:
    """A function that makes content in which the field stands, and gives the record that holds it."""
    for turn in range(12):

        def content(turn: int = turn) -> tuple[dict[str, Any], dict[str, Any]]:
            pick = seeded((record.name, turn))
            whole = Generator(schema, pick, density=FULL, size=1 << 30, macros=False).content(record)
            holder: Any = whole
            for name in path:
                holder = holder[name]
                holder = holder[0] if isinstance(holder, list) else holder
            return whole, holder

        try:
            if field.name in content()[1]:
                return content
        except KeyError:
            continue
    return None
