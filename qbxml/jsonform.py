"""The JSON form of documents, messages and records: both ways without loss, and described by JSON Schema.

Names are qbXML's, the order is the document's. Values have the JSON form that loses nothing:

===========================================================  =======================================================
qbXML                                                        JSON
===========================================================  =======================================================
AMTTYPE, PRICETYPE, QUANTYPE, PERCENTTYPE, FLOATTYPE         text with all its digits, ``"100.00"``
INTTYPE, BOOLTYPE                                            number, ``true`` or ``false``
DATETYPE, DATETIMETYPE, TIMEINTERVALTYPE                     text as in qbXML, the offset kept
every other type, and a value that its type does not allow   text
an empty element of a type that is not text                  ``null``
an ID that refers to a macro                                 ``{"useMacro": "TxnID:First", "text": ""}``
a record, its attributes and elements alike                  object; ``_at`` is kept where lines of several kinds mix
an element that may repeat                                   array, always
===========================================================  =======================================================

A record, a message or a request is an object of one member, its name::

    {"CustomerRet": {"ListID": "80000001-1693947446", "Balance": "150.00"}}
    {"CustomerQueryRq": {"requestID": "1", "MaxReturned": 10}}

A document has its message sets, each with its attributes and its messages, and the version it named::

    {"version": "13.0", "QBXMLMsgsRq": {"onError": "stopOnError", "messages": [{"CustomerQueryRq": {}}]}}
    {"QBXMLMsgsRs": {"messages": [{"CustomerQueryRs": {"statusCode": 0, "CustomerRet": [{...}]}}]}}
    {"QBXMLEvents": [{"DataEvent": {...}}]}

Only where one document has several sets and their messages alternate does a message carry its place beside its name,
``{"HostQueryRq": {...}, "_at": 2}``. A document without any set is ``{"QBXMLMsgsRs": null}``. Where an invalid document
has a text among typed values of one name, it is ``{"#text": "7"}``. What reading complained about (``problems``) is no
part of the document and of its JSON form.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from ._master import RECORDS
from .checking import interleave
from .errors import InvalidRequest, ParseError, UnknownName
from .model import MAIN_SET, Message, MessageRequest, MessageResponse, Record, Request, Response
from .problems import Problem
from .schema import AT, EVENTS, MESSAGE_SETS, Choice, Schema, near_names
from .values import ALLOWS, READ, TEXT_TYPES, WANTS, UseMacro, write_interval
from .versions import DEFAULT_VERSION, NEWEST_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .schema import Field, RecordType

#: The members of a document that are message sets: the set's name and its side.
_SETS = {f"{name}{side}": (name, side) for name in MESSAGE_SETS for side in ("Rq", "Rs")}
_VERSION = "version"
_MESSAGES = "messages"

#: What the classes of values that are not text have in common, a truth value being an ``int`` and a time a ``date``.
_TYPED = (int, Decimal, date, timedelta)
#: The member of an object that is nothing but a text.
_TEXT = "#text"

_DECIMALS = frozenset(("AMTTYPE", "PRICETYPE", "QUANTYPE", "PERCENTTYPE", "FLOATTYPE"))


# -- to JSON ----------------------------------------------------------------------------------------------------


def to_json(value: Any, *, indent: int | None = None) -> str:
    """The JSON text of a response, request, message, record or typed object, of plain requests, or of a list of them.

    On one line, or laid out with ``indent`` blanks; characters beyond ASCII stand as they are. Raises
    :class:`~qbxml.errors.InvalidRequest` for a value that has no JSON form (a ``set``, a NaN).
    """
    import json

    separators = (",", ":") if indent is None else (",", ": ")
    try:
        return json.dumps(to_plain(value), ensure_ascii=False, indent=indent, separators=separators)
    except RecursionError:
        raise InvalidRequest([Problem("value", "structure", "it is nested too deeply for JSON")]) from None


def to_plain(value: Any) -> Any:
    """What :func:`to_json` writes, as dicts, lists, ``str``, ``int``, ``bool`` and ``None``; nothing is shared."""
    if isinstance(value, (Response, Request)):
        return _document(value)
    if isinstance(value, Message):
        return {value.name: _plain(value.content, value.name)}
    if isinstance(value, Record):
        return {value.name: _plain(value, value.name)}
    if hasattr(value, "_fields") and hasattr(value, "_name"):
        return {value._name: _plain(value._fields, value._name)}
    if isinstance(value, (list, tuple)):
        return [to_plain(one) for one in value]
    return _plain(value, "")


def _document(document: Response | Request) -> dict[str, Any]:
    side = document.message_class.side
    out: dict[str, Any] = {}
    if document.version is not None:
        out[_VERSION] = document.version
    sets = {name: list[Message]() for name in document.sets}
    for message in document.messages:
        sets.setdefault(message.message_set, []).append(message)
    in_order = [message for messages in sets.values() for message in messages]
    mixed = any(one is not other for one, other in zip(in_order, document.messages, strict=True))
    places = {id(message): place for place, message in enumerate(document.messages)}
    for name, messages in sets.items():
        entries = [to_plain(message) for message in messages]
        if mixed:
            for message, entry in zip(messages, entries, strict=True):
                entry[AT] = places[id(message)]
        attributes = _plain(document.sets.get(name, {}), name)
        out[f"{name}{side}"] = {**attributes, _MESSAGES: entries}
    if isinstance(document, Response) and document.events:
        out[EVENTS] = [to_plain(event) for event in document.events]
    elif not sets:
        out[f"{MAIN_SET}{side}"] = None
    return out


def _plain(value: Any, path: str) -> Any:
    """A value in its JSON form; ``path`` names it in the error."""
    kind = value.__class__
    if kind is str or kind is bool or kind is int or value is None:
        return value
    if isinstance(value, dict):
        return {str(name): _plain(one, f"{path}.{name}") for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        out = [_plain(one, f"{path}[{index}]") for index, one in enumerate(value)]
        if any(isinstance(one, _TYPED) or one is None for one in value):
            # A text among values stayed text although it may look like one of them (an unknown element called like an
            # attribute): it must not become one on the way back.
            out = [{_TEXT: one} if isinstance(one, str) else form for one, form in zip(value, out, strict=True)]
        return out
    if isinstance(value, UseMacro):
        return {"useMacro": value.name, "text": value.text}
    fields = getattr(value, "_fields", None)
    if isinstance(fields, dict):
        return _plain(fields, path)
    try:
        return _text(value)
    except ValueError as error:
        raise InvalidRequest([Problem(path, "value", str(error), given=value)]) from None


def _text(value: Any) -> Any:
    """The JSON form of what is neither a dict nor a list. Raises :class:`ValueError`."""
    if isinstance(value, float):
        value = Decimal(repr(float(value)))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("not a finite number")
        # Written out, a large exponent would fill the memory; it can't be sent, so its form does not matter.
        return format(value, "f") if -400 < value.adjusted() < 400 else str(value)
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, timedelta):
        return write_interval(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        if value.bit_length() > 13000:
            raise ValueError("too many digits")
        return int(value)
    if type(value).__name__ == "UUID":
        return f"{{{value}}}"
    raise ValueError(f"a {type(value).__name__} has no JSON form")


# -- from JSON --------------------------------------------------------------------------------------------------


def from_json(
    given: Any,
    *,
    name: str | None = None,
    schema: Schema | None = None,
    version: str | None = None,
    edition: str | None = None,
) -> Any:
    """The values that a JSON text stands for; ``from_json(to_json(x)) == x`` for all that ``parse`` returns.

    ``given`` is text, bytes, or what a JSON reader made of them. The result is a ``Response`` or ``Request`` for a
    document, a ``MessageResponse``, ``MessageRequest`` or ``Record`` for an object of one member, a list of them for
    an array or for an object of several. ``name`` says what the object is whose name does not stand around it:
    ``from_json('{"MaxReturned": 10}', name="CustomerQueryRq")``.

    ``schema``, or ``version`` and ``edition``, say which type each value has; by default the newest union. A JSON
    number will do for an amount, and keeps its digits. What does not fit its type, and members that the schema does not
    know, are kept as they are: ``build`` reports them. The result of a request builds as it is.

    Raises :class:`~qbxml.errors.ParseError` for what is no JSON (with line and column), a name given twice in one
    object, or JSON of another shape, and :class:`~qbxml.errors.UnknownName` for a record that no version has.
    """
    if isinstance(given, (str, bytes, bytearray)):
        given = _loads(given)
    return from_plain(given, name=name, schema=schema, version=version, edition=edition)


def _loads(text: str | bytes | bytearray) -> Any:
    import json

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ParseError(f"no JSON: {error.msg}", error.lineno, error.colno) from None
    except UnicodeDecodeError as error:
        raise ParseError(f"no JSON: byte {error.start} is no {error.encoding}") from None
    except RecursionError:
        raise ParseError("no JSON for us: it is nested too deeply") from None
    except (ValueError, ArithmeticError) as error:  # a number of more digits than Python turns into one
        raise ParseError(f"no JSON for us: {error}") from None


def _no_constant(text: str) -> Any:
    raise ParseError(f"no JSON: {text} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"the name {twice!r} stands twice in one object")
    return found


def from_plain(
    given: Any,
    *,
    name: str | None = None,
    schema: Schema | None = None,
    version: str | None = None,
    edition: str | None = None,
) -> Any:
    """The same as :func:`from_json` from dicts and lists, as :func:`to_plain` makes them and JSON readers do."""
    reading = _Reading(schema or Schema(version or NEWEST_VERSION, edition))
    if name is not None:
        bare = not (isinstance(given, dict) and list(given) == [name])
        return reading.named(name, given if bare else given[name])
    return reading.anything(given)


class _Reading:
    """JSON being turned into values by one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def anything(self, given: Any) -> Any:
        if isinstance(given, (list, tuple)):
            found = []
            for one in given:
                value = self.anything(one)
                found += value if isinstance(value, list) else [value]
            return found
        if not isinstance(given, dict) or not given:
            shown = "an empty object" if given == {} else f"a {type(given).__name__}"
            raise ParseError(f'the JSON is {shown}; an object such as {{"CustomerQueryRq": {{}}}} is wanted')
        if any(key in _SETS or key == EVENTS for key in given):
            return self.document(given)
        named = [self.named(key, one) for key, content in given.items() for one in _items(content)]
        return named[0] if len(named) == 1 else named

    def named(self, name: str, content: Any) -> Any:
        """A message or record and its fields."""
        if content is None or content == "":
            content = {}
        if not isinstance(content, dict):
            raise ParseError(f"{name} is a {type(content).__name__}; an object of its fields is wanted")
        side = name[-2:]
        if side in ("Rq", "Rs") and name not in _SETS:
            known = self.schema.record(name) if name in RECORDS else None
            found = self.schema.messages.get(name[:-2])
            return self.message(name, content, known, found.message_set if found else MAIN_SET)
        if name not in RECORDS:
            raise UnknownName(name, "message or record", near_names(name, RECORDS))
        return Record(name, _fields(content, self.schema.record(name)))

    def message(self, name: str, content: dict[str, Any], record: RecordType | None, message_set: str) -> Message:
        kind = MessageRequest if name.endswith("Rq") else MessageResponse
        if record is None:
            return kind(name, dict(content), message_set=message_set)
        fields = _fields(content, record)
        for key, value in fields.items():
            field = record.fields.get(key)
            if field is not None and field.is_record:
                fields[key] = [_record(key, one) for one in value] if isinstance(value, list) else _record(key, value)
        return kind(name, fields, message_set=message_set)

    def document(self, given: dict[str, Any]) -> Response | Request:
        sides = {_SETS[key][1] if key in _SETS else "Rs" for key in given if key != _VERSION}
        strange = [key for key in given if key not in _SETS and key not in (EVENTS, _VERSION)]
        if strange or len(sides) > 1:
            shown = f"{strange[0]!r} is no part of it" if strange else "requests and responses don't mix"
            raise ParseError(f"a document of {', '.join(given)}: {shown}")
        sets: dict[str, dict[str, Any]] = {}
        kinds = []
        for key, value in given.items():
            if key not in _SETS or value is None:
                continue
            members = _object(value, key)
            attributes = {name: one for name, one in members.items() if name != _MESSAGES}
            sets[_SETS[key][0]] = _fields(attributes, self.schema.record(key))
            kinds.append((key, [_object(one, f"{key}.{_MESSAGES}") for one in _items(members.get(_MESSAGES, []))]))
        messages = [self.entry(key, entry) for key, _, entry in interleave(kinds)]
        version = given.get(_VERSION)
        if version is not None and not isinstance(version, str):
            raise ParseError(f"version is {version!r}; text is wanted")
        if sides == {"Rq"}:
            request = Request(messages, version=version, sets=sets)
            request.was_read = True
            return request
        return Response(messages, version=version, sets=sets, events=self.events(given.get(EVENTS)))

    def entry(self, key: str, entry: dict[str, Any]) -> Message:
        name, content = _one(entry, key)
        field = self.schema.record(key).fields.get(name)
        message_set, side = _SETS[key]
        if field is None and name[-2:] != side:
            # No message of this side: the class is the document's, whatever the element is called.
            kind = MessageRequest if side == "Rq" else MessageResponse
            return kind(name, dict(content), message_set=message_set)
        return self.message(name, content, None if field is None else self.schema.record(field.type), message_set)

    def events(self, given: Any) -> list[Record]:
        record = self.schema.record(EVENTS)
        found = []
        for one in _items([] if given is None else given):
            name, content = _one(_object(one, EVENTS), EVENTS)
            field = record.fields.get(name)
            found.append(Record(name, content if field is None else _fields(content, record.record(field))))
        return found


