"""What QuickBooks and the Web Connector mean by their numbers: status codes, HRESULTs, QBWC codes.

Three kinds of number, each with one table of its own in ``schemas/``:

- a *status code* stands in an answer document and speaks of one request, or of the message set;
- an *HRESULT* comes instead of an answer document and speaks of the whole call;
- a *QBWC code* stands in the Web Connector's log, for the person in front of it.

This module finds the row and does nothing else: what follows from a row is the business of whoever asked. The
tables are read on first use, so importing this module costs nothing.
"""

from __future__ import annotations

import functools
import re

from ._files import read_schema_file
from .errors import QbxmlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

#: From this status code on a request was refused; below it was carried out, with or without a warning.
FIRST_ERROR = 1000

#: A whole number as text. The bound keeps a hostile attribute from costing anything.
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)

#: An HRESULT without its blanks, in capitals: hexadecimal with or without 0X, or a decimal number.
_HRESULT = re.compile(r"([+-]?)(0X)?([0-9A-F]{1,20})", re.ASCII)


class InvalidCode(QbxmlError):
    """What was given is no code at all. ``given`` is that, ``what`` the kind of code that was wanted."""

    advice = "Give the code as a number, or as the text in which it arrived."

    def __init__(self, given: object, what: str) -> None:
        self.given = given
        self.what = what
        shown = repr(given)
        super().__init__(f"{shown if len(shown) <= 80 else shown[:77] + '...'} is no {what}")

    def __reduce__(self) -> Any:
        return type(self), (self.given, self.what)


