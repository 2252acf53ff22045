"""Hold documents and requests against the schema and list every problem.

A document is first looked at quickly, with one cached verdict per sequence of children; only one that is not good is
gone through again, to name what is wrong and where. The verdict is that of the derived XSD.
"""

from __future__ import annotations

from .checking import Finding, examine, text_problem
from .content import model
from .document import DEFAULT_MAX_BYTES, Document, accounted, positions, read
from .problems import Problem
from .schema import ROOT, Schema
from .values import ALLOWS, BLANKS, TEXT_TYPES, USUAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lxml import etree

    from .schema import Field, RecordType

    Test = Callable[[str], Any]

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
    """What to look at in children of certain names: the longest ``lengths``, the ``texts`` to test, the ``records``."""

    __slots__ = ("leaves", "lengths", "macros", "records", "texts")

    def __init__(self, names: tuple[Any, ...], checks: _Checks) -> None:
        self.lengths: list[tuple[int, int]] = []
        self.texts: list[tuple[int, Test, bool]] = []
        self.records: list[tuple[int, _Checks]] = []
        self.macros: list[int] = []
        for index, name in enumerate(names):
            inner, most, test, empty, macro = checks.entries[name] if name in checks.entries else checks.entry(name)
            if inner is not None:
                self.records.append((index, inner))
            elif most is not None:
                self.lengths.append((index, most))
            elif test is not None:
                self.texts.append((index, test, empty))
            if macro:
                self.macros.append(index)
        self.leaves = len(names) - len(self.records)


class _Checks:
    """The quick view of one record type: a plan for every good sequence of children, and of attributes."""

    __slots__ = ("attributes", "bare", "entries", "given", "needed", "plans", "record")

    def __init__(self, record: RecordType) -> None:
        self.record = record
        self.bare = not record.fields
        #: by child, when first met: its own checks if it is a record, the longest text or a test, whether it may be
        #: empty, whether it may refer to a macro
        self.entries: dict[str, tuple[_Checks | None, int | None, Test | None, bool, bool]] = {}
        self.attributes = {name: _test(field, record.schema) for name, field in record.attributes.items()}
        self.needed = [name for name, field in record.attributes.items() if field.min]
        #: by the names of an element's attributes, what to test of them; ``False`` where it may not have these
        self.given: dict[tuple[str, ...], list[tuple[int, Test, bool]] | bool] = {}
        #: by the children's names; ``False`` where that is no content of the record
        self.plans: dict[tuple[Any, ...], _Plan | bool] = {}

    def entry(self, name: str) -> tuple[_Checks | None, int | None, Test | None, bool, bool]:
        """What to look at in a child that the record may have."""
        field = self.record.fields[name]
        inner = checks_of(self.record.record(field)) if field.is_record else None
        most = field.limit if inner is None and field.values is None and field.type in TEXT_TYPES else None
        test, empty = _test(field, self.record.schema) if inner is None else (None, False)
        found = self.entries[name] = (inner, most, test, empty, field.use_macro)
        return found

    def plan(self, names: tuple[Any, ...]) -> _Plan | bool:
        """The plan for children of these names; ``False`` where the record may not have them, or not so."""
        found = _Plan(names, self) if model(self.record).accepts(names) else False
        if len(names) <= LONGEST_SEQUENCE:
            if len(self.plans) >= MOST_PLANS:
                self.plans.clear()
            self.plans[names] = found
        return found

    def tests(self, names: tuple[str, ...]) -> list[tuple[int, Test, bool]] | bool:
        """What to test of attributes of these names; ``False`` where the record may not have them."""
        found: list[tuple[int, Test, bool]] | bool = False
        if all(name in names for name in self.needed) and all(name in self.attributes for name in names):
            tests = [(index, *self.attributes[name]) for index, name in enumerate(names)]
            found = [(index, test, empty) for index, test, empty in tests if test is not None]
        if len(self.given) >= MOST_PLANS:
            self.given.clear()
        self.given[names] = found
        return found


def _test(field: Field, schema: Schema) -> tuple[Test | None, bool]:
    """A test of texts that are not empty, if any is needed, and whether an empty one is good.

    It says yes to nothing that the schema refuses; perhaps no to an odd spelling of what is good.
    """
    empty = text_problem(field, schema, "", "") is None
    if field.values is not None:
        return frozenset(field.values).__contains__, empty
    if field.low is not None or field.high is not None:
        return lambda text: text_problem(field, schema, text, "") is None, empty
    if field.type in TEXT_TYPES:
        most = field.limit
        return (None if most is None else lambda text: len(text) <= most), empty
    return USUAL.get(field.type) or ALLOWS[field.type], empty


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
        if checks.attributes:
            given = tuple(node.keys())
            tests: Any = checks.given.get(given)
            if tests is None:
                tests = checks.tests(given)
            if tests is False:
                return False
            self.attributes += len(given)
            if tests:
                values = node.values()
                for index, good, empty in tests:
                    text = values[index]
                    if not (good(text) if text else empty):
                        return False
        if checks.bare:  # a report's cell, by the ten thousand; elements in it would not be counted
            return node.text is None
        children = node[:]
        names = tuple([child.tag for child in children])
        plan: Any = checks.plans.get(names)
        if plan is None:
            plan = checks.plan(names)
        if plan is False:
            return False
        end = children[-1].tail if children else node.text
        if end is not None and end.strip(BLANKS):
            return False
        self.elements += len(children)
        self.leaves += plan.leaves
        for index, most in plan.lengths:
            text = children[index].text
            if text is not None and len(text) > most:
                return False
        for index, good, empty in plan.texts:
            text = children[index].text
            if not (good(text) if text else empty):
                return False
        for index in plan.macros:
            self.attributes += "useMacro" in children[index].attrib
        for index, inner in plan.records:  # noqa: SIM110 - all() would make a generator for every record
            if not self.accepts(children[index], inner):
                return False
        return True
