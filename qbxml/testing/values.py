"""Values and texts to test with: for each simple type plain ones, those at its edges, and those it refuses.

``VALUES`` are what a caller gives and a reader gets, ``SPELLINGS`` the texts a document may have for them, the odd ones
included, ``REFUSED`` texts that are no such value. The first of each is the plainest. All of them stand in tests by
name, so that no edge is left to chance.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..schema import Field

    #: Where choices come from: a whole number from 0 up to, not including, the one given.
    Pick = Callable[[int], int]


def _zone(hours: int, minutes: int = 0) -> timezone:
    return timezone(timedelta(hours=hours, minutes=minutes))


_PRICES = ("125.50", "0", "1", "0.00001", "-0.5", "9999999999.99999", "-9999999999.99999", "100.00", "7.250", "0.0")
_ODD_PRICES = ("+1", "-0", "0001.10", "0000000000.00000", "+9999999999.99999", "")
_NO_PRICES = (
    "one",
    ".5",
    "5.",
    "1e3",
    "1,000",
    "12345678901",
    "0.123456",
    " 1",
    "1 ",
    "--1",
    "NaN",
    "1.2.3",
    "\u0661",
    "\xa0",
)

#: What a caller may give and a reader returns, by simple type. ``None`` and ``""`` stand for an empty element.
VALUES: dict[str, tuple[Any, ...]] = {
    "AMTTYPE": (
        *map(Decimal, ("125.50", "0.00", "-0.01", "0.01", "100.00", "9999999999999.99", "-9999999999999.99")),
        None,
    ),
    "PRICETYPE": (*map(Decimal, _PRICES), None),
    "QUANTYPE": (*map(Decimal, _PRICES), None),
    "PERCENTTYPE": (*map(Decimal, _PRICES), None),
    "FLOATTYPE": (
        *map(Decimal, ("1.5", "0", "-0.000000000001", "1.0000", "12345678901234567890.25")),
        None,
    ),
    "INTTYPE": (1, 0, -1, 2**31 - 1, -(2**31), 2**63, 10**23),
    "BOOLTYPE": (True, False, None),
    "DATETYPE": (date(2024, 2, 29), date(1, 1, 1), date(1901, 1, 1), date(2000, 12, 31), date(9999, 12, 31), None),
    "DATETIMETYPE": (
        datetime(2024, 2, 29, 13, 5, 9, tzinfo=_zone(-8)),
        datetime(2024, 2, 29, 13, 5, 9),
        datetime(1, 1, 1, 0, 0, 0),
        datetime(9999, 12, 31, 23, 59, 59),
        datetime(2024, 7, 1, 0, 0, 0, tzinfo=_zone(0)),
        datetime(2024, 7, 1, 0, 0, 1, tzinfo=_zone(5, 30)),
        datetime(2024, 7, 1, 23, 59, 59, tzinfo=_zone(13, 45)),
        datetime(2024, 7, 1, 12, 0, 0, tzinfo=_zone(-3, -30)),
        date(2024, 2, 29),
        date(1, 1, 1),
        date(9999, 12, 31),
        None,
    ),
    "TIMEINTERVALTYPE": (
        timedelta(hours=8, minutes=30),
        timedelta(0),
        timedelta(seconds=1),
        timedelta(hours=-1),
        timedelta(hours=-1, minutes=-1, seconds=-1),
        timedelta(hours=99999, minutes=59, seconds=59),
        None,
    ),
    "GUIDTYPE": (
        "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}",
        "0",
        "{00000000-0000-0000-0000-000000000000}",
        "{FFFFFFFF-ABCD-EF01-2345-6789ABCDEF01}",
    ),
    "IDTYPE": ("80000001-1234567890", "1", "x" * 36, "A&B", ""),
    "UUIDTYPE": ("1", "7f1c0a52-0000-4000-8000-000000000000", "a b", ""),
    "MACROTYPE": ("TxnID:First", "ListID:<&>", "m"),
}

#: Texts that the schema allows, by simple type: the usual spelling first, then odd ones.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "AMTTYPE": (
        "125.50", "0.00", "-0.01", "+0.01", "100", "0", "-0", "0000000000001.10", "9999999999999.99",
        "-9999999999999.99", "+9999999999999", "",
    ),
    "PRICETYPE": (*_PRICES, *_ODD_PRICES),
    "QUANTYPE": (*_PRICES, *_ODD_PRICES),
    "PERCENTTYPE": (*_PRICES, *_ODD_PRICES),
    "FLOATTYPE": (
        "1.5", "0", ".5", "5.", "-.5", "+1.25", "  1.5\n", "00.10", "1." + "3" * 20, "", " \t", "-0",
    ),
    "INTTYPE": ("1", "0", "-1", "+1", " 7 ", "\n42\t", "007", "-0", "2147483648", "9" * 24),
    "BOOLTYPE": ("true", "false", "1", "0", " true", "false\n", "\t1 ", "", " "),
    "DATETYPE": (
        "2024-02-29", "0001-01-01", "9999-12-31", "1901-01-01", " 2024-02-29 ", "\n2024-02-29", "2024-02-29Z",
        "2024-02-29-08:00", "2024-02-29+14:00", "2024-02-29-14:00", "12024-02-29", "-0044-03-15", "2000-02-29", "", " ",
        "-9223372036854775807-01-01", "9223372036854775807-12-31",
    ),
    "DATETIMETYPE": (
        "2024-02-29T13:05:09-08:00", "2024-02-29T13:05:09", "2024-02-29", "2024-2-3", "2024-2-3T4:5:6", "2024-02-29T13",
        "2024-02-29T13:05", "2024-02-29T13:05:09+5:30", "2024-02-29T13:05:09+00:00", "2024-02-29T13:05:09-00:00",
        "2024-13-45T99:99:99", "0000-00-00", "2023-02-29", "2024-02-29T24:00:00", "2024-02-29T13:05:60",
        "2024-02-29T13:05:09+99:99", "0001-01-01T00:00:00", "9999-12-31T23:59:59+13:00", "", " ",
    ),
    "TIMEINTERVALTYPE": (
        "PT8H30M", "PT0H0M", "-PT1H", "PT30S", "PT90M", "PT1H1M1S", "PT999999H", "-PT0S", " PT1H ", "PT007H",
        "PT99999999999999H", "", " ",
    ),
    "GUIDTYPE": (
        "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}", "0", "{00000000-0000-0000-0000-000000000000}",
        "{FFFFFFFF-ABCD-EF01-2345-6789ABCDEF01}",
    ),
    "IDTYPE": ("80000001-1234567890", "1", "x" * 36, " padded ", "A&B<C>\"'", "\xe9" * 36, ""),
    "UUIDTYPE": ("1", "7f1c0a52-0000-4000-8000-000000000000", "a b", "<&>", ""),
    "MACROTYPE": ("TxnID:First", "ListID:<&>", "", " m "),
}  # fmt: skip

#: Texts that are no value of a type.
REFUSED: dict[str, tuple[str, ...]] = {
    "AMTTYPE": (
        "much", "1.5", ".50", "1.", "1.000", "1,000.00", "$1.00", "12345678901234", "1e3", " 1.00", "1.00\n", "--1.00",
        "(1.00)", "NaN", "\u0661.00", " ",
    ),
    "PRICETYPE": _NO_PRICES,
    "QUANTYPE": _NO_PRICES,
    "PERCENTTYPE": _NO_PRICES,
    "FLOATTYPE": ("half", "1e3", "1E3", "NaN", "INF", ".", "+", "1 2", "1,5", "0x10", "\u0661", "\xa0"),
    "INTTYPE": ("one", "", " ", "1.0", "1e3", "+", "- 1", "1 2", "0x1", "1_000", "\u0661", "\xa01"),
    "BOOLTYPE": ("yes", "TRUE", "True", "2", "t", "01", "true false", "\xa0true"),
    "DATETYPE": (
        "today", "2024-2-3", "2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00",
        "0000-01-01", "02/29/2024", "20240229", "2024-W09-4", "2024-02-29T00:00:00", "2024-02-29z", "2024-02-29+15:00",
        "2024-02-29+14:01", "2024-02-29+1:00", "012024-02-29", "24-02-29", "\u0662024-02-29", "2024-02-29\xa0",
        "9223372036854775808-01-01", "-9223372036854775808-01-01", "9" * 5000 + "-01-01",
    ),
    "DATETIMETYPE": (
        "now", "2024-02-29T13:05:09Z", "2024-02-29T13:05:09.5", "2024-02-29 13:05:09", " 2024-02-29", "2024-02-29\n",
        "2024-02-29T", "2024-02-29T13:05:09-08", "2024-02-29T13:05:09-0800", "2024-02-29T13:05-08:00", "2024-02",
        "24-02-29", "12024-02-29", "2024-02-29T13:05:09 -08:00", "2024-123-01", "\u0662024-02-29",
    ),
    "TIMEINTERVALTYPE": (
        "8:30", "PT", "+PT1H", "P1D", "P1DT1H", "PT1.5H", "PT1.5S", "PT1M1H", "pt1h", "PT-1H", "PT1", "8H",
        "PT99999999999999999999H", "PT\u0661H",
    ),
    "GUIDTYPE": (
        "", " ", "00", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "{3f2504e0}", " 0", "0\n",
        "{3f2504e0-4f89-11d3-9a0c-0305e82c330g}", "{3f2504e04f8911d39a0c0305e82c3301}",
    ),
    "IDTYPE": ("x" * 37, "\xe9" * 37, "x" * 36 + " "),
}  # fmt: skip

#: Texts for elements that hold text: what markup, blanks, line ends and letters do to a codec.
TEXTS = (
    "Text",
    "",
    "Smith & Sons <\"'>",
    "Jos\xe9 M\xfcller, \xc5lesund \xa312 \xbd",
    " blanks around ",
    "two\nlines",
    "\ttab",
    "]]>",
    "&amp;",
    "<![CDATA[x]]>",
    "   ",
    "\n",
    "0",
    "'",
    '"',
    "\xa0",
    "\r",
    "a\r\nb",
    "\x7f\x85\x9f",
    "\xff",
)
#: The same beyond ISO-8859-1: XML holds it, QuickBooks does not.
BEYOND_TEXTS = ("\u20ac 5 \u2013 \u201cquoted\u201d", "\u65e5\u672c\u8a9e", "\U0001f600", "\u2028", "e\u0301", "\ufffd")

#: The length of a long text where there is no limit: what QuickBooks takes for a requestID, which is such a text.
LONGEST = 50

_FILLINGS = ("x", "M\xfc & <b> \"'", "\xff", "a ")


def fill(filling: str, length: int) -> str:
    """A text of exactly that length, made of repetitions."""
    return (filling * (length // len(filling) + 1))[:length]


def text(field: Field, pick: Pick, beyond: bool = False) -> str:
    """A text for an element or attribute that may hold any, within its limit."""
    texts = TEXTS + BEYOND_TEXTS if beyond else TEXTS
    index = pick(len(texts) + len(_FILLINGS))
    limit = field.limit
    if index < len(texts):
        return texts[index] if limit is None else texts[index][:limit]
    return fill(_FILLINGS[index - len(texts)], LONGEST if limit is None else limit)


def holds_text(field: Field) -> bool:
    """Whether a leaf or attribute takes any text, up to its limit (also an enumeration that nobody knows yet)."""
    return field.values is None and field.type in ("STRTYPE", "ENUMTYPE")


def _within(field: Field, numbers: tuple[Any, ...]) -> tuple[Any, ...]:
    """The numbers that a field's range leaves, and its bounds."""
    low, high = field.low, field.high
    if low is None and high is None:
        return numbers
    bounds = tuple(bound for bound in (low, high) if bound is not None)
    kind = type(numbers[0])
    inside = (one for one in numbers if (low is None or int(one) >= low) and (high is None or int(one) <= high))
    return (*map(kind, bounds), *inside)


