"""From how a request to QuickBooks ended to what its caller is told: the answer, or an error with all there is to say.

A warning means that it was done. Two exceptions: status 1, which is no warning but an empty result, and status 500 on a
query by an ID, a full name or a reference number, of which the caller named something that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qbxml.model import MessageResponse
from soap.queue import Result, State

from ..errors import Refused

#: Status of a query that names what QuickBooks does not have, and the fields by which it names it.
_NOT_THERE = 500
BY_NAME = frozenset({"ListID", "TxnID", "FullName", "RefNumber", "RefNumberCaseSensitive"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request that was done. ``message`` is ``None`` where a person said so, and QuickBooks gave no answer."""

    result: Result
    message: MessageResponse | None
    #: What QuickBooks warned of: ``530 The field ...``.
    warning: str | None


def judge(result: Result) -> Outcome:
    """The outcome of a request that is final. Raises :class:`~qbgateway.errors.Refused` where it was not done."""
    if result.status_code is not None and result.state in (State.DONE, State.FAILED):
        code, text = result.status_code, result.status_message or ""
        if result.state is State.FAILED or (code == _NOT_THERE and _names_one(result)):
            message = f"QBD Request Error ({code}): {text}"
            raise Refused("QBD_REQUEST_ERROR", message, integration_code=str(code), user_facing=text or None)
        warned = (result.status_severity or "").lower() == "warn"
        return Outcome(result, result.response, f"{code} {text}".strip() if warned else None)
    if result.state is State.DONE:
        return Outcome(result, None, None)
    raise _failed(result)


def _names_one(result: Result) -> bool:
    ((name, content),) = result.request.items()
    return name.endswith("QueryRq") and not BY_NAME.isdisjoint(content)


def _failed(result: Result) -> Refused:
    """Why there is no answer of QuickBooks'."""
    if result.state is State.CANCELLED:
        return Refused("REQUEST_CANCELLED", f"The request was cancelled. {withdrawn(result)}")
    if result.state is State.EXPIRED:
        return not_done(result, "")
    error = result.error or {}
    text = str(error.get("message") or "there is no answer")
    if error.get("kind") == "invalid":
        return Refused("PARAMETERS_INVALID", f"This QuickBooks can't be sent the request: {text}")
    if error.get("kind") == "internal":
        return Refused("INTERNAL_ERROR", f"The request could not be sent: {text}")
    code: Any = error.get("hresult")
    shown = f" ({code})" if code else ""
    return Refused("QBD_CONNECTION_ERROR", f"QBD Connection Error{shown}: {text}", integration_code=code)


def timed_out(result: Result, timeout: float, trouble: str | None) -> Refused:
    """What a caller is told whose time ran out. ``trouble`` is what is wrong with the connection, if anything is."""
    if result.state in (State.CANCELLED, State.EXPIRED):
        return not_done(result, f" within {timeout:g} s", trouble)
    where = f"/v1/requests/{result.id}"
    return Refused(
        "QBD_REQUEST_TIMEOUT",
        f"QuickBooks has not answered within {timeout:g} s. The request was handed to it and may have been done: "
        f"do not send it again, but look at {where}.",
        retry=False,
        headers={"Location": where},
    )


def not_done(result: Result, within: str, trouble: str | None = None) -> Refused:
    """The request was withdrawn: it is safe to try again."""
    said = f" {trouble}" if trouble else ""
    who = "QuickBooks did not answer" if result.attempts else "The Web Connector did not fetch"
    return Refused(
        "QBD_REQUEST_TIMEOUT", f"{who} the request{within}. {withdrawn(result)} It is safe to try again.{said}"
    )


def withdrawn(result: Result) -> str:
    """What is said of a request that is withdrawn. One that was sent and then waits again did nothing.

    It is a read whose answer was lost, or QuickBooks said itself, or a person, that it was not done.
    """
    if result.attempts:
        return "It was sent to QuickBooks before, changed nothing there, and is withdrawn."
    return "It was not sent to QuickBooks and is withdrawn."
