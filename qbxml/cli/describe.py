"""``qbxml describe``: the fields of a message or record, as text or as plain data.

The words for a field are used by the generated reference pages, too.
"""

from __future__ import annotations

from .._master import RECORDS
from ..commandline import CommandError
from ..schema import Choice, Field, Schema, near_names
from ..versions import EDITIONS, RANK, VERSIONS
from . import EXIT_GOOD, EXIT_PROBLEMS, edition_of
from .files import write, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from ..schema import Message, RecordType

#: Levels of records that are opened unless told otherwise: a request's own fields stand on the second.
DEPTH = 2
#: How far the names of fields reach, at the most, before their types begin.
_WIDEST = 44


def describe(options: argparse.Namespace) -> int:
    """``qbxml describe``."""
    schema = Schema(options.version, edition_of(options))
    depth = DEPTH if options.depth is None else options.depth
    records, field = resolve(schema, options.name)
    if field is not None:
        parent = records[0]
        if options.json:
            write_json(options, plain_field(schema, parent, field, depth))
        else:
            write(options, "\n".join(_about_field(schema, parent, field, depth)) + "\n")
        return EXIT_GOOD
    if options.json:
        found = [plain_record(schema, record, depth) for record in records]
        write_json(options, found[0] if len(found) == 1 else found)
    else:
        write(options, "\n\n".join("\n".join(about(schema, record, depth)) for record in records) + "\n")
    return EXIT_GOOD


def resolve(schema: Schema, name: str) -> tuple[list[RecordType], Field | None]:
    """What a name stands for: record types (two for a message), or a record type and one of its fields.

    Raises :class:`CommandError` with similar names, or with the versions that have it.
    """
    first, *path = name.strip().split(".")
    message = schema.messages.get(first)
    if message is not None and not path:
        return [schema.record(message.request), schema.record(message.response)], None
    if first in schema.records():
        record = schema.record(first)
    elif message is not None:
        record = schema.record(message.request)
    else:
        raise _unknown(schema, first)
    field: Field | None = None
    for step in path:
        if field is not None:
            if not field.is_record:
                raise CommandError(f"{record.name}.{field.name} is a value and has no {step!r}", EXIT_PROBLEMS)
            record = record.record(field)
        fields = {**record.attributes, **record.fields}
        if step not in fields:
            raise _missing(f"{record.name} of {schema}", step, fields, schema.where(record.name, step))
        field = fields[step]
    if field is not None and field.is_record:
        return [record.record(field)], None
    return [record], field


def _unknown(schema: Schema, name: str) -> CommandError:
    """The error for a name that is no message and no record here."""
    elsewhere = schema.where_message(name[:-2] if name[-2:] in ("Rq", "Rs") else name) or _where_record(name)
    owners = [record for record in schema.records() if _has_field(schema.record(record), name)]
    if owners and elsewhere is None:
        more = f" and {len(owners) - 3} more" if len(owners) > 3 else ""
        text = f"{name} is no message and no record, but a field of {', '.join(owners[:3])}{more}"
        return CommandError(f"{text}: qbxml describe {owners[0]}.{name}", EXIT_PROBLEMS)
    known = [*schema.messages, *(one for one in schema.records() if one.endswith("Ret"))]
    begins = sorted((one for one in known if name and one.lower().startswith(name.lower())), key=len)
    names = dict.fromkeys([*known, *schema.records()])
    return _missing(str(schema), name, names, elsewhere, begins[:8])


def _has_field(record: RecordType, name: str) -> bool:
    return name in record.fields or name in record.attributes


def _missing(
    where: str, name: str, known: Iterable[str], elsewhere: str | None, near: Sequence[str] = ()
) -> CommandError:
    text = f"{where} has no {name!r}"
    near = near or near_names(name, known)
    if elsewhere:
        text += f"; {elsewhere} has"
    elif near:
        text += f"; did you mean {', '.join(near)}?"
    return CommandError(text, EXIT_PROBLEMS)


def _where_record(name: str) -> str | None:
    """The versions that have a record, in words; ``None`` where no version has."""
    having = [version for version in VERSIONS if name in Schema(version).records()] if name in RECORDS else []
    if not having:
        return None
    span = f"qbXML {having[0]}"
    if len(having) > 1:
        span += " and later" if having[-1] == VERSIONS[-1] else f" to {having[-1]}"
    return span


# -- in words ----------------------------------------------------------------------------------------------------


