"""Bytes to an XML tree, defensively.

Documents come from outside. Whatever they hold, reading ends in a tree or in :class:`~qbxml.errors.ParseError`:
entities are never resolved, a DOCTYPE is refused, nothing is fetched, and depth and size are bounded. Comments and
processing instructions are not part of the tree, so that the text of an element is in one piece.
"""

from __future__ import annotations

import re

from lxml import etree

from .errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: The longest document read at once, in bytes. The largest answers known are some hundred megabytes; beyond that
#: ``iterparse`` reads in bounded memory.
DEFAULT_MAX_BYTES = 1 << 30

#: How much is read of a file at a time, in bytes or characters.
READ_SIZE = 1 << 20

#: How deep elements may nest. qbXML itself goes to nine; libxml2 has the same limit of its own.
DEFAULT_MAX_DEPTH = 256

#: How many attributes an element may have: lxml takes time by the square of their number. qbXML's have ten at most.
MAX_ATTRIBUTES = 1000

#: An element with so many takes more bytes than this, all of them without a ``<``.
LONG_TAG = 4096

_CROWDED = etree.XPath(f"//*[count(@*) > {MAX_ATTRIBUTES}]")

#: The start of nearly every document there is: declaration, version, root. What matches needs no second look at
#: comments and instructions before the root.
_PROLOG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^<>]*\?>\s*)?"
    rb"(?:<\?qbxml\s+version\s*=\s*[\"']([^\"'<>]*)[\"']\s*\?>\s*)?(?=<QBXML)"
)
#: In ASCII, and in UTF-16 of either byte order from the first byte that is not zero to the last.
_DOCTYPES = (b"<!DOCTYPE", b"<\0!\0D\0O\0C\0T\0Y\0P\0E")


class Document:
    """A parsed document: its ``root``, its ``data``, the qbXML ``version`` it names (or ``None``).

    ``start`` is the offset of the root element where the document is of the plain form (no comments, no CDATA, no
    instructions after it), else ``None``.
    """

    __slots__ = ("data", "root", "start", "version")

    def __init__(self, data: bytes, root: etree._Element, version: str | None, start: int | None) -> None:
        self.data = data
        self.root = root
        self.version = version
        self.start = start


def parser_options(plain: bool) -> dict[str, Any]:
    """The options of every lxml parser here. ``plain``: there is nothing that blanks could belong to but markup."""
    return {
        "resolve_entities": False,
        "load_dtd": False,
        "no_network": True,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
        "remove_blank_text": plain,
        "collect_ids": False,
    }


