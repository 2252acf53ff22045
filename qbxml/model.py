"""What a parsed document consists of: responses and requests, their messages, their records."""

from __future__ import annotations

from .checking import interleave
from .errors import STATUS_ERRORS, MessageSetError, QbxmlError, StatusError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, TypeVar

    from .problems import Problem

    T = TypeVar("T")

#: The answer's account of a recovered message set: no record of the company file.
ERROR_RECOVERY = "ErrorRecovery"

#: The message set that a message belongs to where nothing else is said.
MAIN_SET = "QBXMLMsgs"


class Record(dict[str, "Any"]):
    """A record of a message: a dict keyed by qbXML names, and the ``name`` of its element (read only)."""

    __slots__ = ("_name",)

    _name: str

    def __init__(self, name: str, fields: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        dict.__init__(self, fields)
        self._name = name

    @property
    def name(self) -> str:
        """The element's name, such as ``CustomerRet``."""
        return self._name

    def copy(self) -> Record:
        """A shallow copy, with its name."""
        return Record(self._name, self)

    def __copy__(self) -> Record:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return Record, (self._name, dict(self))

    def __repr__(self) -> str:
        return f"Record({self._name!r}, {dict.__repr__(self)})"


def home_of(name: str) -> str:
    """The message set that a message belongs to; the main one for a name that no schema knows."""
    from ._master import RECORDS

    for message_set in ("QBXMLSubscriptionMsgs", "SignonMsgs"):
        if f"\n{name}\t" in RECORDS.get(f"{message_set}{name[-2:]}", ""):
            return message_set
    return MAIN_SET


class Message:
    """One message: its element's ``name`` and its ``content``, attributes and children in one dict by qbXML names."""

    __slots__ = ("content", "message_set", "name")

    #: The end of the names of this side's messages.
    side = ""

    def __init__(self, name: str, content: Mapping[str, Any] | None = None, *, message_set: str | None = None) -> None:
        self.name = name
        self.content: dict[str, Any] = content if isinstance(content, dict) else dict(content or {})
        self.message_set = message_set or home_of(name)

    @property
    def request_id(self) -> str | None:
        """The ``requestID``, or ``None``."""
        return self.content.get("requestID")

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """``{name: content}``, the form that ``build`` takes."""
        return {self.name: self.content}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and (self.name, self.content) == (other.name, other.content)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.request_id or ''}>".replace(" >", ">")


