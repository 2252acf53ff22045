"""What the endpoint tells about its work: one record for each call, to whoever wants to know.

An observer is called after the call is answered, in the thread of the call, and must not take long. One that raises is
logged and otherwise passed over. ``logging_observer`` is always there: it writes a line to the logger ``soap.calls``,
with the record's fields as ``extra`` for whoever writes JSON. No record has a password or a ticket in it; arguments and
answers, which are a company's own, are there for observers that keep them (see ``transcript``) and not in the log.
"""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, time
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from .endpoint import Endpoint

logger = logging.getLogger("soap.calls")
trouble = logging.getLogger(__name__)

#: In place of a password or a ticket.
MASKED = "***"

#: The connection that the call being answered belongs to; set by the endpoint.
current_connection: contextvars.ContextVar[str] = contextvars.ContextVar("openqbd_connection", default="")

#: The endpoint's methods: the name of the call on the wire, and its arguments' names there; a secret's are marked.
CALLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "server_version": ("serverVersion", ()),
    "client_version": ("clientVersion", ("strVersion",)),
    "authenticate": ("authenticate", ("strUserName", "*strPassword", "address")),
    "send_request_xml": (
        "sendRequestXML",
        ("*ticket", "strHCPResponse", "strCompanyFileName", "qbXMLCountry", "qbXMLMajorVers", "qbXMLMinorVers"),
    ),
    "receive_response_xml": ("receiveResponseXML", ("*ticket", "response", "hresult", "message")),
    "connection_error": ("connectionError", ("*ticket", "hresult", "message")),
    "get_last_error": ("getLastError", ("*ticket",)),
    "close_connection": ("closeConnection", ("*ticket",)),
    "get_interactive_url": ("getInteractiveURL", ("*wcTicket", "sessionID")),
    "interactive_done": ("interactiveDone", ("*wcTicket",)),
    "interactive_rejected": ("interactiveRejected", ("*wcTicket", "reason")),
}


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of the Web Connector and its answer."""

    #: When it came: seconds since 1970. How long it took, in seconds; the time for which it was held is not in it.
    at: float
    seconds: float
    #: Its name on the wire, such as ``sendRequestXML``.
    call: str
    #: Empty where nobody was signed in.
    connection: str
    #: By the names on the wire; passwords and tickets are masked.
    arguments: dict[str, Any]
    #: What was answered; the ticket in ``authenticate``'s is masked. ``None`` where the call failed.
    answer: Any
    #: The class of the exception that the call failed with; empty where it was answered.
    failure: str = ""


Observer: TypeAlias = Callable[[CallRecord], object]


def logging_observer(record: CallRecord) -> None:
    """Write a line: the call, its connection, how long it took, and how large what came and went was."""
    size = sum(len(value) for value in record.arguments.values() if isinstance(value, str))
    answer = record.answer if isinstance(record.answer, int) else len(str(record.answer or ""))
    extra = {
        "qbwc_call": record.call,
        "qbwc_connection": record.connection,
        "qbwc_seconds": record.seconds,
        "qbwc_received": size,
        "qbwc_failure": record.failure,
    }
    shown = (record.call, record.connection, record.seconds * 1000, size, answer, record.failure or "ok")
    logger.info("%s connection=%r ms=%.1f received=%d answer=%s %s", *shown, extra=extra)


def observed(endpoint: Endpoint, observers: Sequence[Observer]) -> Endpoint:
    """An object with the endpoint's calls as methods, each of which tells ``observers`` about itself."""
    told = (logging_observer, *observers)
    methods = {name: _method(endpoint, name, told) for name in CALLS}
    made = type("ObservedEndpoint", (), {name: staticmethod(method) for name, method in methods.items()})()
    return cast("Endpoint", made)


def _method(endpoint: Endpoint, method: str, observers: Sequence[Observer]) -> Callable[..., Any]:
    call, names = CALLS[method]
    secret = [name.startswith("*") for name in names]
    plain = [name.lstrip("*") for name in names]

    def answered(*arguments: Any, **more: Any) -> Any:
        at, start = time(), perf_counter()
        token = current_connection.set("")
        answer, failure = None, ""
        try:
            answer = getattr(endpoint, method)(*arguments, **more)
            return answer
        except Exception as error:
            failure = type(error).__name__
            raise
        finally:
            given = zip(plain, secret, arguments, strict=False)
            shown = {name: MASKED if masked and value else value for name, masked, value in given}
            told = [MASKED if answer[0] else "", *answer[1:]] if call == "authenticate" and answer else answer
            seconds = perf_counter() - start
            record = CallRecord(at, seconds, call, current_connection.get(), shown, told, failure)
            current_connection.reset(token)
            for observer in observers:
                try:
                    observer(record)
                except Exception:
                    trouble.exception("an observer of %s failed", call)

    return answered
