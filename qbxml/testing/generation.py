"""Valid content made from the schema: for a caller as values, for a reader as a tree of markup.

Whatever is to be chosen (which of several alternatives, how many lines, which value) is asked of one function,
``pick``: it gets a number and gives a smaller one. With :func:`seeded` the choices are those of a seed, always the
same; the strategies take theirs from hypothesis. By convention 0 is the plainest choice, so that hypothesis ends with
plain examples.
"""

from __future__ import annotations

from ..building import MAX_MESSAGE_SET_ID
from ..schema import MESSAGE_SETS, ROOT, Field
from ..values import UseMacro
from .values import spelling, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..schema import Choice, RecordType, Schema
    from .values import Pick

#: How many elements a random document has at most, but for what it must have.
DEFAULT_SIZE = 150

#: How much of what may be left out is there.
SPARSE, FULL = 0, 4


def seeded(seed: object) -> Pick:
    """Choices that look random, and are always the same for the same seed (anything with a ``repr``)."""
    from random import Random

    return Random(repr(seed)).randrange


class Node:
    """An element of a document still to be written: ``attributes`` by name, ``children`` nodes and texts.

    ``record`` is its type if it is a record, ``field`` what its parent knows it as.
    """

    __slots__ = ("attributes", "children", "field", "name", "record")

    def __init__(
        self,
        name: str,
        children: Sequence[Node | str] = (),
        attributes: dict[str, str] | None = None,
        *,
        record: RecordType | None = None,
        field: Field | None = None,
    ) -> None:
        self.name = name
        self.children: list[Node | str] = list(children)
        self.attributes = attributes or {}
        self.record = record
        self.field = field

    def copy(self) -> Node:
        """A copy of it and of all below it."""
        children = [one if isinstance(one, str) else one.copy() for one in self.children]
        return Node(self.name, children, dict(self.attributes), record=self.record, field=self.field)

    def walk(self) -> Iterator[Node]:
        """It and all below it, in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()


class Generator:
    """Makes content for the records of a schema.

    ``density`` from :data:`SPARSE` (only what must be there) to :data:`FULL` (everything once) says how much there is,
    by default it is chosen; ``size`` is the number of elements after which nothing is added but what must be there.
    ``macros`` allows ``useMacro`` and ``defMacro``, ``beyond`` characters beyond ISO-8859-1.
    """

    def __init__(
        self,
        schema: Schema,
        pick: Pick,
        *,
        density: int | None = None,
        size: int = DEFAULT_SIZE,
        macros: bool = True,
        beyond: bool = False,
    ) -> None:
        self.schema = schema
        self.pick = pick
        self.density = pick(FULL + 1) if density is None else density
        self.left = size
        self.macros = macros
        self.beyond = beyond

    # -- which fields --------------------------------------------------------------------------------------------

    def times(self, part: Field | Choice) -> int:
        """How often a field or a choice stands."""
        least, most, density = part.min, part.max, self.density
        if self.left <= 0:
            return least
        if density == FULL:
            times = len(part.branches) if most is None and not isinstance(part, Field) else 1
        elif self.pick(FULL) < FULL - density:  # 0 leaves it out
            times = 0
        else:
            times = 1 + (self.pick(4) if most != 1 else 0)
        times = max(least, times)
        return times if most is None else min(times, most)

    def fields(self, content: Sequence[Field | Choice]) -> list[Field]:
        """Fields in an order that the content allows, each as often as it shall stand."""
        found: list[Field] = []
        for part in content:
            times = self.times(part)
            if isinstance(part, Field):
                found += [part] * times
                self.left -= times
                continue
            every = self.density == FULL and part.max is None
            for turn in range(times):
                branches = part.branches
                branch = branches[turn % len(branches) if every else self.pick(len(branches))]
                found += self.fields(branch)
        return found

    def has(self, attribute: Field) -> bool:
        """Whether an attribute shall stand."""
        if attribute.min:
            return True
        if attribute.type == "MACROTYPE" and not self.macros:
            return False
        return self.density == FULL or self.pick(FULL) >= FULL - self.density

    # -- for a caller --------------------------------------------------------------------------------------------

    def content(self, record: RecordType) -> dict[str, Any]:
        """A record as a dict of values, in schema order."""
        out: dict[str, Any] = {field.name: self.value(field) for field in record.attributes.values() if self.has(field)}
        chosen = self.fields(record.content)
        made: list[tuple[str, Any]] = []
        for field in chosen:
            item = self.content(record.record(field)) if field.is_record else self.item(field)
            made.append((field.name, item))
            if field.repeats:
                out.setdefault(field.name, []).append(item)
            else:
                out[field.name] = item
        _mark(record, made)
        return out

    def item(self, field: Field) -> Any:
        """The value of a leaf."""
        if field.use_macro and self.macros and self.density != FULL and self.pick(4) == 3:
            return UseMacro(f"{field.name}:{self.pick(10)}")
        return self.value(field)

    def value(self, field: Field) -> Any:
        """A value for a leaf or an attribute."""
        return value(field, self.pick, self.beyond)

    # -- for a reader --------------------------------------------------------------------------------------------

    def node(self, record: RecordType, field: Field | None = None) -> Node:
        """A record as markup."""
        node = Node(record.element, record=record, field=field)
        node.attributes = {one.name: self.spelling(one) for one in record.attributes.values() if self.has(one)}
        for child in self.fields(record.content):
            if child.is_record:
                node.children.append(self.node(record.record(child), child))
            else:
                node.children.append(self.leaf(child))
        return node

    def leaf(self, field: Field) -> Node:
        """An element that holds text."""
        text = self.spelling(field)
        leaf = Node(field.name, [text] if text else [], field=field)
        if field.use_macro and self.macros and self.pick(4) == 3:
            leaf.attributes["useMacro"] = f"{field.name}:{self.pick(10)}"
        return leaf

    def spelling(self, field: Field) -> str:
        """A text for a leaf or an attribute."""
        return spelling(field, self.pick, self.beyond)

    # -- documents -----------------------------------------------------------------------------------------------

    def message_name(self, side: str) -> str:
        """Any message of the schema, as ``CustomerQueryRq`` or ``CustomerQueryRs``."""
        names = list(self.schema.messages)
        return names[self.pick(len(names))] + side

    def document(self, side: str, names: Sequence[str] | None = None) -> Node:
        """A document of requests (``Rq``) or responses (``Rs``): of those messages, in that order, or of any few.

        A set of messages and its Signon may stand together, the two sets otherwise may not; names that need both make a
        document that is not valid. Among any few there may be no message at all, and with ``Rs`` an event instead.
        """
        root = Node(ROOT, record=self.schema.record(ROOT))
        if names is None:
            kind = self.pick(12)
            if kind == 11 and side == "Rs" and "QBXMLEvents" in root_fields(self.schema):
                root.children.append(self.node(self.schema.record("QBXMLEvents")))
                return root
            if kind == 10:
                return root
            names = self.some(side, kind == 9)
            if not names:
                root.children.append(self.message_set(f"{MESSAGE_SETS[0]}{side}", []))
        by_set: dict[str, list[str]] = {}
        for name in names:
            by_set.setdefault(self.schema.message(name).message_set, []).append(name)
        for message_set in reversed(MESSAGE_SETS):  # Signon comes first
            if message_set in by_set:
                root.children.append(self.message_set(f"{message_set}{side}", by_set[message_set]))
        return root

    def some(self, side: str, rare: bool) -> list[str]:
        """Up to three messages that can stand in one document."""
        main, subscriptions, signon = MESSAGE_SETS
        sets: dict[str, list[str]] = {name: [] for name in MESSAGE_SETS}
        for message in self.schema.messages.values():
            sets[message.message_set].append(message.name)
        found: list[str] = []
        if rare and sets[signon]:
            found.append(sets[signon][self.pick(len(sets[signon]))] + side)
        names = sets[subscriptions] if rare and sets[subscriptions] else sets[main]
        many = (1, 2, 3, 0)[self.pick(4)]
        return found + [names[self.pick(len(names))] + side for _ in range(many)]

    def message_set(self, name: str, messages: Sequence[str]) -> Node:
        """A set of messages as markup."""
        record = self.schema.record(name)
        node = Node(name, record=record, field=root_fields(self.schema).get(name))
        node.attributes = {
            one.name: self.spelling(one)[:MAX_MESSAGE_SET_ID] for one in record.attributes.values() if self.has(one)
        }
        for message in messages:
            field = record.fields[message]
            node.children.append(self.node(record.record(field), field))
        return node


def root_fields(schema: Schema) -> dict[str, Field]:
    """What stands in the root: the sets of messages, and events."""
    return schema.record(ROOT).fields


def _mark(record: RecordType, made: Sequence[tuple[str, Any]]) -> None:
    """Note the places of lines of several kinds, where the kinds do not follow one another."""
    for group in record.groups:
        order = [group.index(name) for name, _ in made if name in group]
        if order != sorted(order):
            lines = [item for name, item in made if name in group]
            for place, line in enumerate(lines):
                line["_at"] = place
