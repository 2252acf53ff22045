"""Content models: which children a record may have, in which order, and what is wrong with those it has.

No name stands twice in a record type, so a model is an automaton whose states are the names themselves: after a name
come the names that may follow it. That one fact keeps this module small.
"""

from __future__ import annotations

from .schema import Choice, Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .schema import RecordType

#: The state before the first child.
START = ""


class Model:
    """The automaton of one record type: ``follow`` by name (and :data:`START`), ``final`` names that may end it."""

    __slots__ = ("bounded", "final", "follow", "position", "unit")

    def __init__(self, record: RecordType) -> None:
        self.follow: dict[str, dict[str, None]] = {START: {}}
        for name in record.fields:
            self.follow[name] = {}
        nullable, first, last = self._sequence(record.content)
        self.follow[START] = dict.fromkeys(first)
        self.final = set(last)
        if nullable:
            self.final.add(START)
        #: names that may stand more than once, but not without bound
        self.bounded = {name: most for name, field in record.fields.items() if (most := field.max or 1) > 1}
        #: place of each name in the schema's order
        self.position = {name: place for place, name in enumerate(record.fields)}
        #: the same, but one place for all kinds that interleave
        self.unit = dict(self.position)
        for group in record.groups:
            for name in group:
                self.unit[name] = self.position[group[0]]

    def _sequence(self, content: Sequence[Field | Choice]) -> tuple[bool, list[str], list[str]]:
        nullable, first, last = True, list[str](), list[str]()
        for part in content:
            part_nullable, part_first, part_last = self._part(part)
            for name in last:
                self.follow[name].update(dict.fromkeys(part_first))
            if nullable:
                first += part_first
            last = last + part_last if part_nullable else part_last
            nullable = nullable and part_nullable
        return nullable, first, last

    def _part(self, part: Field | Choice) -> tuple[bool, list[str], list[str]]:
        if isinstance(part, Field):
            if part.max != 1:
                self.follow[part.name][part.name] = None
            return part.min == 0, [part.name], [part.name]
        nullable, first, last = part.min == 0, list[str](), list[str]()
        for branch in part.branches:
            branch_nullable, branch_first, branch_last = self._sequence(branch)
            nullable = nullable or branch_nullable
            first += branch_first
            last += branch_last
        if part.max != 1:
            for name in last:
                self.follow[name].update(dict.fromkeys(first))
        return nullable, first, last

    def accepts(self, names: Iterable[str]) -> bool:
        """Whether children of these names, in this order, are a valid content."""
        state = START
        follow = self.follow
        run = 1
        for name in names:
            if name not in follow[state]:
                return False
            if self.bounded:
                run = run + 1 if name == state else 1
                if run > self.bounded.get(name, run):
                    return False
            state = name
        return state in self.final

    def sort(self, names: Iterable[str]) -> list[str]:
        """Known names in the schema's order."""
        return sorted(names, key=self.position.__getitem__)


def model(record: RecordType) -> Model:
    """The automaton of a record type, made once."""
    found: Model | None = record.cache.get("model")
    if found is None:
        found = record.cache["model"] = Model(record)
    return found


class Fault:
    """One thing wrong with the children of a record: at which of them (``index``, or ``None`` for what is missing)."""

    __slots__ = ("expected", "index", "message", "name", "unknown")

    def __init__(self, index: int | None, name: str, message: str, expected: str = "", unknown: bool = False) -> None:
        self.index = index
        self.name = name
        self.message = message
        self.expected = expected
        self.unknown = unknown


