"""The gateway as one WSGI application: the API, the links, and the Web Connector's endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, text

import soap
from soap import SoapError
from soap.observing import Observer
from soap.queue import SQLQueue
from soap.transport import caller_address

from .api import Api
from .flow import FlowSite
from .service import Gateway, Settings
from .service.settings import ENDPOINT_PATH, FLOW_PATH
from .tokens import instance_secret

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds for which a call of the Web Connector waits for work, and after which an idle update ends: see soap.Options.
HOLD, MAX_IDLE = 25.0, 600.0


def application(
    database: str | URL,
    settings: Settings,
    *,
    data: str | Path = ".",
    options: soap.Options | None = None,
    most_waiting: int | None = None,
    most_held: int | None = None,
    observers: Sequence[Observer] = (),
    trusted_proxies: Iterable[str] = (),
) -> Application:
    """A WSGI application that is the whole gateway; mount it at the root of ``settings.public_url``.

    ``database`` is a URL of SQLAlchemy, for SQLite or PostgreSQL. ``data`` is the folder with the instance's secret,
    unless the environment has it: all processes of one database need the same. ``options`` are those of the Web
    Connector's endpoint, whose calls are held by default. ``most_waiting`` and ``most_held`` bound how many callers and
    Web Connectors may wait at a time; without them 2 of each may where each takes a thread, any number under gevent.
    ``observers`` and ``trusted_proxies`` are those of :func:`soap.application`.

    Raises :class:`~qbgateway.errors.Unusable`, :class:`soap.errors.StoreUnusable`, and as :func:`soap.application`.
    """
    instance = instance_secret(Path(data))
    queue = SQLQueue(database, retention=settings.retention)
    try:
        gateway = Gateway(queue, settings, instance)
        return Application(
            gateway,
            options=options,
            most_waiting=most_waiting,
            most_held=most_held,
            observers=observers,
            trusted_proxies=trusted_proxies,
        )
    except BaseException:
        queue.close()
        raise


class Application:
    """The WSGI callable over a :class:`Gateway`. The arguments are those of :func:`application`."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        options: soap.Options | None = None,
        most_waiting: int | None = None,
        most_held: int | None = None,
        observers: Sequence[Observer] = (),
        trusted_proxies: Iterable[str] = (),
    ) -> None:
        self.gateway = gateway
        trusted_proxies = list(trusted_proxies)
        self.api = Api(gateway, most_waiting=most_waiting, address_of=caller_address(trusted_proxies))
        self.endpoint = soap.application(
            queue=gateway.queue,
            authenticator=gateway.authenticator,
            url=gateway.settings.app_url,
            options=options or soap.Options(hold=HOLD, max_idle=MAX_IDLE),
            most_held=most_held,
            observers=[gateway.watcher, *observers],
            trusted_proxies=trusted_proxies,
        )
        self._flow = FlowSite(gateway)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        return self._part(environ.get("PATH_INFO", ""))(environ, start_response)

    def _part(self, path: str) -> WSGIApplication:
        if path.rstrip("/") == ENDPOINT_PATH:
            return self.endpoint
        if path.startswith(f"{FLOW_PATH}/"):
            return self._flow
        if path in ("/health", "/ready"):
            return self._health
        return self.api

    def _health(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """``/health``: the process answers. ``/ready``: the database does, too."""
        good = environ.get("PATH_INFO") == "/health" or self._is_ready()
        body = json.dumps({"status": "ok" if good else "unavailable"}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        status = "200 OK" if good else "503 Service Unavailable"
        start_response(status, [*headers, ("Cache-Control", "no-store")])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _is_ready(self) -> bool:
        try:
            with self.gateway.store.read() as sql:
                sql.execute(text("SELECT 1"))
        except SoapError:
            return False
        return True

    def drain(self) -> None:
        """Answer the Web Connectors and the callers that wait: the process is to end."""
        self.gateway.stopping.set()
        self.endpoint.drain()

    def close(self) -> None:
        """Let go of the database."""
        self.gateway.close()
