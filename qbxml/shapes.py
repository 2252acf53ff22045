"""What a record looks like over all versions and editions, for classes, stubs and docstrings.

:class:`~qbxml.schema.Schema` answers for one version and edition. A class or a TypedDict stands for all of them: it has
every field that some version has, and what differs between them is said in words.
"""

from __future__ import annotations

import re

from ._master import ENUMERATIONS, RECORDS
from .schema import EVENTS, Choice, Schema, near_names
from .versions import EDITIONS, RANK, VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .schema import Field

_REACHABLE: dict[str, dict[str, None]] = {}
_INTERLEAVING: set[str] = set()


def reachable(direction: str) -> dict[str, None]:
    """The records that may stand in a request (``"Rq"``) or in what QuickBooks sends (``"Rs"``), messages included.

    Without the document and its message sets; a type with two forms is named once.
    """
    found = _REACHABLE.get(direction)
    if found is None:
        waiting = [name for name in RECORDS if name.endswith(direction) and not name.endswith(f"Msgs{direction}")]
        if direction == "Rs":
            waiting.append(EVENTS)
        found = dict.fromkeys(waiting)
        while waiting:
            for _, kind in columns(waiting.pop()):
                if kind in RECORDS and kind not in found:
                    found[kind] = None
                    waiting.append(kind)
        _REACHABLE[direction] = found
    return found


def columns(record: str) -> Iterator[tuple[str, str]]:
    """Name and type of each attribute and element that a record has in any version, in schema order.

    A type with two forms (``ItemLineAdd``, ``ItemLineAdd.Unlinked``) is one: its forms have the same names.
    """
    for line in RECORDS[record].split("\n"):
        if line and line[0] not in "(|)":
            name, kind, _ = line.split("\t", 2)
            if name[0] == "@":
                name = name[1:]
            yield name, name if kind in RECORDS else kind


def fields_of(record: str) -> dict[str, Field]:
    """The attributes and elements that a record has in any version, in schema order; each as the newest has it."""
    names = [name for name, _ in columns(record)]
    found: dict[str, Field] = {}
    for version in reversed(VERSIONS):
        if len(found) == len(names):
            break
        kind = Schema(version).record(record)
        found = {**kind.attributes, **kind.fields, **found}
    return {name: found[name] for name in names}


def required(record: str) -> set[str]:
    """The fields without which every version refuses a record that has them at all."""
    names = {name for name, field in fields_of(record).items() if field.required}
    for version in VERSIONS:
        kind = Schema(version).record(record)
        having = {**kind.attributes, **kind.fields}
        names = {name for name in names if name not in having or having[name].required}
    return names


def interleaving() -> set[str]:
    """The records whose items alternate with those of other kinds: they may carry :data:`~qbxml.schema.AT`."""
    global _INTERLEAVING
    if not _INTERLEAVING:
        # Read from the master's text, since compiling every record for this would be felt; taken over as a whole, for
        # other threads may be looking.
        found: set[str] = set()
        group = re.compile(r"^\(\t[01]:\*.*\n((?:\w.*\n|\|\n)*)\)", re.M)
        for name, lines in RECORDS.items():
            if ":*" in lines and "Msgs" not in name:
                for inner in group.findall(lines):
                    found.update(line.split("\t")[0] for line in inner.split("\n") if line.strip("|"))
        _INTERLEAVING = found
    return _INTERLEAVING


def enumerated(enumeration: str) -> tuple[str, ...]:
    """The values that an enumeration has in any version, in schema order."""
    values = [line.split("\t")[0] for line in ENUMERATIONS[enumeration].split("\n")]
    return tuple(value for value in values if value)


def enumerations() -> dict[str, str]:
    """The enumerations by their names in :mod:`qbxml.literals`."""
    return {literal_name(enumeration): enumeration for enumeration in ENUMERATIONS}


def literal_name(enumeration: str) -> str:
    """The name of an enumeration in :mod:`qbxml.literals`: some that share a field's name differ by a number."""
    return enumeration.replace(".", "")


def no_such(module: str, name: str, known: Iterable[str], hint: str = "") -> AttributeError:
    """The error for a name that a module made from the schema does not have."""
    text = f"{module} has no {name!r}"
    # Python itself asks modules for names with underscores.
    if not hint and not name.startswith("_"):
        near = near_names(name, known)
        hint = f"did you mean {', '.join(near)}?" if near else ""
    return AttributeError(f"{text}; {hint}" if hint else text, name=name)


