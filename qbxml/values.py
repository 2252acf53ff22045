"""The sixteen simple types: what text is allowed, what Python value it stands for, and how a value is written.

Three functions per type, in the tables :data:`READ`, :data:`ALLOWS` and :data:`WRITE`:

- *read* turns text into its Python value. It raises :class:`ValueError` for text the type does not allow, and gives the
  text itself back where the type allows it and Python has no value for it (``2024-13-45T99:99:99``).
- *allows* says whether the schema accepts the text. libxml2's verdict is the measure.
- *write* turns a Python value into text. It raises :class:`ValueError` with what is wrong, for a person to read.
  It never rounds.

Length, range and enumeration belong to the element, not to the type: see ``check.py``.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: What the blanks of XML are. Python's own idea of a blank is wider.
BLANKS = " \t\r\n"


_compiled = cache(re.compile)


def _rare(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """The ``fullmatch`` of a pattern that most programs never need: it is compiled when first used."""
    return lambda text: _compiled(pattern).fullmatch(text)


_AMOUNT = re.compile(r"[+-]?[0-9]{1,13}(?:\.[0-9]{2})?").fullmatch
#: The text of a price, quantity or percentage.
PRICE = re.compile(r"[+-]?[0-9]{1,10}(?:\.[0-9]{1,5})?").fullmatch
#: A decimal number, and how any number may be spelled by a caller, who may leave out what the type insists on.
_NUMBER = _rare(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_INTEGER = re.compile(r"[+-]?[0-9]+").fullmatch
_DATE = _rare(r"(-?(?:[1-9][0-9]{4,}|[0-9]{4}))-([0-9]{2})-([0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_DATETIME = _rare(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:T([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})([+-][0-9]{1,2}:[0-9]{1,2})?)?)?)?"
)
_INTERVAL = _rare(r"(-?)PT(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?")
_GUID = _rare(r"0|\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")

#: Python refuses to turn longer digit strings into numbers; nothing that counts is so long.
_LONGEST_NUMBER = 4000


# -- text to value ----------------------------------------------------------------------------------------------


def _read_decimal(pattern: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if pattern(text):
            return Decimal(text)
        if text == "":
            return None
        raise ValueError(text)

    return read


def _read_float(text: str) -> Any:
    inner = text.strip(BLANKS)
    if _NUMBER(inner):
        return Decimal(inner)
    if inner == "":
        return None
    raise ValueError(text)


def _read_int(text: str) -> Any:
    if len(text) < 19 and text.isdigit() and text.isascii():
        return int(text)
    inner = text.strip(BLANKS)
    if not _INTEGER(inner):
        raise ValueError(text)
    return int(inner) if len(inner) <= _LONGEST_NUMBER else text


#: The spellings of a truth value, without blanks around; an empty one is ``None``.
BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "": None}


def _read_bool(text: str) -> Any:
    try:
        return BOOLEANS[text]
    except KeyError:
        inner = text.strip(BLANKS)
        if inner in BOOLEANS:
            return BOOLEANS[inner]
        raise ValueError(text) from None


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _allows_date(text: str) -> bool:
    inner = text.strip(BLANKS)
    if inner == "":
        return True
    found = _DATE(inner)
    if found is None:
        return False
    if len(found[1]) > 20:  # libxml2 counts years in 64 bits, and Python turns only so many digits into a number
        return False
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not 0 < abs(year) < 2**63 or not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month):
        return False
    zone = found[4]
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        return (hours < 14 and minutes < 60) or (hours, minutes) == (14, 0)
    return True


def _read_date(text: str) -> Any:
    # The usual spelling first: ten characters, which fromisoformat also takes in forms that are not dates here.
    if len(text) == 10 and text[4::3] == "--" and text.isascii():
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    if not _allows_date(text):
        raise ValueError(text)
    inner = text.strip(BLANKS)
    if inner == "":
        return None
    return date.fromisoformat(inner) if len(inner) == 10 else text


def _read_datetime(text: str) -> Any:
    # The spelling QuickBooks writes. Every third character from the fifth is a mark, never a digit: that keeps out what
    # fromisoformat takes besides.
    if len(text) == 25 and text[4::3] in ("--T::-:", "--T::+:"):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    found = _DATETIME(text)
    if found is None:
        if text.strip(BLANKS) == "":
            return None
        raise ValueError(text)
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        if minute is None:
            return text
        zone = f"{offset[0]}{int(offset[1:].split(':')[0]):02}:{int(offset.split(':')[1]):02}" if offset else ""
        return datetime.fromisoformat(
            f"{year}-{int(month):02}-{int(day):02}T{int(hour):02}:{int(minute):02}:{int(second or 0):02}{zone}"
        )
    except ValueError:
        return text


def _readable(read: Callable[[str], Any]) -> Callable[[str], bool]:
    """Whether a type allows a text, from whether it can be read: quicker where the usual spelling is."""

    def allows(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return allows


def _allows_interval(text: str) -> bool:
    inner = text.strip(BLANKS)
    if inner == "":
        return True
    found = _INTERVAL(inner)
    # libxml2 counts in 64 bits and refuses what does not fit.
    return found is not None and all(len(part or "") < 19 or int(part) < 2**63 for part in found.groups()[1:])


def _read_interval(text: str) -> Any:
    if not _allows_interval(text):
        raise ValueError(text)
    found = _INTERVAL(text.strip(BLANKS))
    if found is None:
        return None
    try:
        value = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0), seconds=int(found[4] or 0))
        return -value if found[1] else value
    except (OverflowError, ValueError):
        return text


def _read_guid(text: str) -> Any:
    if _GUID(text):
        return text
    raise ValueError(text)


def _read_text(text: str) -> Any:
    return text


#: Text to value, by simple type. ``STRTYPE`` and its like give the text back: the decoder does not call them.
READ: dict[str, Callable[[str], Any]] = {
    "AMTTYPE": _read_decimal(_AMOUNT),
    "PRICETYPE": _read_decimal(PRICE),
    "QUANTYPE": _read_decimal(PRICE),
    "PERCENTTYPE": _read_decimal(PRICE),
    "FLOATTYPE": _read_float,
    "INTTYPE": _read_int,
    "BOOLTYPE": _read_bool,
    "DATETYPE": _read_date,
    "DATETIMETYPE": _read_datetime,
    "TIMEINTERVALTYPE": _read_interval,
    "GUIDTYPE": _read_guid,
    "IDTYPE": _read_text,
    "STRTYPE": _read_text,
    "ENUMTYPE": _read_text,
    "UUIDTYPE": _read_text,
    "MACROTYPE": _read_text,
}

#: Types whose value is their text, whatever it is.
TEXT_TYPES = frozenset(("IDTYPE", "STRTYPE", "ENUMTYPE", "UUIDTYPE", "MACROTYPE"))

#: Whether the schema accepts a text, by simple type.
ALLOWS: dict[str, Callable[[str], bool]] = {
    "AMTTYPE": lambda text: text == "" or _AMOUNT(text) is not None,
    "PRICETYPE": lambda text: text == "" or PRICE(text) is not None,
    "QUANTYPE": lambda text: text == "" or PRICE(text) is not None,
    "PERCENTTYPE": lambda text: text == "" or PRICE(text) is not None,
    "FLOATTYPE": lambda text: text.strip(BLANKS) == "" or _NUMBER(text.strip(BLANKS)) is not None,
    "INTTYPE": lambda text: _INTEGER(text.strip(BLANKS)) is not None,
    "BOOLTYPE": lambda text: text.strip(BLANKS) in BOOLEANS,
    "DATETYPE": _readable(_read_date),
    "DATETIMETYPE": _readable(_read_datetime),
    "TIMEINTERVALTYPE": _allows_interval,
    "GUIDTYPE": lambda text: _GUID(text) is not None,
    "IDTYPE": lambda text: True,
    "STRTYPE": lambda text: True,
    "ENUMTYPE": lambda text: True,
    "UUIDTYPE": lambda text: True,
    "MACROTYPE": lambda text: True,
}

#: Tests of the usual spelling, by simple type, where that is quicker: what passes is allowed, and no empty text does.
USUAL: dict[str, Callable[[str], Any]] = {
    "AMTTYPE": _AMOUNT,
    "PRICETYPE": PRICE,
    "QUANTYPE": PRICE,
    "PERCENTTYPE": PRICE,
    "INTTYPE": lambda text: (text.isdigit() and text.isascii()) or _INTEGER(text),
    "BOOLTYPE": BOOLEANS.__contains__,
}

#: What a type wants, in the caller's terms; for messages.
WANTS: dict[str, str] = {
    "AMTTYPE": "an amount: up to 13 digits, none or two decimals",
    "PRICETYPE": "a price: up to 10 digits and 5 decimals",
    "QUANTYPE": "a quantity: up to 10 digits and 5 decimals",
    "PERCENTTYPE": "a percentage: up to 10 digits and 5 decimals",
    "FLOATTYPE": "a decimal number without exponent",
    "INTTYPE": "a whole number",
    "BOOLTYPE": "true or false",
    "DATETYPE": "a date, YYYY-MM-DD",
    "DATETIMETYPE": "a date, or date and time: YYYY-MM-DDTHH:MM:SS, with or without an offset such as -08:00",
    "TIMEINTERVALTYPE": "a time interval in hours, minutes and seconds, such as PT8H30M",
    "GUIDTYPE": "0 or a GUID in braces",
    "IDTYPE": "an ID",
    "STRTYPE": "text",
    "ENUMTYPE": "one of a list of values",
    "UUIDTYPE": "text",
    "MACROTYPE": "text",
}


# -- value to text ----------------------------------------------------------------------------------------------


def _plain(value: Any) -> Decimal:
    """The Decimal that a caller's number means; ``ValueError`` for anything else."""
    kind = value.__class__
    if kind is Decimal:
        number: Decimal = value
    elif kind is bool:
        raise ValueError("a truth value is no number")
    elif isinstance(value, int):
        if value.bit_length() > 200:
            raise ValueError("too many digits")
        number = Decimal(int(value))
    elif isinstance(value, float):
        number = Decimal(repr(float(value)))
    elif isinstance(value, str):
        if not _NUMBER(value):
            raise ValueError("no number")
        number = Decimal(value)
    elif isinstance(value, Decimal):
        number = Decimal(value)
    else:
        raise ValueError(f"a {type(value).__name__} is no number")
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _spelled(number: Decimal, most_digits: int, most_decimals: int) -> str:
    """A number written out, its digits kept, at most so many of them; never rounded."""
    if number.adjusted() > most_digits + 1 or number.adjusted() < -30:
        if number == 0:
            return "0"
        raise ValueError(f"more than {most_digits} digits or {most_decimals} decimals")
    text = format(number, "f")
    whole, _, fraction = text.partition(".")
    if len(fraction) > most_decimals:
        if fraction[most_decimals:].strip("0"):
            raise ValueError(f"more than {most_decimals} decimals; round it first")
        fraction = fraction[:most_decimals]
    if len(whole.lstrip("+-")) > most_digits:
        raise ValueError(f"more than {most_digits} digits")
    return f"{whole}.{fraction}" if fraction else whole


