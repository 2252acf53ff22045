"""An XML tree to typed values: one walk, driven by tables made from the schema.

:class:`Decoder` is the fast walk. For each record type and each sequence of children met, a *plan* says which children
need more than their text. It reports nothing and knows no paths: where anything is out of the ordinary it raises
:class:`Odd`, and :class:`ExactDecoder` walks the same tree again and says what and where.

Nothing is dropped. A value its type does not allow is kept as text, an element the schema does not know under its name,
and both are reported. What has no place in a record at all (text between elements, elements or attributes in a leaf)
the fast walk can't see; it counts what it saw, and ``parsing`` compares that with the document's own markup.
"""

from __future__ import annotations

from .checking import text_problem, unknown_name
from .problems import Problem
from .schema import AT
from .values import BLANKS, BOOLEANS, READ, TEXT_TYPES, UseMacro

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from lxml import etree

    from .schema import Field, RecordType

    Read = Callable[[str], Any]
    Make = Callable[[Any, dict[str, Any]], dict[str, Any]]

#: Sequences of children remembered per record type.
MOST_PLANS = 4096

#: One leaf, and one attribute, in the decoder's count; elements count as one.
LEAF = 1 << 30
ATTRIBUTE = 1 << 60


class Odd(Exception):
    """Something here is out of the ordinary."""


def reader(field: Field) -> Read | None:
    """The function that turns a leaf's text into its value; ``None`` where the text is the value.

    It raises :class:`ValueError` for text that the type does not allow.
    """
    if field.values is not None:
        values = allowed(field)

        def read(text: str) -> Any:
            if text in values:
                return text
            raise ValueError(text)

        return read
    return None if field.type in TEXT_TYPES else READ[field.type]


def allowed(field: Field) -> frozenset[str]:
    """The texts that an enumerated field may have: its values, and nothing where that means the default."""
    empty = {""} if field.default is not None and not field.is_attribute else set[str]()
    return frozenset(field.values or ()) | empty


class Plan:
    """What to do with children of certain names.

    ``truths`` are booleans, ``choices`` enumerations with their values, ``values`` the rest that is no text;
    ``records`` are to be gone into, single ``lists`` to be wrapped. ``more`` is false where the texts are the values;
    ``seen`` is what the plan adds to the decoder's count.
    """

    __slots__ = ("choices", "lists", "more", "records", "seen", "truths", "values")

    def __init__(self, count: int, attributes: bool) -> None:
        self.truths: list[str] = []
        self.choices: list[tuple[str, frozenset[str]]] = []
        self.values: list[tuple[str, Read]] = []
        self.records: list[tuple[int, str, Kind, bool]] = []
        self.lists: list[str] = []
        self.more = attributes
        self.seen = count

    def add(self, index: int, name: str, field: Field, read: Read | None, inner: Kind | None) -> None:
        """Take up one child."""
        if inner is not None:
            self.records.append((index, name, inner, field.repeats))
            self.more = True
            return
        self.seen += LEAF
        if field.values is not None:
            self.choices.append((name, allowed(field)))
        elif field.type == "BOOLTYPE":
            self.truths.append(name)
        elif read is not None:
            self.values.append((name, read))
        if field.repeats:
            self.lists.append(name)
        self.more = self.more or read is not None or field.repeats


class Kind:
    """How the fast decoder sees one record type."""

    __slots__ = ("attributes", "bare", "entries", "groups", "plans", "record")

    def __init__(self, record: RecordType) -> None:
        self.record = record
        self.plans: dict[tuple[Any, ...], Plan | bool] = {}
        #: by child: how to read it, and whether it is always a list; made when first met
        self.entries: dict[Any, tuple[Read | None, Kind | None, bool]] = {}
        self.attributes = {name: reader(field) for name, field in record.attributes.items()}
        self.bare = not record.fields
        self.groups = record.groups

    def entry(self, name: Any) -> tuple[Read | None, Kind | None, bool]:
        """How to read a child. Raises :class:`Odd` for one that the schema does not know."""
        found = self.entries.get(name)
        if found is None:
            field = self.record.fields.get(name)
            if field is None:
                raise Odd
            inner = kind_of(self.record.record(field)) if field.is_record else None
            read = _macro_text if field.use_macro else None if inner else reader(field)
            found = self.entries[name] = (read, inner, field.repeats)
        return found

    def plan(self, names: tuple[Any, ...]) -> Plan | bool:
        """The plan for children of these names, each once; ``False`` where they have to be taken one by one."""
        plan = Plan(len(names), bool(self.attributes))
        for index, name in enumerate(names):
            read, inner, _ = self.entry(name)
            if read is _macro_text:
                return False
            plan.add(index, str(name), self.record.fields[name], read, inner)
        if any(sum(name in names for name in group) > 1 for group in self.groups):
            return False
        return plan


