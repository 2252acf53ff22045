"""Typed values to XML text, fast: one generated function per record type and set of keys.

A record with the same keys as an earlier one has the same structure, so the structure is judged once, when the
function is made, and only the values are checked after that. The functions know the ordinary types of each field;
whatever is out of the ordinary (another type, an empty element, an error) makes them raise :class:`Hard`, and the
caller goes through :class:`qbxml.checking.Writer`, which takes all that is allowed and names all that is not.
Both write the same text; a property test holds them together.

A function takes a record's values one by one. The records in it are written in the same go where they look as in the
record that it was made for, and by functions of their own where not.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from .characters import FORBIDDEN, escape, escape_attribute
from .checking import interleave
from .content import faults
from .model import Record
from .schema import AT
from .values import PRICE, write_amount, write_float, write_int, write_interval, write_price

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .schema import Field, RecordType

#: Records of up to so many fields are written in the same go as what they stand in: larger ones look alike less often.
MOST_FIELDS = 8

#: Sets of keys remembered per record type; beyond that they are forgotten and made again when needed.
MOST_SHAPES = 1024


class Hard(Exception):
    """A value that is not for the fast path."""


def _amount(value: Any) -> str:
    if value.__class__ is Decimal:
        text = str(value)
        if text[-3:-2] == "." and len(text) < 17 and "E" not in text:
            return text
    return write_amount(value)


def _price(value: Any) -> str:
    if value.__class__ is Decimal or value.__class__ is int:
        text = str(value)
        if PRICE(text):
            return text
    elif value.__class__ is not float:
        raise Hard
    return write_price(value)


def _float(value: Any) -> str:
    if value.__class__ is str or value.__class__ is bool:
        raise Hard
    return write_float(value)


def _integer(value: Any) -> str:
    if value.__class__ is not int:
        raise Hard
    return write_int(value)


def _bool(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise Hard


def _date(value: Any) -> str:
    if value.__class__ is not date:
        raise Hard
    text: str = value.isoformat()
    return text


def _datetime(value: Any) -> str:
    if value.__class__ is datetime or value.__class__ is date:
        text: str = value.isoformat()
        if len(text) in (10, 19) or (len(text) == 25 and text[19] in "+-"):
            return text
    raise Hard


def _interval(value: Any) -> str:
    if value.__class__ is not timedelta:
        raise Hard
    return write_interval(value)


def _hard(value: Any) -> str:
    raise Hard


#: Value to text for what is no text; these results need no escaping.
_WRITERS: dict[str, Callable[[Any], str]] = {
    "AMTTYPE": _amount,
    "PRICETYPE": _price,
    "QUANTYPE": _price,
    "PERCENTTYPE": _price,
    "FLOATTYPE": _float,
    "INTTYPE": _integer,
    "BOOLTYPE": _bool,
    "DATETYPE": _date,
    "DATETIMETYPE": _datetime,
    "TIMEINTERVALTYPE": _interval,
    "GUIDTYPE": _hard,
}
# Two decimals are most of them, and quicker seen than by the pattern.
_IS_PRICE = "{0}.__class__ is Decimal and ((s := str({0}))[-3:-2] == '.' and len(s) < 14 or price(s))"
#: What is usual, as source: a test, and the text where it holds. The functions above do the same for the rest.
_USUAL = {
    "AMTTYPE": ("{0}.__class__ is Decimal and (s := str({0}))[-3:-2] == '.' and len(s) < 17", "s"),
    "PRICETYPE": (_IS_PRICE, "s"),
    "QUANTYPE": (_IS_PRICE, "s"),
    "PERCENTTYPE": (_IS_PRICE, "s"),
    "INTTYPE": ("{0}.__class__ is int and len(s := str({0})) < 20", "s"),
    "DATETYPE": ("{0}.__class__ is date", "{0}.isoformat()"),
    "DATETIMETYPE": ("{0}.__class__ is datetime and len(s := {0}.isoformat()) == 25 and s[19] in '+-'", "s"),
}
#: Types whose text is the caller's own and must be looked at for characters to escape.
_TEXTS = frozenset(("STRTYPE", "IDTYPE", "UUIDTYPE", "MACROTYPE"))


#: What an encoder may raise where a value is not of the ordinary type.
NOT_FAST = (Hard, KeyError, TypeError, ValueError, AttributeError, ArithmeticError)


def encoder(record: RecordType) -> Callable[[Any], str]:
    """The function that writes a record of this type, from a dict or a typed object.

    It raises one of :data:`NOT_FAST` for what the thorough path has to look at.
    """
    found: Callable[[Any], str] | None = record.cache.get("encoder")
    if found is None:
        found = record.cache["encoder"] = _make_encoder(record)
    return found


def _make_encoder(record: RecordType) -> Callable[[Any], str]:
    element = record.element
    by_order: dict[tuple[str, ...], Callable[..., str]] = {}
    by_set: dict[frozenset[str], tuple[Callable[[Any], Iterable[Any]], Callable[..., str]]] = {}

    def encode(value: Any) -> str:
        fields = value if value.__class__ is dict else _fields(value, element)
        keys = tuple(fields)
        function = by_order.get(keys)
        if function is not None:
            return function(*fields.values())
        names = frozenset(keys)
        found = by_set.get(names)
        if found is None:
            function = _generate(record, fields)
            if function is _hard:  # not worth remembering: there is no end of wrong keys
                raise Hard
            if len(by_set) >= MOST_SHAPES:
                by_set.clear()
                by_order.clear()
            by_order[keys] = function
            found = by_set[names] = _getter(keys), function
        get, function = found
        return function(*get(fields))

    return encode


def _getter(keys: Sequence[str]) -> Callable[[Any], Iterable[Any]]:
    """A function that gives the values of a dict which has these keys, in this order."""
    # For one key itemgetter gives no tuple.
    return itemgetter(*keys) if len(keys) > 1 else lambda fields: [fields[key] for key in keys]


def _fields(value: Any, element: str) -> dict[str, Any]:
    """The fields of a typed object, or of a dict of another class than ``dict``."""
    fields = getattr(value, "_fields", None)
    if fields.__class__ is dict and value._name == element:
        own: dict[str, Any] = fields
        return own
    if value.__class__ is Record:
        return value
    if isinstance(value, dict):
        return dict(value)  # its class may have values for keys that it has not
    raise Hard


# -- the generated functions ------------------------------------------------------------------------------------


def _escaped(texts: Sequence[str], text: str, attributes: bool = False) -> list[str]:
    """Texts with what needs it escaped; hard where the policy on characters has a say. ``text``: all of them in one."""
    if not text.isprintable() and FORBIDDEN.search(text):
        raise Hard
    text.encode("latin-1")  # what can't be stored raises a ValueError
    # All in one is quicker than one by one, and that no text holds the mark between them was just seen.
    together = "\0".join(texts)
    return (escape_attribute(together) if attributes else escape(together)).split("\0")


def _mixed(kinds: tuple[tuple[str, list[Any]], ...], encoders: dict[str, Callable[[Any], str]]) -> str:
    return "".join([encoders[kind](item) for kind, _, item in interleave(kinds)])


#: Names that the generated source may use.
_NAMES: dict[str, Any] = {
    "Decimal": Decimal,
    "Hard": Hard,
    "date": date,
    "datetime": datetime,
    "escaped": _escaped,
    "fields_of": _fields,
    "mixed": _mixed,
    "price": PRICE,
}
#: A part of an element's text: markup, or the name of the variable that holds a value.
_Part = tuple[str, bool]


class _Function:
    """The source of one function, while it is being put together."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names = dict(_NAMES)
        self.texts: list[str] = []
        self.attribute_texts: list[str] = []
        self.count = 0

    def bind(self, value: Any) -> str:
        """A name for an object that the source refers to."""
        name = f"o{len(self.names)}"
        self.names[name] = value
        return name

    def variable(self) -> str:
        """A new variable."""
        self.count += 1
        return f"v{self.count}"

    def scalar(self, field: Field, variable: str, indent: str) -> None:
        """Lines that turn ``variable`` into its text, but for escaping."""
        if field.values is not None:
            table = self.bind({value: escape_attribute(value) for value in field.values})
            self.lines.append(f"{indent}{variable} = {table}[{variable}]")
        elif field.type in _TEXTS:
            if field.limit is not None:
                self.lines.append(f"{indent}if len({variable}) > {field.limit}: raise Hard")
            (self.attribute_texts if field.is_attribute else self.texts).append(variable)
        elif field.type == "BOOLTYPE":
            self.lines.append(f"{indent}if {variable} is True: {variable} = 'true'")
            self.lines.append(f"{indent}elif {variable} is False: {variable} = 'false'")
            self.lines.append(f"{indent}else: raise Hard")
        else:
            for bound, sign in ((field.low, "<"), (field.high, ">")):
                if bound is not None:
                    self.lines.append(f"{indent}if {variable} {sign} {bound}: raise Hard")
            write = f"{variable} = {self.bind(_WRITERS.get(field.type, _hard))}({variable})"
            if field.type in _USUAL:
                test, text = _USUAL[field.type]
                self.lines.append(f"{indent}if {test.format(variable)}: {variable} = {text.format(variable)}")
                write = f"else: {write}"
            self.lines.append(indent + write)

    def usual(self, record: RecordType, variable: str, example: Any, indent: str) -> list[_Part]:
        """Lines that take a record apart which has the shape of the example, see :func:`_is_simple`; its parts.

        They raise :class:`KeyError` for one of another shape.
        """
        given = _given(example, record)
        own = {name: self.variable() for name in [*record.attributes, *record.fields] if name in given}
        self.lines += [
            f"{indent}f = {variable} if {variable}.__class__ is dict else fields_of({variable}, {record.element!r})",
            f"{indent}if len(f) != {len(own)}: raise KeyError",
            *(f"{indent}{one} = f[{name!r}]" for name, one in own.items()),
        ]
        attributes = [(f" {name}=", own[name]) for name in record.attributes if name in own]
        for name in record.attributes:
            if name in own:
                self.scalar(record.attributes[name], own[name], indent)
        parts: list[_Part] = []
        for name, field in record.fields.items():
            if name not in own:
                continue
            if field.is_record:
                parts += self.usual(record.record(field), own[name], given[name], indent)
            else:
                self.scalar(field, own[name], indent)
                parts += [(f"<{name}>", False), (own[name], True), (f"</{name}>", False)]
        return _element(record, attributes, parts)

    def part(self, record: RecordType, variable: str, example: Any) -> str:
        """Lines that write a record in the record; the expression of its text."""
        write = self.bind(encoder(record))
        if not _is_simple(record, example):
            self.lines.append(f"    {variable} = {write}({variable})")
            return variable
        texts = len(self.texts), len(self.attribute_texts)
        self.lines.append("    try:")
        parts = self.usual(record, variable, example, "        ")
        own = [*self.texts[texts[0] :], *self.attribute_texts[texts[1] :]]
        self.lines += [
            f"        {variable} = None",
            "    except KeyError:",
            *([f"        {' = '.join(own)} = ''"] if own else []),
            f"        {variable} = {write}({variable})",
        ]
        return f"{variable} or {_joined(parts)}"

    def escape(self) -> None:
        """Lines that make sure of all texts together (joining refuses what is no text) and escape them if need be."""
        for texts, attributes in ((self.texts, False), (self.attribute_texts, True)):
            if texts:
                row = f"({', '.join(texts)},)"
                self.lines += [
                    f"    text = ''.join({row})",
                    f"    if {_needs_escaping(attributes)}: {row[1:-1]} = escaped({row}, text, {attributes})",
                ]

    def made(self, arguments: str, result: str) -> Callable[..., str]:
        """The function of these arguments."""
        source = "\n".join([f"def function({arguments}):", *self.lines, f"    return {result}"])
        exec(source, self.names)
        function: Callable[..., str] = self.names["function"]
        return function