class _Row:
    """One row of a table: an immutable value, compared by its contents."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, **values: Any) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, values[name])

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable, cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable, cannot delete {name!r}")

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values().values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._values().items())
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> Any:
        return _remake, (type(self), self._values())


def _remake(kind: type[_Row], values: dict[str, Any]) -> _Row:
    """Make a row again from its values (for pickle and copy)."""
    return kind(**values)


class Status(_Row):
    """The meaning of a status code: ``statusCode`` of an answer, or ``messageSetStatusCode`` of its document.

    Made by :func:`status`. ``kind`` says what to do about it; whether the request was carried out is said by
    ``severity`` and :func:`is_error` (a warning can ask for a fix although everything was saved).
    """

    __slots__ = (  # noqa: RUF023  in the order in which repr() shows them
        "code",
        "severity",
        "scope",
        "kind",
        "name",
        "meaning",
        "advice",
        "pattern",
        "confidence",
    )

    code: int
    #: ``"Info"``, ``"Warn"`` or ``"Error"``; ``None`` for codes of the message set, which have none.
    severity: str | None
    #: ``"request"`` or ``"message set"``.
    scope: str
    #: ``"success"``, ``"not found"``, ``"retry"`` (the same request may succeed later), ``"fix"`` (it will
    #: not, so change it) or ``"alert"`` (a person has to look).
    kind: str
    #: A label of ours, such as ``"StaleEditSequence"``.
    name: str
    meaning: str
    #: What to do, in one sentence.
    advice: str
    #: QuickBooks' usual English text, with ``{value}``, ``{field}`` and the like for what varies, if known.
    pattern: str | None
    #: ``"documented"``, ``"observed"``, ``"inferred"`` or ``"uncertain"``.
    confidence: str


class Hresult(_Row):
    """The meaning of an HRESULT: the call failed as a whole, and no answer document came.

    Made by :func:`hresult`.
    """

    __slots__ = (  # noqa: RUF023  in the order in which repr() shows them
        "code",
        "kind",
        "nothing_ran",
        "retry",
        "meaning",
        "advice",
        "pattern",
        "confidence",
    )

    #: Always spelled ``"0x8004040A"``; text that is no HRESULT stands here as it came.
    code: str
    #: ``"retry"`` (may work later, nothing to change), ``"fix"`` (change what is sent) or ``"alert"``.
    kind: str
    #: ``True`` if the code proves that no request of the document was carried out; else that is open.
    nothing_ran: bool
    #: ``"never"``, ``"later"``, ``"new session"``, ``"other path"`` or ``"after repair"``.
    retry: str
    meaning: str
    #: What to do, in one sentence.
    advice: str
    #: The usual English text, if known. It comes in the language of QuickBooks: decide by the code.
    pattern: str | None
    #: ``"documented"``, ``"observed"``, ``"inferred"`` or ``"uncertain"``.
    confidence: str


class WebConnectorCode(_Row):
    """The meaning of a code in the Web Connector's log, such as QBWC1012.

    Made by :func:`web_connector_code`.
    """

    __slots__ = ("code", "where", "meaning", "advice", "confidence")  # noqa: RUF023  as repr() shows them

    #: The number alone: 1012 for QBWC1012.
    code: int
    #: Where to mend it: ``"qwc"`` (file or registration), ``"server"``, ``"pc"``, ``"user"``, or ``None`` if
    #: there is nothing to mend.
    where: str | None
    meaning: str
    #: What to do, in one sentence.
    advice: str
    #: ``"documented"``, ``"observed"``, ``"inferred"`` or ``"uncertain"``.
    confidence: str


def status(code: int | str) -> Status:
    """Return the meaning of a status code, given as a number or as the text of the attribute.

    Codes that are not in the table get what their range tells: every ``int`` has a meaning. Raises
    :class:`InvalidCode` for text that is no whole number.
    """
    number = _whole(code, "status code")
    known, ranges = _status_tables()
    found = known.get(number)
    if found is not None:
        return found
    # There is always one: the ranges leave no gap and are open at both ends.
    row = next(row for low, high, row in ranges if (low is None or low <= number) and (high is None or number <= high))
    return Status(code=number, **row)


def is_error(code: int | str) -> bool:
    """Return whether a status code says that the request, or the message set, was refused.

    Information and warnings are no errors: with them the request was carried out. Raises
    :class:`InvalidCode` for text that is no whole number.
    """
    return not 0 <= _whole(code, "status code") < FIRST_ERROR


def statuses() -> tuple[Status, ...]:
    """Return every status code that the table has a row of its own for, in ascending order."""
    return tuple(_status_tables()[0].values())


def hresult(code: str | int) -> Hresult:
    """Return the meaning of an HRESULT, in whichever spelling it came.

    Capitals, blanks and a missing ``0x`` make no difference, and a decimal number, signed as COM has it
    (-2147220480) or not, is the same as its hexadecimal text. Text of eight digits or fewer without a sign is
    hexadecimal.

    The text comes from a program at the other end, so any text is accepted: what the table does not have gets
    the row for unknown codes (``kind="alert"``, ``nothing_ran=False``). Only blank text raises
    :class:`InvalidCode`, because no HRESULT means no failure.
    """
    if isinstance(code, str):
        if not code.strip():
            raise InvalidCode(code, "HRESULT")
        spelled = _hresult_of_text(code)
    elif isinstance(code, int):
        spelled = _hresult_of_int(code) or str(code)
    else:
        raise InvalidCode(code, "HRESULT")
    known, unknown = _hresult_tables()
    return known.get(spelled) or Hresult(code=spelled, **unknown)


def hresults() -> tuple[Hresult, ...]:
    """Return every HRESULT of the table, in ascending order."""
    return tuple(_hresult_tables()[0].values())


def web_connector_code(code: int | str) -> WebConnectorCode:
    """Return the meaning of a QBWC code: ``1012``, ``"1012"`` or ``"QBWC1012"``.

    A code that the table does not have gets the row for unknown codes. Raises :class:`InvalidCode` for text
    that is no QBWC code.
    """
    given = code
    if isinstance(code, str):
        code = "".join(code.split()).upper().removeprefix("QBWC")
        if not _WHOLE.fullmatch(code):
            raise InvalidCode(given, "QBWC code")
    number = _whole(code, "QBWC code")
    known, unknown = _web_connector_tables()
    return known.get(number) or WebConnectorCode(code=number, **unknown)


def web_connector_codes() -> tuple[WebConnectorCode, ...]:
    """Return every QBWC code of the table, in ascending order."""
    return tuple(_web_connector_tables()[0].values())


def _whole(code: object, what: str) -> int:
    """Return the whole number that ``code`` is or spells."""
    if isinstance(code, int):
        return int(code)
    if isinstance(code, str) and _WHOLE.fullmatch(code.strip()):
        return int(code)
    raise InvalidCode(code, what)


def _hresult_of_text(text: str) -> str:
    """Return the HRESULT that ``text`` spells, as the table writes it; the text itself if it spells none."""
    match = _HRESULT.fullmatch("".join(text.split()).upper())
    if match is None:
        return text.strip()
    sign, prefix, digits = match.groups()
    # A decimal HRESULT has a sign or ten digits, a hexadecimal one never has more than eight.
    decimal = not prefix and digits.isdigit() and (sign or len(digits) > 8)
    return _hresult_of_int(int(sign + digits, 10 if decimal else 16)) or text.strip()


def _hresult_of_int(number: int) -> str | None:
    """Return a signed or unsigned number of 32 bits as the table writes it, or ``None`` if it has more."""
    if not -(2**31) <= number < 2**32:
        return None
    return f"0x{number & 0xFFFFFFFF:08X}"


def _read(name: str) -> dict[str, Any]:
    """Return one of the JSON tables, with ``class`` renamed to the attribute ``kind`` in each row."""
    import json  # here, because only those who ask for a meaning need it

    table: dict[str, Any] = json.loads(read_schema_file(name))
    unknown = table["unknown"]
    for row in [*table["codes"], *(unknown if isinstance(unknown, list) else [unknown])]:
        if "class" in row:
            row["kind"] = row.pop("class")
    return table


@functools.cache
def _status_tables() -> tuple[dict[int, Status], list[tuple[int | None, int | None, dict[str, Any]]]]:
    """Return the rows with one code by their code, then the ranges, the more exact ones first."""
    table = _read("status-codes.json")
    known = {}
    ranges = []
    for row in [*table["codes"], *table["unknown"]]:
        if "code" in row:
            known[row["code"]] = Status(**row)
        else:
            ranges.append((row.pop("from"), row.pop("to"), row))
    return known, ranges


@functools.cache
def _hresult_tables() -> tuple[dict[str, Hresult], dict[str, Any]]:
    """Return the rows by their code, then the row for unknown codes."""
    table = _read("hresults.json")
    return {row["code"]: Hresult(**row) for row in table["codes"]}, table["unknown"]


@functools.cache
def _web_connector_tables() -> tuple[dict[int, WebConnectorCode], dict[str, Any]]:
    """Return the rows by their code, then the row for unknown codes."""
    table = _read("web-connector-codes.json")
    return {row["code"]: WebConnectorCode(**row) for row in table["codes"]}, table["unknown"]
