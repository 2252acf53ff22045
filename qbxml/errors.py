"""Everything this package raises on purpose, in one tree.

.. code-block:: text

    QbxmlError
    ├── SchemaError             the caller asked the schema for something it does not have
    │   ├── UnknownVersion
    │   ├── UnknownEdition
    │   └── UnknownName
    ├── InvalidRequest          what the caller wants to send does not fit the schema    (.problems)
    ├── ParseError              the bytes are no qbXML document at all                   (.line, .column)
    ├── InvalidDocument         a strict reading found something the schema does not allow (.problems)
    ├── StatusError             QuickBooks answered a request with an error              (.code, .record)
    │   ├── StaleEditSequence   3200: the record changed since it was read
    │   ├── ObjectNotFound      500, 3120: what was named does not exist
    │   ├── NameInUse           3100
    │   └── ObjectLocked        3175, 3176: somebody else is using it; worth a retry
    └── MessageSetError         the message set as a whole got a code other than 0       (.code)

Beside it stand a few that belong to one module only: ``VersionNotOffered`` (negotiation), ``InvalidCode`` (codes),
``CannotModify`` (modifying), ``NoReport`` (reports). The first branch says whose fault it is. Every error
carries its facts as attributes and ``advice``, one line on what to do about it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any


class QbxmlError(Exception):
    """Base of everything this package raises on purpose."""

    #: What to do about it, in one line.
    advice = "Read the message: it says what was wrong and where."


class SchemaError(QbxmlError):
    """The schema was asked for something that it does not have."""


class UnknownVersion(SchemaError):
    """There is no such qbXML version. ``version`` is what was asked for, ``known`` all that exist."""

    advice = "Use one of the known versions, written as text, for example '13.0'."

    def __init__(self, version: object, known: Sequence[str]) -> None:
        self.version = version
        self.known = tuple(known)
        super().__init__(f"unknown qbXML version {version!r}; known: {', '.join(self.known)}")

    def __reduce__(self) -> Any:
        return type(self), (self.version, self.known)


class UnknownEdition(SchemaError):
    """There is no such edition, or not in that version. ``known`` pairs each edition with its first version."""

    advice = "Use US, CA, UK or AU, or None for the union of all editions."

    def __init__(self, edition: object, version: str, known: Sequence[tuple[str, str]]) -> None:
        self.edition = edition
        self.version = version
        self.known = tuple(known)
        listed = ", ".join(f"{name} from {first}" for name, first in self.known)
        super().__init__(f"unknown edition {edition!r} at qbXML {version}; known: {listed}, or None for their union")

    def __reduce__(self) -> Any:
        return type(self), (self.edition, self.version, self.known)


class UnknownName(SchemaError):
    """The schema has no message, record or element of that name. ``near`` lists similar names."""

    advice = "Check the spelling: qbXML names are case-sensitive."

    def __init__(self, name: object, what: str, near: Iterable[str] = (), allowed_in: str | None = None) -> None:
        self.name = name
        self.what = what
        self.near = tuple(near)
        self.allowed_in = allowed_in
        text = f"unknown {what} {name!r}"
        if allowed_in:
            text += f"; it exists in {allowed_in}"
        if self.near:
            text += f"; did you mean {', '.join(self.near)}?"
        super().__init__(text)

    def __reduce__(self) -> Any:
        return type(self), (self.name, self.what, self.near, self.allowed_in)


#: How many problems an error's text lists; ``problems`` has them all.
MOST_LINES = 20


class ProblemsError(QbxmlError):
    """Shared form of the errors that list problems: all of them, in document order, in ``problems``."""

    lead = "not valid"

    def __init__(self, problems: Iterable[Any]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        lines = [str(problem) for problem in self.problems[:MOST_LINES]]
        if count == 1:
            text = f"{self.lead}: {lines[0]}"
        else:
            text = f"{self.lead}: {count} problems\n" + "\n".join(f"  {line}" for line in lines)
            if count > MOST_LINES:
                text += f"\n  and {count - MOST_LINES} more in .problems"
        super().__init__(text)

    def __reduce__(self) -> Any:
        return type(self), (self.problems,)


class InvalidRequest(ProblemsError):
    """What was to be sent does not fit the schema of its version and edition. Nothing was built."""

    lead = "cannot be sent"
    advice = "Mend every problem listed; each names its path, what was given and what the schema wants."


class InvalidDocument(ProblemsError):
    """A document read strictly holds something that the schema does not allow."""

    lead = "not valid against the schema"
    advice = "Read without strict=True to keep such values as text, or use the version that allows them."


class ParseError(QbxmlError):
    """The bytes are no qbXML document: not well-formed, hostile, over a limit, or of another kind.

    ``reason`` says why, ``line`` and ``column`` where (both from 1; ``None`` where no place can be named).
    """

    advice = "Look at the place named; nothing of the document was used."

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        self.reason = reason
        self.line = line
        self.column = column
        place = f" (line {line}, column {column})" if line is not None else ""
        super().__init__(f"{reason}{place}")

    def __reduce__(self) -> Any:
        return type(self), (self.reason, self.line, self.column)


class StatusError(QbxmlError):
    """QuickBooks understood one request and refused it.

    ``name`` is the response's element, ``code``, ``severity`` and ``message`` are QuickBooks' own, ``meaning`` and
    ``advice`` are ours, ``request_id`` is the request's, ``record`` the record that came with the refusal (3200 brings
    the current one) or ``None``.
    """

    def __init__(
        self,
        name: str,
        code: int,
        severity: str,
        message: str,
        *,
        meaning: str = "",
        advice: str = "",
        request_id: str | None = None,
        record: Any = None,
    ) -> None:
        self.name = name
        self.code = code
        self.severity = severity
        self.message = message
        self.meaning = meaning
        if advice:
            self.advice = advice
        self.request_id = request_id
        self.record = record
        text = f"{name}: {code} {message}".rstrip()
        super().__init__(f"{text} [{meaning}]" if meaning else text)

    def __reduce__(self) -> Any:
        return _remake, (
            type(self),
            (self.name, self.code, self.severity, self.message),
            {
                "meaning": self.meaning,
                "advice": vars(self).get("advice", ""),
                "request_id": self.request_id,
                "record": self.record,
            },
        )


def _remake(kind: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Make an error with keyword-only arguments again (for pickle)."""
    return kind(*args, **options)


