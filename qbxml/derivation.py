"""Derive the plain XSD of one version and edition from the annotated master schema.

This works on the master's own XML, not on the tables the codec uses, so that the two can be held against each other.
The meaning of the marks is stated at the head of ``schemas/qbxml.xsd``.
"""

from __future__ import annotations

from lxml import etree

from ._files import read_schema_file
from .versions import RANK, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

XS = "{http://www.w3.org/2001/XMLSchema}"
Q = "{urn:openqbd:qbxml}"

_ELEMENT, _CHOICE, _SEQUENCE, _GROUP = f"{XS}element", f"{XS}choice", f"{XS}sequence", f"{XS}group"
_ATTRIBUTE, _VALUE = f"{XS}attribute", f"{XS}enumeration"
_MARKED = (_ELEMENT, _CHOICE, _ATTRIBUTE, _VALUE)
_PARTICLES = (_ELEMENT, _CHOICE, _SEQUENCE, _GROUP)


def xsd(version: str, edition: str | None = None) -> str:
    """Return the XSD of a qbXML version, for one edition or, with ``None``, for the union of all editions.

    The union has every element that any edition has, with the one length limit that the published schemas enforce; an
    edition has its own limits. The same arguments always give the same text. Raises
    :class:`~qbxml.errors.UnknownVersion` or :class:`~qbxml.errors.UnknownEdition`.
    """
    check(version, edition)
    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
    root = etree.fromstring(read_schema_file("qbxml.xsd"), parser)
    _Derivation(root, version, edition).run()
    title = f"qbXML {version}, {edition or 'all editions'}"
    plain = etree.Element(root.tag, root.attrib, nsmap={"xs": XS[1:-1]})
    note = etree.SubElement(etree.SubElement(plain, f"{XS}annotation"), f"{XS}documentation")
    note.text = f"{title}: derived by OpenQBD from its annotated master schema."
    plain.extend(list(root))
    etree.cleanup_namespaces(plain)
    etree.indent(plain)
    text = etree.tostring(plain, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


class _Derivation:
    """One run over one copy of the master."""

    def __init__(self, root: etree._Element, version: str, edition: str | None) -> None:
        self.root = root
        self.rank = RANK[version]
        self.edition = edition
        self.types = {node.get("name"): node for node in root.iterfind(f"{XS}simpleType")}

    def run(self) -> None:
        for node in list(self.root.iter(*_MARKED)):
            self.apply(node)
        self.prune()
        self.drop_unreached()

    def apply(self, node: etree._Element) -> None:
        """Judge one marked node: drop it, or leave it with plain attributes only."""
        marks = {key[len(Q) :]: node.attrib.pop(key) for key in list(node.attrib) if key.startswith(Q)}
        note = node.find(f"{XS}annotation")
        if note is not None:
            for was in note.iterfind(f"{XS}appinfo/{Q}was"):
                if self.rank <= RANK[was.get("until", "")]:
                    for key, value in was.attrib.items():
                        if key in ("type", "minOccurs", "maxOccurs", "default"):
                            node.set(key, value)
                        elif key != "until":
                            marks[key] = value
                    break
            node.remove(note)
        if not self.has(marks):
            parent = node.getparent()
            assert parent is not None
            parent.remove(node)
            return
        if node.get("default") == "" and node.tag == _ELEMENT:
            del node.attrib["default"]
        length = marks.get(f"length{self.edition}", "same")
        if length != "same":
            base = node.get("type", "").partition(".")[0]
            node.set("type", base if length == "none" else self.limited(base, length))
        if "after" in marks:
            parent = node.getparent()
            assert parent is not None
            for sibling in parent.iterchildren(_ELEMENT):
                if sibling.get("name") == marks["after"]:
                    sibling.addnext(node)

    def has(self, marks: dict[str, str]) -> bool:
        if "absent" in marks or self.rank < RANK[marks.get("since", "1.0")]:
            return False
        if "until" in marks and self.rank > RANK[marks["until"]]:
            return False
        if self.edition is None:
            return True
        if marks.get("only") == "xsd":
            return False
        return "editions" not in marks or self.edition in marks["editions"].split()

    def limited(self, base: str, length: str) -> str:
        """The name of a simple type with that limit, which is made where the master needed none."""
        name = f"{base}.{length}"
        if name not in self.types:
            node = etree.SubElement(self.root, f"{XS}simpleType", name=name)
            restriction = etree.SubElement(node, f"{XS}restriction", base=base)
            etree.SubElement(restriction, f"{XS}maxLength", value=length)
            self.types[name] = node
        return name

    def prune(self) -> None:
        """Drop branches, choices and groups that nothing is left of."""
        changed = True
        while changed:
            changed = False
            empty = {
                node.get("name")
                for node in self.root.iterchildren(_GROUP)
                if not any(part.tag in _PARTICLES for part in node[0])
            }
            for node in list(self.root.iter(_CHOICE, _SEQUENCE, _GROUP)):
                parent = node.getparent()
                if parent is None or parent.tag not in (_CHOICE, _SEQUENCE, f"{XS}complexType"):
                    continue
                if node.get("ref") in empty if node.tag == _GROUP else not any(part.tag in _PARTICLES for part in node):
                    parent.remove(node)
                    changed = True

    def drop_unreached(self) -> None:
        """Drop the definitions that no document of this version and edition can use."""
        defined: dict[str, etree._Element] = {node.get("name", ""): node for node in self.root if node.tag != _ELEMENT}
        reached: set[str] = set()
        waiting = ["QBXML"]
        while waiting:
            name = waiting.pop()
            if name not in reached and name in defined:
                reached.add(name)
                waiting += _references(defined[name])
        for name, node in defined.items():
            if name not in reached:
                self.root.remove(node)


def _references(definition: etree._Element) -> Iterator[str]:
    for node in definition.iter():
        for key in ("type", "ref", "base"):
            name = node.get(key)
            if name is not None:
                yield name
