"""What answers the requests to QuickBooks: sent and waited for, or looked at afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from soap import StoreUnusable
from soap.queue import Result, State

from .. import messages
from ..errors import Refused, missing
from ..service import Given, Outcome
from ..service.outcomes import judge
from ..service.records import QUICKBOOKS_DESKTOP, Numbers
from ..service.requests import LONGEST_WAIT, SHORTEST_WAIT
from . import shapes
from .calls import Call
from .waiting import Waiting

#: What a ping asks: QuickBooks answers at once, and nothing happens.
PING = "HostQueryRq"

_OUTCOMES = {"done": State.DONE, "failed": State.FAILED, "queued": State.QUEUED}
_WAIT = re.compile(r"wait\s*=\s*\"?([0-9]{1,9})\"?")


class Reply:
    """What a handler answers where it is more than a body with status 200."""

    def __init__(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.body, self.status = body, status
        self.headers = dict(headers or {})


def send(call: Call, waiting: Waiting) -> Any:
    """``POST /v1/end-users/{id}/request/{slug}``: the answer of QuickBooks; with ``respond-async`` the request."""
    _check_slug(call)
    name, content = messages.request(call.body)
    if "respond-async" in _preferences(call):
        id_ = _submitted(call, Given(name, content, call.key, None, call.idempotency_key))
        shown = shapes.request(call.tenant.requests.get(id_), call.tenant.requests.timeline(id_), call.path["id"])
        return Reply(shown, 202, {"Location": f"/v1/requests/{id_}", "Preference-Applied": "respond-async"})
    outcome = _outcome(call, waiting, name, content)
    headers = {"Content-Location": f"/v1/requests/{outcome.result.id}"}
    if outcome.warning is not None:
        headers["Conductor-Warning"] = _header(outcome.warning)
    return Reply(messages.answer(name, outcome.message, call.key.numbers), headers=headers)


def ping(call: Call, waiting: Waiting) -> Any:
    """``GET /v1/end-users/{id}/ping/{slug}``: how many milliseconds it takes until QuickBooks answers."""
    _check_slug(call)
    begun = perf_counter()
    _outcome(call, waiting, PING, {})
    return {"duration": round((perf_counter() - begun) * 1000)}


def _outcome(call: Call, waiting: Waiting, name: str, content: dict[str, Any]) -> Outcome:
    timeout = _timeout(call)
    # Before it is queued: who may not wait is to try again, and nothing was done.
    with waiting.place():
        id_ = _submitted(call, Given(name, content, call.key, timeout, call.idempotency_key))
        try:
            return call.tenant.requests.wait(id_, timeout)
        except Refused:
            raise
        except Exception as error:
            where = f"/v1/requests/{id_}"
            reason = f"The server failed while the request was under way. Do not send it again, but look at {where}."
            raise Refused("INTERNAL_ERROR", reason, retry=False, headers={"Location": where}) from error


def _submitted(call: Call, given: Given) -> str:
    """The id of the request, queued. Clients repeat what failed here, so what may be queued is said to be."""
    try:
        return call.tenant.requests.submit(call.path["id"], given)
    except StoreUnusable as error:
        reason = "The database failed. Perhaps the request was queued all the same; with an Idempotency-Key it is safe"
        said = f"{reason} to send it again."
        raise Refused("SERVER_BUSY", said, retry=given.idempotency_key is not None) from error


# -- looking -----------------------------------------------------------------------------------------------------


def get_request(call: Call, waiting: Waiting) -> Any:
    """``GET /v1/requests/{id}``: how it stands; with ``Prefer: wait=30`` once it is final, or after so many seconds."""
    wait = _WAIT.search(_preferences(call))
    if wait is None:
        return _shown(call, call.tenant.requests.get(call.path["id"]))
    with waiting.place():
        return _shown(call, call.tenant.requests.get(call.path["id"], min(float(wait[1]), LONGEST_WAIT)))


def cancel_request(call: Call) -> Any:
    """``POST /v1/requests/{id}/cancel``."""
    return _shown(call, call.tenant.requests.cancel(call.path["id"]))


def resolve_request(call: Call) -> Any:
    """``POST /v1/requests/{id}/resolve``: say what became of one that is unknown."""
    outcome = _OUTCOMES.get(call.body["outcome"])
    if outcome is None:
        raise Refused("PARAMETERS_INVALID", f"outcome must be one of {', '.join(_OUTCOMES)}.")
    return _shown(call, call.tenant.requests.resolve(call.path["id"], outcome))


def _shown(call: Call, result: Result) -> dict[str, Any]:
    connection = call.tenant.connections.get(result.connection)
    shown = shapes.request(result, call.tenant.requests.timeline(result.id), connection.end_user_id)
    if not result.state.is_final:
        return shown
    try:
        outcome = judge(result)
    except Refused as refused:
        return {**shown, **refused.to_dict("")}
    answer = messages.answer(result.name, outcome.message, _numbers(result, call))
    return {**shown, "warning": outcome.warning, "answer": answer}


def _numbers(result: Result, call: Call) -> Numbers:
    """As the key asked for that the request was made with."""
    found = (result.metadata or {}).get("numbers") if isinstance(result.metadata, dict) else None
    if found == "inferred":
        return "inferred"
    return "schema" if found == "schema" else call.key.numbers


# -- what was asked for ------------------------------------------------------------------------------------------


def _check_slug(call: Call) -> None:
    if call.path["slug"] != QUICKBOOKS_DESKTOP:
        raise missing("integration", call.path["slug"])


def _timeout(call: Call) -> float:
    given = call.header("Conductor-Timeout-Seconds")
    if given is None:
        return call.gateway.settings.timeout
    if not re.fullmatch("[0-9]{1,3}", given) or not SHORTEST_WAIT <= int(given) <= LONGEST_WAIT:
        reason = f"Conductor-Timeout-Seconds must be a whole number from {SHORTEST_WAIT} to {LONGEST_WAIT}."
        raise Refused("PARAMETERS_INVALID", reason)
    return float(given)


def _preferences(call: Call) -> str:
    return ",".join(call.request.headers.getlist("Prefer")).lower()


def _header(text: str) -> str:
    """A text that a header can hold."""
    return " ".join(text.encode("ascii", "backslashreplace").decode("ascii").split())


__all__ = ["Reply", "cancel_request", "get_request", "ping", "resolve_request", "send"]