class StaleEditSequence(StatusError):
    """3200: the record changed since it was read. ``record`` is the current one."""


class ObjectNotFound(StatusError):
    """500 or 3120: an object that the request names does not exist."""


class NameInUse(StatusError):
    """3100: the name is taken in its name space."""


class ObjectLocked(StatusError):
    """3175 or 3176: the object, or a related one, is in use elsewhere; worth a retry."""


#: The class raised for a status code; every other error code raises :class:`StatusError` itself.
STATUS_ERRORS: dict[int, type[StatusError]] = {
    500: ObjectNotFound,
    3100: NameInUse,
    3120: ObjectNotFound,
    3175: ObjectLocked,
    3176: ObjectLocked,
    3200: StaleEditSequence,
}


class MessageSetError(QbxmlError):
    """The message set as a whole got ``code`` (``messageSetStatusCode``) other than 0; ``message_set_id`` is its ID."""

    def __init__(self, code: int, message_set_id: str | None = None, meaning: str = "", advice: str = "") -> None:
        self.code = code
        self.message_set_id = message_set_id
        self.meaning = meaning
        if advice:
            self.advice = advice
        named = f" {message_set_id!r}" if message_set_id else ""
        super().__init__(f"message set{named}: {code}" + (f" [{meaning}]" if meaning else ""))

    def __reduce__(self) -> Any:
        return type(self), (self.code, self.message_set_id, self.meaning, vars(self).get("advice", ""))
