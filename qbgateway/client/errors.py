"""What the client raises: one class per type of error that the service answers, and the few of its own.

::

    ClientError
      NotConfigured               no key, or an address that is none; nothing was sent
      ApiError                    a call did not succeed
        AuthenticationError       the key is not valid
        PermissionDeniedError     the key may not do this
        InvalidRequestError       something in the call is wrong, or not there
        IntegrationError          QuickBooks refused it: ``integration_code`` is its status code
          IteratorLost            the pages that were being read are gone; begin anew
        IntegrationConnectionError  QuickBooks can't be reached; only its user can mend that
        ConnectionFailed          the service was not reached, or its answer was lost
        InternalError             the service made a mistake, or something in between did
        UnknownError              a type that this client does not know

What can't be written as JSON at all is :class:`qbxml.errors.InvalidRequest`, as with the codec itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "ApiError",
    "AuthenticationError",
    "ClientError",
    "ConnectionFailed",
    "IntegrationConnectionError",
    "IntegrationError",
    "InternalError",
    "InvalidRequestError",
    "IteratorLost",
    "NotConfigured",
    "PermissionDeniedError",
    "UnknownError",
]

#: What a person is told where the service did not say.
GENERIC = "An internal server error occurred. Please try again later."


class ClientError(Exception):
    """Base of everything that the client raises on purpose."""


class NotConfigured(ClientError):
    """The client can't be made: the text says which setting is missing or wrong."""


class ApiError(ClientError):
    """A call that did not succeed.

    ``message`` is for programmers and ``user_facing_message`` for the person in front of the program. ``code`` names
    the reason. ``integration_code`` is what QuickBooks or its Web Connector said (a status code, an HRESULT) and
    ``status`` the HTTP status; ``request_id`` finds the call in the service's log; ``None`` where there is none.
    ``pending_id`` is set where QuickBooks may have done it and its answer is still to come:
    ``client.requests.retrieve(error.pending_id)`` says what became of it. ``was_sent`` is false where it is certain
    that QuickBooks was not asked.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        type: str = "",
        status: int | None = None,
        user_facing_message: str = GENERIC,
        integration_code: str | None = None,
        request_id: str | None = None,
        pending_id: str | None = None,
        was_sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.type = type
        self.status = status
        self.user_facing_message = user_facing_message
        self.integration_code = integration_code
        self.request_id = request_id
        self.pending_id = pending_id
        self.was_sent = was_sent

    def __str__(self) -> str:
        found = f" [{self.request_id}]" if self.request_id else ""
        return f"{self.code}: {self.message}{found}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), dict(self.__dict__))


class AuthenticationError(ApiError):
    """The key is missing, wrong or revoked."""


class PermissionDeniedError(ApiError):
    """The key may not do this: it may only read, say."""


class InvalidRequestError(ApiError):
    """Something in the call is wrong, or what it names is not there. Sending it again changes nothing."""


class IntegrationError(ApiError):
    """QuickBooks refused the request: ``integration_code`` is its status code (:func:`qbxml.status` explains it)."""


class IteratorLost(IntegrationError):
    """The pages that were being read ended with the Web Connector's session, before the last one.

    ``fetched`` is how many records had been read. QuickBooks can't go on from there: read from the beginning, or by
    parts that are small enough (a range of dates).
    """

    fetched: int = 0


class IntegrationConnectionError(ApiError):
    """QuickBooks or its Web Connector can't be reached. ``user_facing_message`` tells its user what to do."""


class ConnectionFailed(ApiError):
    """The service was not reached, or its answer was lost: ``was_sent`` says which. ``__cause__`` has the details."""


class InternalError(ApiError):
    """The service, or something between it and here, made a mistake."""


class UnknownError(ApiError):
    """An error of a type that this client does not know: ``type``."""


TYPES: dict[str, type[ApiError]] = {
    "INTEGRATION_ERROR": IntegrationError,
    "INTEGRATION_CONNECTION_ERROR": IntegrationConnectionError,
    "INVALID_REQUEST_ERROR": InvalidRequestError,
    "AUTHENTICATION_ERROR": AuthenticationError,
    "PERMISSION_ERROR": PermissionDeniedError,
    "INTERNAL_ERROR": InternalError,
}


def of_body(body: Any, status: int | None, *, pending_id: str | None = None) -> ApiError | None:
    """The error that an answer's body tells of; ``None`` where it tells of none."""
    found = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(found.get("type"), str):
        return None
    kind = TYPES.get(found["type"], UnknownError)
    return kind(
        str(found.get("message") or "there is no message"),
        code=str(found.get("code") or "UNKNOWN"),
        type=found["type"],
        status=status if status is not None else found.get("httpStatusCode"),
        user_facing_message=str(found.get("userFacingMessage") or GENERIC),
        integration_code=_text(found.get("integrationCode")),
        request_id=_text(found.get("requestId")) or None,
        pending_id=pending_id,
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _remake(kind: type[ApiError], facts: dict[str, Any]) -> ApiError:
    """Make an error again, for pickle and copy."""
    made = kind(facts["message"], code=facts["code"])
    made.__dict__.update(facts)
    return made