def _macro_text(text: str) -> Any:
    """Marks an ID that may refer to a macro; such children are taken one by one."""
    return text


def kind_of(record: RecordType) -> Kind:
    """The decoder's view of a record type, made once."""
    found: Kind | None = record.cache.get("decoder")
    if found is None:
        found = record.cache["decoder"] = Kind(record)
    return found


class Decoder:
    """The fast walk. ``seen`` counts the elements, leaves and attributes that were met, in one number."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen = 0

    @property
    def elements(self) -> int:
        """How many elements were met."""
        return self.seen % LEAF

    @property
    def leaves(self) -> int:
        """How many of them were leaves."""
        return self.seen // LEAF % LEAF

    @property
    def attributes(self) -> int:
        """How many attributes were met."""
        return self.seen // ATTRIBUTE

    def record(self, node: etree._Element, kind: Kind) -> dict[str, Any]:
        """The fields of a record's element. Raises :class:`Odd`."""
        if kind.bare:  # a report's cell, by the ten thousand; elements in it would not be counted
            if node.text is not None:
                raise Odd
            return self.attribute_values(node.items(), kind)
        children = node[:]
        out: dict[Any, Any] = {child.tag: child.text or "" for child in children}
        names = tuple(out)
        plan: Any = kind.plans.get(names)
        if plan is None:
            if len(kind.plans) >= MOST_PLANS:
                kind.plans.clear()
            plan = kind.plans[names] = kind.plan(names)
        end = children[-1].tail if children else node.text
        if end is not None and end.strip(BLANKS):  # written out, for it runs for every record; see check_end
            raise Odd
        if plan.__class__ is bool or len(names) != len(children):
            return self.lists(node, children, kind)
        self.seen += plan.seen
        if plan.more:
            try:
                for name in plan.truths:
                    out[name] = BOOLEANS[out[name]]
                for name, read in plan.values:
                    out[name] = read(out[name])
            except KeyError:  # spelled with blanks, or not at all
                return self._again(node, children, kind, plan)
            except ValueError:
                raise Odd from None
            for name, values in plan.choices:
                if out[name] not in values:
                    raise Odd
            for index, name, inner, repeats in plan.records:
                value = self.record(children[index], inner)
                out[name] = [value] if repeats else value
            for name in plan.lists:
                out[name] = [out[name]]
            if kind.attributes:
                given = node.items()
                if given:
                    return {**self.attribute_values(given, kind), **out}
        return out

    def _again(
        self, node: etree._Element, children: Sequence[etree._Element], kind: Kind, plan: Plan
    ) -> dict[str, Any]:
        self.seen -= plan.seen
        return self.lists(node, children, kind)

    def lists(
        self, node: etree._Element, children: Iterable[etree._Element], kind: Kind, make: Make | None = None
    ) -> dict[str, Any]:
        """The same, child by child: for lines of several kinds, and for messages. ``make`` makes more of a record."""
        out: dict[Any, Any] = self.attribute_values(node.items(), kind) if kind.attributes else {}
        entries = kind.entries
        mixed: list[tuple[Any, dict[str, Any]]] | None = [] if kind.groups else None
        self.seen += len(node)
        last = None
        for child in children:
            name = child.tag
            if name != last:
                read, inner, repeats = entries[name] if name in entries else kind.entry(name)
                last = name
            if inner is not None:
                value: Any = self.record(child, inner)
                if make is not None:
                    value = make(name, value)
                if mixed is not None and repeats:
                    mixed.append((name, value))
            else:
                value = child.text or ""
                self.seen += LEAF
                if read is not None:
                    try:
                        value = read(value)
                    except ValueError:
                        raise Odd from None
                    if read is _macro_text:
                        macro = child.get("useMacro")
                        if macro is not None:
                            self.seen += ATTRIBUTE
                            value = UseMacro(macro, value)
            if not repeats:
                if name in out:
                    raise Odd
                out[name] = value
            elif name in out:
                out[name].append(value)
            else:
                out[name] = [value]
        if mixed is not None and len(mixed) > 1:
            mark(mixed, kind.groups)
        return out

    def attribute_values(self, given: Sequence[tuple[Any, Any]], kind: Kind) -> dict[str, Any]:
        """The attributes of an element as values. Raises :class:`Odd`."""
        self.seen += ATTRIBUTE * len(given)
        out: dict[str, Any] = {}
        for name, text in given:
            try:
                read = kind.attributes[name]
                out[name] = text if read is None else read(text)
            except (KeyError, ValueError):
                raise Odd from None
        return out


def check_end(node: etree._Element) -> None:
    """Raise :class:`Odd` for text at a record's end: the one place where counting markup can be deceived."""
    end = node[-1].tail if len(node) else node.text
    if end is not None and end.strip(BLANKS):
        raise Odd


def check_tail(child: etree._Element) -> None:
    """Raise :class:`Odd` for text behind an element."""
    if child.tail is not None and child.tail.strip(BLANKS):
        raise Odd


