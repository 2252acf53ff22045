"""Read responses of any size in bounded memory: records are decoded and let go while the parser is still at work.

The parser is fed piece by piece. What it has finished of the message at hand is decoded, counted against its own markup
as ``parsing`` does for a whole document, and taken out of the tree.
"""

from __future__ import annotations

from lxml import etree

from .decode import Decoder, ExactDecoder, Odd, check_tail, kind_of
from .document import LONG_TAG, as_bytes, may_be_crowded, parsed, parser_options, refuse_crowded, refuse_doctype
from .errors import InvalidDocument, ParseError
from .model import ERROR_RECOVERY, MessageResponse, Record
from .parsing import check_root
from .problems import Problem
from .schema import ROOT, Schema
from .values import BLANKS
from .versions import NEWEST_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from typing import Any

    from .decode import Kind
    from .schema import RecordType

#: How much is read and parsed at a time, in bytes. Large enough to keep the cost per piece small, small enough that a
#: piece's tree stays in a processor's cache.
CHUNK = 1 << 16

#: How much of one record may be waiting, in bytes. A record of QuickBooks' own has some kilobytes; a report of all
#: transactions, which is one record, some tens of megabytes.
DEFAULT_MAX_RECORD = 1 << 28

#: How much may stand before the root element, in bytes: a declaration, comments. It is looked through piece by piece.
MOST_PROLOG = 1 << 20

#: What an element holds, as one number: elements, attributes, and text where there should be none. With its own
#: attributes and text, for a record; and without, for a message. (From one place down it is counted much faster than
#: below each of several.)
_RECORD = etree.XPath(
    "count(descendant::*) + 1000000 * count(descendant-or-self::*/@*)"
    " + 1000000000000 * count(descendant-or-self::*[*]/text()[normalize-space()])"
)
_BATCH = etree.XPath(
    "count(descendant::*) + 1000000 * count(descendant::*/@*)"
    " + 1000000000000 * count(descendant::*[*]/text()[normalize-space()])"
)


def iterparse(
    source: Any,
    *,
    schema: Schema | None = None,
    version: str | None = None,
    edition: str | None = None,
    strict: bool = False,
    report: Callable[[Problem], None] | None = None,
    max_record: int = DEFAULT_MAX_RECORD,
) -> Records:
    """Give ``(message, record)`` for every record of a response document, in document order.

    ``source`` is a file or socket (anything with ``read`` or ``recv``), bytes or text, or an iterable of bytes. Every
    message comes first as ``(message, None)``, with its status attributes in place; its ``content`` also gains what is
    no record as it is met. Records are not kept. The attributes of the message sets that have begun are in ``sets`` of
    the iterator. Arguments, values and problems are those of :func:`qbxml.parse`, but that ``strict`` raises at the
    first record with a value or element that the schema does not allow, without looking at the order of elements.

    Raises :class:`~qbxml.errors.ParseError`: also after records were yielded, where the document breaks off or turns
    out not to be well-formed later on, or where one record takes more than ``max_record`` bytes.
    """
    schema = schema or Schema(version or NEWEST_VERSION, edition)
    return Records(_Reading(schema, strict, report), source, max_record)


class Records:
    """What :func:`iterparse` gives: an iterator that also has the attributes of message sets.

    ``sets`` is like that of a :class:`~qbxml.model.Response`: by the sets' names, each from its start on, so that
    ``messageSetStatusCode`` is there with the first message.
    """

    __slots__ = ("_steps", "sets")

    def __init__(self, reading: _Reading, source: Any, max_record: int) -> None:
        self.sets: dict[str, dict[str, Any]] = reading.sets
        self._steps = _steps(reading, source, max_record)

    def __iter__(self) -> Records:
        return self

    def __next__(self) -> tuple[MessageResponse, Record | None]:
        return next(self._steps)

    def close(self) -> None:
        """Read no further, and let go of what was read."""
        self._steps.close()


def _steps(
    reading: _Reading, source: Any, max_record: int
) -> Generator[tuple[MessageResponse, Record | None], None, None]:
    for chunk in _chunks(source):
        reading.feed(chunk, max_record)
        yield from reading.ready(final=False)
    reading.close()
    yield from reading.ready(final=True)


