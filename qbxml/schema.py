"""The compiled schema: what one version and edition of qbXML has, asked and used record by record.

``Schema(version, edition)`` is immutable, cached and shared between threads. Nothing is compiled until it is used: a
record type is filtered out of the master (``_master.py``) the first time somebody asks for it.

The master's notation: one line per attribute, element or choice mark, in schema order, columns separated by tabs.
``@name type min:max`` is an attribute, ``name type min:max`` an element, ``(`` ``|`` ``)`` a choice; then come marks
such as ``s=12.0`` (since). ``scripts/compile_schema.py`` lists them.
"""

from __future__ import annotations

from ._master import ENUMERATIONS, FACETS, RECORDS
from .errors import UnknownName
from .versions import NEWEST_VERSION, RANK, check, in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .model import Request, Response
    from .problems import Problem
    from .streaming import Records

#: The document itself, its message sets, and what QuickBooks sends of its own accord.
ROOT = "QBXML"
EVENTS = "QBXMLEvents"
MESSAGE_SETS = ("QBXMLMsgs", "QBXMLSubscriptionMsgs", "SignonMsgs")

#: The key that keeps the place of an item among items of other kinds (``RecordType.placed``).
AT = "_at"


class Field:
    """One element or attribute of a record, as one version and edition has it. Read only.

    ``name``; ``type`` is the record type for a record, else one of the sixteen simple types; ``is_record``,
    ``is_attribute``; ``min`` and ``max`` (``None``: without bound); ``limit`` is the longest text in characters,
    ``low`` and ``high`` bound a number (all ``None`` where nothing bounds it); ``values`` are those of an enumeration,
    named ``enum``; ``default`` is what an empty element means, ``doc_default`` the documented default that an empty
    element does *not* mean; ``always`` says that a full answer has it; ``since``, ``until`` and ``editions`` are the
    master's marks; ``use_macro`` allows ``useMacro``; ``in_choice`` says that it stands in a choice; ``doc_range`` is a
    documented range that no schema enforces; ``repeats`` says that it may stand more than once, by itself or in a
    repeating choice: its value is then always a list.
    """

    __slots__ = (
        "always",
        "confidence",
        "default",
        "deprecated",
        "doc_default",
        "doc_range",
        "editions",
        "enum",
        "high",
        "in_choice",
        "is_attribute",
        "is_record",
        "limit",
        "low",
        "max",
        "min",
        "name",
        "repeats",
        "since",
        "type",
        "until",
        "use_macro",
        "values",
        "writes",
    )  # fmt: skip

    name: str
    type: str
    is_record: bool
    is_attribute: bool
    min: int
    max: int | None
    limit: int | None
    low: int | None
    high: int | None
    enum: str | None
    values: tuple[str, ...] | None
    default: str | None
    doc_default: str | None
    always: bool
    since: str
    until: str | None
    editions: tuple[str, ...]
    use_macro: bool
    deprecated: bool
    confidence: str | None
    writes: bool
    in_choice: bool
    doc_range: tuple[str, str] | None
    repeats: bool

    @property
    def required(self) -> bool:
        """Whether a record without it is refused (outside a choice)."""
        return self.min > 0 and not self.in_choice

    def __repr__(self) -> str:
        most = "*" if self.max is None else str(self.max)
        return f"<Field {self.name}: {self.enum or self.type} {self.min}..{most}>"


class Choice:
    """Alternatives: one of ``branches`` (each a sequence of fields and choices), ``min`` to ``max`` times."""

    __slots__ = ("branches", "max", "min")

    def __init__(self, least: int, most: int | None, branches: tuple[tuple[Field | Choice, ...], ...]) -> None:
        self.min = least
        self.max = most
        self.branches = branches

    def __repr__(self) -> str:
        return f"<Choice {self.branches!r}>"


