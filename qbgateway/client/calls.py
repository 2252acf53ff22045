"""Calls of the service: from an operation and its arguments to what is sent, and how its answer is read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import qbxml
from qbxml.errors import QbxmlError
from qbxml.schema import Schema

from . import answers, objects
from .errors import IntegrationError, InternalError, IteratorLost
from .operations import Operation, QuickBooksOperation

__all__ = ["Call", "Pages", "quickbooks_call", "request_call", "service_call"]

#: Records on a page, unless ``MaxReturned`` says otherwise: enough to make up for the way there and back, and few
#: enough that QuickBooks answers quickly on a slow disk.
PAGE = 100
#: What a query may name its records by; QuickBooks has no pages for these.
_BY_NAME = frozenset({"ListID", "TxnID", "FullName", "RefNumber", "RefNumberCaseSensitive"})
#: Status of QuickBooks' for an iterator that it does not know any more.
_NO_ITERATOR = "3391"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``body`` is JSON in Python's values; ``read`` makes the result of the answer's body.

    ``seconds`` is how long the service may take to answer (``None``: no longer than it takes to look something up).
    ``is_repeatable`` says that nothing is done twice if it is made twice.
    """

    method: str
    path: str
    read: Callable[[Any], Any]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    is_repeatable: bool = False


# -- the service's own -------------------------------------------------------------------------------------------


def service_call(operation: Operation, given: Sequence[Any], named: Mapping[str, Any], timeout: float) -> Call:
    """A call of the service's own. Raises :class:`TypeError` for arguments that do not fit, as Python does."""
    name = f"{operation.resource}.{operation.name}()"
    rest = dict(named)
    if len(given) > len(operation.ids):
        raise TypeError(f"{name} takes {len(operation.ids)} positional arguments but {len(given)} were given")
    ids = list(given) + [rest.pop(one) for one in operation.ids[len(given) :] if one in rest]
    headers: dict[str, str] = {}
    seconds: float | None = None
    if operation.asks_quickbooks:
        seconds = _seconds(rest.pop("timeout", None), timeout)
        headers["Conductor-Timeout-Seconds"] = f"{seconds:g}"
    if operation.long_polls and (wait := rest.pop("wait", None)) is not None:
        seconds = wait
        headers["Prefer"] = f"wait={wait}"
    if operation.keyed:
        headers["Idempotency-Key"] = rest.pop("idempotency_key", None) or new_key()
    missing = [*operation.ids[len(ids) :], *(p.name for p in operation.parameters if p.required and p.name not in rest)]
    if missing:
        raise TypeError(f"{name} is missing {', '.join(missing)}")
    body = {one.wire: rest.pop(one.name) for one in operation.parameters if one.name in rest}
    if rest:
        raise TypeError(f"{name} got an unexpected argument {', '.join(map(repr, rest))}")
    path = operation.path.format_map(
        {key: quote(str(one), safe="") for key, one in zip(operation.ids, ids, strict=True)}
    )
    return Call(
        operation.method,
        path,
        _reader(operation),
        body if operation.method == "POST" else None,
        headers,
        seconds,
        operation.repeatable or operation.keyed,
    )


def _reader(operation: Operation) -> Callable[[Any], Any]:
    made = getattr(objects, operation.result).of

    def read(body: Any) -> Any:
        try:
            return [made(one) for one in body["data"]] if operation.is_list else made(body)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"The answer is no {operation.result}: {type(error).__name__} {error}"
            raise InternalError(reason, code="INVALID_JSON_RESPONSE") from error

    return read


# -- QuickBooks --------------------------------------------------------------------------------------------------


def quickbooks_call(
    operation: QuickBooksOperation,
    end_user_id: str,
    given: Any,
    fields: Mapping[str, Any],
    *,
    seconds: float,
    key: str | None,
) -> Call:
    """A request to QuickBooks. ``given`` is its record or a dict of it, ``fields`` are more of its fields.

    Raises :class:`~qbxml.errors.InvalidRequest` for values that have no JSON form and :class:`TypeError` for a record
    that belongs to another request.
    """
    return _ask(
        end_user_id,
        {operation.request: request_content(operation, given, fields)},
        lambda body: answers.unwrapped(operation, answers.content(operation.request, body)),
        seconds,
        key or (new_key() if operation.writes else None),
    )


