"""The API as a WSGI application: finds the route and the key, lets the handler answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from .. import tokens
from ..errors import Refused, missing
from ..service import Gateway, Key
from .answers import answered, as_json
from .calls import Call, body_of, checked
from .limits import CALLS, FAILURES, Buckets, enough
from .quickbooks import Reply
from .routes import ROUTES, Route
from .waiting import Waiting

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


#: What an id can look like, whatever it names.
_ID = re.compile("[A-Za-z0-9_-]{1,80}")


class Api:
    """Answers ``/v1``. ``most_waiting`` is how many callers may wait for QuickBooks: see ``waiting``.

    ``address_of`` tells who calls, from the WSGI environment. ``calls`` and ``failures`` are the limits.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        most_waiting: int | None = None,
        address_of: Callable[[WSGIEnvironment], str] = lambda environ: str(environ.get("REMOTE_ADDR", "")),
        calls: Buckets | None = None,
        failures: Buckets | None = None,
    ) -> None:
        self.gateway = gateway
        self.waiting = Waiting(most_waiting)
        self._address_of = address_of
        self._calls = calls or Buckets(CALLS)
        self._failures = failures or Buckets(FAILURES)
        # Slashes and cases as they are: a redirect would lose the body of a POST.
        self._map = Map(
            [
                Rule(spelling, endpoint=(route, underscores), methods=[route.method])
                for route in ROUTES
                for spelling, underscores in _spellings(route.path)
            ],
            strict_slashes=True,
            merge_slashes=False,
            redirect_defaults=False,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        request = Request(environ)
        return answered(request, lambda: self._answer(request))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        endpoint, path = self._map.bind("").match(request.path, request.method)
        route: Route = endpoint[0]
        key = self._key(request)
        _check_address(request, path)
        if route.changes and key.read_only:
            raise Refused("API_KEY_READ_ONLY", "This key may only read.")
        body = body_of(request)
        if route.fields is not None:
            body = checked(body, route.fields, "body")
        tenant = self.gateway.tenant(key.account_id)
        call = Call(self.gateway, tenant, key, request, path, body, endpoint[1])
        made: Any = route.handler(call, self.waiting) if route.waits else route.handler(call)
        reply = made if isinstance(made, Reply) else Reply(made)
        response = as_json(reply.body, reply.status)
        response.headers.extend(reply.headers)
        return response

    def _key(self, request: Request) -> Key:
        """The key that a call was made with. Raises :class:`~qbgateway.errors.Refused`."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        text = text.strip()
        headers = {"WWW-Authenticate": "Bearer"}
        if scheme.lower() != "bearer" or not text:
            self._count_failure(request)
            reason = "Give your secret key as `Authorization: Bearer sk_live_...`."
            raise Refused("API_KEY_INVALID", reason, headers=headers)
        found = self.gateway.key(text)
        if found is None:
            self._count_failure(request)
            what = "a publishable key; use the secret one" if text.startswith(tokens.PUBLISHABLE_KEY) else "not valid"
            raise Refused("API_KEY_INVALID", f"The key that you gave is {what}.", headers=headers)
        enough(self._calls, found.id, "This key calls too often")
        return found

    def _count_failure(self, request: Request) -> None:
        enough(self._failures, self._address_of(request.environ), "Too many calls with a wrong key")


def _spellings(path: str) -> Iterable[tuple[str, bool]]:
    yield path, False
    if "-" in path:
        yield path.replace("-", "_"), True


def _check_address(request: Request, path: Mapping[str, str]) -> None:
    """Refuse what an address must not have in it: no route takes parameters, and a key there would be in every log."""
    parameters = (text for pair in request.args.items(multi=True) for text in pair)
    if any(tokens.SECRET_KEY in text for text in (request.path, *parameters)):
        reason = "There is a secret key in the address, which logs keep. Revoke it, and give keys in a header alone."
        raise Refused("PARAMETERS_INVALID", reason)
    checked(dict.fromkeys(request.args, True), (), "query")
    for value in path.values():
        if not _ID.fullmatch(value):
            raise missing("object", value)