def _needs_escaping(attributes: bool) -> str:
    """The source of a test of ``text``."""
    quotes = " or '\"' in text" if attributes else ""
    return f"not (text.isascii() and text.isprintable()) or '&' in text or '<' in text or '>' in text{quotes}"


def _element(record: RecordType, attributes: list[tuple[str, str]], parts: list[_Part]) -> list[_Part]:
    """An element in parts; ``attributes`` are the markup before a value, and its variable."""
    start = [(f"<{record.element}", False)]
    for before, variable in attributes:
        start += [(f'{before}"', False), (variable, True), ('"', False)]
    return [*start, (">", False), *parts, (f"</{record.element}>", False)]


def _row(parts: list[_Part]) -> list[str]:
    """Parts as source, with the markup between two values in one."""
    row: list[str] = []
    markup = ""
    for part, is_value in parts:
        if not is_value:
            markup += part
            continue
        row += [repr(markup), part] if markup else [part]
        markup = ""
    return [*row, repr(markup)]


def _joined(parts: list[_Part]) -> str:
    """The expression that joins parts.

    Joining takes the characters of a text and nothing else; formatting would ask a subclass of str how it wants to
    look.
    """
    return f"''.join(({', '.join(_row(parts))},))"


def _given(value: Any, record: RecordType) -> dict[str, Any]:
    given: dict[str, Any] = value if value.__class__ is dict else _fields(value, record.element)
    return given