def values(field: Field) -> tuple[Any, ...]:
    """The values to try for a leaf or attribute: all of an enumeration, else those of its type within its bounds."""
    if field.values is not None:
        return (*field.values, "") if field.default is not None and not field.is_attribute else field.values
    if holds_text(field):
        limit = field.limit
        texts = tuple(dict.fromkeys(one[:limit] for one in TEXTS))
        return texts if limit is None else (*texts, *(fill(one, limit) for one in _FILLINGS))
    return _within(field, VALUES[field.type])


def spellings(field: Field) -> tuple[str, ...]:
    """The texts to try for a leaf or attribute of a document, all of them allowed."""
    if field.values is not None or holds_text(field):
        return values(field)
    return _within(field, SPELLINGS[field.type])


def refused(field: Field) -> tuple[str, ...]:
    """Texts that are wrong for a leaf or attribute; none where it takes anything."""
    if field.values is not None:
        known = field.values[0]
        wrong = ("Nonsense", known.swapcase(), f" {known}", f"{known}\n", known[:-1], known * 2, "")
        return tuple(one for one in dict.fromkeys(wrong) if one not in values(field))
    found = REFUSED.get(field.type, ())
    if field.limit is not None and holds_text(field):
        found = tuple(fill(one, field.limit + 1) for one in _FILLINGS)
    bounds = (None if field.low is None else field.low - 1, None if field.high is None else field.high + 1)
    return (*found, *(str(bound) for bound in bounds if bound is not None), *(("-" + "9" * 40,) if field.low else ()))


def value(field: Field, pick: Pick, beyond: bool = False) -> Any:
    """A value for a leaf or attribute, as a caller gives it."""
    if holds_text(field):
        return text(field, pick, beyond)
    known = values(field)
    return known[pick(len(known))]


def spelling(field: Field, pick: Pick, beyond: bool = False) -> str:
    """A text for a leaf or attribute of a document."""
    if holds_text(field):
        return text(field, pick, beyond)
    known = spellings(field)
    return known[pick(len(known))]