def as_bytes(source: Any, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
    """The bytes of a source: bytes, text, or something with ``read()``.

    Raises :class:`~qbxml.errors.ParseError` for what is longer than ``max_bytes``, holds no text that can be encoded,
    or is no source at all.
    """
    if hasattr(source, "read"):
        source = _all_of(source.read, max_bytes)
    if isinstance(source, str):
        if len(source) > max_bytes:
            raise ParseError(f"the document is longer than {max_bytes} bytes")
        try:
            # The declaration speaks of bytes that are gone: this is text already.
            source = _without_encoding(source).encode("utf-8")
        except UnicodeEncodeError as error:
            line = source.count("\n", 0, error.start) + 1
            column = error.start - source.rfind("\n", 0, error.start)
            raise ParseError("a lone surrogate is no character", line, column) from None
    elif isinstance(source, (bytearray, memoryview)):
        source = bytes(source)
    elif not isinstance(source, bytes):
        raise ParseError(f"a {type(source).__name__} is no document: bytes, text or a file is wanted")
    if len(source) > max_bytes:
        raise ParseError(f"the document is longer than {max_bytes} bytes")
    data: bytes = source
    return data


def _all_of(read: Any, max_bytes: int) -> Any:
    """What a file holds, read to its end or just beyond the limit: a raw stream gives as much as it likes at a time."""
    pieces = []
    size = 0
    while size <= max_bytes:
        try:
            piece = read(READ_SIZE)
        except UnicodeDecodeError as error:
            raise ParseError(f"the file is not in the encoding it was opened with: {error.reason}") from None
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    if not pieces:
        return b""
    return "".join(pieces) if isinstance(pieces[0], str) else b"".join(pieces)


# Anchored and bounded: a search that may begin anywhere takes square time over a run of blanks.
_DECLARED = (
    r"(\A[\ufeff \t\r\n]*<\?xml\s[^<>]{0,200}?)\s{1,20}encoding\s{0,20}=\s{0,20}"
    r"(\"[^\"<>]*\"|'[^'<>]*')"
)


def _without_encoding(text: str) -> str:
    return re.sub(_DECLARED, r"\1", text, count=1) if text.lstrip("\ufeff \t\r\n")[:5] == "<?xml" else text


def read(source: Any, *, max_bytes: int = DEFAULT_MAX_BYTES, max_depth: int = DEFAULT_MAX_DEPTH) -> Document:
    """Parse a whole document. Raises :class:`~qbxml.errors.ParseError` and nothing else."""
    data = as_bytes(source, max_bytes)
    if not data or data.isspace():
        raise ParseError("the document is empty", 1, 1)
    prolog = _PROLOG.match(data)
    # Searching for one rare byte is much faster than for two.
    plain = (
        prolog is not None
        and (b"!" not in data or b"<!" not in data)
        and (data.find(b"?", prolog.end()) < 0 or data.find(b"<?", prolog.end()) < 0)
    )
    if not plain:
        refuse_doctype(data)
    root = parsed(etree.fromstring, data, etree.XMLParser(**parser_options(plain)))
    if str(root.getroottree().docinfo.doctype):
        raise ParseError("a DOCTYPE is not allowed", 1, 1)
    if may_be_crowded(data):
        refuse_crowded(root)
    if max_depth < DEFAULT_MAX_DEPTH:
        check_depth(root, max_depth)
    if plain:
        assert prolog is not None
        named = prolog[1]
        return Document(data, root, named.decode("ascii", "replace") if named is not None else None, prolog.end())
    return Document(data, root, _version_instruction(data), None)


def may_be_crowded(data: bytes) -> bool:
    """Whether there is a stretch so long without ``<`` that it may be a tag with far too many attributes."""
    return any(data.rfind(b"<", end - LONG_TAG, end) < 0 for end in range(LONG_TAG, len(data) + 1, LONG_TAG))


def refuse_crowded(root: etree._Element) -> None:
    """Raise if an element has more attributes than :data:`MAX_ATTRIBUTES`."""
    for node in _CROWDED(root):
        raise ParseError(f"an element has more than {MAX_ATTRIBUTES} attributes", node.sourceline, 1)


def accounted(document: Document, elements: int, leaves: int, attributes: int) -> bool:
    """Whether so many elements, leaves and attributes are all that a document holds, and no text but the leaves'.

    In a document of the plain form the markup itself is counted, which costs little: every element has a start tag and
    an end tag, between two tags there is a leaf's text or a line end, and what ends after a line end is a record. (A
    leaf of nothing but a line end could make up for text at a record's end: whoever walks the tree looks there itself.
    A text with a bare ``>`` could pass for a tag.)
    Where that does not add up (indentation, an element closed in its own tag, ``=`` in a text) the tree is asked, which
    is slower and as sure.
    """
    start, data = document.start, document.data
    if start is not None:
        tags = data.count(b"<", start)
        if (
            tags == 2 * elements
            and tags == data.count(b">", start)
            and tags - 1 == data.count(b">\n<", start) + leaves
            and data.count(b"=", start) == attributes
            and data.count(b">\n</", start) == elements - leaves
            and data.find(b"/>", start) < 0
        ):
            return True
    root = document.root
    return (
        root.xpath("count(//*)") == elements
        and root.xpath("count(//@*)") == attributes
        and not root.xpath("boolean(//*[*]/text()[normalize-space()])")
    )


def parsed(work: Callable[..., Any], *given: Any) -> Any:
    """What a step of lxml's parser gives; its complaints as :class:`~qbxml.errors.ParseError`."""
    try:
        return work(*given)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        text = str(error.msg or "not well-formed").split(", line ")[0]
        raise ParseError(f"not well-formed XML: {text}", line or 1, max(column or 1, 1)) from None
    except (etree.LxmlError, LookupError, ValueError) as error:
        raise ParseError(f"the document can't be read: {error}") from None


def _second_pass(data: bytes, prepare: Callable[[Any], None]) -> None:
    """Let expat, which knows columns and what stands before the root, go through the data.

    ``prepare`` gets the parser and sets its handlers. What expat can't read it leaves, at an encoding that it does not
    know or where a document is not well-formed: that is libxml2's to say.
    """
    from xml.parsers import expat

    parser = expat.ParserCreate()
    prepare(parser)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        pass


def refuse_doctype(data: bytes) -> None:
    """Raise if the document has a DOCTYPE, before a parser looks at it."""
    if not any(mark in data for mark in _DOCTYPES):
        return

    def prepare(parser: Any) -> None:
        def found(*_: Any) -> None:
            raise ParseError("a DOCTYPE is not allowed", parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

        parser.StartDoctypeDeclHandler = found

    _second_pass(data, prepare)


def check_depth(root: etree._Element, most: int) -> None:
    """Raise if elements nest deeper than ``most``."""
    level = [root]
    for _ in range(most):
        level = [child for node in level for child in node]
        if not level:
            return
    raise ParseError(f"elements nest deeper than {most}", level[0].sourceline, 1)


def _version_instruction(data: bytes) -> str | None:
    """The version that ``<?qbxml version=…?>`` names, in whatever encoding; ``None`` if there is none."""
    versions: list[str] = []

    def prepare(parser: Any) -> None:
        def instruction(target: str, text: str) -> None:
            found = re.search(r"version\s*=\s*[\"']([^\"']*)[\"']", text)
            if target == "qbxml" and found:
                versions.append(found[1])

        def start(*_: Any) -> None:
            parser.StartElementHandler = None
            parser.ProcessingInstructionHandler = None

        parser.ProcessingInstructionHandler = instruction
        parser.StartElementHandler = start

    _second_pass(data, prepare)
    return versions[0] if versions else None


def place(data: bytes, node: etree._Element) -> tuple[int, int]:
    """Line and column of an element's start tag; column 1 where they can't be found out."""
    number = next(number for number, one in enumerate(node.getroottree().iter()) if one is node)
    return positions(data, {number}).get(number) or (node.sourceline or 1, 1)


def positions(data: bytes, wanted: set[int]) -> dict[int, tuple[int, int]]:
    """Line and column (from 1) of the start tags of the elements with these numbers, in document order from 0.

    lxml knows no columns, so this is a second pass, made only where there is something to report.
    """
    found: dict[int, tuple[int, int]] = {}
    count = -1

    def prepare(parser: Any) -> None:
        def start(*_: Any) -> None:
            nonlocal count
            count += 1
            if count in wanted:
                found[count] = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

        parser.StartElementHandler = start

    _second_pass(data, prepare)
    return found
