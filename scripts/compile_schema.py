"""Write ``qbxml/_master.py``, the compiled form of ``schemas/qbxml.xsd``.

Run it after every edit of the master schema: ``python scripts/compile_schema.py``. With ``--check`` it only
compares, and exits with 1 where the two are out of step.

The compiled form keeps every mark, so that any version and edition can be filtered from it. It is text, one entry per
type, because a few hundred strings load in well under a millisecond; a record is taken apart when first used, by
``qbxml/schema.py``, which documents the notation.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
MASTER = ROOT / "schemas" / "qbxml.xsd"
COMPILED = ROOT / "qbxml" / "_master.py"

XS = "{http://www.w3.org/2001/XMLSchema}"
Q = "{urn:openqbd:qbxml}"

#: Marks that go into the compiled form, by their attribute in the master and their key there.
MARKS = {
    "since": "s",
    "until": "u",
    "editions": "e",
    "always": "a",
    "docDefault": "D",
    "docMaxOccurs": "M",
    "minValue": "lo",
    "maxValue": "hi",
    "deprecated": "x",
    "confidence": "c",
    "writes": "W",
    **{f"length{edition}": f"l{edition}" for edition in ("US", "CA", "UK", "AU", "OE")},
}
#: Marks for people only: they say where a fact comes from and change no schema.
PROVENANCE = {"sinceFrom", "markedSince", "xsdMaxOccurs", "only"}


def occurrence(node: etree._Element) -> str:
    least, most = node.get("minOccurs", "1"), node.get("maxOccurs", "1")
    return f"{least}:{'*' if most == 'unbounded' else most}"


def marks(node: etree._Element) -> list[str]:
    """The q: attributes of a particle, and what it was in older versions."""
    out = []
    for key, value in node.attrib.items():
        if not key.startswith(Q):
            continue
        name = key[len(Q) :]
        if name in PROVENANCE:
            continue
        out.append(f"{MARKS[name]}={value}")
    for was in node.iterfind(f"{XS}annotation/{XS}appinfo/{Q}was"):
        changes = "|".join(f"{name}={value}" for name, value in was.attrib.items() if name != "until")
        out.append(f"w={was.get('until')}|{changes}")
    return out


class Compiler:
    """Turns the definitions of the master into the lines of the compiled form."""

    def __init__(self, schema: etree._Element) -> None:
        self.groups = {node.get("name"): node for node in schema.iterfind(f"{XS}group")}
        self.attribute_groups = {node.get("name"): node for node in schema.iterfind(f"{XS}attributeGroup")}
        self.schema = schema

    def particles(self, parent: etree._Element) -> list[str]:
        lines: list[str] = []
        for node in parent.iterchildren("{*}*"):
            lines += self.particle(node)
        return lines

    def particle(self, node: etree._Element) -> list[str]:
        kind = str(node.tag).removeprefix(XS)
        if kind == "element":
            return [self.line(node.get("name", ""), occurrence(node), node)]
        if kind == "group":
            return self.particles(self.groups[node.get("ref")][0])
        if kind == "sequence":
            return self.particles(node)
        if kind == "choice":
            return self.choice(node)
        if kind in ("annotation", "attribute", "attributeGroup"):
            return []
        raise SystemExit(f"line {node.sourceline}: {kind} is not part of the notation")

    def line(self, name: str, occurs: str, node: etree._Element) -> str:
        default = node.get("default")
        columns = [name, node.get("type", ""), occurs]
        if default is not None:
            columns.append(f"d={default}")
        return "\t".join(columns + marks(node))

    def choice(self, node: etree._Element) -> list[str]:
        lines = ["\t".join(["(", occurrence(node), *marks(node)])]
        first = True
        for branch in node.iterchildren(f"{XS}element", f"{XS}sequence", f"{XS}choice", f"{XS}group"):
            if not first:
                lines.append("|")
            first = False
            lines += self.particle(branch)
        lines.append(")")
        return lines

    def attributes(self, parent: etree._Element) -> list[str]:
        lines = []
        for node in parent.iterchildren(f"{XS}attribute", f"{XS}attributeGroup"):
            if node.tag == f"{XS}attributeGroup":
                lines += self.attributes(self.attribute_groups[node.get("ref")])
                continue
            occurs = "1:1" if node.get("use") == "required" else "0:1"
            lines.append(self.line(f"@{node.get('name')}", occurs, node))
        return lines

    def records(self) -> dict[str, str]:
        out = {}
        for node in self.schema.iterfind(f"{XS}complexType"):
            if node.find(f"{XS}simpleContent") is None:
                out[node.get("name", "")] = "\n".join(self.attributes(node) + self.particles(node))
        return out

    def enumerations(self) -> dict[str, str]:
        out = {}
        for node in self.schema.iterfind(f"{XS}simpleType"):
            values = node.findall(f"{XS}restriction/{XS}enumeration")
            if values:
                lines = []
                for value in values:
                    extra = ["o=xsd"] if value.get(f"{Q}only") == "xsd" else []
                    lines.append("\t".join([value.get("value", ""), *marks(value), *extra]))
                out[node.get("name", "")] = "\n".join(lines)
        return out

    def facets(self) -> dict[str, tuple[str, str, str, str]]:
        """Simple types that narrow another: base, longest text, least and greatest value, each text or empty."""
        out = {}
        for node in self.schema.iterfind(f"{XS}simpleType"):
            restriction = node.find(f"{XS}restriction")
            name = node.get("name", "")
            if restriction is None or "." not in name or restriction.find(f"{XS}enumeration") is not None:
                continue
            found = {str(facet.tag).removeprefix(XS): facet.get("value", "") for facet in restriction}
            out[name] = (
                restriction.get("base", ""),
                found.get("maxLength", ""),
                found.get("minInclusive", ""),
                found.get("maxInclusive", ""),
            )
        return out


def compiled() -> str:
    """The text of ``qbxml/_master.py`` as it should be."""
    schema = etree.parse(MASTER).getroot()
    compiler = Compiler(schema)
    lines = [
        '"""The compiled master. Generated by scripts/compile_schema.py from schemas/qbxml.xsd: do not edit."""',
        "",
        "from __future__ import annotations",
        "",
    ]
    tables: list[tuple[str, str, dict[str, str] | dict[str, tuple[str, str, str, str]]]] = [
        ("RECORDS", "dict[str, str]", compiler.records()),
        ("ENUMERATIONS", "dict[str, str]", compiler.enumerations()),
        ("FACETS", "dict[str, tuple[str, str, str, str]]", compiler.facets()),
    ]
    for name, kind, table in tables:
        lines.append(f"{name}: {kind} = {{")
        lines += [f"    {key!r}: {value!r}," for key, value in table.items()]
        lines += ["}", ""]
    return "\n".join(lines)


def main() -> int:
    """Write the compiled form, or compare it; the exit code is 1 where it is out of step."""
    parser = argparse.ArgumentParser(description="Compile schemas/qbxml.xsd to qbxml/_master.py.")
    parser.add_argument("--check", action="store_true", help="only compare; exit with 1 where they differ")
    options = parser.parse_args()
    text = compiled()
    if options.check:
        return 0 if COMPILED.read_text(encoding="utf-8") == text else 1
    COMPILED.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