class RecordType:
    """What a record consists of: ``attributes`` and ``fields`` by name, in schema order, and the ``content`` tree.

    ``groups`` are the names that interleave: for each repeating choice the kinds that alternate in it. ``name`` is the
    type's name, ``element`` that of its element (they differ only for a type with two forms).
    """

    __slots__ = ("attributes", "cache", "content", "element", "fields", "groups", "name", "placed", "schema")

    def __init__(
        self, schema: Schema, name: str, attributes: dict[str, Field], content: tuple[Field | Choice, ...]
    ) -> None:
        self.schema = schema
        self.name = name
        self.element = name.partition(".")[0]
        self.attributes = attributes
        self.content = content
        self.fields = {field.name: field for field in _flat(content)}
        self.groups: tuple[tuple[str, ...], ...] = tuple(
            tuple(field.name for branch in choice.branches for field in _flat(branch))
            for choice in _choices(content)
            if choice.max != 1
        )
        #: names of the kinds that interleave with others
        self.placed = frozenset(name for group in self.groups for name in group)
        #: what the codec makes of this type, by the module that made it
        self.cache: dict[str, Any] = {}

    def record(self, field: Field) -> RecordType:
        """The type of a field that is a record."""
        return self.schema.record(field.type)

    def __repr__(self) -> str:
        return f"<RecordType {self.name} at {self.schema!r}>"


class Message:
    """A request and its response: ``name`` (``CustomerQuery``), ``request`` and ``response`` (record types' names).

    ``message_set`` is the set it belongs to, ``writes`` whether it changes the company file, ``since`` and ``editions``
    are the master's marks.
    """

    __slots__ = ("editions", "message_set", "name", "request", "response", "schema", "since", "writes")

    def __init__(self, schema: Schema, field: Field, message_set: str) -> None:
        self.schema = schema
        self.name = field.name.removesuffix("Rq")
        self.request = field.name
        self.response = f"{self.name}Rs"
        self.message_set = message_set
        self.writes = field.writes
        self.since = field.since
        self.editions = field.editions

    def __repr__(self) -> str:
        return f"<Message {self.name} at {self.schema!r}>"


