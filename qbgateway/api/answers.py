"""Answers: JSON with what every answer has, and errors with all that there is to say of them."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from soap import StoreUnusable

from .. import tokens
from ..errors import Refused

logger = logging.getLogger(__name__)


def answered(request: Request, make: Callable[[], Response]) -> Response:
    """What ``make`` answers, or the error that it raises, under an id by which it can be found in the log."""
    request_id = tokens.new_id(tokens.REQUEST)
    try:
        response = make()
    except Refused as refused:
        if refused.__cause__ is not None:
            _log(request_id, refused.__cause__)
        response = _refusal(refused, request_id)
    except HTTPException as error:
        response = _refusal(_of_http(error), request_id)
    except StoreUnusable as error:
        _log(request_id, error)
        reason = "The database could not be asked. Nothing is known to have been done; try again."
        response = _refusal(Refused("SERVER_BUSY", reason, headers={"Retry-After": "1"}), request_id)
    except Exception as error:
        _log(request_id, error)
        response = _refusal(Refused("INTERNAL_ERROR", "The server made a mistake. Its log has more."), request_id)
    response.headers["Conductor-Request-Id"] = response.headers["Request-Id"] = request_id
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def as_json(body: Any, status: int = 200) -> Response:
    """An answer with a body of JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), status, content_type="application/json; charset=utf-8")


def _refusal(refused: Refused, request_id: str) -> Response:
    response = as_json(refused.to_dict(request_id), refused.status)
    if refused.retry is not None:
        response.headers["x-should-retry"] = str(refused.retry).lower()
    response.headers.extend(refused.headers)
    return response


def _of_http(error: HTTPException) -> Refused:
    """What werkzeug found wrong with a call: no such route, another method."""
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return Refused("METHOD_NOT_ALLOWED", f"This address takes {allowed}.", headers={"Allow": allowed})
    if error.code == 404:
        return Refused("RESOURCE_MISSING", "There is no such address in this API.")
    return Refused("PARAMETERS_INVALID", "The call could not be read.")


def _log(request_id: str, error: BaseException) -> None:
    """Write what went wrong, without the exception's own text: there may be anything in it."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", request_id, type(error.__cause__ or error).__name__, where)