def write_amount(value: Any) -> str:
    """An amount: padded to two decimals, never rounded."""
    if value.__class__ is str and _AMOUNT(value):
        return str.__str__(value)
    text = _spelled(_plain(value), 13, 2)
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<2}"


def write_price(value: Any) -> str:
    """A price, quantity or percentage: up to ten digits and five decimals, as given."""
    if value.__class__ is str and PRICE(value):
        return str.__str__(value)
    return _spelled(_plain(value), 10, 5)


def write_float(value: Any) -> str:
    """A decimal number without exponent."""
    if isinstance(value, str) and _NUMBER(value.strip(BLANKS)):
        return str.__str__(value)
    return _spelled(_plain(value), 400, 400)


def write_int(value: Any) -> str:
    """A whole number."""
    if value.__class__ is int:
        if value.bit_length() > 13000:
            raise ValueError("too many digits")
        return str(value)
    if isinstance(value, str) and _INTEGER(value.strip(BLANKS)):
        return str.__str__(value)
    if isinstance(value, int) and value.__class__ is not bool:
        return str(int(value))
    raise ValueError(
        f"a {type(value).__name__} is no whole number" if not isinstance(value, str) else "no whole number"
    )


def write_bool(value: Any) -> str:
    """``true`` or ``false``."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str) and value.strip(BLANKS) in BOOLEANS:
        return str.__str__(value)
    raise ValueError("neither True nor False")


def write_date(value: Any) -> str:
    """A date, from a ``date`` or its ISO spelling."""
    if isinstance(value, datetime):
        raise ValueError("a time of day has no place here; give its .date()")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and _allows_date(value):
        return str.__str__(value)
    raise ValueError("no date" if isinstance(value, str) else f"a {type(value).__name__} is no date")


def write_datetime(value: Any) -> str:
    """A point in time, from a ``datetime`` (whole seconds), a ``date`` or its ISO spelling."""
    if isinstance(value, datetime):
        text = value.isoformat()
        if len(text) == 19 or (len(text) == 25 and text[19] in "+-"):
            return text
        if value.microsecond:
            raise ValueError("QuickBooks knows no fractions of a second; use .replace(microsecond=0)")
        raise ValueError("an offset has whole minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and ALLOWS["DATETIMETYPE"](value):
        return str.__str__(value)
    raise ValueError("no date and time" if isinstance(value, str) else f"a {type(value).__name__} is no date and time")


def write_interval(value: Any) -> str:
    """A time interval, from a ``timedelta`` (whole seconds) or its spelling; seconds only where there are any."""
    if isinstance(value, timedelta):
        if value.microseconds:
            raise ValueError("an interval has whole seconds")
        seconds = value.days * 86400 + value.seconds
        sign = "-" if seconds < 0 else ""
        minutes, seconds = divmod(abs(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{sign}PT{hours}H{minutes}M" + (f"{seconds}S" if seconds else "")
    if isinstance(value, str) and ALLOWS["TIMEINTERVALTYPE"](value):
        return str.__str__(value)
    raise ValueError("no time interval" if isinstance(value, str) else f"a {type(value).__name__} is no time interval")


def write_guid(value: Any) -> str:
    """``0`` or a GUID in braces, from its text or a ``uuid.UUID``."""
    if isinstance(value, str):
        if _GUID(value):
            return str.__str__(value)
        if _GUID(f"{{{value}}}"):
            raise ValueError("a GUID stands in braces")
        raise ValueError("no GUID")
    if type(value).__name__ == "UUID":
        return f"{{{value}}}"
    raise ValueError(f"a {type(value).__name__} is no GUID")


def write_text(value: Any) -> str:
    """Text, as it is."""
    if isinstance(value, str):
        return str.__str__(value)
    raise ValueError(f"a {type(value).__name__} is no text")


#: Value to text, by simple type. Empty values (``None``, ``""``) never come here.
WRITE: dict[str, Callable[[Any], str]] = {
    "AMTTYPE": write_amount,
    "PRICETYPE": write_price,
    "QUANTYPE": write_price,
    "PERCENTTYPE": write_price,
    "FLOATTYPE": write_float,
    "INTTYPE": write_int,
    "BOOLTYPE": write_bool,
    "DATETYPE": write_date,
    "DATETIMETYPE": write_datetime,
    "TIMEINTERVALTYPE": write_interval,
    "GUIDTYPE": write_guid,
    "IDTYPE": write_text,
    "STRTYPE": write_text,
    "ENUMTYPE": write_text,
    "UUIDTYPE": write_text,
    "MACROTYPE": write_text,
}


class UseMacro:
    """The value of an ID element that refers to a macro: the name defined by ``defMacro`` elsewhere in the message set.

    ``UseMacro("TxnID:First")``; ``text`` is the element's own text, empty as a rule. Read only.
    """

    __slots__ = ("_name", "_text")

    def __init__(self, name: str, text: str = "") -> None:
        self._name = name
        self._text = text

    @property
    def name(self) -> str:
        """The macro's name."""
        return self._name

    @property
    def text(self) -> str:
        """The element's own text."""
        return self._text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UseMacro):
            return NotImplemented
        return (self._name, self._text) == (other._name, other._text)

    def __hash__(self) -> int:
        return hash((self._name, self._text))

    def __repr__(self) -> str:
        return f"UseMacro({self._name!r}, {self._text!r})" if self._text else f"UseMacro({self._name!r})"

    def __reduce__(self) -> tuple[type[UseMacro], tuple[str, str]]:
        return UseMacro, (self._name, self._text)