def about(schema: Schema, record: RecordType, depth: int = DEPTH) -> list[str]:
    """A record type as lines of text."""
    lines = [f"{record.name}: {'; '.join(headline(schema, record))}"]
    lines.append(f"  {'all editions' if schema.edition is None else schema.edition}, qbXML {schema.version}")
    lines += [f"  {line}" for line in relations(schema, record)]
    if record.attributes:
        lines += ["", "attributes"]
        lines += [_line(schema, record, field, 1, "") for field in record.attributes.values()]
    if record.content:
        lines += ["", "elements, in this order"]
        lines += _content(schema, record, record.content, 1, depth, (record.name,))
    if not record.attributes and not record.content:
        lines += ["", "It holds nothing."]
    return lines


def headline(schema: Schema, record: RecordType) -> list[str]:
    """What kind of record it is, and since when."""
    message = message_of(schema, record.name)
    if message is None:
        return ["record"]
    if record.name == message.response:
        return [f"response to {message.request}"]
    said = ["request"]
    if message.writes:
        said.append("writes")
    if message.since != VERSIONS[0]:
        said.append(f"since {message.since}")
    said += restricted(message.editions)
    if message.message_set != "QBXMLMsgs":
        said.append(f"in {message.message_set}Rq")
    return said


def message_of(schema: Schema, name: str) -> Message | None:
    """The message that a request or response belongs to; ``None`` for a record."""
    found = schema.messages.get(name[:-2]) if name[-2:] in ("Rq", "Rs") else None
    return found if found is not None and name in (found.request, found.response) else None


def restricted(editions: Sequence[str]) -> list[str]:
    """The editions, in words, where not all of today have it."""
    having = [edition for edition in EDITIONS if edition in editions]
    if len(having) == len(EDITIONS):
        return []
    return [f"only {', '.join(having)}"] if having else ["in no desktop edition"]


def relations(schema: Schema, record: RecordType) -> list[str]:
    """The requests that read, add and modify what a Ret describes."""
    if not record.name.endswith("Ret"):
        return []
    queries = schema.queries_of(record.name)
    own = schema.query_of(record.name)
    if own is not None:
        queries = [own, *(one for one in queries if one is not own)]
    made: dict[str, Sequence[Message | None]] = {
        "read by": queries,
        "added by": [schema.add_of(record.name)],
        "modified by": [schema.mod_of(record.name)],
    }
    said = []
    for label, messages in made.items():
        names = [one.name for one in messages if one is not None]
        if names:
            said.append(f"{label} {', '.join(names)}")
    return said


def _content(
    schema: Schema,
    record: RecordType,
    content: Sequence[Field | Choice],
    level: int,
    depth: int,
    within: tuple[str, ...],
) -> Iterator[str]:
    for part in content:
        if isinstance(part, Choice):
            yield f"{'  ' * level}{choice_in_words(part)}"
            for number, branch in enumerate(part.branches):
                if number and any(len(other) > 1 or isinstance(other[0], Choice) for other in part.branches):
                    yield f"{'  ' * level}  or"
                yield from _content(schema, record, branch, level + 1, depth, within)
            continue
        is_open = part.is_record and depth > 1 and part.type not in within
        yield _line(schema, record, part, level, ":" if is_open else "")
        if is_open:
            inner = record.record(part)
            for field in inner.attributes.values():
                yield _line(schema, inner, field, level + 1, "")
            yield from _content(schema, inner, inner.content, level + 1, depth - 1, (*within, part.type))


def choice_in_words(choice: Choice) -> str:
    """The line above the branches of a choice."""
    if choice.max != 1:
        return "in any order, each as often as wanted:"
    if len(choice.branches) == 1:
        return "together:" if choice.min else "together, or not at all:"
    return "one of:" if choice.min else "at most one of:"


def _line(schema: Schema, record: RecordType, field: Field, level: int, end: str) -> str:
    name = f"{'  ' * level}{'@' if field.is_attribute else ''}{field.name}{end}"
    kind = "record" if field.is_record else field.type
    return f"{name:<{_WIDEST}} {kind:<16} {'; '.join(remarks(schema, record, field))}".rstrip()


def _about_field(schema: Schema, record: RecordType, field: Field, depth: int) -> list[str]:
    lines = [f"{record.name}.{field.name}: {field.type}"]
    lines += [f"  {remark}" for remark in remarks(schema, record, field, values=False)]
    if field.values:
        lines += ["", "values", *(f"  {value}" for value in field.values)]
    return lines


def occurs(field: Field) -> str:
    """How often a field may stand, in a word or two."""
    if field.is_attribute:
        return "required" if field.min else "optional"
    if field.in_choice:
        return "" if field.max == 1 else "any number" if field.max is None else f"up to {field.max}"
    if field.max is None:
        return "one or more" if field.min else "any number"
    if field.max > 1:
        return f"{field.min} to {field.max}"
    return "required" if field.min else "optional"


