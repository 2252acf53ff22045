"""Hold documents and requests against the schema and list every problem.

A document is first looked at quickly, with one cached verdict per sequence of children; only one that is not good is
gone through again, to name what is wrong and where. The verdict is that of the derived XSD.
"""

from __future__ import annotations

from .checking import Finding, examine, text_problem
from .content import model
from .decode import allowed
from .document import DEFAULT_MAX_BYTES, Document, accounted, positions, read
from .problems import Problem
from .schema import ROOT, Schema
from .values import ALLOWS, BLANKS, TEXT_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lxml import etree

    from .schema import Field, RecordType

#: Sequences of children remembered, per record type, and how long one may be to be remembered.
MOST_PLANS = 4096
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
    else against the newest, and requests are judged as ``build`` does by default. Problems of a document have ``line``
    and ``column``. Raises
    :class:`~qbxml.errors.ParseError` for what is no XML document, :class:`~qbxml.errors.SchemaError` for an unknown
    version or edition.
    """
    if isinstance(data_or_request, (bytes, bytearray, memoryview, str)) or hasattr(data_or_request, "read"):
        document = read(data_or_request, max_bytes=max_bytes)
        return document_problems(document, schema or _own_schema(document, version, edition))
    from .building import examined, schema_for

    if schema is None and version is None and edition is None:
        edition = "US"  # as build would
    return examined(data_or_request, schema or schema_for(data_or_request, version, edition), characters)


def _own_schema(document: Document, version: str | None, edition: str | None) -> Schema:
    from .versions import NEWEST_VERSION, RANK

    named = document.version if document.version in RANK else None
    return Schema(version or named or NEWEST_VERSION, edition)


def document_problems(document: Document, schema: Schema) -> list[Problem]:
    """All problems of a parsed document, with their places."""
    root = document.root
    record = schema.record(ROOT)
    if accepts(document, schema):
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


class _Plan:
    """What to look at in children of certain names: the ``texts`` to test, the longest ``lengths``, the ``records``."""

    __slots__ = ("leaves", "lengths", "macros", "records", "texts")

    def __init__(self, names: tuple[Any, ...], record: RecordType) -> None:
        self.texts: list[tuple[int, Callable[[str], bool]]] = []
        self.lengths: list[tuple[int, int]] = []
        self.records: list[tuple[int, _Checks]] = []
        self.macros: list[int] = []
        fields = record.fields
        for index, name in enumerate(names):
            field = fields[name]
            if field.is_record:
                self.records.append((index, checks_of(record.record(field))))
                continue
            good = _good(field, record.schema)
            if isinstance(good, int):
                self.lengths.append((index, good))
            elif good is not None:
                self.texts.append((index, good))
            if field.use_macro:
                self.macros.append(index)
        self.leaves = len(names) - len(self.records)


class _Checks:
    """The quick view of one record type: its attributes, and a plan for every good sequence of children."""

    __slots__ = ("attributes", "needed", "plans", "record")

    def __init__(self, record: RecordType) -> None:
        self.record = record
        self.attributes = {name: _good(field, record.schema) for name, field in record.attributes.items()}
        self.needed = [name for name, field in record.attributes.items() if field.min]
        #: by the children's names; ``False`` where that is no content of the record
        self.plans: dict[tuple[Any, ...], _Plan | bool] = {}

    def plan(self, names: tuple[Any, ...]) -> _Plan | bool:
        """The plan for children of these names; ``False`` where the record may not have them, or not so."""
        found = _Plan(names, self.record) if model(self.record).accepts(names) else False
        if len(names) <= LONGEST_SEQUENCE:
            if len(self.plans) >= MOST_PLANS:
                self.plans.clear()
            self.plans[names] = found
        return found

    def accepts_attributes(self, given: dict[str, str]) -> bool:
        """Whether an element may have these attributes."""
        if any(name not in given for name in self.needed):
            return False
        for name, text in given.items():
            if name not in self.attributes:
                return False
            good = self.attributes[name]
            if isinstance(good, int):
                if len(text) > good:
                    return False
            elif good is not None and not good(text):
                return False
        return True


def _good(field: Field, schema: Schema) -> Callable[[str], bool] | int | None:
    """A test of a leaf's text: a function, the longest length, or ``None`` where any text is good."""
    if field.values is not None:
        return allowed(field).__contains__
    if field.low is not None or field.high is not None:
        return lambda text: text_problem(field, schema, text, "") is None
    return field.limit if field.type in TEXT_TYPES else ALLOWS[field.type]


def checks_of(record: RecordType) -> _Checks:
    """The quick view of a record type, made once."""
    found: _Checks | None = record.cache.get("checks")
    if found is None:
        found = record.cache["checks"] = _Checks(record)
    return found


def accepts(document: Document, schema: Schema) -> bool:
    """Whether a document is valid; never yes to one that is not, perhaps no to an odd spelling of what is.

    Like the decoder it does not look for markup where none may be: it counts what it saw.
    """
    root = document.root
    if root.tag != ROOT:
        return False
    walk = _Walk()
    return walk.accepts(root, checks_of(schema.record(ROOT))) and accounted(
        document, walk.elements + 1, walk.leaves, walk.attributes
    )


class _Walk:
    """One quick look through a document, and what it saw."""

    __slots__ = ("attributes", "elements", "leaves")

    def __init__(self) -> None:
        self.elements = 0
        self.leaves = 0
        self.attributes = 0

    def accepts(self, node: etree._Element, checks: _Checks) -> bool:
        children = node[:]
        names = tuple([child.tag for child in children])
        plan: Any = checks.plans.get(names)
        if plan is None:
            plan = checks.plan(names)
        if plan is False:
            return False
        if checks.attributes:
            given = node.items()
            self.attributes += len(given)
            if (given or checks.needed) and not checks.accepts_attributes(dict(given)):
                return False
        if children:
            tail = children[-1].tail
            if tail is not None and tail.strip(BLANKS):
                return False
        elif node.text is not None and (node.text.strip(BLANKS) or not checks.record.fields):
            return False
        self.elements += len(children)
        self.leaves += plan.leaves
        for index, most in plan.lengths:
            text = children[index].text
            if text is not None and len(text) > most:
                return False
        for index, good in plan.texts:
            if not good(children[index].text or ""):
                return False
        for index in plan.macros:
            self.attributes += "useMacro" in children[index].attrib
        return all(self.accepts(children[index], inner) for index, inner in plan.records)
