"""What is wrong with a request or a document: the one mechanism behind ``validate``, ``build`` and strict reading.

It is the thorough path: it looks at everything, names every problem with its place, and does not hurry. The encoder
and the validator have fast paths for what is good, and come here for the rest.

:class:`Writer` goes through plain dicts and typed objects and, where nothing is wrong, gives the XML text;
:func:`examine` goes through a parsed document.
"""

from __future__ import annotations

from functools import partial

from ._master import ENUMERATIONS
from .characters import Unsendable, escape, escape_attribute
from .content import faults, model
from .problems import Problem
from .schema import AT, MESSAGE_SETS, Schema, enumeration, near_names, schema_names
from .values import ALLOWS, BLANKS, WANTS, WRITE, UseMacro
from .versions import in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from lxml import etree

    from .schema import Field, RecordType


def unknown_name(record: RecordType, name: str, path: str, what: str = "element", given: Any = None) -> Problem:
    """The problem of an element or attribute that a record does not have, with where it would be allowed."""
    schema = record.schema
    elsewhere = _elsewhere(record, name)
    attribute = what == "attribute"
    known = list(record.attributes) if attribute else [*record.fields, *record.attributes]
    if elsewhere:
        return Problem(path, "edition", f"{schema} has no such {what} here", given=given, allowed_in=elsewhere)
    near = partial(near_names, name.lstrip("@"), known)
    kind = "attribute" if attribute else "structure"
    return Problem(path, kind, f"{record.element} has no such {what}", given=given, near=near)


def _elsewhere(record: RecordType, name: str) -> str | None:
    """Which versions and editions have the name, in words. Remembered, for a document may have it many times."""
    known: dict[str, str | None] | None = record.cache.get("elsewhere")
    if known is None:
        # All names that any version has: there are only so many of them, and no end of others.
        known = record.cache["elsewhere"] = dict.fromkeys(schema_names(record.name))
    if name not in known:
        return None
    known[name] = known[name] or record.schema.where(record.name, name)
    return known[name]


def unknown_value(field: Field, schema: Schema, path: str, text: str) -> Problem:
    """The problem of a value that is not in the element's enumeration."""
    assert field.values is not None
    shown = ", ".join(field.values[:8]) + (f" and {len(field.values) - 8} more" if len(field.values) > 8 else "")
    allowed_in = _value_elsewhere(field, text)
    near = () if allowed_in else partial(near_names, text, field.values)
    return Problem(
        path, "enum", "it is none of the values", given=text, expected=shown, allowed_in=allowed_in, near=near
    )


def _value_elsewhere(field: Field, text: str) -> str | None:
    """Which versions and editions have a value of the enumeration, in words."""
    enum = field.enum
    assert enum is not None
    if (enum, text) not in _VALUE_HOMES:
        if all(line.partition("\t")[0] != text for line in ENUMERATIONS[enum].split("\n")):
            return None  # there is no end of such texts: they are not remembered
        _VALUE_HOMES[enum, text] = in_words(lambda *home: text in enumeration(enum, *home))
    return _VALUE_HOMES[enum, text]


_VALUE_HOMES: dict[tuple[str, str], str | None] = {}


def text_problem(field: Field, schema: Schema, text: str, path: str) -> Problem | None:
    """What is wrong with the text of a leaf or attribute, as the schema judges it; ``None`` where nothing is."""
    if field.values is not None:
        if text in field.values or (text == "" and field.default is not None and not field.is_attribute):
            return None
        return unknown_value(field, schema, path, text)
    if not ALLOWS[field.type](text):
        if text == "":
            return Problem(path, "value", "it can't be empty", given=text, expected=WANTS[field.type])
        return Problem(path, "value", "the value does not fit", given=text, expected=WANTS[field.type])
    if field.limit is not None and len(text) > field.limit:
        return Problem(
            path, "length", f"{len(text)} characters are too many", given=text, expected=f"at most {field.limit}"
        )
    if field.low is not None or field.high is not None:
        number = text.strip()
        digits = number.lstrip("+-").lstrip("0")
        value = int(number) if len(digits) < 19 else (-1 if number[0] == "-" else 1) * 10**18
        if (field.low is not None and value < field.low) or (field.high is not None and value > field.high):
            span = f"at least {field.low}" if field.high is None else f"from {field.low} to {field.high}"
            return Problem(path, "value", "it is out of range", given=text, expected=span)
    return None