def remarks(schema: Schema, record: RecordType, field: Field, *, values: bool = True) -> list[str]:
    """What there is to say of a field: how often, how long, which values, since when, in which editions."""
    often = "always there in a full answer" if field.always and not field.min else occurs(field)
    said = [often] if often else []
    if field.values and values:
        said.append(" | ".join(field.values))
    said += limits(schema, record, field)
    low, high = field.doc_range or (field.low, field.high)
    if low is not None:
        said.append(f"from {low}" + (f" to {high}" if high is not None else ""))
    if field.default is not None:
        said.append(f'default "{field.default}"')
    elif field.doc_default is not None:
        said.append(f'default "{field.doc_default}" when left out')
    if field.use_macro:
        said.append("may refer to a macro")
    if field.since != VERSIONS[0]:
        said.append(f"since {field.since}")
    if field.until is not None:
        said.append(f"until {field.until}")
    said += restricted(field.editions)
    if field.deprecated:
        said.append("deprecated")
    if field.confidence:
        said.append(f"known with {field.confidence} confidence")
    return said


def limits(schema: Schema, record: RecordType, field: Field) -> list[str]:
    """The longest text of a field, by edition where they differ; nothing for an ID, whose limit is its type's."""
    if field.is_record or field.type == "IDTYPE" or field.values:
        return []
    by_limit: dict[int | None, list[str]] = {}
    there = [edition for edition, first in EDITIONS.items() if RANK[schema.version] >= RANK[first]]
    editions = [schema.edition] if schema.edition else there
    for edition in editions:
        kind = Schema(schema.version, edition).record(record.name)
        found = kind.fields.get(field.name) or kind.attributes.get(field.name)
        if found is not None:
            by_limit.setdefault(found.limit, []).append(str(edition))
    if not by_limit:
        by_limit = {field.limit: []}
    if len(by_limit) == 1:
        limit = next(iter(by_limit))
        return [f"up to {limit} characters"] if limit else []
    parts = [f"{limit or 'any number of'} ({', '.join(having)})" for limit, having in by_limit.items()]
    return [f"up to {', '.join(parts)} characters"]


# -- as data -----------------------------------------------------------------------------------------------------


def plain_record(
    schema: Schema, record: RecordType, depth: int = DEPTH, within: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A record type as plain data."""
    message = message_of(schema, record.name)
    found: dict[str, Any] = {"name": record.name, "version": schema.version, "edition": schema.edition}
    if message is not None:
        found |= {
            "message": message.name,
            "side": "request" if record.name == message.request else "response",
            "message_set": message.message_set,
            "writes": message.writes,
            "since": message.since,
            "editions": [edition for edition in EDITIONS if edition in message.editions],
        }
    elif record.name.endswith("Ret"):
        query, add, mod = schema.query_of(record.name), schema.add_of(record.name), schema.mod_of(record.name)
        found["queries"] = [one.name for one in schema.queries_of(record.name)]
        found |= {label: one.name for label, one in (("query", query), ("add", add), ("mod", mod)) if one is not None}
    inside = (*within, record.name)
    found["attributes"] = [plain_field(schema, record, field, 0) for field in record.attributes.values()]
    found["content"] = _plain_content(schema, record, record.content, depth, inside)
    return found


def _plain_content(
    schema: Schema, record: RecordType, content: Sequence[Field | Choice], depth: int, within: tuple[str, ...]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in content:
        if isinstance(part, Choice):
            branches = [_plain_content(schema, record, branch, depth, within) for branch in part.branches]
            found.append({"choice": branches, "min": part.min, "max": part.max})
        else:
            found.append(plain_field(schema, record, part, depth, within))
    return found


def plain_field(
    schema: Schema, record: RecordType, field: Field, depth: int, within: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A field as plain data; what it opens into is in ``record``."""
    found: dict[str, Any] = {"name": field.name, "type": field.type, "min": field.min, "max": field.max}
    if field.values:
        found["values"] = list(field.values)
    optional = {
        "limit": field.limit,
        "low": field.low,
        "high": field.high,
        "default": field.default,
        "doc_default": field.doc_default,
        "until": field.until,
        "confidence": field.confidence,
    }
    found |= {name: value for name, value in optional.items() if value is not None}
    flags = ("always", "use_macro", "deprecated", "repeats")
    found |= {name: True for name in flags if getattr(field, name)}
    found["since"] = field.since
    found["editions"] = [edition for edition in EDITIONS if edition in field.editions]
    if field.is_record and depth > 1 and field.type not in within:
        inner = record.record(field)
        found["record"] = {
            "attributes": [plain_field(schema, inner, one, 0) for one in inner.attributes.values()],
            "content": _plain_content(schema, inner, inner.content, depth - 1, (*within, field.type)),
        }
    return found
