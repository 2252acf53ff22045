"""The table of routes. Paths are spelt with hyphens; with underscores, as older clients have them, they go as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import handlers, quickbooks
from .calls import Field


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path, and what answers it.

    ``fields`` are those of the body; ``None``: the handler looks at the body by itself. ``waits``: it is given the
    places of those who wait. ``changes``: a read-only key may not call it.
    """

    method: str
    path: str
    handler: Callable[..., Any]
    fields: tuple[Field, ...] | None = ()
    waits: bool = False
    changes: bool = False


_END_USER = (
    Field("companyName", aliases=("name",)),
    Field("sourceId"),
    Field("email"),
)
_AUTH_SESSION = (
    Field("publishableKey"),
    Field("endUserId"),
    Field("linkExpiryMins", int, required=False),
    Field("redirectUrl", required=False, aliases=("returnUrl",)),
)

ROUTES = (
    Route("POST", "/v1/end-users", handlers.create_end_user, _END_USER, changes=True),
    Route("GET", "/v1/end-users", handlers.list_end_users),
    Route("GET", "/v1/end-users/<id>", handlers.get_end_user),
    Route("DELETE", "/v1/end-users/<id>", handlers.delete_end_user, changes=True),
    Route("GET", "/v1/end-users/<id>/ping/<slug>", quickbooks.ping, waits=True),
    Route("POST", "/v1/end-users/<id>/request/<slug>", quickbooks.send, None, waits=True),
    Route("POST", "/v1/end-users/<id>/passthrough/<slug>", quickbooks.send, None, waits=True),
    Route("POST", "/v1/auth-sessions", handlers.create_auth_session, _AUTH_SESSION, changes=True),
    Route("GET", "/v1/auth-sessions/<id>", handlers.get_auth_session),
    Route("GET", "/v1/integration-connections", handlers.list_connections),
    Route("GET", "/v1/integration-connections/<id>", handlers.get_connection),
    Route("GET", "/v1/integration-connections/<id>/status", handlers.get_connection_status),
    Route("GET", "/v1/requests/<id>", quickbooks.get_request, waits=True),
    Route("POST", "/v1/requests/<id>/cancel", quickbooks.cancel_request, changes=True),
    Route("POST", "/v1/requests/<id>/resolve", quickbooks.resolve_request, (Field("outcome"),), changes=True),
)