class Schema:
    """The schema of one qbXML version and edition (``None``: the union of all editions).

    The same arguments give the same object. Raises :class:`~qbxml.errors.UnknownVersion` or
    :class:`~qbxml.errors.UnknownEdition`, which list what is known.
    """

    __slots__ = ("_messages", "_names", "_records", "_returned_by", "edition", "version")

    version: str
    edition: str | None
    _records: dict[str, RecordType]
    _names: tuple[str, ...] | None
    _messages: dict[str, Message] | None
    _returned_by: dict[str, list[str]] | None

    def __new__(cls, version: str = NEWEST_VERSION, edition: str | None = None) -> Schema:
        """The one schema of this version and edition."""
        key = (version, edition)
        try:
            return _SCHEMAS[key]
        except (KeyError, TypeError):
            check(version, edition)
        self = super().__new__(cls)
        for name, value in (
            ("version", version),
            ("edition", edition),
            ("_records", {}),
            ("_names", None),
            ("_messages", None),
            ("_returned_by", None),
        ):
            object.__setattr__(self, name, value)
        return _SCHEMAS.setdefault(key, self)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Schema can't be changed")

    def __reduce__(self) -> tuple[type[Schema], tuple[str, str | None]]:
        return Schema, (self.version, self.edition)

    def __repr__(self) -> str:
        return f"Schema({self.version!r}, edition={self.edition!r})"

    def __str__(self) -> str:
        return f"qbXML {self.version}" + (f" ({self.edition})" if self.edition else "")

    # -- records -------------------------------------------------------------------------------------------------

    def record(self, name: str) -> RecordType:
        """The record type called ``name`` (``CustomerRet``, ``CustomerQueryRq``, ``BillAddress`` …).

        Raises :class:`~qbxml.errors.UnknownName` with similar names.
        """
        found = self._records.get(name)
        if found is None:
            if name not in RECORDS:
                raise UnknownName(name, "record", near_names(name, RECORDS))
            found = self._records.setdefault(name, _compile(self, name))
        return found

    def records(self) -> list[str]:
        """The names of all record types that a document of this version and edition can hold, each once."""
        if self._names is None:
            seen = dict.fromkeys([ROOT])
            waiting = [ROOT]
            while waiting:
                for field in self.record(waiting.pop()).fields.values():
                    if field.is_record and field.type not in seen:
                        seen[field.type] = None
                        waiting.append(field.type)
            object.__setattr__(self, "_names", tuple(seen))
        assert self._names is not None
        return list(self._names)

    # -- messages ------------------------------------------------------------------------------------------------

    @property
    def messages(self) -> dict[str, Message]:
        """All messages by name (``CustomerQuery``), in the schema's order."""
        if self._messages is None:
            found = {}
            for message_set in MESSAGE_SETS:
                for field in self.record(f"{message_set}Rq").fields.values():
                    message = Message(self, field, message_set)
                    found[message.name] = message
            object.__setattr__(self, "_messages", found)
        assert self._messages is not None
        return self._messages

    def message(self, name: str) -> Message:
        """The message called ``CustomerQuery``, ``CustomerQueryRq`` or ``CustomerQueryRs``.

        Raises :class:`~qbxml.errors.UnknownName`, which names the versions and editions that have it.
        """
        name = str(name)
        stem = name[:-2] if name[-2:] in ("Rq", "Rs") else name
        found = self.messages.get(stem)
        if found is None:
            raise UnknownName(name, "message", near_names(stem, self.messages), self.where_message(stem))
        return found

    def where_message(self, stem: str) -> str | None:
        """The versions and editions that have a message, in words, or ``None`` where no version has it."""
        for message_set in MESSAGE_SETS:
            found = self.where(f"{message_set}Rq", f"{stem}Rq")
            if found:
                return found
        return None

    def writes(self, request: str) -> bool:
        """Whether a request changes the company file (or what QuickBooks keeps for an application)."""
        return self.message(request).writes

    def query_of(self, ret: str) -> Message | None:
        """The query that answers with ``ret`` records and is named for them, if there is one."""
        names = self._answers().get(ret, [])
        own = f"{ret.removesuffix('Ret')}Query"
        return self.messages[own] if own in names else None

    def queries_of(self, ret: str) -> list[Message]:
        """All queries whose answer may hold ``ret`` records."""
        return [self.messages[name] for name in self._answers().get(ret, []) if name.endswith("Query")]

    def add_of(self, ret: str) -> Message | None:
        """The request that adds what ``ret`` describes, if there is one."""
        return self.messages.get(f"{ret.removesuffix('Ret')}Add")

    def mod_of(self, ret: str) -> Message | None:
        """The request that modifies what ``ret`` describes, if there is one."""
        return self.messages.get(f"{ret.removesuffix('Ret')}Mod")

    def _answers(self) -> dict[str, list[str]]:
        if self._returned_by is None:
            found: dict[str, list[str]] = {}
            for message in self.messages.values():
                for field in self.record(message.response).fields.values():
                    if field.is_record:
                        found.setdefault(field.name, []).append(message.name)
            object.__setattr__(self, "_returned_by", found)
        assert self._returned_by is not None
        return self._returned_by

    # -- the codec, with this schema -------------------------------------------------------------------------------

    def build(self, requests: Any, **options: Any) -> bytes:
        """:func:`qbxml.build` for this version and edition."""
        from .building import build

        return build(requests, schema=self, **options)

    def parse(self, data: Any, **options: Any) -> Response:
        """:func:`qbxml.parse` with this schema."""
        from .parsing import parse

        return parse(data, schema=self, **options)

    def parse_request(self, data: Any, **options: Any) -> Request:
        """:func:`qbxml.parse_request` with this schema."""
        from .parsing import parse_request

        return parse_request(data, schema=self, **options)

    def iterparse(self, source: Any, **options: Any) -> Records:
        """:func:`qbxml.iterparse` with this schema."""
        from .streaming import iterparse

        return iterparse(source, schema=self, **options)

    def validate(self, data_or_request: Any, **options: Any) -> list[Problem]:
        """:func:`qbxml.validate` against this schema."""
        from .validation import validate

        return validate(data_or_request, schema=self, **options)

    def to_mod(self, ret: Any, changes: Any, **options: Any) -> tuple[dict[str, Any], list[str]]:
        """:func:`qbxml.to_mod` for this version and edition."""
        from .modifying import to_mod

        return to_mod(ret, changes, schema=self, **options)

    def from_json(self, text: Any, **options: Any) -> Any:
        """:func:`qbxml.from_json` with this schema."""
        from .jsonform import from_json

        return from_json(text, schema=self, **options)

    def json_schema(self, name: str) -> dict[str, Any]:
        """:func:`qbxml.json_schema` of a message or record of this version and edition."""
        from .jsonform import json_schema

        return json_schema(name, self.version, self.edition)

    def xsd(self) -> str:
        """:func:`qbxml.xsd` of this version and edition."""
        from .derivation import xsd

        return xsd(self.version, self.edition)

    # -- across versions -----------------------------------------------------------------------------------------

    def where(self, record: str, name: str) -> str | None:
        """Which versions and editions have the element or attribute ``name`` of a record, in words.

        ``None`` where none has. For the hint in an error: ``"qbXML 12.0 and later (US, CA, UK)"``.
        """
        if record not in RECORDS or not str(name).isidentifier():
            return None
        # Few lines speak of the name, if any: only they are taken apart.
        own = [line.split("\t") for line in RECORDS[record].split("\n") if line.startswith((f"{name}\t", f"@{name}\t"))]
        return in_words(lambda *home: _has(own, *home)) if own else None