def missing_attributes(record: RecordType, given: Any, path: str) -> list[Problem]:
    """A problem for every required attribute that is not among those given, or is ``None``."""
    return [
        Problem(f"{path}@{name}", "attribute", "it is missing", expected="required")
        for name, field in record.attributes.items()
        if field.min and given.get(name) is None
    ]


def interleave(kinds: Sequence[tuple[str, Sequence[Any]]]) -> list[tuple[str, int, Any]]:
    """The items of several kinds in the order of the document: ``(kind, index in its list, item)``.

    An item's place is its ``_at``; the order of each list is kept, and an item without a mark follows its predecessor
    in its own list. With no marks at all the kinds follow one another.
    """
    placed = []
    for rank, (name, items) in enumerate(kinds):
        place = -1
        for index, item in enumerate(items):
            fields = item if item.__class__ is dict else as_fields(item)
            mark = fields.get(AT) if fields else None
            if mark.__class__ is int and mark > place:
                place = mark
            placed.append((place, rank, index, name, item))
    placed.sort()  # no two are of the same kind and index: items are never compared
    return [(name, index, item) for _, _, index, name, item in placed]


class Writer:
    """Writes dicts and typed objects as XML and notes everything that keeps it from doing so.

    ``characters`` is a policy's function, ``truncate`` shortens what is too long (noted in ``notes``), ``problems`` are
    found along the way. The text is only worth something where there are none.
    """

    def __init__(self, schema: Schema, characters: Callable[[str], str], truncate: bool = False) -> None:
        self.schema = schema
        self.characters = characters
        self.truncate = truncate
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def record(self, record: RecordType, value: Any, path: str) -> str:
        """The element of a record: start tag, content, end tag."""
        name = record.element
        fields = as_fields(value)
        given_name = name if isinstance(value, dict) else getattr(value, "_name", name)
        if fields is None or given_name != name:
            wrong = "a record is wanted" if fields is None else f"a {given_name} has no place here"
            expected = f"a dict of {name}'s fields, or a {name} of qbxml.requests"
            self.problems.append(Problem(path, "structure", wrong, given=value, expected=expected))
            return ""
        attributes, parts = self.attributes(record, fields, path)
        start = name + "".join(f' {key}="{escape_attribute(text)}"' for key, text in attributes.items())
        inner = "".join(
            self.record(record.record(field), item, place) if field.is_record else self._leaf(field, item, place)
            for field, item, place in self._expand(record, parts, path)
        )
        return f"<{start}>{inner}</{name}>"

    def attributes(
        self, record: RecordType, fields: dict[str, Any], path: str
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """A record's keys parted into attributes, as text in schema order, and known elements; notes the unknown."""
        attributes: dict[str, str] = {}
        parts: dict[str, Any] = {}
        for key, value in fields.items():
            if key in record.fields:
                parts[key] = value
            elif key in record.attributes:
                if value is not None:
                    text = self._text(record.attributes[key], value, f"{path}@{key}")
                    if text is not None:
                        attributes[key] = text
            elif key != AT:
                where = f"{path}.{key}"
                attribute = bool(record.schema.where(record.name, key)) and key[:1].islower()
                self.problems.append(
                    unknown_name(record, str(key), where, "attribute" if attribute else "element", value)
                )
        self.problems += missing_attributes(record, fields, path)
        return {key: attributes[key] for key in record.attributes if key in attributes}, parts

    def _expand(self, record: RecordType, parts: dict[str, Any], path: str) -> Iterable[tuple[Field, Any, str]]:
        """The children of a record in document order, each with its path; note what is wrong with their order."""
        children: list[tuple[str, int | None, Any]] = []
        grouped: dict[str, tuple[str, ...]] = {name: group for group in record.groups for name in group}
        done: set[str] = set()
        for name in model(record).sort(parts):
            if name in done:
                continue
            field, value = record.fields[name], parts[name]
            group = grouped.get(name)
            if group is not None:
                done.update(group)
                kinds = [(kind, as_list(parts[kind])) for kind in group if kind in parts]
                children += interleave(kinds)
            elif field.repeats:
                children += [(name, index, item) for index, item in enumerate(as_list(value))]
            elif isinstance(value, (list, tuple)):
                self.problems.append(
                    Problem(f"{path}.{name}", "structure", "it may stand only once", given=value, expected="no list")
                )
            else:
                children.append((name, None, value))
        names = [name for name, _, _ in children]
        for fault in faults(record, names):
            where = f"{path}.{fault.name}"
            if fault.index is not None and children[fault.index][1] is not None:
                where += f"[{children[fault.index][1]}]"
            self.problems.append(Problem(where, "structure", fault.message, expected=fault.expected))
        return [
            (record.fields[name], item, f"{path}.{name}" + ("" if index is None else f"[{index}]"))
            for name, index, item in children
        ]

    def _leaf(self, field: Field, value: Any, path: str) -> str:
        name = field.name
        macro = ""
        if isinstance(value, UseMacro) or (isinstance(value, dict) and "useMacro" in value and field.use_macro):
            if isinstance(value, dict):
                macro, value = value["useMacro"], value.get("text", "")
            else:
                macro, value = value.name, value.text
            if not field.use_macro:
                self.problems.append(Problem(path, "attribute", "it can't refer to a macro", given=macro))
            if not isinstance(macro, str) or not (value is None or isinstance(value, str)):
                self.problems.append(Problem(path, "value", "a macro's name is text", given=macro))
                return ""
            sent = self._sendable(macro, f"{path}@useMacro")
            if sent is not None:
                macro = f' useMacro="{escape_attribute(sent)}"'
        text = self._text(field, value, path)
        return "" if text is None else f"<{name}{macro}>{escape(text)}</{name}>"

    def _text(self, field: Field, value: Any, path: str) -> str | None:
        """A leaf's or an attribute's text; ``None`` where a problem was noted."""
        if value is None or (value.__class__ is str and value == ""):
            text = ""
        else:
            try:
                text = WRITE[field.type](value)
            except ValueError as error:
                self.problems.append(Problem(path, "value", str(error), given=value, expected=self._wanted(field)))
                return None
        sent = self._sendable(text, path)
        if sent is None:
            return None
        problem = text_problem(field, self.schema, sent, path)
        # A shortened ID would be another ID.
        if problem is not None and problem.kind == "length" and self.truncate and field.type == "STRTYPE":
            problem.message = f"shortened from {len(sent)} to {field.limit} characters"
            self.notes.append(problem)
            return sent[: field.limit]
        if problem is not None:
            self.problems.append(problem)
            return None
        return sent

    def _wanted(self, field: Field) -> str:
        if field.values is not None:
            return "one of: " + ", ".join(field.values[:8])
        return WANTS[field.type]

    def _sendable(self, text: str, path: str) -> str | None:
        try:
            return self.characters(text)
        except Unsendable as error:
            message = f"character {error.index}: {error}"
            self.problems.append(Problem(path, "character", message, given=text))
            return None


def as_fields(value: Any) -> dict[str, Any] | None:
    """The fields of a record given as a dict, a typed object or ``None`` (empty); ``None`` for anything else."""
    if isinstance(value, dict):
        return value
    fields = getattr(value, "_fields", None)
    if isinstance(fields, dict):
        return fields
    return {} if value is None or (isinstance(value, str) and not value) else None


def as_list(value: Any) -> Sequence[Any]:
    """The items of a repeatable element: a single one may be given without its list."""
    return value if isinstance(value, (list, tuple)) else [value]


# -- documents --------------------------------------------------------------------------------------------------

#: Attributes that a validator takes anywhere, as hints to itself.
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = frozenset((f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"))
_TYPE = f"{_XSI}type"


class Finding:
    """A problem and the element it was found at, until lines and columns are looked up."""

    __slots__ = ("node", "problem")

    def __init__(self, node: etree._Element, problem: Problem) -> None:
        self.node = node
        self.problem = problem


def examine(node: etree._Element, record: RecordType, path: str, found: list[Finding]) -> None:
    """Hold an element and all below it against a record type; append everything wrong to ``found``."""
    children = [child for child in node if isinstance(child.tag, str)]
    names = [str(child.tag) for child in children]
    counts: dict[str, int] = {}
    places = []
    is_set = record.name[:-2] in MESSAGE_SETS
    for number, name in enumerate(names):
        counts[name] = index = counts.get(name, -1) + 1
        field = record.fields.get(name)
        if is_set:  # a message is named by itself, as in what was to be built
            places.append(f"{name}[{number}]" if len(names) > 1 else name)
        elif field is not None and field.repeats:
            places.append(f"{path}.{name}[{index}]")
        else:
            places.append(f"{path}.{name}")
    _examine_attributes(node, record, path, found)
    for fault in faults(record, names):
        if fault.unknown and fault.index is not None:
            where = children[fault.index]
            problem = unknown_name(record, fault.name, places[fault.index], given=where.text)
        else:
            where = node if fault.index is None else children[fault.index]
            spot = f"{path}.{fault.name}" if fault.index is None else places[fault.index]
            problem = Problem(spot, "structure", fault.message, expected=fault.expected)
        found.append(Finding(where, problem))
    for stray in [node.text, *(child.tail for child in node)]:
        if stray and not record.fields:  # what can only be empty may not even hold blanks
            found.append(Finding(node, Problem(path, "structure", "text where nothing may stand", given=stray)))
        elif stray and stray.strip(BLANKS):
            problem = Problem(path, "structure", "text where elements are wanted", given=stray.strip())
            found.append(Finding(node, problem))
    for child, place in zip(children, places, strict=True):
        field = record.fields.get(str(child.tag))
        if field is None:
            continue
        if field.is_record:
            examine(child, record.record(field), place, found)
        else:
            _examine_leaf(child, field, record, place, found)


def _examine_leaf(node: etree._Element, field: Field, record: RecordType, path: str, found: list[Finding]) -> None:
    for child in node:
        if isinstance(child.tag, str):
            found.append(Finding(child, Problem(path, "structure", "elements where text is wanted", given=child.tag)))
            return
    for key, value in node.attrib.items():
        if not (key == "useMacro" and field.use_macro) and key not in _HINTS:
            found.append(Finding(node, Problem(f"{path}@{key}", "attribute", "no attribute is allowed", given=value)))
    text = "".join(node.itertext(with_tail=False)) if len(node) else node.text or ""
    problem = text_problem(field, record.schema, text, path)
    if problem is not None:
        found.append(Finding(node, problem))


def _examine_attributes(node: etree._Element, record: RecordType, path: str, found: list[Finding]) -> None:
    given = node.attrib
    for key, value in given.items():
        field = record.attributes.get(str(key))
        place = f"{path}@{key}"
        if field is None:
            # An element may name its own type. (The XSD's simple types are not known by their names here.)
            if key not in _HINTS and not (key == _TYPE and value == record.name):
                found.append(Finding(node, unknown_name(record, str(key), place, "attribute", value)))
            continue
        problem = text_problem(field, record.schema, str(value), place)
        if problem is not None:
            found.append(Finding(node, problem))
    found += [Finding(node, problem) for problem in missing_attributes(record, given, path)]