# -- in words ----------------------------------------------------------------------------------------------------

#: Longer first lines are cut short by "and more": a docstring's first line is one line.
_FIRST_LINE = 90


def describe(record: str, direction: str) -> list[str]:
    """The docstring of a record, a remark an item: where it stands, what excludes what, then the limits by field."""
    lines = [_summary(record, direction)]
    for part in Schema().record(record).content:
        text = _alternatives(part) if isinstance(part, Choice) else ""
        if text and isinstance(part, Choice):
            lines.append(f"{'One' if part.min else 'At most one'} of: {text}.")
    for name, field in fields_of(record).items():
        remarks = _remarks(record, field)
        if remarks:
            lines.append(f"{name}: {'; '.join(remarks)}.")
    return lines


def _summary(record: str, direction: str) -> str:
    if record[-2:] in ("Rq", "Rs"):
        message = Schema().message(record)
        text = "Request" if record == message.request else f"Response to {message.request}"
        having = [edition for edition in EDITIONS if edition in message.editions]
        said = [text, *_reach(message.since, VERSIONS[-1], having)]
        if message.writes and record == message.request:
            said.append("writes")
        return f"{'; '.join(said)}."
    known = reachable(direction)
    parents = [name for name, lines in RECORDS.items() if f"\t{record}\t" in lines and name in known]
    if not parents:
        return "What QuickBooks sends of its own accord."
    text = f"Part of {parents[0]}"
    for number, parent in enumerate(parents[1:], 1):
        if len(text) + len(parent) > _FIRST_LINE:
            return f"{text} and {len(parents) - number} more."
        text += f", {parent}"
    return f"{text}."


def _reach(first: str, last: str, editions: Sequence[str]) -> list[str]:
    """Versions and editions in words, where they are not all."""
    said = []
    if first != VERSIONS[0]:
        said.append(f"since {first}")
    if last != VERSIONS[-1]:
        said.append(f"until {last}")
    if not editions:
        said.append("not in the editions of today")
    elif len(editions) < len([edition for edition, since in EDITIONS.items() if RANK[since] <= RANK[last]]):
        said.append(f"only {', '.join(editions)}")
    return said


def _remarks(record: str, field: Field) -> list[str]:
    """What a docstring says about a field."""
    versions = [version for version in VERSIONS if _has(Schema(version), record, field.name)]
    last = versions[-1]
    there = [Schema(last, edition) for edition, since in EDITIONS.items() if RANK[since] <= RANK[last]]
    having = [schema for schema in there if _has(schema, record, field.name)]
    said = _reach(versions[0], last, [str(schema.edition) for schema in having])
    if field.type != "IDTYPE":
        said += _longest(record, field, having)
    low, high = field.doc_range or (field.low, field.high)
    if low is not None:
        said.append(f"from {low}" + (f" to {high}" if high is not None else ""))
    if field.max is not None and field.max > 1:
        said.append(f"at most {field.max}")
    if field.default or field.doc_default:
        said.append(f'default "{field.default or field.doc_default}"')
    if field.deprecated:
        said.append("deprecated")
    return said


def _has(schema: Schema, record: str, name: str) -> bool:
    kind = schema.record(record)
    return name in kind.fields or name in kind.attributes


def _longest(record: str, field: Field, schemas: Iterable[Schema]) -> list[str]:
    """The longest text, by edition where they differ."""
    limits: dict[int | None, list[str]] = {}
    for schema in schemas:
        kind = schema.record(record)
        limit = (kind.fields.get(field.name) or kind.attributes[field.name]).limit
        limits.setdefault(limit, []).append(str(schema.edition))
    if len(limits) < 2:
        limit = next(iter(limits), field.limit)
        return [f"up to {limit} characters"] if limit else []
    parts = [f"{limit or 'any number of'} ({', '.join(editions)})" for limit, editions in limits.items()]
    return [f"up to {' or '.join(parts)} characters"]


def _alternatives(choice: Choice) -> str:
    """What excludes what, as ``A | B, C``; empty for a choice that repeats, which excludes nothing."""
    if choice.max != 1 or len(choice.branches) == 1:
        return ""
    return " | ".join(", ".join(_members(branch)) for branch in choice.branches)


def _members(branch: Sequence[Field | Choice]) -> Iterator[str]:
    for part in branch:
        if not isinstance(part, Choice):
            yield part.name
        elif text := _alternatives(part):
            yield f"({text})"
        else:
            for inner in part.branches:
                yield from _members(inner)