def mark(lines: Sequence[tuple[Any, dict[str, Any]]], groups: Sequence[Sequence[str]]) -> None:
    """Give lines of several kinds their places, where they stand in another order than kind after kind."""
    for group in groups:
        rank = {name: place for place, name in enumerate(group)}
        own = [one for one in lines if one[0] in rank]
        places = [rank[name] for name, _ in own]
        if places != sorted(places):
            for place, (_, value) in enumerate(own):
                value[AT] = place


class ExactDecoder:
    """The thorough walk: the same values, and in ``problems`` everything that the schema does not allow."""

    __slots__ = ("problems",)

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def record(self, node: etree._Element, record: RecordType, path: str) -> dict[str, Any]:
        """The fields of a record's element; ``path`` names it in the problems."""
        out = self.attribute_values(node, record, path)
        fields, placed = record.fields, record.placed
        order: list[tuple[str, dict[str, Any]]] = []
        for child in node[:]:
            name = str(child.tag)
            field = fields.get(name)
            repeats = False
            if field is None:
                value = self.unknown(child, record, f"{path}.{name}")
            else:
                repeats = field.repeats
                place = f"{path}.{name}[{len(out.get(name, ()))}]" if repeats else f"{path}.{name}"
                if field.is_record:
                    value = self.record(child, record.record(field), place)
                    if name in placed:
                        order.append((name, value))
                else:
                    value = self.leaf(child, field, record, place)
            if name not in out:
                out[name] = [value] if repeats else value
                continue
            # Twice where once is allowed, or beside an attribute of that name: all are kept.
            if not repeats and field is not None:
                self.problems.append(Problem(f"{path}.{name}", "structure", "it may stand only once"))
            if isinstance(out[name], list):
                out[name].append(value)
            else:
                out[name] = [out[name], value]
        if len(order) > 1:
            mark(order, record.groups)
        self.stray(node, path)
        return out

    def stray(self, node: etree._Element, path: str) -> None:
        """Report text that stands between the elements of a record."""
        for text in (node.text, *(child.tail for child in node)):
            if text and text.strip(BLANKS):
                given = text.strip(BLANKS)
                self.problems.append(Problem(path, "structure", "text where elements are wanted", given=given))

    def attribute_values(self, node: etree._Element, record: RecordType, path: str) -> dict[str, Any]:
        """The attributes of an element as values."""
        out: dict[str, Any] = {}
        for key, value in node.attrib.items():
            name, text = str(key), str(value)
            field = record.attributes.get(name)
            if field is None:
                self.problems.append(unknown_name(record, name, f"{path}@{name}", "attribute", text))
                out[name] = text
            else:
                out[name] = self._value(field, record, kind_of(record).attributes[name], text, f"{path}@{name}")
        return out

    def leaf(self, node: etree._Element, field: Field, record: RecordType, path: str) -> Any:
        """The value of a leaf."""
        odd = [name for name in node.attrib if not (name == "useMacro" and field.use_macro)]
        if len(node) or odd:
            return self._misplaced(node, path)
        text = node.text or ""
        macro = node.get("useMacro")
        if macro is not None:
            return UseMacro(macro, text)
        return self._value(field, record, kind_of(record).entry(field.name)[0], text, path)

    def _value(self, field: Field, record: RecordType, read: Read | None, text: str, path: str) -> Any:
        if read is None:
            return text
        try:
            return read(text)
        except ValueError:
            problem = text_problem(field, record.schema, text, path)
            assert problem is not None
            self.problems.append(problem)
            return text

    # -- what the schema has no place for --------------------------------------------------------------------------

    def unknown(self, node: etree._Element, record: RecordType, path: str) -> Any:
        """Keep an element that the schema does not know, and report it."""
        value = self.anything(node)
        name = str(node.tag)
        self.problems.append(unknown_name(record, name, path, given=value))
        return value

    def _misplaced(self, node: etree._Element, path: str) -> Any:
        value = self.anything(node)
        message = "elements where text is wanted" if len(node) else "no attribute is allowed here"
        self.problems.append(Problem(path, "structure", message, given=value))
        return value

    def anything(self, node: etree._Element) -> Any:
        """An element that no schema describes: its text, or a dict of what it holds (text as ``#text``)."""
        children = node[:]
        if not children and not node.attrib:
            return node.text or ""
        out: dict[str, Any] = {str(name): value for name, value in node.attrib.items()}
        texts = [text for text in (node.text, *(child.tail for child in children)) if text and text.strip(BLANKS)]
        for child in children:
            name, value = str(child.tag), self.anything(child)
            if name not in out:
                out[name] = value
            elif isinstance(out[name], list):
                out[name].append(value)
            else:
                out[name] = [out[name], value]
        if texts:
            out["#text"] = "".join(texts)
        return out
