"""The command that goes on until it is told to stop: serve."""

from __future__ import annotations

import argparse
import logging
import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import soap
from qbxml.commandline import CommandError
from soap import serving

from ..errors import Unusable
from ..masking import MaskedFormatter
from . import EXIT_CANNOT_SERVE, EXIT_GOOD

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from ..wsgi import Application

logger = logging.getLogger(__name__)

#: Seconds between two looks for what time brings: requests that expire, sessions that went silent, old results.
TEND_EVERY = 30.0


def serve(options: argparse.Namespace) -> int:
    """``serve``."""
    try:
        # Before the database and all else that waits.
        serving.prepare()
    except ImportError:
        raise CommandError("serving needs gevent: pip install 'openqbd[gateway]'", EXIT_CANNOT_SERVE) from None
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskedFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("spyne").setLevel(logging.WARNING)  # it says at each start that it starts
    site, stop = _Site(), threading.Event()
    tending = threading.Thread(target=_tend, args=(site, stop), name="qbgateway-tend", daemon=True)

    def ready(address: str) -> None:
        # Here, because only now a port is known that was left to the system.
        app = _application(options, address)
        site.application = app
        tending.start()
        settings = app.gateway.settings
        endpoint = f"the Web Connector's endpoint at {settings.app_url}"
        sys.stdout.write(f"the API is at {settings.public_url}/v1, {endpoint} (stop with Ctrl-C)\n")
        sys.stdout.flush()

    try:
        serving.serve(site, options.host, options.port, on_ready=ready, drain=site.drain, stop=stop)
    except OSError as error:
        where = f"{options.host} port {options.port}"
        raise CommandError(f"{where} can't be served: {error.strerror or error}", EXIT_CANNOT_SERVE) from None
    finally:
        stop.set()
        if tending.is_alive():
            tending.join()
        site.close()
    return EXIT_GOOD


def _application(options: argparse.Namespace, address: str) -> Application:
    from ..service import Settings
    from ..wsgi import MAX_IDLE, application
    from .common import database_url

    # As a Web Connector on this machine reaches it, which takes http from localhost alone.
    url = options.public_url or f"http://localhost:{urlsplit(address).port}"
    try:
        return application(
            database_url(options),
            Settings(url, retention=options.retention * 86400.0),
            data=options.data,
            options=soap.Options(hold=options.hold, max_idle=MAX_IDLE),
            trusted_proxies=options.trusted_proxy,
        )
    except ValueError as error:  # of the trusted proxies
        raise CommandError(str(error)) from None
    except ImportError as error:
        raise Unusable(str(error)) from None


class _Site:
    """A WSGI application that answers once it is open."""

    def __init__(self) -> None:
        self.application: Application | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        if self.application is None:
            start_response("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "1")])
            return []
        return self.application(environ, start_response)

    def drain(self) -> None:
        """Answer the calls that wait for work: the process is to end."""
        if self.application is not None:
            self.application.drain()

    def close(self) -> None:
        """Let go of the database."""
        if self.application is not None:
            self.application.close()


def _tend(site: _Site, stop: threading.Event) -> None:
    """Do what time brings, now and then."""
    while not stop.is_set():
        try:
            if site.application is not None:
                site.application.gateway.tend()
        except Exception:
            logger.exception("what time brings could not be done; it is tried again in %g s", TEND_EVERY)
        stop.wait(TEND_EVERY)
