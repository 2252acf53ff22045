"""The plain XSD of a version and edition."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import xmlschema
from lxml import etree

import qbxml
from qbxml.versions import EDITIONS, RANK, VERSIONS

XS = "{http://www.w3.org/2001/XMLSchema}"
EVERY = [
    (version, edition)
    for version in VERSIONS
    for edition in (None, *EDITIONS)
    if edition is None or RANK[version] >= RANK[EDITIONS[edition]]
]


def has(version: str, edition: str | None, kind: str, name: str) -> bool:
    """Whether a record has an element or attribute, in the XSD as it is written."""
    root = etree.fromstring(qbxml.xsd(version, edition).encode())
    definition = root.find(f"{XS}complexType[@name='{kind}']")
    return definition is not None and definition.find(f".//*[@name='{name}']") is not None


def test_the_text_is_always_the_same() -> None:
    text = qbxml.xsd("13.0", "US")
    assert text == qbxml.xsd("13.0", "US")
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    program = "import qbxml, sys; sys.stdout.write(qbxml.xsd('13.0', 'US'))"
    other = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert other.stdout.decode() == text


def test_it_is_plain() -> None:
    text = qbxml.xsd("16.0")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<xs:schema xmlns:xs=')
    assert text.endswith("</xs:schema>\n")
    assert "urn:openqbd" not in text
    assert "appinfo" not in text
    assert "qbXML 16.0, all editions" in text
    assert "qbXML 13.0, UK" in qbxml.xsd("13.0", "UK")


def test_unknown_versions_and_editions() -> None:
    with pytest.raises(qbxml.UnknownVersion):
        qbxml.xsd("17.0")
    with pytest.raises(qbxml.UnknownEdition):
        qbxml.xsd("5.0", "UK")


@pytest.mark.parametrize(("version", "edition"), [("1.0", None), ("6.0", "CA"), ("13.0", "US"), ("16.0", None)])
def test_it_is_a_schema(version: str, edition: str | None) -> None:
    check(version, edition)


@pytest.mark.slow
@pytest.mark.parametrize(("version", "edition"), EVERY)
def test_it_is_a_schema_everywhere(version: str, edition: str | None) -> None:
    check(version, edition)


@pytest.mark.slow
@pytest.mark.parametrize(("version", "edition"), [("2.1", None), ("16.0", "AU")])
def test_it_is_a_schema_to_the_second_judge(version: str, edition: str | None) -> None:
    schema = xmlschema.XMLSchema(qbxml.xsd(version, edition))
    assert schema.is_valid("<QBXML/>")
    assert not schema.is_valid("<QBXML><Foreign/></QBXML>")


def check(version: str, edition: str | None) -> None:
    root = etree.fromstring(qbxml.xsd(version, edition).encode())
    schema = etree.XMLSchema(root)
    assert schema.validate(etree.XML("<QBXML/>"))
    assert schema.validate(etree.XML('<QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>'))
    assert not schema.validate(etree.XML("<QBXML><QBXMLMsgsRq/></QBXML>"))
    # Nothing is left over: every definition is used, every choice and group holds something.
    used = {node.get(key) for node in root.iter() for key in ("type", "ref", "base")}
    for node in root:
        assert node.get("name") in used or node.get("name") in ("QBXML", None), node.get("name")
    for node in root.iter(f"{XS}choice", f"{XS}sequence", f"{XS}group"):
        assert node.get("ref") is not None or len(node), node.getroottree().getpath(node)


def test_a_version_has_what_came_by_then() -> None:
    for version in ("1.0", "2.0", "11.0", "12.0", "13.0", "16.0"):
        root = etree.fromstring(qbxml.xsd(version).encode())
        for kind, name, first in (
            ("QBXMLMsgsRq", "CustomerQueryRq", "1.0"),
            ("QBXMLMsgsRq", "DepositAddRq", "2.0"),
            ("CustomerAdd", "ClassRef", "12.0"),
            ("QBXMLMsgsRq", "LeadAddRq", "13.0"),
        ):
            found = root.find(f"{XS}complexType[@name='{kind}']//{XS}element[@name='{name}']")
            assert (found is not None) == (RANK[version] >= RANK[first]), (version, name)


def test_an_edition_has_its_own() -> None:
    having = {edition for edition in EDITIONS if has("13.0", edition, "QBXMLMsgsRq", "ItemSitesQueryRq")}
    assert having == {"US"}
    assert has("13.0", None, "QBXMLMsgsRq", "ItemSitesQueryRq")


def test_the_union_has_everything_that_an_edition_has() -> None:
    def elements(edition: str | None) -> set[tuple[str | None, str | None]]:
        root = etree.fromstring(qbxml.xsd("13.0", edition).encode())
        return {
            (definition.get("name"), node.get("name"))
            for definition in root
            for node in definition.iter(f"{XS}element", f"{XS}attribute")
        }

    union = elements(None)
    for edition in EDITIONS:
        assert elements(edition) < union


def test_what_moved_stands_where_it_stood() -> None:
    """VendorRet/Notes stood in another place at 2.0."""

    def order(version: str) -> list[str]:
        record = qbxml.Schema(version).record("VendorRet")
        return list(record.fields)

    old, new = order("2.0"), order("3.0")
    assert old.index("Notes") != new.index("Notes") or old[old.index("Notes") - 1] != new[new.index("Notes") - 1]
