"""Who judges the codec: libxml2 and xmlschema, each with the XSD that the project derives."""

from __future__ import annotations

from functools import cache

import xmlschema
from lxml import etree

import qbxml

XS = "{http://www.w3.org/2001/XMLSchema}"

#: The versions and editions that most properties are tried on: the ends, the oldest of an edition, the usual ones.
TRIED: tuple[tuple[str, str | None], ...] = (
    ("1.0", None),
    ("5.0", None),
    ("7.0", "AU"),
    ("8.0", "UK"),
    ("13.0", None),
    ("13.0", "US"),
    ("16.0", None),
    ("16.0", "CA"),
)


@cache
def libxml2(version: str, edition: str | None) -> etree.XMLSchema:
    """The judge of documents."""
    return etree.XMLSchema(etree.fromstring(qbxml.xsd(version, edition).encode()))


@cache
def libxml2_records(version: str, edition: str | None) -> etree.XMLSchema:
    """A judge of records that stand alone: every type of the schema is the type of a root element."""
    root = etree.fromstring(qbxml.xsd(version, edition).encode())
    known = {node.get("name") for node in root.iterchildren(f"{XS}element")}
    for node in list(root.iterchildren(f"{XS}complexType", f"{XS}simpleType")):
        name = node.get("name", "")
        if name not in known:
            etree.SubElement(root, f"{XS}element", name=name, type=name)
    return etree.XMLSchema(root)


@cache
def independent(version: str, edition: str | None) -> xmlschema.XMLSchema:
    """The second judge of documents, which shares no code with libxml2. It takes some seconds to load."""
    return xmlschema.XMLSchema(qbxml.xsd(version, edition))


def verdict(judge: etree.XMLSchema, document: bytes) -> bool:
    """What libxml2 says of a document that it parses by itself, with comments and all."""
    return judge.validate(etree.fromstring(document))


def complaint(judge: etree.XMLSchema) -> str:
    """The last thing that libxml2 found, for the message of a test that fails."""
    last = judge.error_log.last_error
    return "valid" if last is None else f"line {last.line}: {last.message}"