_SCHEMAS: dict[tuple[str, str | None], Schema] = {}


def schema_names(record: str) -> list[str]:
    """The names of all elements and attributes that a record has in any version and edition."""
    heads = (line.partition("\t")[0] for line in RECORDS[record].split("\n"))
    return [head.lstrip("@") for head in heads if head not in ("", "(", "|", ")")]


def near_names(name: str, known: Any) -> list[str]:
    """Up to three known names that look like ``name``."""
    from difflib import get_close_matches

    name = str(name)
    lower = {one.lower(): one for one in known}
    if name.lower() in lower:
        return [lower[name.lower()]]
    return get_close_matches(name, list(known), 3, 0.75)


def enumeration(name: str, version: str, edition: str | None) -> tuple[str, ...]:
    """The values that an enumeration has in a version and edition, in schema order."""
    rank = RANK[version]
    found = []
    for line in ENUMERATIONS[name].split("\n"):
        value, *marks = line.split("\t")
        if _marks_allow(dict(mark.split("=", 1) for mark in marks), rank, edition):
            found.append(value)
    return tuple(found)


def _has(lines: list[list[str]], version: str, edition: str) -> bool:
    """Whether a version and edition has a field that stands in one of these lines."""
    return any(_field(columns, RANK[version], version, edition, False) is not None for columns in lines)


def _marks_allow(marks: dict[str, str], rank: int, edition: str | None) -> bool:
    if rank < RANK[marks.get("s", "1.0")] or ("u" in marks and rank > RANK[marks["u"]]):
        return False
    if edition is None:
        return True
    return marks.get("o") != "xsd" and ("e" not in marks or edition in marks["e"].split())


#: q:was attribute names, where the compiled form uses another key
_WAS_KEYS = {"editions": "e", "default": "d", "docDefault": "D"} | {
    f"length{edition}": f"l{edition}" for edition in ("US", "CA", "UK", "AU", "OE")
}


def _marks(columns: list[str], rank: int) -> dict[str, str]:
    """Marks as a version has them: the first ``w=`` whose version is reached replaces what it names."""
    marks: dict[str, str] = {}
    was = None
    for column in columns:
        key, _, value = column.partition("=")
        if key != "w":
            marks[key] = value
        elif was is None:
            until, *changes = value.split("|")
            if rank <= RANK[until]:
                was = changes
    if was:
        for change in was:
            key, _, value = change.partition("=")
            marks[_WAS_KEYS.get(key, key)] = value
    return marks