def _record(name: str, value: Any) -> Any:
    return Record(name, value) if isinstance(value, dict) else value


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]


def _object(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ParseError(f"{where}: a {type(value).__name__} where an object is wanted")


def _one(entry: dict[str, Any], where: str) -> tuple[str, dict[str, Any]]:
    """The name and content of an object of one member, its place aside."""
    names = [name for name, value in entry.items() if not (name == AT and value.__class__ is int)]
    if len(names) != 1:
        raise ParseError(f"{where}: an object of one member is wanted, its name; given {', '.join(names) or 'none'}")
    content = entry[names[0]]
    return names[0], {} if content is None else _object(content, f"{where}.{names[0]}")


def _fields(given: dict[str, Any], record: RecordType) -> dict[str, Any]:
    """The attributes and elements of a record as values; unknown ones as they are."""
    readers: dict[str, Callable[[Any], Any]] | None = record.cache.get("json")
    if readers is None:
        readers = record.cache["json"] = {}
    out = {}
    for name, value in given.items():
        if name not in readers:
            field = record.fields.get(name) or record.attributes.get(name)
            if field is None:
                out[name] = value
                continue
            readers[name] = _reader(field, record)
        read = readers[name]
        out[name] = [read(one) for one in value] if isinstance(value, (list, tuple)) else read(value)
    return out


def _reader(field: Field, record: RecordType) -> Callable[[Any], Any]:
    """The function that turns one JSON value of a field into its value."""
    if field.is_record:
        inner = record.record(field)
        return lambda value: _fields(value, inner) if isinstance(value, dict) else value
    if field.use_macro:
        return _macro
    if field.values is not None or field.type in TEXT_TYPES:
        return _bare
    read = READ[field.type]
    is_decimal = field.type in _DECIMALS

    def typed(value: Any) -> Any:
        kind = value.__class__
        if kind is str:
            try:
                return read(value)
            except ValueError:
                return value
        if is_decimal and (kind is int or kind is float):
            return Decimal(repr(value))
        return _bare(value)

    return typed


def _bare(value: Any) -> Any:
    """A value without the object that marks it as text."""
    return value[_TEXT] if value.__class__ is dict and value.keys() == {_TEXT} else value


def _macro(value: Any) -> Any:
    if isinstance(value, dict) and "useMacro" in value and value.keys() <= {"useMacro", "text"}:
        name, text = value["useMacro"], value.get("text", "")
        if isinstance(name, str) and (text is None or isinstance(text, str)):
            return UseMacro(name, text or "")
    return _bare(value)


# -- JSON Schema ------------------------------------------------------------------------------------------------

_DATE_PATTERN = "-?[0-9]{4,}-[0-9]{2}-[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_TIME_PATTERN = "T[0-9]{1,2}(?::[0-9]{1,2}(?::[0-9]{1,2}(?:[+-][0-9]{1,2}:[0-9]{1,2})?)?)?"
#: The texts of each type that is not any text, in the regular expressions that JSON Schema and Python share.
_PATTERNS = {
    "AMTTYPE": r"[+-]?[0-9]{1,13}(?:\.[0-9]{2})?",
    "PRICETYPE": r"[+-]?[0-9]{1,10}(?:\.[0-9]{1,5})?",
    "QUANTYPE": r"[+-]?[0-9]{1,10}(?:\.[0-9]{1,5})?",
    "PERCENTTYPE": r"[+-]?[0-9]{1,10}(?:\.[0-9]{1,5})?",
    "FLOATTYPE": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
    "DATETYPE": _DATE_PATTERN,
    "DATETIMETYPE": f"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:{_TIME_PATTERN})?",
    "TIMEINTERVALTYPE": "-?PT(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?",
    "GUIDTYPE": r"0|\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}",
}


def json_schema(name: str, version: str = DEFAULT_VERSION, edition: str | None = "US") -> dict[str, Any]:
    """The JSON Schema (2020-12) of a request, response or record: of the object of one member that ``to_json`` writes.

    ``$defs`` has every record and simple type in it, so that the fields without the name around them are
    ``{"$ref": "#/$defs/CustomerAdd"}``. Everything valid against the XSD is valid here. The other way round, the order
    of members and few rules more are lost: the range of a day in its month, the length of a text in a macro's name.

    For requests (and all that is no ``...Rs`` or ``...Ret``) it is wider, by what ``from_json`` and ``build`` take in
    addition: numbers for amounts, one decimal, ``null`` for an empty text. Members that are alternatives exclude each
    other. Raises :class:`~qbxml.errors.UnknownName` for a name that the version and edition do not have.
    """
    schema = Schema(version, edition)
    is_message = name not in RECORDS or name[-2:] in ("Rq", "Rs")
    if is_message:
        schema.message(name)
    elif name not in schema.records():
        raise UnknownName(name, f"record of qbXML {version}", near_names(name, schema.records()))
    record = schema.record(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{name}, {schema}",
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{record.name}"}},
        "required": [name],
        "additionalProperties": False,
        "$defs": _Describing(lenient=not name.endswith(("Rs", "Ret"))).definitions(record, is_message),
    }


class _Describing:
    """A JSON Schema being written. ``lenient``: as for requests."""

    def __init__(self, lenient: bool) -> None:
        self.lenient = lenient
        self.simple: dict[str, dict[str, Any]] = {}

    def definitions(self, root: RecordType, is_message: bool) -> dict[str, Any]:
        found = {root.name: self.record(root)}
        # A record by itself may have been taken from among others.
        placed = set[str]() if is_message else {root.name}
        waiting = [root]
        while waiting:
            record = waiting.pop()
            for field in record.fields.values():
                if field.is_record:
                    if field.type not in found:
                        inner = record.record(field)
                        found[field.type] = self.record(inner)
                        waiting.append(inner)
                    if field.name in record.placed:
                        placed.add(field.type)
        for name in placed:
            found[name]["properties"][AT] = {"type": "integer"}
        return {name: found[name] for name in sorted(found)} | {name: self.simple[name] for name in sorted(self.simple)}

    def record(self, record: RecordType) -> dict[str, Any]:
        properties = {name: self.leaf(field) for name, field in record.attributes.items()}
        required = [name for name, field in record.attributes.items() if field.min]
        for name, field in record.fields.items():
            one: dict[str, Any] = {"$ref": f"#/$defs/{field.type}"} if field.is_record else self.leaf(field)
            if field.repeats:
                one = {"type": "array", "items": one}
                if field.required:
                    one["minItems"] = field.min
                if field.max is not None and name not in record.placed:
                    one["maxItems"] = field.max
            if field.deprecated:
                one["deprecated"] = True
            properties[name] = one
            if field.required:
                required.append(name)
        out: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            out["required"] = required
        rules = self.rules(record.content)
        if rules:
            out["allOf"] = rules
        return out

    def rules(self, content: Iterable[Field | Choice]) -> list[dict[str, Any]]:
        """What the choices of a content ask of its members."""
        found = []
        for part in content:
            if isinstance(part, Choice):
                rule = self.repeating(part) if part.max != 1 else self.choice(part)
                if rule:
                    found.append(rule)
        return found

    def repeating(self, choice: Choice) -> dict[str, Any]:
        return {"anyOf": [{"required": [name]} for name in _names(choice)]} if choice.min else {}

    def choice(self, choice: Choice) -> dict[str, Any]:
        """Alternatives, each without the members of all others."""
        names = [[name for part in branch for name in _names(part)] for branch in choice.branches]
        alternatives: list[dict[str, Any]] = []
        for number, branch in enumerate(choice.branches):
            one: dict[str, Any] = {}
            required = [part.name for part in branch if not isinstance(part, Choice) and part.min]
            others = [name for other, group in enumerate(names) if other != number for name in group]
            rules = self.rules(branch)
            if required:
                one["required"] = required
            if rules:
                one["allOf"] = rules
            if others:
                one["properties"] = dict.fromkeys(others, False)
            alternatives.append(one)
        if not choice.min and all("required" in one or "allOf" in one for one in alternatives):
            alternatives.append({"properties": {name: False for group in names for name in group}})
        return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}

    def leaf(self, field: Field) -> dict[str, Any]:
        """What stands for one value of a field that is no record."""
        empty = self.lenient and not field.is_attribute
        text: dict[str, Any] = {"type": ["string", "null"] if empty else "string"}
        if field.values is not None:
            values: list[str | None] = [*field.values]
            if field.default is not None and not field.is_attribute:
                values += ["", None] if empty else [""]
            return {"enum": values}
        if field.limit is not None:
            text["maxLength"] = field.limit
        if field.type not in TEXT_TYPES:
            return self.typed(field)
        if field.use_macro:
            macro = {"useMacro": {"type": "string"}, "text": text}
            referring = {"type": "object", "properties": macro, "required": ["useMacro"], "additionalProperties": False}
            return {"anyOf": [text, referring]}
        return text

    def typed(self, field: Field) -> dict[str, Any]:
        kind = field.type
        if kind not in self.simple:
            self.simple[kind] = self.simple_type(kind)
        one: dict[str, Any] = {"$ref": f"#/$defs/{kind}"}
        if field.low is not None:
            one["minimum"] = field.low
        if field.high is not None:
            one["maximum"] = field.high
        return one

    def simple_type(self, kind: str) -> dict[str, Any]:
        types = ["integer"] if kind == "INTTYPE" else ["boolean"] if kind == "BOOLTYPE" else ["string"]
        if self.lenient and kind in _DECIMALS:
            types.append("number")
        if ALLOWS[kind](""):
            types.append("null")
        one: dict[str, Any] = {"description": WANTS[kind], "type": types if len(types) > 1 else types[0]}
        pattern = _PATTERNS.get(kind)
        if pattern is not None:
            if self.lenient and kind == "AMTTYPE":
                pattern = pattern.replace("{2}", "{1,2}")
            one["pattern"] = f"^(?:{pattern})$"
        return one


def _names(part: Field | Choice) -> list[str]:
    if isinstance(part, Choice):
        return [name for branch in part.branches for one in branch for name in _names(one)]
    return [part.name]