def _is_simple(record: RecordType, example: Any) -> bool:
    """Whether a record has few fields, leaves and records of that kind, each once, and is valid as far as it goes."""
    try:
        given = _given(example, record)
    except NOT_FAST:
        return False
    return (
        0 < len(given) <= MOST_FIELDS
        and _is_valid(record, given)
        and AT not in given
        and all(
            not field.repeats and (not field.is_record or _is_simple(record.record(field), given[name]))
            for name, field in record.fields.items()
            if name in given
        )
    )


def _is_valid(record: RecordType, given: dict[str, Any]) -> bool:
    """Whether a record may have just these keys."""
    # The schema's own strings, never the caller's: they become source.
    elements = [name for name in record.fields if name in given]
    known = len(elements) + sum(name in given for name in record.attributes) + (AT in given)
    needed = all(name in given for name, field in record.attributes.items() if field.min)
    return known == len(given) and needed and not faults(record, elements)


def _several(record: RecordType, example: Any) -> Callable[[Any], str]:
    """A function that writes a list of records."""
    function = _Function()
    write = function.bind(encoder(record))
    if not _is_simple(record, example):
        return function.made("items", f"''.join([{write}(one) for one in items])")
    function.lines += ["    out = []", "    rest = ''", "    try:", "        for one in items:"]
    row = _row(function.usual(record, "one", example, " " * 12))
    function.lines += [
        f"            out += {', '.join(row)},",
        "    except KeyError:",
        f"        rest = ''.join([{write}(one) for one in items[len(out) // {len(row)} :]])",
    ]
    for texts, attributes in ((function.texts, False), (function.attribute_texts, True)):
        for variable in texts:
            # Every record has put its values into the same places.
            places = f"out[{row.index(variable)}::{len(row)}]"
            function.lines += [
                f"    texts = {places}",
                "    text = ''.join(texts)",
                f"    if {_needs_escaping(attributes)}: {places} = escaped(texts, text, {attributes})",
            ]
    return function.made("items", "''.join(out) + rest")


