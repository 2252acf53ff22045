"""The commands that go on until they are told to stop: serve and work; and the WSDL of what is served."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import qbxml
from qbxml.commandline import CommandError

from .. import serving
from ..endpoint import Options
from ..queue import HandlerRunner, load_handlers
from ..transport import Application, application, wsdl
from . import EXIT_CANNOT_SERVE, EXIT_GOOD
from .beside import Beside
from .common import database, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from ..queue import RequestQueue

logger = logging.getLogger(__name__)

#: Seconds between two looks for what time brings: requests that expire, sessions that went silent.
TEND_EVERY = 30.0
#: Seconds before a database that could not be asked is asked again.
PAUSE = 5.0
#: The longest wait of a handler for a result that another process took: those on SQLite are not told of it.
LONGEST_WAIT = 1.0

ENDPOINT = "/qbwc"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>OpenQBD</title></head>
<body>
<h1>OpenQBD {version}</h1>
<p>This server speaks with the QuickBooks Web Connector at <code>{url}</code>. There is nothing to do here with a
browser.</p>
<p>If an update does not work, tell whoever gave you the .qwc file what the Web Connector shows, and when it was.</p>
</body>
</html>
"""


# -- serve -------------------------------------------------------------------------------------------------------


def serve(options: argparse.Namespace) -> int:
    """``serve``."""
    try:
        # Before the database and all else that waits.
        serving.prepare()
    except ImportError:
        raise CommandError("serving needs gevent: pip install 'openqbd[serve]'", EXIT_CANNOT_SERVE) from None
    _log()
    with database(options, make=True) as (queue, accounts):
        site = Site()

        def ready(address: str) -> None:
            # Here, because only now a port is known that was left to the system.
            url = options.url or endpoint_at(address)
            app = application(
                queue=queue,
                authenticator=accounts,
                url=url,
                options=Options(version=options.version, hold=options.hold),
                trusted_proxies=options.trusted_proxy,
            )
            site.open(app, url)
            say(f"the endpoint is at {url} (stop with Ctrl-C)")
            sys.stdout.flush()

        stop = threading.Event()
        beside = None if options.handlers is None else Beside(options)
        if beside is not None and (code := beside.begin()):
            return code
        threads = [threading.Thread(target=_tend, args=(queue, stop), name="openqbd-tend", daemon=True)]
        if beside is not None:
            threads.append(threading.Thread(target=beside.keep, args=(stop,), name="openqbd-beside", daemon=True))
        for thread in threads:
            thread.start()
        try:
            serving.serve(site, options.host, options.port, on_ready=ready, drain=site.drain, stop=stop)
        except OSError as error:
            where = f"{options.host} port {options.port}"
            raise CommandError(f"{where} can't be served: {error.strerror or error}", EXIT_CANNOT_SERVE) from None
        except ImportError as error:
            raise CommandError(str(error), EXIT_CANNOT_SERVE) from None
        except ValueError as error:  # of the trusted proxies
            raise CommandError(str(error)) from None
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    return EXIT_GOOD


def endpoint_at(address: str) -> str:
    """The address of the endpoint of a server at ``address``, as a Web Connector on this machine reaches it.

    It takes ``http`` from ``localhost`` alone, and nobody reaches an address that stands for all.
    """
    parts = urlsplit(address)
    host = parts.netloc
    if parts.hostname in ("127.0.0.1", "::1", "0.0.0.0", "::"):
        host = f"localhost:{parts.port}"
    return f"{parts.scheme}://{host}{ENDPOINT}"


class Site:
    """A WSGI application: the endpoint at ``/qbwc`` and a page for people at ``/``, once it is open."""

    def __init__(self) -> None:
        self._endpoint: Application | None = None
        self._page = b""

    def open(self, endpoint: Application, url: str) -> None:
        """Begin to answer."""
        self._page = _PAGE.format(version=escape(qbxml.__version__), url=escape(url)).encode()
        self._endpoint = endpoint

    def drain(self) -> None:
        """Answer the calls that wait for work: the process is to end."""
        if self._endpoint is not None:
            self._endpoint.drain()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        path = environ.get("PATH_INFO", "")
        if path.rstrip("/") == ENDPOINT and self._endpoint is not None:
            return self._endpoint(environ, start_response)
        if path not in ("", "/"):
            return _answer(environ, start_response, "404 Not Found", f"The endpoint is at {ENDPOINT}.\n".encode())
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            refusal = f"This is a page to read. The endpoint is at {ENDPOINT}.\n".encode()
            return _answer(environ, start_response, "405 Method Not Allowed", refusal, ("Allow", "GET, HEAD"))
        return _answer(environ, start_response, "200 OK", self._page, kind="text/html; charset=utf-8")


def _answer(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: str,
    body: bytes,
    *more: tuple[str, str],
    kind: str = "text/plain; charset=utf-8",
) -> list[bytes]:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *more]
    start_response(status, headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def print_wsdl(options: argparse.Namespace) -> int:
    """``wsdl``."""
    say(wsdl(options.url).decode("utf-8").rstrip("\n"))
    return EXIT_GOOD


# -- work --------------------------------------------------------------------------------------------------------


def work(options: argparse.Namespace) -> int:
    """``work``."""
    # Modules beside the caller, as with every program that Python runs.
    if "" not in sys.path:
        sys.path.insert(0, "")
    handlers = load_handlers(options.handlers)
    _log()
    with database(options, make=True) as (queue, _):
        runner = HandlerRunner(queue, handlers)
        stop = threading.Event()
        # In a thread, so that a signal finds the main one where nothing is half done.
        calling = threading.Thread(target=_call, args=(runner, stop), name="openqbd-handlers")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        calling.start()
        try:
            say(f"working for {', '.join(sorted(handlers)) or 'no handler'} (stop with Ctrl-C)")
            sys.stdout.flush()
            _tend(queue, stop)
        except KeyboardInterrupt:
            pass
        finally:
            stop.set()
            queue.store.signals.tell_all()
            calling.join()
    return EXIT_GOOD


def _call(runner: HandlerRunner, stop: threading.Event) -> None:
    """Run handlers, also after a database was away for a while."""
    _again(lambda: runner.run(stop, longest_wait=LONGEST_WAIT), stop)


def _tend(queue: RequestQueue, stop: threading.Event) -> None:
    """Do what time brings, now and then."""

    def tend() -> None:
        while not stop.is_set():
            queue.tend()
            stop.wait(TEND_EVERY)

    _again(tend, stop)


def _again(run: Callable[[], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            run()
        except Exception:
            logger.exception("the queue could not be worked on; it is tried again in %g s", PAUSE)
            stop.wait(PAUSE)


def _log() -> None:
    """Let what happens be told on standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("spyne").setLevel(logging.WARNING)  # it says at each start that it starts
