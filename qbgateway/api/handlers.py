"""What answers the routes of the gateway's own objects: from calls to the service, from objects to shapes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..service import AuthSession, Connection
from . import shapes
from .calls import Call


def create_end_user(call: Call) -> Any:
    """``POST /v1/end-users``."""
    made = call.tenant.end_users.create(
        company_name=call.body["companyName"],
        source_id=call.body["sourceId"],
        email=call.body["email"],
        idempotency_key=call.idempotency_key,
    )
    # By an idempotency key it may be one that was made long ago.
    return shapes.end_user(made, _connections_of(call, made.id))


def list_end_users(call: Call) -> Any:
    """``GET /v1/end-users``: all of them."""
    connections = defaultdict[str, list[Connection]](list)
    for one in call.tenant.connections.list():
        connections[one.end_user_id].append(one)
    return _listed(call, [shapes.end_user(one, connections[one.id]) for one in call.tenant.end_users.list()])


def get_end_user(call: Call) -> Any:
    """``GET /v1/end-users/{id}``."""
    found = call.tenant.end_users.get(call.path["id"])
    return shapes.end_user(found, _connections_of(call, found.id))


def delete_end_user(call: Call) -> Any:
    """``DELETE /v1/end-users/{id}``."""
    call.tenant.end_users.delete(call.path["id"])
    return shapes.deleted(call.path["id"], "end_user")


def create_auth_session(call: Call) -> Any:
    """``POST /v1/auth-sessions``."""
    optional = {
        argument: call.body[name]
        for name, argument in (("linkExpiryMins", "link_expiry_mins"), ("redirectUrl", "redirect_url"))
        if name in call.body
    }
    made = call.tenant.auth_sessions.create(
        call.tenant.account(),
        publishable_key=call.body["publishableKey"],
        end_user_id=call.body["endUserId"],
        idempotency_key=call.idempotency_key,
        **optional,
    )
    return _auth_session(call, made)


def get_auth_session(call: Call) -> Any:
    """``GET /v1/auth-sessions/{id}``."""
    return _auth_session(call, call.tenant.auth_sessions.get(call.path["id"]))


def list_connections(call: Call) -> Any:
    """``GET /v1/integration-connections``: all of them."""
    return _listed(call, [shapes.connection(one) for one in call.tenant.connections.list()])


def get_connection(call: Call) -> Any:
    """``GET /v1/integration-connections/{id}``."""
    return shapes.connection(call.tenant.connections.get(call.path["id"]))


def get_connection_status(call: Call) -> Any:
    """``GET /v1/integration-connections/{id}/status``: how it stands, since when, and why, in words."""
    found = call.tenant.connections.get(call.path["id"])
    return shapes.status(found, call.tenant.connections.diagnose(found))


def _connections_of(call: Call, end_user_id: str) -> list[Connection]:
    found = call.tenant.connections.of(end_user_id)
    return [] if found is None else [found]


def _auth_session(call: Call, one: AuthSession) -> dict[str, Any]:
    sessions = call.tenant.auth_sessions
    return shapes.auth_session(one, sessions.client_secret(one), sessions.publishable_key(one), call.gateway.settings)


def _listed(call: Call, data: list[dict[str, Any]]) -> Any:
    bare = shapes.is_bare(call.underscores, call.header("User-Agent") or "")
    return shapes.listed(data, call.request.path, bare=bare)