def _code(value: Any) -> int:
    """A status code, also from its text. What is no number must not pass for success."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1


class MessageRequest(Message):
    """One request of a document that was read: it builds again as it is."""

    __slots__ = ()

    side = "Rq"


class MessageResponse(Message):
    """The answer to one request.

    ``content`` is the whole of it; the properties are its attributes, and ``records`` its records in document order.
    """

    __slots__ = ()

    side = "Rs"

    @property
    def status_code(self) -> int:
        """``statusCode``; 0 where it is absent, -1 for one that is no number."""
        return _code(self.content.get("statusCode", 0))

    @property
    def status_severity(self) -> str:
        """``statusSeverity``: ``Info``, ``Warn`` or ``Error``."""
        return str(self.content.get("statusSeverity", ""))

    @property
    def status_message(self) -> str:
        """``statusMessage``, in the language of QuickBooks."""
        return str(self.content.get("statusMessage", ""))

    @property
    def iterator_id(self) -> str | None:
        """``iteratorID``, to ask for the next page with."""
        return self.content.get("iteratorID")

    @property
    def iterator_remaining_count(self) -> int | None:
        """``iteratorRemainingCount``: how many records are still to come, or ``None`` without an iterator."""
        return self.content.get("iteratorRemainingCount")

    @property
    def ret_count(self) -> int | None:
        """``retCount``, where ``metaData`` was asked for."""
        return self.content.get("retCount")

    @property
    def records(self) -> list[Record]:
        """The records in document order, of whatever kinds; always a list."""
        kinds: list[tuple[str, Sequence[Any]]] = []
        for name, value in self.content.items():
            items = value if isinstance(value, list) else [value]
            if name != ERROR_RECOVERY and items and isinstance(items[0], dict):
                kinds.append((name, items))
        return [
            item if isinstance(item, Record) else Record(name, item)
            for name, _, item in (interleave(kinds) if len(kinds) > 1 else _alone(kinds))
        ]

    def records_of(self, kind: type[T]) -> list[T]:
        """The records of one kind, typed: ``message.records_of(CustomerRet)`` with ``qbxml.records.CustomerRet``."""
        name = kind.__name__
        found: list[Any] = [record for record in self.records if record.name == name]
        return found

    @property
    def error_recovery(self) -> dict[str, Any] | None:
        """The ``ErrorRecovery`` block of a recovered answer, or ``None``."""
        return self.content.get(ERROR_RECOVERY)

    def raise_for_status(self) -> MessageResponse:
        """Raise :class:`~qbxml.errors.StatusError` where the severity is ``Error``; else return the message itself."""
        if self.status_severity.lower() == "error":
            raise self.error()
        return self

    def error(self) -> StatusError:
        """The status as an error, whatever its severity."""
        from .codes import status

        code = self.status_code
        known = status(code)
        records = self.records
        return STATUS_ERRORS.get(code, StatusError)(
            self.name,
            code,
            self.status_severity,
            self.status_message,
            meaning=known.meaning,
            advice=known.advice,
            request_id=self.request_id,
            record=records[0] if records else None,
        )


def _alone(kinds: list[tuple[str, Sequence[Any]]]) -> Iterator[tuple[str, int, Any]]:
    for name, items in kinds:
        for index, item in enumerate(items):
            yield name, index, item


class _Messages:
    """What requests and responses share: a sequence of messages, in their message sets."""

    __slots__ = ("messages", "problems", "sets", "version")

    message_class: type[Message] = Message

    def __init__(
        self,
        messages: Iterable[Any] = (),
        *,
        version: str | None = None,
        sets: Mapping[str, Mapping[str, Any]] | None = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        #: the messages in document order
        self.messages: list[Any] = list(self._made(messages))
        #: the version that the document named, if it did
        self.version = version
        #: the message sets that the document has, each with its attributes
        self.sets: dict[str, dict[str, Any]] = {name: dict(given) for name, given in (sets or {}).items()}
        for message in self.messages:
            self.sets.setdefault(message.message_set, {})
        #: what the schema does not allow and was kept as text
        self.problems: list[Problem] = list(problems)

    def _made(self, messages: Any) -> Iterator[Message]:
        """Messages from messages, typed requests, and dicts of contents by name, alone or in a row."""
        if isinstance(messages, Message):
            yield messages
        elif isinstance(messages, dict):
            for name, content in messages.items():
                for one in content if isinstance(content, (list, tuple)) else [content]:
                    yield self.message_class(name, getattr(one, "_fields", one))
        elif hasattr(messages, "_fields") and hasattr(messages, "_name"):
            yield self.message_class(messages._name, messages._fields)
        elif isinstance(messages, (str, bytes)) or not hasattr(messages, "__iter__"):
            raise QbxmlError(
                f"a {type(messages).__name__} is no message; a dict such as {{'CustomerQueryRs': {{}}}} is"
            )
        else:
            for one in messages:
                if isinstance(one, (list, tuple)):
                    raise QbxmlError("a list is no message: give the messages in one row")
                yield from self._made(one)

    def _text(self, name: str) -> str | None:
        """An attribute of the main message set, or ``None``."""
        found = self.sets.get(MAIN_SET, {}).get(name)
        return None if found is None else str(found)

    @property
    def new_message_set_id(self) -> str | None:
        """``newMessageSetID`` of the message set, where error recovery was asked for."""
        return self._text("newMessageSetID")

    def __len__(self) -> int:
        return len(self.messages)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return (self.messages, self.sets) == (other.messages, other.sets)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = ", ".join(message.name for message in self.messages[:4])
        more = f" and {len(self.messages) - 4} more" if len(self.messages) > 4 else ""
        return f"<{type(self).__name__} {names}{more}>"


class Request(_Messages):
    """A request document; iterate over it for its :class:`MessageRequest` objects.

    ``was_read`` says that it comes from ``parse_request`` or ``from_json``: it then builds again as it was, with no
    ``requestID`` added.
    """

    __slots__ = ("was_read",)

    was_read: bool

    message_class = MessageRequest

    def __init__(
        self,
        messages: Iterable[Any] = (),
        *,
        version: str | None = None,
        sets: Mapping[str, Mapping[str, Any]] | None = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        super().__init__(messages, version=version, sets=sets, problems=problems)
        self.was_read = False

    def __iter__(self) -> Iterator[MessageRequest]:
        return iter(self.messages)

    def __getitem__(self, index: int) -> MessageRequest:
        message: MessageRequest = self.messages[index]
        return message

    @property
    def on_error(self) -> str | None:
        """``onError`` of the message set."""
        return self._text("onError")

    @property
    def response_data(self) -> str | None:
        """``responseData`` of the message set."""
        return self._text("responseData")

    @property
    def old_message_set_id(self) -> str | None:
        """``oldMessageSetID`` of the message set."""
        return self._text("oldMessageSetID")


class Response(_Messages):
    """A response document; iterate over it for its :class:`MessageResponse` objects.

    It can be made by hand, from messages or ``{"CustomerQueryRs": {...}}``, and built. ``events`` are the records of a
    ``QBXMLEvents`` document.
    """

    __slots__ = ("events",)

    message_class = MessageResponse

    def __init__(
        self,
        messages: Iterable[Any] = (),
        *,
        version: str | None = None,
        sets: Mapping[str, Mapping[str, Any]] | None = None,
        problems: Iterable[Problem] = (),
        events: Iterable[Record] = (),
    ) -> None:
        super().__init__(messages, version=version, sets=sets, problems=problems)
        #: the events of a document that QuickBooks sends to a subscriber
        self.events: list[Record] = list(events)

    def __iter__(self) -> Iterator[MessageResponse]:
        return iter(self.messages)

    def __getitem__(self, index: int) -> MessageResponse:
        message: MessageResponse = self.messages[index]
        return message

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return (self.messages, self.sets, self.events) == (other.messages, other.sets, other.events)

    __hash__ = None

    @property
    def message_set_status_code(self) -> int | None:
        """``messageSetStatusCode``, where error recovery was asked for; -1 for one that is no number."""
        code = self.sets.get(MAIN_SET, {}).get("messageSetStatusCode")
        return None if code is None else _code(code)

    @property
    def records(self) -> list[Record]:
        """The records of all messages, in document order."""
        return [record for message in self for record in message.records]

    def records_of(self, kind: type[T]) -> list[T]:
        """The records of one kind in all messages, typed."""
        return [record for message in self for record in message.records_of(kind)]

    def raise_for_status(self) -> Response:
        """Raise for the message set's code other than 0, then for the first message of severity ``Error``.

        Raises :class:`~qbxml.errors.MessageSetError` or :class:`~qbxml.errors.StatusError`; else returns the response.
        """
        code = self.message_set_status_code
        if code:
            from .codes import status

            known = status(code)
            raise MessageSetError(code, self.new_message_set_id, known.meaning, known.advice)
        for message in self:
            message.raise_for_status()
        return self
