"""One call from the first try to its result, without I/O: what to send, how long to pause, when to try again.

:func:`converse` is a generator. It yields a :class:`Send` or a :class:`Pause`, and is sent what came of it; its return
value is the result. The clients do what it says, one with threads and one with ``asyncio``, and know no rule.

A call is tried again where that can't do anything twice: it did not reach the service, the service says that nothing
was sent to QuickBooks, or it has an ``Idempotency-Key``, by which the service answers for the first try. What may have
been done (504 with ``x-should-retry: false``) is never tried again.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from .calls import Call
from .errors import ApiError, ConnectionFailed, InternalError, of_body

__all__ = ["Answer", "Lost", "Pause", "Send", "Step", "converse"]

logger = logging.getLogger("qbgateway.client")

#: Seconds that an answer may take where QuickBooks has no part in it, and beyond what QuickBooks may take.
ORDINARY, MARGIN = 30.0, 15.0
#: Seconds of the first pause, which doubles each time, and of the longest, whoever asks for it.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
#: Statuses that say "not now", whoever says it: nothing was done.
_LATER = frozenset({429})
#: Statuses of something that failed half-way, or in between.
_TROUBLE = frozenset({408, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Send:
    """Send this, and tell the :class:`Answer`, or that it is :class:`Lost`. ``timeout`` is for the answer."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; the names of ``headers`` are in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no answer. ``was_sent`` is false where it is certain that nothing of the call arrived."""

    cause: Exception
    was_sent: bool


Step: TypeAlias = Send | Pause
Outcome: TypeAlias = Answer | Lost | None


def converse(call: Call, retries: int, warn: Callable[[str], None] | None) -> Generator[Step, Outcome, Any]:
    """Make a call, at most ``retries`` times more than once; the result is the generator's return value.

    ``warn`` is told what QuickBooks warned of; without it that is logged. Raises :class:`~.errors.ApiError`.
    """
    sending = _sending(call)
    tried = 0
    while True:
        outcome = yield sending
        assert outcome is not None
        if isinstance(outcome, Answer) and 200 <= outcome.status < 300:
            return _result(call, outcome, warn)
        if tried >= retries or not _may_repeat(call, outcome):
            raise _error(outcome)
        yield Pause(_pause(outcome, tried))
        tried += 1


def _sending(call: Call) -> Send:
    headers = {"Accept": "application/json", **call.headers}
    content = None
    if call.body is not None:
        headers["Content-Type"] = "application/json"
        content = json.dumps(call.body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    timeout = ORDINARY if call.seconds is None else call.seconds + MARGIN
    return Send(call.method, call.path, headers, content, timeout)


def _result(call: Call, answer: Answer, warn: Callable[[str], None] | None) -> Any:
    body = _json(answer)
    if body is _NO_JSON:
        raise _no_json(answer)
    warning = answer.headers.get("conductor-warning")
    if warning is not None:
        if warn is None:
            logger.warning("QuickBooks warns: %s", warning)
        else:
            warn(warning)
    try:
        return call.read(body)
    except ApiError as error:
        error.status, error.request_id = answer.status, answer.headers.get("conductor-request-id")
        raise


def _may_repeat(call: Call, outcome: Answer | Lost) -> bool:
    """Whether to try again: whether it may help, and can't do anything twice."""
    if isinstance(outcome, Lost):
        return call.is_repeatable or not outcome.was_sent
    said = outcome.headers.get("x-should-retry")
    if said in ("true", "false"):
        return said == "true"
    if outcome.status in _LATER or _was_withdrawn(outcome):
        return True
    return outcome.status in _TROUBLE and call.is_repeatable


def _was_withdrawn(answer: Answer) -> bool:
    """Whether the service says that the Web Connector never fetched the request."""
    if answer.status != 504 or "location" in answer.headers:
        return False
    error = of_body(_json(answer), answer.status)
    return error is not None and error.code == "QBD_REQUEST_TIMEOUT"


def _pause(outcome: Answer | Lost, tried: int) -> float:
    asked = outcome.headers.get("retry-after", "") if isinstance(outcome, Answer) else ""
    if asked.isdecimal() and len(asked) < 6:
        return min(float(asked), LONGEST_PAUSE)
    # Not all at the same time, who lost the same server.
    return min(FIRST_PAUSE * 2.0**tried, LONGEST_PAUSE) * (0.5 + random.random() / 2)


# -- errors ------------------------------------------------------------------------------------------------------


def _error(outcome: Answer | Lost) -> ApiError:
    if isinstance(outcome, Lost):
        return _lost(outcome)
    location = outcome.headers.get("location", "")
    pending = location.rpartition("/")[2] if outcome.status == 504 else None
    error = of_body(_json(outcome), outcome.status, pending_id=pending or None)
    if error is None:
        return _no_json(outcome)
    if error.request_id is None:
        error.request_id = outcome.headers.get("conductor-request-id")
    error.was_sent = not _was_withdrawn(outcome)
    return error


def _lost(outcome: Lost) -> ApiError:
    what = "Its answer was lost" if outcome.was_sent else "The service could not be reached"
    cause = outcome.cause
    code = "NETWORK_ERROR" if outcome.was_sent else "NOT_CONNECTED"
    made = ConnectionFailed(
        f"{what}: {type(cause).__name__} {cause}".rstrip(),
        code=code,
        type="CONNECTION_ERROR",
        was_sent=outcome.was_sent,
    )
    made.__cause__ = cause
    return made


def _no_json(answer: Answer) -> InternalError:
    shown = answer.content[:200].decode("utf-8", "replace")
    return InternalError(
        f"What answered (HTTP {answer.status}) is not the service: {shown!r}",
        code="INVALID_JSON_RESPONSE",
        type="INTERNAL_ERROR",
        status=answer.status,
        request_id=answer.headers.get("conductor-request-id"),
    )


_NO_JSON: Any = object()


def _json(answer: Answer) -> Any:
    """What an answer's body says, numbers with all their digits; ``_NO_JSON`` where it is no JSON."""
    try:
        return json.loads(answer.content, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError):
        return _NO_JSON