def request_call(end_user_id: str, request: Any, *, seconds: float | None, key: str | None) -> Call:
    """Any request, by its own name; without ``seconds`` its answer is not waited for."""
    body = qbxml.to_plain(request)
    names = [name for name in body if name != "IteratorID"] if isinstance(body, dict) else []
    if len(names) != 1:
        raise TypeError('a request is an object such as {"CustomerQueryRq": {}}, or a typed one')
    (name,) = names
    if key is None and (_writes(name) or "IteratorID" in body):
        key = new_key()
    if seconds is None:
        return _ask(end_user_id, body, _request, None, key)
    return _ask(end_user_id, body, lambda answer: answers.named(name, answer), seconds, key)


def _request(body: Any) -> objects.QuickBooksRequest:
    try:
        return objects.QuickBooksRequest.of(body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InternalError(f"The answer is no request: {error!r}", code="INVALID_JSON_RESPONSE") from error


def _writes(name: str) -> bool:
    try:
        return Schema().writes(name)
    except QbxmlError:
        return True


def _ask(
    end_user_id: str, body: Mapping[str, Any], read: Callable[[Any], Any], seconds: float | None, key: str | None
) -> Call:
    headers = {"Prefer": "respond-async"} if seconds is None else {"Conductor-Timeout-Seconds": f"{seconds:g}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    path = f"/v1/end-users/{quote(end_user_id, safe='')}/request/quickbooks_desktop"
    # What only reads may be read twice; what writes has a key. Only a read that is not waited for would be left twice.
    return Call("POST", path, read, body, headers, seconds, key is not None or seconds is not None)


def request_content(operation: QuickBooksOperation, given: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is in a request, as JSON: the caller's record and fields, each where the request has it."""
    content: dict[str, Any] = {}
    inner = operation.inner
    if given is not None:
        plain = qbxml.to_plain(given)
        name = getattr(given, "_name", None)
        if not isinstance(plain, dict) or (name is not None and name not in (inner, operation.request)):
            wanted = f"{inner} or {operation.request}" if inner else operation.request
            raise TypeError(
                f"{operation.object}.{operation.name}() takes a {wanted}, not a {name or type(given).__name__}"
            )
        if name is not None:
            plain = plain[name]
        is_whole = name == operation.request or (name is None and inner in plain)
        content = plain if inner is None or is_whole else {inner: plain}
    more = qbxml.to_plain(dict(fields))
    if inner is None:
        return {**content, **more}
    outside = {name: value for name, value in more.items() if name in operation.outer}
    inside = {name: value for name, value in more.items() if name not in operation.outer}
    found: dict[str, Any] = {**content, **outside}
    found[inner] = {**content.get(inner, {}), **inside}
    return found


def new_key() -> str:
    """A key that nobody else has."""
    return uuid.uuid4().hex


def _seconds(given: float | None, default: float) -> float:
    return default if given is None else given


# -- pages -------------------------------------------------------------------------------------------------------


class Pages:
    """A query that is read page by page: while it ``has_more``, make the :meth:`call` and :meth:`take` its answer."""

    def __init__(
        self, operation: QuickBooksOperation, end_user_id: str, given: Any, fields: Mapping[str, Any], seconds: float
    ) -> None:
        self._operation = operation
        self._end_user_id = end_user_id
        self._seconds = seconds
        self._content = request_content(operation, given, fields)
        if _BY_NAME.isdisjoint(self._content):
            self._content.setdefault("MaxReturned", PAGE)
        self._iterator: str | None = None
        self._fetched = 0
        self.has_more = True

    def call(self) -> Call:
        """The call for the next page. Each has a key: made twice, QuickBooks' iterator would leave a page out."""
        body: dict[str, Any] = {self._operation.request: self._content}
        if self._iterator is not None:
            body["IteratorID"] = self._iterator
        request = self._operation.request
        return _ask(self._end_user_id, body, lambda answer: answers.content(request, answer), self._seconds, new_key())

    def take(self, values: Mapping[str, Any]) -> list[Any]:
        """The records of a page."""
        self._iterator = values.get("iteratorID")
        self.has_more = self._iterator is not None and bool(values.get("iteratorRemainingCount"))
        found = answers.records(self._operation, values)
        self._fetched += len(found)
        return found

    def judged(self, error: IntegrationError) -> IntegrationError:
        """The error of a page: that the iterator is lost, where it is."""
        if self._iterator is None or error.integration_code != _NO_ITERATOR:
            return error
        lost = IteratorLost(
            f"After {self._fetched} records the session of the Web Connector was over, and QuickBooks can't go on. "
            f"Read from the beginning, or in smaller parts. ({error.message})",
            code=error.code,
            type=error.type,
            status=error.status,
            user_facing_message=error.user_facing_message,
            integration_code=error.integration_code,
            request_id=error.request_id,
        )
        lost.fetched = self._fetched
        return lost
