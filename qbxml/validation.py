"""Hold documents and requests against the schema and list every problem.

A document is first looked at quickly, with one cached verdict per sequence of children; only one that is not good is
gone through again, to name what is wrong and where. The verdict is that of the derived XSD.
"""

from __future__ import annotations

from .checking import Finding, examine, text_problem
from .content import model
from .document import DEFAULT_MAX_BYTES, Document, positions, read
from .model import Message, Request, Response
from .problems import Problem
from .schema import ROOT, Schema
from .values import ALLOWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lxml import etree

    from .schema import Field, RecordType

#: Sequences of children whose verdict is remembered, per record type, and how long one may be to be remembered.
MOST_VERDICTS = 4096
LONGEST_SEQUENCE = 200


def validate(
    data_or_request: Any,
    version: str | None = None,
    edition: str | None = None,
    *,
    schema: Schema | None = None,
    characters: str = "refuse",
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> list[Problem]:
    """All problems of a document (bytes, text or a file) or of requests (as ``build`` takes them), in order.

    An empty list says that the XSD of ``version`` and ``edition`` (``None``: the union) accepts the document, or that
    ``build`` would write the requests. Without a version a document is held against the version that it names itself,
    else against the newest. Problems of a document have ``line`` and ``column``. Raises
    :class:`~qbxml.errors.ParseError` for what is no XML document, :class:`~qbxml.errors.SchemaError` for an unknown
    version or edition.
    """
    if isinstance(data_or_request, (bytes, bytearray, memoryview, str)) or hasattr(data_or_request, "read"):
        document = read(data_or_request, max_bytes=max_bytes)
        return document_problems(document, schema or _own_schema(document, version, edition))
    from .building import examined
    from .versions import DEFAULT_VERSION, NEWEST_VERSION

    if schema is None:
        is_answer = isinstance(data_or_request, (Request, Response, Message))
        schema = Schema(version or (NEWEST_VERSION if is_answer else DEFAULT_VERSION), edition)
    return examined(data_or_request, schema, characters)


def _own_schema(document: Document, version: str | None, edition: str | None) -> Schema:
    from .versions import NEWEST_VERSION, RANK

    named = document.version if document.version in RANK else None
    return Schema(version or named or NEWEST_VERSION, edition)


def document_problems(document: Document, schema: Schema) -> list[Problem]:
    """All problems of a parsed document, with their places."""
    root = document.root
    record = schema.record(ROOT)
    if root.tag == ROOT and accepts(root, record):
        return []
    found: list[Finding] = []
    if root.tag != ROOT:
        problem = Problem(str(root.tag), "structure", "this is no qbXML document", expected=ROOT)
        found.append(Finding(root, problem))
    else:
        examine(root, record, ROOT, found)
    _place(document, found)
    return [one.problem for one in found]


def _place(document: Document, found: Sequence[Finding]) -> None:
    """Look up the lines and columns of what was found."""
    if not found:
        return
    wanted = {id(one.node): one for one in found}
    numbers = {id(node): number for number, node in enumerate(document.root.iter()) if id(node) in wanted}
    places = positions(document.data, set(numbers.values()))
    for one in found:
        place = places.get(numbers.get(id(one.node), -1))
        one.problem.line, one.problem.column = place if place else (one.node.sourceline, None)


class _Checks:
    """The quick view of one record type: which texts to look at, and the verdicts on sequences of children."""

    __slots__ = ("attributes", "leaves", "needed", "record", "records", "verdicts")

    def __init__(self, record: RecordType) -> None:
        self.record = record
        self.leaves = {
            name: _good(field, record.schema) for name, field in record.fields.items() if not field.is_record
        }
        self.records = {name: field.type for name, field in record.fields.items() if field.is_record}
        self.attributes = {name: _good(field, record.schema) for name, field in record.attributes.items()}
        self.needed = [name for name, field in record.attributes.items() if field.min]
        self.verdicts: dict[tuple[Any, ...], bool] = {}


def _good(field: Field, schema: Schema) -> Callable[[str], bool] | int | None:
    """A test of a leaf's text: a function, the longest length, or ``None`` where any text is good."""
    if field.values is not None or field.low is not None or field.high is not None:
        return lambda text: text_problem(field, schema, text, "") is None
    if field.type in ("STRTYPE", "IDTYPE", "UUIDTYPE", "MACROTYPE", "ENUMTYPE"):
        return field.limit
    return ALLOWS[field.type]


def checks_of(record: RecordType) -> _Checks:
    """The quick view of a record type, made once."""
    found: _Checks | None = record.cache.get("checks")
    if found is None:
        found = record.cache["checks"] = _Checks(record)
    return found


def accepts(node: etree._Element, record: RecordType) -> bool:
    """Whether an element and all below it are valid; never yes to what is bad."""
    checks = record.cache.get("checks") or checks_of(record)
    children = node[:]
    names: tuple[Any, ...] = tuple([child.tag for child in children])
    verdict = checks.verdicts.get(names)
    if verdict is None:
        verdict = model(record).accepts(names)
        if len(names) <= LONGEST_SEQUENCE:
            if len(checks.verdicts) >= MOST_VERDICTS:
                checks.verdicts.clear()
            checks.verdicts[names] = verdict
    if not verdict:
        return False
    given = node.items()
    if (given or checks.needed) and not _accepts_attributes(dict(given), checks):
        return False
    text = node.text
    if text is not None and (text.strip(" \t\r\n") or not record.fields):
        return False
    leaves, records = checks.leaves, checks.records
    for child, name in zip(children, names, strict=True):
        tail = child.tail
        if tail is not None and tail.strip(" \t\r\n"):
            return False
        if name in leaves:
            text = child.text
            if len(child):
                return False
            given = child.items()
            if given and not (record.fields[name].use_macro and given[0][0] == "useMacro" and len(given) == 1):
                return False
            good = leaves[name]
            if good is None:
                continue
            if isinstance(good, int):
                if text is not None and len(text) > good:
                    return False
            elif not good(text or ""):
                return False
        elif not accepts(child, record.schema.record(records[name])):
            return False
    return True


def _accepts_attributes(given: dict[str, str], checks: _Checks) -> bool:
    for name in checks.needed:
        if name not in given:
            return False
    for name, text in given.items():
        if name not in checks.attributes:
            return False
        good = checks.attributes[name]
        if good is None:
            continue
        if isinstance(good, int):
            if len(text) > good:
                return False
        elif not good(text):
            return False
    return True