def faults(record: RecordType, names: Sequence[str]) -> list[Fault]:
    """Everything wrong with children of these names in this order; empty exactly where the model accepts them."""
    automaton = model(record)
    if automaton.accepts(names):
        return []
    found: list[Fault] = []
    seen: dict[str, int] = {}
    highest = START
    for index, name in enumerate(names):
        field = record.fields.get(name)
        if field is None:
            found.append(Fault(index, name, "there is no such element here", unknown=True))
            continue
        seen[name] = seen.get(name, 0) + 1
        repeats = field.max is None or name in record.placed
        if seen[name] > (field.max or 1) and not repeats:
            times = "once" if field.max == 1 else f"{field.max} times"
            found.append(Fault(index, name, f"it may stand only {times}", f"at most {field.max}"))
            continue
        if highest and automaton.unit[name] < automaton.unit[highest]:
            if _exclusive(record.content, name, highest):
                continue  # that they exclude each other is said below: no order would help
            before = highest
            found.append(
                Fault(
                    index,
                    name,
                    f"it must stand before {before}",
                    f"order of the schema: {name}, then {before}",
                )
            )
        else:
            highest = name
    _tree_faults(record.content, seen, True, found)
    if not found:
        found.append(_stuck(automaton, names))
    return found


def _stuck(automaton: Model, names: Sequence[str]) -> Fault:
    """Where the automaton stops; a last resort, for the faults above name nearly everything better."""
    state = START
    for index, name in enumerate(names):
        if name not in automaton.follow[state]:
            return Fault(index, name, "it may not stand here", _listed(list(automaton.follow[state])))
        state = name
    return Fault(None, START, "more is needed", _listed(list(automaton.follow[state])))


def _tree_faults(content: Sequence[Field | Choice], seen: dict[str, int], needed: bool, found: list[Fault]) -> None:
    """What is missing from a sequence that is ``needed`` or begun, and which alternatives exclude each other."""
    begun = needed or any(_begun(part, seen) for part in content)
    for part in content:
        if isinstance(part, Field):
            if part.min and begun and part.name not in seen:
                found.append(Fault(None, part.name, "it is missing", "required"))
            continue
        chosen = [branch for branch in part.branches if any(_begun(one, seen) for one in branch)]
        if part.max == 1 and len(chosen) > 1:
            sides = [[name for name in _names(branch) if name in seen] for branch in chosen]
            text = " or ".join("/".join(side) for side in sides)
            found.append(Fault(None, sides[1][0], f"it excludes {'/'.join(sides[0])}", f"one of: {text}"))
        elif not chosen and part.min and begun and not any(_empty_allowed(branch) for branch in part.branches):
            options = [_first_needed(branch) for branch in part.branches]
            found.append(Fault(None, options[0], "one of several alternatives is missing", _listed(options)))
        for branch in chosen:
            _tree_faults(branch, seen, False, found)


def _exclusive(content: Sequence[Field | Choice], one: str, other: str) -> bool:
    """Whether two names stand in different branches of a choice that is made once."""
    for part in content:
        if isinstance(part, Choice):
            sides = [branch for branch in part.branches if not {one, other}.isdisjoint(_names(branch))]
            if len(sides) > 1:
                return part.max == 1
            if sides:
                return _exclusive(sides[0], one, other)
    return False


def _begun(part: Field | Choice, seen: dict[str, int]) -> bool:
    if isinstance(part, Field):
        return part.name in seen
    return any(_begun(one, seen) for branch in part.branches for one in branch)


def _empty_allowed(branch: Sequence[Field | Choice]) -> bool:
    return all(
        part.min == 0 or (isinstance(part, Choice) and any(_empty_allowed(one) for one in part.branches))
        for part in branch
    )


def _names(branch: Sequence[Field | Choice]) -> list[str]:
    names: list[str] = []
    for part in branch:
        if isinstance(part, Field):
            names.append(part.name)
        else:
            for one in part.branches:
                names += _names(one)
    return names


def _first_needed(branch: Sequence[Field | Choice]) -> str:
    for part in branch:
        if part.min:
            return part.name if isinstance(part, Field) else _names(part.branches[0])[0]
    return _names(branch)[0]


def _listed(names: list[str]) -> str:
    if not names:
        return "nothing more"
    shown = ", ".join(names[:12])
    return f"one of: {shown}" + (f" and {len(names) - 12} more" if len(names) > 12 else "")
