"""Read documents: responses and requests, as plain values.

The fast decoder goes through a document once. It can't see what has no place in the schema's records (text between
elements, markup inside a leaf, attributes where there are none), so what it saw is then held against the document's own
markup; where the two differ, or the decoder stopped at something odd, the thorough decoder reads the document again and
names it. See ``decode.py``.
"""

from __future__ import annotations

from lxml import etree

from .checking import missing_attributes
from .decode import Decoder, ExactDecoder, Odd, check_end, kind_of
from .document import DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, Document, accounted, place, read
from .errors import InvalidDocument, ParseError
from .model import MessageRequest, MessageResponse, Record, Request, Response
from .problems import Problem
from .schema import AT, EVENTS, ROOT, Schema
from .versions import NEWEST_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Report = Callable[[Problem], None]


def parse(
    data: Any,
    *,
    schema: Schema | None = None,
    version: str | None = None,
    edition: str | None = None,
    strict: bool = False,
    report: Report | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    max_depth: int = DEFAULT_MAX_DEPTH,
) -> Response:
    """Read a response document (or one of events) from bytes, text or a file.

    ``schema``, or ``version`` and ``edition``, say what to read it with; by default the newest union, which knows
    everything that any QuickBooks sends. Values are those of the values table; what the schema does not allow is kept
    as text, listed in ``problems`` of the result and passed to ``report`` (by default one line goes to the log
    ``qbxml``). With ``strict`` it raises :class:`~qbxml.errors.InvalidDocument` instead, for everything that the XSD
    refuses.

    Raises :class:`~qbxml.errors.ParseError` for what is no response document, longer than ``max_bytes`` or deeper than
    ``max_depth``.
    """
    schema = schema or Schema(version or NEWEST_VERSION, edition)
    document = read(data, max_bytes=max_bytes, max_depth=max_depth)
    reading = _Reading(document, schema, "Rs", strict)
    response = Response(version=document.version, sets=reading.sets, problems=reading.problems, events=reading.events)
    response.messages = reading.messages
    _tell(reading.problems, report)
    return response


def parse_request(
    data: Any,
    *,
    schema: Schema | None = None,
    version: str | None = None,
    edition: str | None = None,
    strict: bool = False,
    report: Report | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    max_depth: int = DEFAULT_MAX_DEPTH,
) -> Request:
    """Read a request document; the result builds again. The arguments and errors are those of :func:`parse`."""
    schema = schema or Schema(version or NEWEST_VERSION, edition)
    document = read(data, max_bytes=max_bytes, max_depth=max_depth)
    reading = _Reading(document, schema, "Rq", strict)
    request = Request(version=document.version, sets=reading.sets, problems=reading.problems)
    request.messages = reading.messages
    request.was_read = True
    _tell(reading.problems, report)
    return request


def _tell(problems: list[Problem], report: Report | None) -> None:
    if report is not None:
        for problem in problems:
            report(problem)
    elif problems:
        import logging

        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        # The path and the kind only: values are the company's own.
        log = logging.getLogger("qbxml")
        log.warning("kept as text: %s, %s%s", problems[0].path, problems[0].message, more)


def check_root(root: etree._Element, data: bytes) -> None:
    """Raise :class:`~qbxml.errors.ParseError` unless the root is that of a qbXML document, which ``data`` begins."""
    if root.tag != ROOT:
        name = etree.QName(root).localname
        where = " in a namespace; qbXML has none" if name == ROOT else ""
        raise ParseError(f"the root element is {name}{where}; a qbXML document has {ROOT}", *place(data, root))


