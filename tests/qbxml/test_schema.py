"""What the compiled schema says, asked by name, and that it says what the XSD says."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from lxml import etree

import qbxml
from qbxml import Schema, UnknownEdition, UnknownName, UnknownVersion
from qbxml.schema import Choice, Field, enumeration, near_names
from qbxml.versions import EDITIONS, RANK, VERSIONS
from tests.properties.judges import TRIED

XS = "{http://www.w3.org/2001/XMLSchema}"
NEWEST = Schema("16.0")
EVERY = [
    (version, edition)
    for version in VERSIONS
    for edition in (None, *EDITIONS)
    if edition is None or RANK[version] >= RANK[EDITIONS[edition]]
]


# -- a schema -----------------------------------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_schema() -> None:
    assert Schema("13.0", "US") is Schema("13.0", "US")
    assert Schema() is Schema("16.0", None)
    assert pickle.loads(pickle.dumps(NEWEST)) is NEWEST
    assert copy.deepcopy(NEWEST) is NEWEST


def test_a_schema_can_not_be_changed() -> None:
    with pytest.raises(AttributeError, match="can't be changed"):
        NEWEST.version = "1.0"


@pytest.mark.parametrize("version", ["", "13", "17.0", 13.0, None, ["13.0"]])
def test_unknown_versions(version: Any) -> None:
    with pytest.raises((UnknownVersion, TypeError)) as caught:
        Schema(version)
    if isinstance(caught.value, UnknownVersion):
        assert caught.value.known == VERSIONS


@pytest.mark.parametrize(
    ("version", "edition"), [("13.0", "DE"), ("5.0", "UK"), ("6.1", "AU"), ("3.0", "CA"), ("13.0", "")]
)
def test_unknown_editions(version: str, edition: str) -> None:
    with pytest.raises(UnknownEdition, match=r"known: US from 1\.0"):
        Schema(version, edition)


# -- messages -----------------------------------------------------------------------------------------------------


def test_messages() -> None:
    assert len(NEWEST.messages) == 242
    sets = [message.message_set for message in NEWEST.messages.values()]
    assert {name: sets.count(name) for name in sets} == {
        "QBXMLMsgs": 232,
        "QBXMLSubscriptionMsgs": 7,
        "SignonMsgs": 3,
    }
    message = NEWEST.message("CustomerQueryRs")
    assert (message.name, message.request, message.response) == ("CustomerQuery", "CustomerQueryRq", "CustomerQueryRs")
    assert NEWEST.message("CustomerQuery") is NEWEST.message("CustomerQueryRq") is message


def test_every_message_has_both_sides() -> None:
    for message in NEWEST.messages.values():
        assert NEWEST.record(message.request).element == message.request
        assert {"statusCode", "statusSeverity"} <= set(NEWEST.record(message.response).attributes)


def test_later_versions_have_more_messages() -> None:
    counts = [len(Schema(version).messages) for version in VERSIONS]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == 242


def test_unknown_messages_say_where_they_are_known() -> None:
    with pytest.raises(UnknownName, match=r"it exists in qbXML 13.0 and later"):
        Schema("12.0").message("LeadAddRq")
    with pytest.raises(UnknownName, match="did you mean CustomerQuery"):
        NEWEST.message("CustomerQueryRequest")
    with pytest.raises(UnknownName, match="did you mean CustomerAddRq") as caught:
        NEWEST.record("customeraddrq")
    assert caught.value.near == ("CustomerAddRq",)


def test_which_requests_write() -> None:
    writing = {name for name, message in NEWEST.messages.items() if message.writes}
    assert NEWEST.writes("CustomerAddRq")
    assert not NEWEST.writes("CustomerQueryRq")
    assert {"ListDel", "TxnDel", "TxnVoid", "ListMerge", "ClearedStatusMod", "DataExtMod"} <= writing
    assert not any(name.endswith("Query") for name in writing)
    kept = {name for name in NEWEST.messages if name.endswith(("Add", "Mod", "Del"))} - writing
    assert kept == {"ListDisplayAdd", "ListDisplayMod", "TxnDisplayAdd", "TxnDisplayMod"}


def test_the_messages_about_a_record() -> None:
    query, add, mod = (function("CustomerRet") for function in (NEWEST.query_of, NEWEST.add_of, NEWEST.mod_of))
    assert query is not None
    assert add is not None
    assert mod is not None
    assert [query.name, add.name, mod.name] == ["CustomerQuery", "CustomerAdd", "CustomerMod"]
    assert {message.name for message in NEWEST.queries_of("CustomerRet")} >= {"CustomerQuery", "EntityQuery"}
    assert NEWEST.mod_of("CustomerTypeRet") is None
    assert NEWEST.query_of("BillAddress") is None


# -- records and fields -----------------------------------------------------------------------------------------------


def test_fields() -> None:
    name = NEWEST.record("CustomerAdd").fields["Name"]
    assert (name.type, name.limit, name.min, name.max, name.required, name.repeats) == (
        "STRTYPE",
        41,
        1,
        1,
        True,
        False,
    )
    ship_to = NEWEST.record("CustomerAdd").fields["ShipToAddress"]
    assert (ship_to.is_record, ship_to.max, ship_to.repeats) == (True, 50, True)
    iterator = NEWEST.record("CustomerQueryRq").attributes["iterator"]
    assert (iterator.is_attribute, iterator.values) == (True, ("Start", "Continue", "Stop"))
    month = NEWEST.record("CreditCardInfo").fields["ExpirationMonth"]
    assert (month.type, month.low, month.high) == ("INTTYPE", 1, 12)
    assert repr(ship_to) == "<Field ShipToAddress: ShipToAddress 0..50>"


def test_lengths_by_edition() -> None:
    def limit(edition: str | None) -> int | None:
        return Schema("13.0", edition).record("BillAddress").fields["PostalCode"].limit

    assert {edition: limit(edition) for edition in (None, *EDITIONS)} == dict.fromkeys((None, *EDITIONS), 13)
    differing = {
        (record, field.name)
        for record in NEWEST.records()
        for field in NEWEST.record(record).fields.values()
        if not field.is_record and len({_limit(record, field.name, edition) for edition in EDITIONS}) > 1
    }
    assert len(differing) == 11


def _limit(record: str, name: str, edition: str) -> int | None:
    field = Schema("16.0", edition).record(record).fields.get(name)
    reference = NEWEST.record(record).fields[name]
    return reference.limit if field is None else field.limit


def test_42_choices_interleave() -> None:
    groups = [group for name in NEWEST.records() for group in NEWEST.record(name).groups if not name.endswith("sgsRq")]
    kinds = [group for group in groups if not group[0].endswith(("Rq", "Rs"))]
    assert len(kinds) == 42
    assert NEWEST.record("JournalEntryRet").placed == {"JournalDebitLine", "JournalCreditLine"}


def test_a_record_is_known_by_its_names() -> None:
    """No name stands twice in a record, and no attribute is called like an element."""
    for name in NEWEST.records():
        record = NEWEST.record(name)
        assert len(list(_fields(record.content))) == len(record.fields), name
        assert not set(record.fields) & set(record.attributes), name


def test_values_of_an_enumeration() -> None:
    assert enumeration("iterator", "16.0", None) == ("Start", "Continue", "Stop")
    assert "" in enumeration("JobReportType", "13.0", None)
    assert "" not in enumeration("JobReportType", "13.0", "US")


def test_near_names() -> None:
    assert near_names("listid", ["ListID", "TxnID"]) == ["ListID"]
    assert near_names("Nmae", ["Name", "Phone"]) == ["Name"]
    assert near_names("Zzz", ["Name"]) == []


# -- where a name is known --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "name", "wanted"),
    [
        ("CustomerAdd", "Name", "qbXML 1.0 and later"),
        ("CustomerAdd", "Foreign", None),
        ("QBXMLMsgsRq", "LeadAddRq", "qbXML 13.0 and later"),
        ("QBXMLMsgsRq", "ItemSitesQueryRq", "qbXML 10.0 and later (US)"),
        ("CustomerQueryRq", "iterator", "qbXML 5.0 and later"),
    ],
)
def test_where_in_words(record: str, name: str, wanted: str | None) -> None:
    assert NEWEST.where(record, name) == wanted


def test_where_is_where_the_schema_has_it() -> None:
    """The words are held against the records of all versions and editions."""
    having: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for version, edition in EVERY:
        if edition is None:
            continue
        schema = Schema(version, edition)
        for record in ("CustomerRet", "InvoiceAdd", "VendorRet", "QBXMLMsgsRq", "ItemQueryRq", "EmployeeMod"):
            kind = schema.record(record)
            for name in (*kind.fields, *kind.attributes):
                having.setdefault((record, name), set()).add((version, edition))
    assert len(having) > 400
    for (record, name), where in having.items():
        words = NEWEST.where(record, name)
        assert words is not None
        versions = sorted({version for version, _ in where}, key=RANK.__getitem__)
        assert words.startswith(f"qbXML {versions[0]}")
        assert ("and later" in words) == (versions[-1] == VERSIONS[-1] and len(versions) > 1), (words, name)
        editions = [edition for edition in EDITIONS if any(one == edition for _, one in where)]
        assert words.endswith(f"({', '.join(editions)})") == (len(editions) < len(EDITIONS)), (words, name)


# -- the compiled form and the XSD ------------------------------------------------------------------------------------


def _fields(content: Any) -> Any:
    for part in content:
        if isinstance(part, Field):
            yield part
        else:
            for branch in part.branches:
                yield from _fields(branch)


class Xsd:
    """The derived XSD in the terms of the compiled form, read from its own XML."""

    def __init__(self, version: str, edition: str | None) -> None:
        self.root = etree.fromstring(qbxml.xsd(version, edition).encode())
        self.named = {(node.tag, node.get("name")): node for node in self.root}

    def records(self) -> list[str]:
        return [str(name) for tag, name in self.named if tag == f"{XS}complexType"]

    def content(self, name: str) -> list[Any]:
        return self.parts(self.named[f"{XS}complexType", name])

    def parts(self, parent: etree._Element) -> list[Any]:
        found: list[Any] = []
        for node in parent:
            occurs = (node.get("minOccurs", "1"), node.get("maxOccurs", "1"))
            if node.tag == f"{XS}element":
                found.append((node.get("name"), *occurs, *self.simple(node)))
            elif node.tag == f"{XS}choice":
                branches = [self.branch(branch) for branch in node]
                found.append((*occurs, branches))
            elif node.tag == f"{XS}sequence":
                found += self.parts(node)
            elif node.tag == f"{XS}group":
                found += self.parts(self.named[node.tag, node.get("ref")])
        return found

    def branch(self, node: etree._Element) -> list[Any]:
        wrapper = etree.Element("branch")
        wrapper.append(copy.deepcopy(node))
        return self.parts(wrapper)

    def attributes(self, parent: etree._Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for node in parent:
            if node.tag == f"{XS}attribute":
                found[str(node.get("name"))] = (node.get("use") == "required", *self.simple(node))
            elif node.tag == f"{XS}attributeGroup":
                found |= self.attributes(self.named[node.tag, node.get("ref")])
        return found

    def simple(self, node: etree._Element) -> tuple[Any, ...]:
        """What a text may be: base type, enumeration, length and bounds, default; or the record type."""
        name = node.get("type", "")
        if (f"{XS}complexType", name) in self.named:
            definition = self.named[f"{XS}complexType", name]
            extension = definition.find(f"{XS}simpleContent/{XS}extension")
            if extension is None:
                return (name,)
            name = extension.get("base", "")  # a text that may refer to a macro
        values: tuple[str, ...] | None = None
        facets: dict[str, str] = {}
        while "." in name or not name.isupper():
            restriction = self.named[f"{XS}simpleType", name][0]
            for facet in restriction:
                kind = str(facet.tag).removeprefix(XS)
                if kind == "enumeration":
                    values = (*(values or ()), facet.get("value", ""))
                else:
                    facets.setdefault(kind, facet.get("value", ""))
            name = restriction.get("base", "")
        if name == "IDTYPE":
            facets.setdefault("maxLength", "36")
        return (
            name,
            values,
            facets.get("maxLength"),
            facets.get("minInclusive"),
            facets.get("maxInclusive"),
            node.get("default"),
        )


def compiled(content: Any) -> list[Any]:
    """Compiled content in the same terms."""
    found: list[Any] = []
    for part in content:
        occurs = (str(part.min), "unbounded" if part.max is None else str(part.max))
        if isinstance(part, Choice):
            found.append((*occurs, [compiled(branch) for branch in part.branches]))
        else:
            found.append((part.name, *occurs, *simple(part)))
    return found


def simple(field: Field) -> tuple[Any, ...]:
    if field.is_record:
        return (field.type,)
    limits = (None if one is None else str(one) for one in (field.limit, field.low, field.high))
    return field.type, field.values, *limits, field.default


def check_against_xsd(version: str, edition: str | None) -> None:
    schema, xsd = Schema(version, edition), Xsd(version, edition)
    named = schema.records()
    assert set(named) == {name for name in xsd.records() if "useMacro" not in name}
    for name in named:
        record = schema.record(name)
        assert compiled(record.content) == xsd.content(name), name
        attributes = {field.name: (field.min == 1, *simple(field)) for field in record.attributes.values()}
        assert attributes == xsd.attributes(xsd.named[f"{XS}complexType", name]), name


@pytest.mark.parametrize(("version", "edition"), TRIED)
def test_the_compiled_schema_is_the_derived_xsd(version: str, edition: str | None) -> None:
    check_against_xsd(version, edition)


@pytest.mark.slow
@pytest.mark.parametrize(("version", "edition"), [one for one in EVERY if one not in TRIED])
def test_the_compiled_schema_is_the_derived_xsd_everywhere(version: str, edition: str | None) -> None:
    check_against_xsd(version, edition)
