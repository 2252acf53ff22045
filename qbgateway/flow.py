"""The address that an end user is sent to, as JSON: what pages and programs take the same steps with.

Whoever has the link with its two parts may do what it allows: there is no cookie, so nobody else's page can do it in
their name. No GET hands out a secret.

=======  ==========================  ==========================================================================
GET      ``/qbd/SECRET``             how far it is: who asks, for which company, and what is wrong
POST     ``/qbd/SECRET/password``    a new password, shown once, with the user name
GET      ``/qbd/SECRET/file``        the ``.qwc`` file
=======  ==========================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.http import dump_options_header
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from .api.answers import answered, as_json
from .service import Gateway, Visit
from .service.connections import Connections, moment
from .service.settings import FLOW_PATH

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class FlowSite:
    """Answers ``/qbd``."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._map = Map(
            [
                Rule(f"{FLOW_PATH}/<secret>", endpoint=self._state, methods=["GET"]),
                Rule(f"{FLOW_PATH}/<secret>/password", endpoint=self._password, methods=["POST"]),
                Rule(f"{FLOW_PATH}/<secret>/file", endpoint=self._file, methods=["GET"]),
            ],
            merge_slashes=False,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        request = Request(environ)
        response = answered(request, lambda: self._answer(request))
        # The address is a secret: it must not go on to wherever the page leads.
        response.headers["Referrer-Policy"] = "no-referrer"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        endpoint, path = self._map.bind("").match(request.path, request.method)
        answer: Callable[[Visit], Response] = endpoint
        return answer(self._gateway.flow.open(path["secret"], request.args.get("key", "")))

    def _state(self, visit: Visit) -> Response:
        return as_json(self._shown(visit))

    def _password(self, visit: Visit) -> Response:
        connection, password = self._gateway.flow.password(visit)
        return as_json({"userName": connection.id, "password": password})

    def _file(self, visit: Visit) -> Response:
        name, content = self._gateway.flow.qwc(visit)
        response = Response(content, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
        return response

    def _shown(self, visit: Visit) -> dict[str, Any]:
        connections: Connections = self._gateway.tenant(visit.session.account_id).connections
        redirect = visit.session.redirect_url
        return {
            "objectType": "auth_flow",
            "accountName": visit.account.name,
            "companyName": visit.end_user.company_name,
            "step": visit.step.value,
            "isValid": visit.is_valid,
            "expiresAt": moment(visit.session.expires_at),
            "quickbooksCompanyName": visit.company,
            "status": connections.diagnose(visit.connection).standing.value,
            "reason": connections.diagnose(visit.connection).reason,
            "redirectUrl": redirect,
            "redirectHost": None if redirect is None else urlsplit(redirect).hostname,
        }
