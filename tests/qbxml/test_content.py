"""Content models: which children a record may have, and what is said of those it may not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import qbxml
from qbxml.content import faults, model
from qbxml.schema import RecordType
from qbxml.testing.generation import Generator, seeded
from tests.properties.judges import libxml2_records

NEWEST = qbxml.Schema("16.0")


def said(record: str, *names: str) -> list[str]:
    return [f"{fault.name}: {fault.message}" for fault in faults(NEWEST.record(record), names)]


def test_good_content_has_no_faults() -> None:
    assert said("CustomerAdd", "Name") == []
    assert said("CustomerAdd", "Name", "IsActive", "ShipToAddress", "ShipToAddress", "Phone") == []
    assert said("CustomerQueryRq") == []
    assert said("JournalEntryAdd", "JournalDebitLine", "JournalCreditLine", "JournalDebitLine") == []


@pytest.mark.parametrize(
    ("record", "names", "wanted"),
    [
        ("CustomerAdd", [], ["Name: it is missing"]),
        ("CustomerAdd", ["IsActive"], ["Name: it is missing"]),
        ("CustomerAdd", ["IsActive", "Name"], ["Name: it must stand before IsActive"]),
        ("CustomerAdd", ["Name", "Name"], ["Name: it may stand only once"]),
        ("CustomerAdd", ["Name", "Nmae"], ["Nmae: there is no such element here"]),
        ("CustomerAdd", ["Name", *["ShipToAddress"] * 51], ["ShipToAddress: it may stand only 50 times"]),
        ("CustomerQueryRq", ["ListID", "FullName"], ["FullName: it excludes ListID"]),
        ("CustomerQueryRq", ["FullName", "MaxReturned"], ["MaxReturned: it excludes FullName"]),
        ("CustomerQueryRq", ["FullName", "ListID"], ["FullName: it excludes ListID"]),
        (
            "CustomerQueryRq",
            ["OwnerID", "FullName", "ListID"],
            [
                "FullName: it excludes ListID",
                "FullName: it must stand before OwnerID",
                "ListID: it must stand before OwnerID",
            ],
        ),
        (
            "CustomerAdd",
            ["Phone", "Foreign", "IsActive"],
            ["Foreign: there is no such element here", "IsActive: it must stand before Phone", "Name: it is missing"],
        ),
    ],
)
def test_faults_are_named_all_at_once(record: str, names: list[str], wanted: list[str]) -> None:
    assert sorted(said(record, *names)) == sorted(wanted)


def test_a_fault_tells_its_place() -> None:
    (fault,) = faults(NEWEST.record("CustomerAdd"), ["Name", "Phone", "IsActive"])
    assert (fault.index, fault.name) == (2, "IsActive")
    assert not fault.unknown
    (fault,) = faults(NEWEST.record("CustomerAdd"), ["Name", "Foreign"])
    assert (fault.index, fault.unknown) == (1, True)
    (fault,) = faults(NEWEST.record("CustomerAdd"), [])
    assert fault.index is None


def test_sort_gives_the_order_of_the_schema() -> None:
    assert model(NEWEST.record("CustomerAdd")).sort(["Phone", "IsActive", "Name"]) == ["Name", "IsActive", "Phone"]


def shuffled_names(record: RecordType, seed: int) -> list[str]:
    """Children that are right, or nearly: some moved, doubled, lost or foreign."""
    generator = Generator(NEWEST, seeded((record.name, seed)), size=30)
    names = [field.name for field in generator.fields(record.content)]
    chance = random.Random(seed)
    for _ in range(chance.randrange(4)):
        kind = chance.randrange(4)
        if kind == 0 and names:
            names.pop(chance.randrange(len(names)))
        elif kind == 1:
            known = [*record.fields, "Foreign"]
            names.insert(chance.randrange(len(names) + 1), chance.choice(known))
        elif kind == 2 and names:
            names.insert(chance.randrange(len(names) + 1), names.pop(chance.randrange(len(names))))
        elif kind == 3 and len(names) > 1:
            place = chance.randrange(len(names) - 1)
            names[place], names[place + 1] = names[place + 1], names[place]
    return names


def test_the_model_of_every_record_is_that_of_the_xsd() -> None:
    """libxml2 judges the same sequences, told apart from what it says of what is within."""
    judge = libxml2_records("16.0", None)
    accepted = 0
    names = NEWEST.records()
    for name in names:
        record = NEWEST.record(name)
        for seed in range(3):
            children = shuffled_names(record, seed)
            verdict = model(record).accepts(children)
            assert (faults(record, children) == []) == verdict, f"{name}: {children}"
            assert structure_is_good(judge, record, children) == verdict, f"{name}: {children}"
            accepted += verdict
    assert len(names) < accepted < 2.9 * len(names)


def structure_is_good(judge: etree.XMLSchema, record: RecordType, children: list[str]) -> bool:
    root = etree.Element(record.name)
    for name in children:
        etree.SubElement(root, name)
    judge.validate(root)
    # "Missing child element(s)" of the record itself, or a child of it that "is not expected".
    own = f"Element '{record.name}': Missing"
    return not any(
        error.type_name == "SCHEMAV_ELEMENT_CONTENT"
        and (error.message.startswith(own) or "This element is not expected" in error.message)
        for error in judge.error_log
    )


@given(st.sampled_from(NEWEST.records()), st.data())
def test_faults_are_empty_exactly_where_the_model_accepts(name: str, data: st.DataObject) -> None:
    record = NEWEST.record(name)
    names = data.draw(st.lists(st.sampled_from([*list(record.fields)[:12], "Foreign"]), max_size=8))
    found = faults(record, names)
    assert (found == []) == model(record).accepts(names)
    assert all(fault.message for fault in found)
    assert all(fault.index is None or names[fault.index] == fault.name for fault in found)
