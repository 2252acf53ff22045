"""What the gateway refuses on purpose: one class, and a table of the codes with their types and HTTP statuses.

A :class:`Refused` knows all that its answer says. ``message`` is for who wrote the calling program;
``userFacingMessage`` is for the person in front of it, and says something only where that person can do something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["CODES", "Code", "GatewayError", "Refused", "Unusable", "missing"]

INTEGRATION = "INTEGRATION_ERROR"
CONNECTION = "INTEGRATION_CONNECTION_ERROR"
INVALID = "INVALID_REQUEST_ERROR"
AUTHENTICATION = "AUTHENTICATION_ERROR"
PERMISSION = "PERMISSION_ERROR"
INTERNAL = "INTERNAL_ERROR"

#: What a person is told about everything that only the calling program can mend.
GENERIC = "An internal server error occurred. Please try again later."

_OPEN = (
    "QuickBooks could not be reached. Open QuickBooks Desktop and the Web Connector on your computer, and try again."
)
_SET_UP = "QuickBooks is not connected yet. Please finish the set-up that you were sent a link to."


@dataclass(frozen=True, slots=True)
class Code:
    """What belongs to a code: the type and HTTP status, what a person is told, and whether to try again.

    ``retry`` stands in the answer's ``x-should-retry``; ``None`` leaves that to the client.
    """

    type: str
    status: int
    user_facing: str = GENERIC
    retry: bool | None = None


CODES: dict[str, Code] = {
    "API_KEY_INVALID": Code(AUTHENTICATION, 401),
    "API_KEY_READ_ONLY": Code(PERMISSION, 403),
    "PARAMETERS_INVALID": Code(INVALID, 400),
    "RESOURCE_MISSING": Code(INVALID, 404),
    "METHOD_NOT_ALLOWED": Code(INVALID, 405),
    "SOURCE_ID_TAKEN": Code(INVALID, 409, retry=False),
    "IDEMPOTENCY_KEY_REUSED": Code(INVALID, 409, retry=False),
    "REQUEST_NOT_UNKNOWN": Code(INVALID, 409, retry=False),
    "REQUEST_CANCELLED": Code(INVALID, 409, retry=False),
    "LINK_EXPIRED": Code(INVALID, 410, "This link is no longer valid. Please ask for a new one."),
    "BODY_TOO_LARGE": Code(INVALID, 413),
    "QUEUE_FULL": Code(INVALID, 429),
    "RATE_LIMITED": Code(INVALID, 429),
    "QBD_REQUEST_ERROR": Code(INTEGRATION, 502, retry=False),
    "QBD_CONNECTION_ERROR": Code(CONNECTION, 502, _OPEN, retry=False),
    "INTEGRATION_CONNECTION_NOT_SET_UP": Code(CONNECTION, 409, _SET_UP, retry=False),
    "INTEGRATION_CONNECTION_NOT_ACTIVE": Code(CONNECTION, 409, _OPEN, retry=False),
    # Whether it is safe to try again depends on how far the request got: see Refused's ``retry``.
    "QBD_REQUEST_TIMEOUT": Code(CONNECTION, 504, _OPEN),
    "SERVER_BUSY": Code(INTERNAL, 503),
    "INTERNAL_ERROR": Code(INTERNAL, 500),
}


class GatewayError(Exception):
    """Base of everything this package raises on purpose."""


class Unusable(GatewayError):
    """The gateway can't run as it is set up: its database, its data folder, or a setting. The text says what to do."""


class Refused(GatewayError):
    """A call that is answered with an error. ``code`` is one of :data:`CODES`, which has its type and status.

    ``integration_code`` is what QuickBooks or its Web Connector said (a status code, an HRESULT); ``retry`` overrides
    the table's; ``headers`` are added to the answer's.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        integration_code: str | None = None,
        user_facing: str | None = None,
        retry: bool | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        row = CODES[code]
        self.code, self.type, self.status = code, row.type, row.status
        self.message = message
        self.user_facing = user_facing or row.user_facing
        self.integration_code = integration_code
        self.retry = row.retry if retry is None else retry
        self.headers = dict(headers or {})

    def to_dict(self, request_id: str) -> dict[str, Any]:
        """The body of the answer. ``integrationCode`` is left out where there is none."""
        error: dict[str, Any] = {
            "message": self.message,
            "userFacingMessage": self.user_facing,
            "type": self.type,
            "code": self.code,
            "httpStatusCode": self.status,
            "requestId": request_id,
        }
        if self.integration_code is not None:
            error["integrationCode"] = self.integration_code
        return {"error": error}


def missing(what: str, id: str) -> Refused:
    """There is no such thing, or it is another account's: nobody can tell which."""
    return Refused("RESOURCE_MISSING", f"There is no {what} {id[:80]!r}.")