def _chunks(source: Any) -> Iterator[bytes]:
    """The source's bytes, in pieces of at most :data:`CHUNK`."""
    if isinstance(source, str):
        source = as_bytes(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        pieces: Iterable[Any] = [source]
    elif hasattr(source, "read"):
        pieces = _until_empty(source.read)
    elif hasattr(source, "recv"):
        pieces = _until_empty(source.recv)
    elif hasattr(source, "__iter__"):
        pieces = source
    else:
        raise ParseError(f"a {type(source).__name__} is no source: a file, a socket or bytes are wanted")
    first = True
    for piece in pieces:
        if isinstance(piece, str):
            # A text's declaration speaks of bytes that are gone; it is in the first piece, unless somebody cuts finely.
            piece = as_bytes(piece) if first else piece.encode("utf-8", "surrogatepass")
        elif not isinstance(piece, (bytes, bytearray, memoryview)):
            raise ParseError(f"a {type(piece).__name__} is no piece of a document: bytes are wanted")
        first = False
        view = memoryview(piece)
        for start in range(0, len(view), CHUNK):
            yield bytes(view[start : start + CHUNK])


def _until_empty(take: Callable[[int], Any]) -> Iterator[Any]:
    while True:
        try:
            piece = take(CHUNK)
        except UnicodeDecodeError as error:
            raise ParseError(f"the file is not in the encoding it was opened with: {error.reason}") from None
        if not piece:
            return
        yield piece


class _Reading:
    """One document on its way through the parser."""

    def __init__(self, schema: Schema, strict: bool, report: Callable[[Problem], None] | None) -> None:
        self.schema = schema
        self.strict = strict
        self.report = report
        self.parser = etree.XMLPullParser(events=("start",), tag=ROOT, **parser_options(False))
        self.head = b""
        self.fed = False
        self.root: etree._Element | None = None
        self.waiting = 0
        self.sets: dict[str, dict[str, Any]] = {}
        self.message: MessageResponse | None = None
        self.message_type: RecordType | None = None
        self.counts: dict[str, int] = {}
        #: the elements whose own text, before their first child, was looked at
        self.begun: list[etree._Element] = []
        #: how many bytes came since the last "<"
        self.stretch = 0

    def feed(self, chunk: bytes, max_record: int) -> None:
        """Give the parser another piece."""
        if self.root is None:
            # Until the root is there a DOCTYPE may come, even cut in two by the pieces.
            self.head += chunk
            if len(self.head) > MOST_PROLOG:
                raise ParseError("there is no qbXML element at the start of the document", 1, 1)
            refuse_doctype(self.head)
        self.waiting += len(chunk)
        if self.waiting > max_record + CHUNK:  # a piece may hold the end of one record and the start of the next
            raise ParseError(f"one record takes more than {max_record} bytes")
        self.fed = self.fed or bool(chunk.strip())
        parsed(self.parser.feed, chunk)
        self._find_root()
        self._count_stretch(chunk)

    def _count_stretch(self, chunk: bytes) -> None:
        first, last = chunk.find(b"<"), chunk.rfind(b"<")
        before = self.stretch + (first if first >= 0 else len(chunk))
        self.stretch = len(chunk) - last if last >= 0 else before
        if self.root is not None and (before >= LONG_TAG or may_be_crowded(chunk)):
            refuse_crowded(self.root)

    def _find_root(self) -> None:
        if self.root is None:
            for _, root in self.parser.read_events():
                self.root = root
                self.head = b""
                if str(root.getroottree().docinfo.doctype):
                    raise ParseError("a DOCTYPE is not allowed", 1, 1)
                break

    def close(self) -> None:
        """Tell the parser that this was all."""
        if not self.fed:
            raise ParseError("the document is empty", 1, 1)
        root = parsed(self.parser.close)
        self._find_root()
        check_root(root, self.head)
        self.root = root

    def ready(self, final: bool) -> Iterator[tuple[MessageResponse, Record | None]]:
        """What the parser has finished; with ``final``, everything."""
        root = self.root
        if root is None:
            return
        self._look_at_start(root, final, ROOT, self.schema.record(ROOT))
        while len(root):
            message_set = root[0]
            set_done = final or len(root) > 1
            yield from self._messages(message_set, set_done)
            if not set_done:
                return
            self._stray(message_set.tail, ROOT)
            self.begun.pop()
            del root[0]

    def _messages(self, message_set: etree._Element, done: bool) -> Iterator[tuple[MessageResponse, Record | None]]:
        name = str(message_set.tag)
        if not name.endswith("MsgsRs") or name not in self.schema.record(ROOT).fields:
            if name.endswith("MsgsRq"):
                reason = f"{name} makes this a request document: read it with parse_request"
                raise ParseError(reason, message_set.sourceline, 1)
            if done:
                raise ParseError(f"{name} holds no messages: read it with parse", message_set.sourceline, 1)
            return
        record = self.schema.record(name)
        self._look_at_start(message_set, done, name, record)
        while len(message_set):
            node = message_set[0]
            complete = done or len(message_set) > 1
            if self.message is None:
                self.message, self.message_type = self._begin(node, record, name[:-2])
                yield self.message, None
            yield from self._records(node, complete)
            if not complete:
                return
            self._stray(node.tail, name)
            self.begun.pop()
            self.message = None
            self.waiting = 0
            del message_set[0]

    def _begin(
        self, node: etree._Element, record: RecordType, message_set: str
    ) -> tuple[MessageResponse, RecordType | None]:
        tag = str(node.tag)
        field = record.fields.get(tag)
        exact = ExactDecoder()
        self.counts = {}
        if field is None:
            exact.unknown(node, record, tag)
            self._tell(exact.problems)
            attributes: dict[str, Any] = {str(key): str(value) for key, value in node.attrib.items()}
            return MessageResponse(tag, attributes, message_set=message_set), None
        message_type = record.record(field)
        attributes = exact.attribute_values(node, message_type, tag)
        self._tell(exact.problems)
        return MessageResponse(tag, attributes, message_set=message_set), message_type

    def _records(self, node: etree._Element, complete: bool) -> Iterator[tuple[MessageResponse, Record | None]]:
        count = len(node) if complete else len(node) - 1
        message, message_type = self.message, self.message_type
        assert message is not None
        self._look_at_start(node, complete, message.name)
        if count < 1:
            return
        self.waiting = 0
        if message_type is None:
            decoder = ExactDecoder()
            for child in node[:count]:
                message.content.setdefault(str(child.tag), []).append(decoder.anything(child))
            del node[:count]
            return
        out = self._batch(node, count, message_type)
        del node[:count]
        for name, value in out:
            if isinstance(value, Record) and name != ERROR_RECOVERY:
                yield message, value
            elif name in message.content:  # twice where once is allowed: both are kept
                known = message.content[name]
                message.content[name] = [*known, value] if isinstance(known, list) else [known, value]
            else:
                message.content[name] = value

    def _batch(self, node: etree._Element, count: int, message_type: RecordType) -> list[tuple[str, Any]]:
        """Decode the first ``count`` children of a message: quickly, and again exactly what is odd."""
        kind = kind_of(message_type)
        decoder = Decoder()
        children = node[:count]
        try:
            out = [self._quickly(child, kind, decoder) for child in children]
            held = _BATCH(node) - len(node)
            if count < len(node):  # the last child is not complete yet
                held -= _RECORD(node[count])
            if held == decoder.elements + 1000000 * decoder.attributes:
                for name, _ in out:
                    self.counts[name] = self.counts.get(name, 0) + 1
                return out
        except (Odd, ValueError):
            pass
        return [self._carefully(child, message_type) for child in children]

    def _quickly(self, child: etree._Element, kind: Kind, decoder: Decoder) -> tuple[str, Any]:
        name = str(child.tag)
        read, inner, _ = kind.entry(name)
        check_tail(child)
        if inner is not None:
            return name, Record(name, decoder.record(child, inner))
        if len(child) or child.items():
            raise Odd
        text = child.text or ""
        return name, text if read is None else read(text)

    def _carefully(self, child: etree._Element, message_type: RecordType) -> tuple[str, Any]:
        """One child of a batch that has something odd in it: exactly, if it is the one."""
        name = str(child.tag)
        try:
            decoder = Decoder()
            _, value = self._quickly(child, kind_of(message_type), decoder)
            if isinstance(value, Record) and _RECORD(child) != decoder.elements + 1000000 * decoder.attributes:
                raise Odd
        except (Odd, ValueError):
            value = self._exactly(child, name, message_type)
        self.counts[name] = self.counts.get(name, 0) + 1
        return name, value

    def _exactly(self, child: etree._Element, name: str, message_type: RecordType) -> Any:
        decoder = ExactDecoder()
        path = f"{message_type.element}.{name}"
        field = message_type.fields.get(name)
        if field is None:
            value = decoder.unknown(child, message_type, path)
            if isinstance(value, dict):
                value = Record(name, value)
        elif field.is_record:
            place = f"{path}[{self.counts.get(name, 0)}]"
            value = Record(name, decoder.record(child, message_type.record(field), place))
        else:
            value = decoder.leaf(child, field, message_type, path)
        self._tell(decoder.problems)
        self._stray(child.tail, message_type.element)
        return value

    def _look_at_start(self, node: etree._Element, complete: bool, path: str, record: RecordType | None = None) -> None:
        """Report the text before the first child, and wrong attributes, once, when the parser is past them."""
        if (complete or len(node)) and node not in self.begun:
            self.begun.append(node)
            if record is not None:
                decoder = ExactDecoder()
                given = decoder.attribute_values(node, record, path)
                if path != ROOT:
                    self.sets.setdefault(path[:-2], {}).update(given)
                self._tell(decoder.problems)
            self._stray(node.text, path)

    def _stray(self, text: str | None, path: str) -> None:
        given = text.strip(BLANKS) if text else ""
        if given:
            self._tell([Problem(path, "structure", "text where elements are wanted", given=given)])

    def _tell(self, problems: list[Problem]) -> None:
        if problems and self.strict:
            raise InvalidDocument(problems)
        if self.report is not None:
            for problem in problems:
                self.report(problem)
        elif problems:
            import logging

            log = logging.getLogger("qbxml")
            log.warning("kept as text: %s, %s", problems[0].path, problems[0].message)
