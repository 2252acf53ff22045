"""The address that an end user is sent to: pages for people, and the same steps as JSON for programs.

Whoever has the link with its two parts may do what it allows: there is no cookie, so nobody else's page can do it in
their name; a form has a token besides. No GET hands out a secret. A browser, which asks for ``text/html``, gets pages;
everybody else gets JSON.

=======  ==========================  ==========================================================================
GET      ``/qbd/SECRET``             how far it is: who asks, for which company, and what is wrong
POST     ``/qbd/SECRET/password``    a new password, shown once, with the user name
GET      ``/qbd/SECRET/file``        the ``.qwc`` file
=======  ==========================  ==========================================================================
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import dump_options_header
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from . import pages
from .api.answers import answered, as_json
from .errors import Refused
from .pages.flow import Addresses
from .service import Diagnosis, Gateway, Visit
from .service.connections import moment
from .service.settings import FLOW_PATH

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class _Request(Request):
    """A form has a token in it and nothing else."""

    max_content_length = 4096
    max_form_memory_size = 4096


@dataclass(frozen=True, slots=True)
class _Opened:
    """A call about a link: the call, the link, and how it stands."""

    request: Request
    secret: str
    visit: Visit
    addresses: Addresses

    @property
    def is_page(self) -> bool:
        """Whether a page is wanted."""
        return _wants_page(self.request)

    @property
    def has_token(self) -> bool:
        """Whether it is a form of one of our pages."""
        given = self.request.form.get(pages.FORM_TOKEN, "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), pages.form_token(self.secret).encode())


class FlowSite:
    """Answers ``/qbd``."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._map = Map(
            [
                Rule(f"{FLOW_PATH}/<secret>", endpoint=self._state, methods=["GET"]),
                Rule(f"{FLOW_PATH}/<secret>/password", endpoint=self._password, methods=["POST"]),
                Rule(f"{FLOW_PATH}/<secret>/password", endpoint=self._back, methods=["GET"]),
                Rule(f"{FLOW_PATH}/<secret>/file", endpoint=self._file, methods=["GET"]),
            ],
            merge_slashes=False,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        request = _Request(environ)
        response = answered(request, lambda: self._answer(request))
        if response.status_code >= 400 and response.mimetype == "application/json" and _wants_page(request):
            response = _as_page(response)
        # The address is a secret: it must not go on to wherever the page leads.
        response.headers["Referrer-Policy"] = "no-referrer"
        response.vary.add("Accept")
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        endpoint, path = self._map.bind("").match(request.path, request.method)
        secret, key = path["secret"], request.args.get("key", "")
        visit = self._gateway.flow.open(secret, key)
        opened = _Opened(request, secret, visit, Addresses.of(self._gateway.settings, secret, key))
        response: Response = endpoint(opened)
        return response

    def _state(self, opened: _Opened) -> Response:
        if opened.is_page:
            return self._page(opened, stays="stay" in opened.request.args)
        return as_json(self._shown(opened.visit))

    def _back(self, opened: _Opened) -> Response:
        """A browser whose user goes to the address of the form: back to the page."""
        if not opened.is_page:
            reason = "This address takes POST."
            raise Refused("METHOD_NOT_ALLOWED", reason, headers={"Allow": "POST"})
        return redirect(opened.addresses.page, 303)

    def _password(self, opened: _Opened) -> Response:
        if not opened.is_page:
            connection, password = self._gateway.flow.password(opened.visit)
            return as_json({"userName": connection.id, "password": password})
        if not opened.has_token:
            notice = "No password was made: this page was not complete. Please press the button once more."
            return self._page(opened, notice=notice, status=403)
        if not opened.visit.is_valid:
            return self._page(opened, status=410)
        _, password = self._gateway.flow.password(opened.visit)
        # As it stands now that there is one.
        again = self._gateway.flow.open(opened.secret, opened.request.args.get("key", ""))
        return self._page(_Opened(opened.request, opened.secret, again, opened.addresses), password=password)

    def _page(self, opened: _Opened, **more: Any) -> Response:
        token, standing = pages.form_token(opened.secret), self._diagnosis(opened.visit).standing
        return pages.flow_page(opened.visit, opened.addresses, token, standing, **more)

    def _file(self, opened: _Opened) -> Response:
        name, content = self._gateway.flow.qwc(opened.visit)
        response = Response(content, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
        return response

    def _diagnosis(self, visit: Visit) -> Diagnosis:
        return self._gateway.tenant(visit.session.account_id).connections.diagnose(visit.connection)

    def _shown(self, visit: Visit) -> dict[str, Any]:
        target, diagnosis = visit.session.redirect_url, self._diagnosis(visit)
        problem = pages.problem(visit, diagnosis.standing)
        return {
            "objectType": "auth_flow",
            "accountName": visit.account.name,
            "companyName": visit.end_user.company_name,
            "step": visit.step.value,
            "checks": [{"name": one.name, "text": one.text, "isDone": one.is_done} for one in pages.checks(visit)],
            "problem": None if problem is None else _told(problem),
            "isValid": visit.is_valid,
            "expiresAt": moment(visit.session.expires_at),
            "quickbooksCompanyName": visit.company,
            "status": diagnosis.standing.value,
            "reason": diagnosis.reason,
            "redirectUrl": target,
            "redirectHost": None if target is None else urlsplit(target).hostname,
        }


def _told(problem: pages.Problem) -> dict[str, str]:
    return {"code": problem.code, "title": problem.title, "advice": problem.advice, "detail": problem.detail}


def _wants_page(request: Request) -> bool:
    """Whether who calls is a browser, which names ``text/html``; who takes anything gets JSON."""
    accept: MIMEAccept = request.accept_mimetypes
    return accept.best_match(("application/json", "text/html")) == "text/html"


def _as_page(error: Response) -> Response:
    made = pages.failed(error.status_code, error.headers.get("Conductor-Request-Id"))
    for name, value in error.headers:
        if name.lower() not in ("content-type", "content-length"):
            made.headers.setdefault(name, value)
    return made