def _item(field: Field) -> Callable[[Any], str]:
    """A function that writes one item of a repeatable leaf."""
    function = _Function()
    function.scalar(field, "value", "    ")
    function.escape()
    return function.made("value", _joined([(f"<{field.name}>", False), ("value", True), (f"</{field.name}>", False)]))


def _generate(record: RecordType, fields: dict[str, Any]) -> Callable[..., str]:
    """The function for records of exactly these keys, which takes their values in the order of ``fields``.

    :func:`_hard` itself where a record may not have these keys.
    """
    if not _is_valid(record, fields):
        return _hard
    function = _Function()
    values = {name: function.variable() for name in fields}
    attributes = [(f" {name}=", values[name]) for name in record.attributes if name in values]
    for name in record.attributes:
        if name in values:
            function.scalar(record.attributes[name], values[name], "    ")
    parts: list[_Part] = []
    grouped = {name: group for group in record.groups for name in group}
    done: set[str] = set()
    for name, field in record.fields.items():
        if name in done or name not in values:
            continue
        variable = values[name]
        kinds = [kind for kind in grouped.get(name, ()) if kind in values]
        if len(kinds) > 1:
            done.update(kinds)
            encoders = function.bind({kind: encoder(record.record(record.fields[kind])) for kind in kinds})
            lists = "".join(f"({kind!r}, {values[kind]})," for kind in kinds)
            for kind in kinds:
                one = values[kind]
                function.lines.append(f"    if {one}.__class__ is not list or not {one}: raise Hard")
            function.lines.append(f"    {variable} = mixed(({lists}), {encoders})")
            parts.append((variable, True))
        elif field.repeats:
            test = f"{variable}.__class__ is not list or not {variable}"
            if field.max is not None and not kinds:
                test += f" or len({variable}) > {field.max}"
            function.lines.append(f"    if {test}: raise Hard")
            items = fields[name]
            if field.is_record:
                example = items[0] if items.__class__ is list and items else None
                several = function.bind(_several(record.record(field), example))
                function.lines.append(f"    {variable} = {several}({variable})")
            else:
                item = function.bind(_item(field))
                function.lines.append(f"    {variable} = ''.join([{item}(item) for item in {variable}])")
            parts.append((variable, True))
        elif field.is_record:
            parts.append((function.part(record.record(field), variable, fields[name]), True))
        else:
            function.scalar(field, variable, "    ")
            parts += [(f"<{name}>", False), (variable, True), (f"</{name}>", False)]
    function.escape()
    return function.made(", ".join(values.values()), _joined(_element(record, attributes, parts)))