def _field(columns: list[str], rank: int, version: str, edition: str | None, in_choice: bool) -> Field | None:
    """Make the field that a line describes, or ``None`` where this version and edition does not have it."""
    name, kind, occurs = columns[:3]
    marks = _marks(columns[3:], rank) if len(columns) > 3 else {}
    if marks and ("absent" in marks or not _marks_allow(marks, rank, edition)):
        return None
    kind = marks.get("type", kind)
    least, _, most = occurs.partition(":")
    field = Field()
    field.is_attribute = name[0] == "@"
    field.name = name[1:] if field.is_attribute else name
    field.min = int(marks.get("minOccurs", least))
    most = marks.get("maxOccurs", most)
    field.max = None if most in ("*", "unbounded") else int(most)
    field.limit = field.low = field.high = None
    field.enum = field.values = None
    field.use_macro = False
    field.is_record = kind in RECORDS
    if not field.is_record:
        if kind in ENUMERATIONS:
            field.enum = kind
            field.values = enumeration(kind, version, edition)
            kind = "ENUMTYPE"
        elif "." in kind:
            kind = _narrowed(field, kind)
        length = marks.get(f"l{edition}", "same")
        if length != "same":
            field.limit = None if length == "none" else int(length)
        if kind == "IDTYPE":
            field.limit = 36
    field.type = kind
    field.default = marks.get("d") or None
    field.doc_default = marks.get("D") or None
    field.always = "a" in marks
    field.since = marks.get("s", "1.0")
    field.until = marks.get("u")
    field.editions = tuple(marks["e"].split()) if "e" in marks else ("US", "CA", "UK", "AU", "OE")
    field.deprecated = "x" in marks
    field.confidence = marks.get("c")
    field.writes = "W" in marks
    field.in_choice = in_choice
    field.doc_range = (marks["lo"], marks["hi"]) if "lo" in marks else None
    field.repeats = field.max != 1
    return field


def _narrowed(field: Field, kind: str) -> str:
    """Take a narrowed simple type apart into its base and its bounds."""
    base, _, tail = kind.partition(".")
    if tail == "useMacro":
        field.use_macro = True
        return base
    base, longest, least, most = FACETS[kind]
    field.limit = int(longest) if longest else None
    field.low = int(least) if least else None
    field.high = int(most) if most else None
    return base


def _compile(schema: Schema, name: str) -> RecordType:
    """Filter one record out of the master."""
    rank = RANK[schema.version]
    attributes: dict[str, Field] = {}
    # A stack of open branches: the innermost is being filled.
    content: list[Field | Choice] = []
    stack: list[tuple[list[Field | Choice], list[list[Field | Choice]], dict[str, str]]] = []
    moved: list[tuple[Field, str]] = []
    for line in RECORDS[name].split("\n") if RECORDS[name] else ():
        columns = line.split("\t")
        head = columns[0]
        if head == "(":
            marks = _marks(columns[2:], rank)
            marks["occurs"] = columns[1]
            stack.append((content, [], marks))
            content = []
        elif head == "|":
            stack[-1][1].append(content)
            content = []
        elif head == ")":
            outer, branches, marks = stack.pop()
            branches.append(content)
            content = outer
            kept = tuple(tuple(branch) for branch in branches if branch)
            if kept and _marks_allow(marks, rank, schema.edition):
                least, _, most = marks["occurs"].partition(":")
                least, most = marks.get("minOccurs", least), marks.get("maxOccurs", most)
                unbounded = most in ("*", "unbounded")
                content.append(Choice(int(least), None if unbounded else int(most), kept))
        else:
            field = _field(columns, rank, schema.version, schema.edition, bool(stack))
            if field is None:
                continue
            if field.is_attribute:
                attributes[field.name] = field
                continue
            for _, _, marks in stack:
                if RANK[marks.get("s", "1.0")] > RANK[field.since]:
                    field.since = marks["s"]
                if marks.get("maxOccurs", marks["occurs"].partition(":")[2]) != "1":
                    field.repeats = True
            content.append(field)
            if "|after=" in line:
                after = _marks(columns[3:], rank).get("after")
                if after:
                    moved.append((field, after))
    for field, after in moved:
        content.remove(field)
        place = next(place for place, other in enumerate(content) if isinstance(other, Field) and other.name == after)
        content.insert(place + 1, field)
    return RecordType(schema, name, attributes, tuple(content))


def _flat(content: tuple[Field | Choice, ...]) -> Iterator[Field]:
    for part in content:
        if isinstance(part, Field):
            yield part
        else:
            for branch in part.branches:
                yield from _flat(branch)


def _choices(content: tuple[Field | Choice, ...]) -> Iterator[Choice]:
    for part in content:
        if isinstance(part, Choice):
            yield part
            for branch in part.branches:
                yield from _choices(branch)