class _Reading:
    """One document being read: ``messages``, ``sets``, ``events`` and ``problems`` are what came of it."""

    def __init__(self, document: Document, schema: Schema, side: str, strict: bool) -> None:
        self.schema = schema
        self.side = side
        self.message_class = MessageResponse if side == "Rs" else MessageRequest
        self.messages: list[Any] = []
        self.sets: dict[str, dict[str, Any]] = {}
        self.events: list[Record] = []
        self.problems: list[Problem] = []
        check_root(document.root, document.data)
        self.check_side(document)
        if strict:
            from .validation import document_problems

            found = document_problems(document, schema)
            if found:
                raise InvalidDocument(found)
        try:
            decoder = Decoder()
            self.quickly(document.root, decoder)
            if not accounted(document, decoder.elements, decoder.leaves, decoder.attributes):
                raise Odd
        except Odd:
            self.messages, self.sets, self.events = [], {}, []
            self.exactly(document.root)

    def check_side(self, document: Document) -> None:
        other = "Rq" if self.side == "Rs" else "Rs"
        for child in document.root:
            name = str(child.tag)
            if name.endswith(f"Msgs{other}") or (name == EVENTS and self.side == "Rq"):
                kind, function = ("response", "parse") if self.side == "Rq" else ("request", "parse_request")
                reason = f"{name} makes this a {kind} document: read it with {function}"
                raise ParseError(reason, *place(document.data, child))

    # -- the fast way --------------------------------------------------------------------------------------------

    def quickly(self, root: etree._Element, decoder: Decoder) -> None:
        schema = self.schema
        kind = kind_of(schema.record(ROOT))
        decoder.seen += 1 + len(root)
        if root.items():
            raise Odd
        check_end(root)
        for element in root:
            name = str(element.tag)
            inner = kind.entry(name)[1]
            if inner is None:
                raise Odd
            if name == EVENTS:
                if len(root) > 1:  # they stand alone
                    raise Odd
                self.events = self.event_records(decoder.record(element, inner))
                continue
            message_set = name[:-2]
            if message_set in self.sets:
                raise Odd
            self.sets[message_set] = decoder.attribute_values(element.items(), inner)
            if missing_attributes(inner.record, self.sets[message_set], name):
                raise Odd
            decoder.seen += len(element)
            check_end(element)
            for node in element:
                message = inner.entry(node.tag)[1]
                assert message is not None
                check_end(node)
                content = decoder.lists(node, node, message, Record)
                self.messages.append(self.message_class(str(node.tag), content, message_set=message_set))

    def event_records(self, fields: dict[str, Any]) -> list[Record]:
        return [
            Record(name, one if isinstance(one, dict) else {"#text": one} if one else {})
            for name, value in fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]

    # -- the thorough way ----------------------------------------------------------------------------------------

    def exactly(self, root: etree._Element) -> None:
        decoder = ExactDecoder()
        self.problems = decoder.problems
        schema = self.schema
        record = schema.record(ROOT)
        self._foreign(root, ROOT, record, decoder)
        several = sum(len(element) for element in root) > 1
        index = 0
        for element in root:
            name = str(element.tag)
            field = record.fields.get(name)
            if field is None:
                decoder.unknown(element, record, f"{ROOT}.{name}")
                continue
            inner = record.record(field)
            if name == EVENTS:
                if len(root) > 1:
                    decoder.problems.append(Problem(f"{ROOT}.{name}", "structure", "it may only stand alone"))
                self.events += self.event_records(decoder.record(element, inner, name))
                continue
            message_set = name[:-2]
            if message_set in self.sets:
                decoder.problems.append(Problem(f"{ROOT}.{name}", "structure", "it may stand only once"))
            given = decoder.attribute_values(element, inner, name)
            decoder.problems += missing_attributes(inner, given, name)
            self.sets.setdefault(message_set, {}).update(given)
            decoder.stray(element, name)
            for node in element:
                tag = str(node.tag)
                path = f"{tag}[{index}]" if several else tag
                index += 1
                one = inner.fields.get(tag)
                if one is None:
                    value = decoder.unknown(node, inner, path)
                    content = value if isinstance(value, dict) else {"#text": value} if value else {}
                else:
                    content = _named(decoder.record(node, inner.record(one), path), inner.record(one))
                self.messages.append(self.message_class(tag, content, message_set=message_set))

    def _foreign(self, root: etree._Element, path: str, record: Any, decoder: ExactDecoder) -> None:
        decoder.attribute_values(root, record, path)
        decoder.stray(root, path)


def _named(content: dict[str, Any], record: Any) -> dict[str, Any]:
    """Content as the thorough decoder leaves it, its records told their names."""
    for name, value in content.items():
        field = record.fields.get(name)
        if field is None or not field.is_record or name == AT:
            continue
        if isinstance(value, list):
            content[name] = [Record(name, one) if isinstance(one, dict) else one for one in value]
        elif isinstance(value, dict):
            content[name] = Record(name, value)
    return content
