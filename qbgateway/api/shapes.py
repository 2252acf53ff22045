"""Objects as the clients know them. Fields that only some versions read are always there: the others pass them over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from soap.queue import Event, Result

from ..service import AuthSession, Connection, Diagnosis, EndUser
from ..service.connections import moment
from ..service.settings import Settings

#: Clients before this version, on addresses with underscores, know lists as bare arrays.
FIRST_WITH_LISTS = (11, 6)

_CLIENT = re.compile(r"conductor-node/([0-9]{1,6})\.([0-9]{1,6})")


def end_user(one: EndUser, connections: Sequence[Connection]) -> dict[str, Any]:
    """An EndUser with its connections. ``name`` is what clients before 11.6.4 read."""
    return {
        "id": one.id,
        "objectType": "end_user",
        "createdAt": moment(one.created_at),
        "companyName": one.company_name,
        "name": one.company_name,
        "sourceId": one.source_id,
        "email": one.email,
        "integrationConnections": [connection(each) for each in connections],
    }


def connection(one: Connection) -> dict[str, Any]:
    """An IntegrationConnection."""
    return {
        "id": one.id,
        "objectType": "integration_connection",
        "createdAt": moment(one.created_at),
        "endUserId": one.end_user_id,
        "integrationSlug": one.kind,
        "lastRequestAt": None if one.last_request_at is None else moment(one.last_request_at),
    }


def auth_session(one: AuthSession, client_secret: str, key: str, settings: Settings) -> dict[str, Any]:
    """An AuthSession, its secret and its link. ``returnUrl`` is what clients before 11.5.5 read."""
    return {
        "id": one.id,
        "objectType": "auth_session",
        "createdAt": moment(one.created_at),
        "endUserId": one.end_user_id,
        "clientSecret": client_secret,
        "authFlowUrl": settings.flow_url(client_secret, key),
        "expiresAt": moment(one.expires_at),
        "redirectUrl": one.redirect_url,
        "returnUrl": one.redirect_url,
    }


def listed(data: Sequence[dict[str, Any]], url: str, *, bare: bool) -> Any:
    """A list, whole: with ``bare`` as an array."""
    return list(data) if bare else {"objectType": "list", "url": url, "data": list(data)}


def is_bare(underscores: bool, user_agent: str) -> bool:
    """Whether a client knows lists as bare arrays."""
    version = _CLIENT.search(user_agent)
    return underscores and version is not None and (int(version[1]), int(version[2])) < FIRST_WITH_LISTS


def deleted(id: str, kind: str) -> dict[str, Any]:
    """What is said of an object that was deleted."""
    return {"id": id, "objectType": kind, "deleted": True}


def request(one: Result, timeline: Sequence[Event], end_user_id: str) -> dict[str, Any]:
    """A request to QuickBooks as it stands, without its answer."""
    return {
        "id": one.id,
        "objectType": "request",
        "createdAt": moment(one.created_at.timestamp()),
        "endUserId": end_user_id,
        "integrationConnectionId": one.connection,
        "name": one.name,
        "state": one.state.value,
        "isFinal": one.state.is_final,
        "recovered": one.recovered,
        "timeline": [{"at": moment(one.at), "state": one.state.value, "reason": one.reason} for one in timeline],
    }


def status(one: Connection, diagnosis: Diagnosis) -> dict[str, Any]:
    """How a connection stands."""
    return {
        "id": one.id,
        "objectType": "integration_connection_status",
        "status": diagnosis.standing.value,
        "since": None if diagnosis.since is None else moment(diagnosis.since),
        "reason": diagnosis.reason,
    }
