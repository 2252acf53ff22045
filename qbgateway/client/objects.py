"""The service's own objects, as the client hands them out: frozen, with Python's names and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from . import answers
from .errors import ApiError, of_body

__all__ = [
    "AuthSession",
    "ConnectionStatus",
    "Deleted",
    "EndUser",
    "IntegrationConnection",
    "Moment",
    "Ping",
    "QuickBooksRequest",
]


@dataclass(frozen=True, slots=True)
class IntegrationConnection:
    """An end user's QuickBooks. ``last_request_at``: when a request was last made of it."""

    id: str
    created_at: datetime
    end_user_id: str
    integration_slug: str
    last_request_at: datetime | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> IntegrationConnection:
        """From what the service answers."""
        last = _moment(body.get("lastRequestAt"))
        return cls(body["id"], _time(body["createdAt"]), body["endUserId"], body["integrationSlug"], last)


@dataclass(frozen=True, slots=True)
class EndUser:
    """A company that has a QuickBooks. ``source_id`` is the account's own id of it."""

    id: str
    created_at: datetime
    company_name: str
    source_id: str
    email: str
    integration_connections: tuple[IntegrationConnection, ...]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> EndUser:
        """From what the service answers."""
        connections = tuple(IntegrationConnection.of(one) for one in body.get("integrationConnections") or ())
        made = _time(body["createdAt"])
        return cls(body["id"], made, body["companyName"], body["sourceId"], body["email"], connections)


@dataclass(frozen=True, slots=True)
class AuthSession:
    """A link by which an end user connects QuickBooks: ``auth_flow_url``. Whoever has it can do so."""

    id: str
    created_at: datetime
    end_user_id: str
    client_secret: str = field(repr=False)
    auth_flow_url: str = field(repr=False)
    expires_at: datetime
    redirect_url: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> AuthSession:
        """From what the service answers."""
        return cls(
            body["id"],
            _time(body["createdAt"]),
            body["endUserId"],
            body["clientSecret"],
            body["authFlowUrl"],
            _time(body["expiresAt"]),
            body.get("redirectUrl"),
        )


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is left of an object that was deleted."""

    id: str
    deleted: bool

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Deleted:
        """From what the service answers."""
        return cls(body["id"], body["deleted"])


@dataclass(frozen=True, slots=True)
class Ping:
    """How long QuickBooks took to answer."""

    duration: timedelta

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Ping:
        """From what the service answers."""
        return cls(timedelta(milliseconds=float(body["duration"])))


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """How a connection stands: ``not_set_up``, ``not_active`` or ``active``, since when, and why, in words."""

    id: str
    status: str
    since: datetime | None
    reason: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> ConnectionStatus:
        """From what the service answers."""
        return cls(body["id"], body["status"], _moment(body.get("since")), body["reason"])


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of a request's timeline."""

    at: datetime
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class QuickBooksRequest:
    """A request to QuickBooks as it stands.

    ``answer`` is QuickBooks' answer by its name, ``{"InvoiceAddRs": {...}}``, with the codec's values, once there is
    one; ``error`` is why there is none once it is final, as it would have been raised; ``warning`` is what QuickBooks
    warned of, with its status code in front. ``recovered``: its answer was lost once, and QuickBooks remembered it.
    """

    id: str
    created_at: datetime
    end_user_id: str
    integration_connection_id: str
    name: str
    state: str
    is_final: bool
    recovered: bool
    timeline: tuple[Moment, ...]
    answer: dict[str, Any] | None
    error: ApiError | None
    warning: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> QuickBooksRequest:
        """From what the service answers."""
        answer = body.get("answer")
        return cls(
            id=body["id"],
            created_at=_time(body["createdAt"]),
            end_user_id=body["endUserId"],
            integration_connection_id=body["integrationConnectionId"],
            name=body["name"],
            state=body["state"],
            is_final=body["isFinal"],
            recovered=body["recovered"],
            timeline=tuple(Moment(_time(one["at"]), one["state"], one.get("reason")) for one in body["timeline"]),
            answer=None if answer is None else answers.named(body["name"], answer),
            error=of_body(body, None),
            warning=body.get("warning"),
        )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
