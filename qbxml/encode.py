"""Typed values to XML text, fast: one generated function per record type and set of keys.

A record with the same keys as an earlier one has the same structure, so the structure is judged once, when the
function is made, and only the values are checked after that. The functions know the ordinary types of each field;
whatever is out of the ordinary (another type, an empty element, an error) makes them raise :class:`Hard`, and the
caller goes through :class:`qbxml.checking.Writer`, which takes all that is allowed and names all that is not.
Both write the same text; a property test holds them together.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from .characters import BEYOND, FORBIDDEN, escape, escape_attribute
from .checking import interleave
from .content import faults
from .schema import AT
from .values import PRICE, write_amount, write_float, write_int, write_interval, write_price

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .schema import Field, RecordType

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
    by_order: dict[tuple[str, ...], Callable[[Any], str]] = {}
    by_set: dict[frozenset[str], Callable[[Any], str]] = {}

    def encode(value: Any) -> str:
        fields = value if value.__class__ is dict else _fields(value, element)
        keys = tuple(fields)
        function = by_order.get(keys)
        if function is None:
            names = frozenset(keys)
            function = by_set.get(names)
            if function is None:
                if len(by_set) >= MOST_SHAPES:
                    by_set.clear()
                function = _generate(record, names)
                if function is _hard:  # not worth remembering: there is no end of wrong keys
                    raise Hard
                by_set[names] = function
            if len(by_order) >= MOST_SHAPES:
                by_order.clear()
            by_order[keys] = function
        return function(fields)

    return encode


def _fields(value: Any, element: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    fields: dict[str, Any] = value._fields
    if value._name != element:
        raise Hard
    return fields


# -- the generated functions ------------------------------------------------------------------------------------


def _escaped(text: str) -> str:
    """Text with what needs it escaped; hard where the policy on characters has a say."""
    if FORBIDDEN.search(text) or BEYOND.search(text):
        raise Hard
    return escape(text)


def _escaped_attribute(text: str) -> str:
    if FORBIDDEN.search(text) or BEYOND.search(text):
        raise Hard
    return escape_attribute(text)


def _mixed(kinds: tuple[tuple[str, list[Any]], ...], encoders: dict[str, Callable[[Any], str]]) -> str:
    return "".join([encoders[kind](item) for kind, _, item in interleave(kinds)])


class _Function:
    """The source of one function, while it is being put together."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "Hard": Hard,
            "escaped": _escaped,
            "escaped_attribute": _escaped_attribute,
            "mixed": _mixed,
        }
        self.texts: list[str] = []
        self.attribute_texts: list[str] = []
        self.tests: list[str] = []
        self.count = 0

    def bind(self, value: Any) -> str:
        """A name for an object that the source refers to."""
        name = f"o{len(self.names)}"
        self.names[name] = value
        return name

    def variable(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def scalar(self, field: Field, variable: str, indent: str = "    ") -> str:
        """Lines that turn ``variable`` into its text, but for escaping."""
        if field.values is not None:
            table = self.bind({value: escape_attribute(value) for value in field.values})
            self.lines.append(f"{indent}{variable} = {table}[{variable}]")
        elif field.type in _TEXTS:
            if field.limit is not None:
                self.tests.append(f"len({variable}) > {field.limit}")
            (self.attribute_texts if field.is_attribute else self.texts).append(variable)
        elif field.type == "BOOLTYPE":
            self.lines.append(f"{indent}if {variable} is True: {variable} = 'true'")
            self.lines.append(f"{indent}elif {variable} is False: {variable} = 'false'")
            self.lines.append(f"{indent}else: raise Hard")
        else:
            for bound, sign in ((field.low, "<"), (field.high, ">")):
                if bound is not None:
                    self.lines.append(f"{indent}if {variable} {sign} {bound}: raise Hard")
            self.lines.append(f"{indent}{variable} = {self.bind(_WRITERS.get(field.type, _hard))}({variable})")
        return variable

    def escape(self, indent: str = "    ") -> None:
        """Lines that make sure of all texts together (joining refuses what is no text) and escape them if need be."""
        if self.tests:
            self.lines.append(f"{indent}if {' or '.join(self.tests)}: raise Hard")
        for texts, more, function in (
            (self.texts, "", "escaped"),
            (self.attribute_texts, " or '\"' in text", "escaped_attribute"),
        ):
            if not texts:
                continue
            self.lines.append(f"{indent}text = ''.join(({', '.join(texts)},))")
            self.lines.append(
                f"{indent}if not (text.isascii() and text.isprintable())"
                f" or '&' in text or '<' in text or '>' in text{more}:"
            )
            self.lines += [f"{indent}    {text} = {function}({text})" for text in texts]

    def made(self, argument: str, parts: list[tuple[str, bool]]) -> Callable[[Any], str]:
        """The function that returns these parts in a row: markup, or the variables marked so.

        Joining takes the characters of a text and nothing else; formatting would ask a subclass of str how it wants to
        look.
        """
        row: list[str] = []
        markup = ""
        for part, is_variable in parts:
            if not is_variable:
                markup += part
                continue
            row += [repr(markup), part] if markup else [part]
            markup = ""
        row.append(repr(markup))
        source = "\n".join([f"def function({argument}):", *self.lines, f"    return ''.join(({', '.join(row)},))"])
        exec(source, self.names)
        function: Callable[[Any], str] = self.names["function"]
        return function


def _item(field: Field) -> Callable[[Any], str]:
    """A function that writes one item of a repeatable leaf."""
    function = _Function()
    function.scalar(field, "value")
    function.escape()
    return function.made("value", [(f"<{field.name}>", False), ("value", True), (f"</{field.name}>", False)])


def _generate(record: RecordType, names: frozenset[str]) -> Callable[[Any], str]:
    """The function for records of exactly these keys; one that always says :class:`Hard` if they are not valid."""
    # The schema's own strings, never the caller's: they become source.
    elements = [name for name in record.fields if name in names]
    attributes = [name for name in record.attributes if name in names]
    required = {name for name, field in record.attributes.items() if field.min}
    unknown = names - set(elements) - set(attributes) - {AT}
    if unknown or not required <= names or faults(record, elements):
        return _hard
    function = _Function()
    parts = [(f"<{record.element}", False)]
    for name in attributes:
        variable = function.variable()
        function.lines.append(f"    {variable} = d[{name!r}]")
        function.scalar(record.attributes[name], variable)
        parts += [(f' {name}="', False), (variable, True), ('"', False)]
    parts.append((">", False))
    grouped = {name: group for group in record.groups for name in group}
    done: set[str] = set()
    for name in elements:
        if name in done:
            continue
        field = record.fields[name]
        variable = function.variable()
        kinds = [kind for kind in grouped.get(name, ()) if kind in names]
        if len(kinds) > 1:
            done.update(kinds)
            encoders = function.bind({kind: encoder(record.record(record.fields[kind])) for kind in kinds})
            lists = "".join(f"({kind!r}, d[{kind!r}])," for kind in kinds)
            for kind in kinds:
                function.lines.append(f"    if d[{kind!r}].__class__ is not list or not d[{kind!r}]: raise Hard")
            function.lines.append(f"    {variable} = mixed(({lists}), {encoders})")
            parts.append((variable, True))
            continue
        function.lines.append(f"    {variable} = d[{name!r}]")
        if field.repeats:
            test = f"{variable}.__class__ is not list or not {variable}"
            if field.max is not None and not kinds:
                test += f" or len({variable}) > {field.max}"
            function.lines.append(f"    if {test}: raise Hard")
            item = function.bind(encoder(record.record(field)) if field.is_record else _item(field))
            function.lines.append(f"    {variable} = ''.join([{item}(item) for item in {variable}])")
            parts.append((variable, True))
        elif field.is_record:
            function.lines.append(f"    {variable} = {function.bind(encoder(record.record(field)))}({variable})")
            parts.append((variable, True))
        else:
            function.scalar(field, variable)
            parts += [(f"<{name}>", False), (variable, True), (f"</{name}>", False)]
    function.escape()
    parts.append((f"</{record.element}>", False))
    return function.made("d", parts)
