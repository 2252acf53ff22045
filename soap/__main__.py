"""``python -m soap``: an endpoint to try things with, and the two documents that go with one.

Exit codes: 0 when all went well, 1 when what was given cannot be used (a file, a value of the ``.qwc`` file,
a missing password), 2 when the command line is wrong, 3 when the address cannot be served.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qbxml
from qbxml.errors import QbxmlError
from qbxml.versions import DEFAULT_VERSION, VERSIONS

from . import HandlerRunner, MemoryQueue, Options, Result, application, qwc, single_user, wsdl
from .errors import SoapError
from .serving import make_server

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_UNUSABLE = 1
EXIT_CANNOT_SERVE = 3

#: Where the password is looked for unless told otherwise: on the command line every user of the machine could
#: see it.
PASSWORD_VARIABLE = "QBWC_PASSWORD"


class Unusable(Exception):
    """Something given cannot be used; the text says what and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (Unusable, SoapError, QbxmlError) as error:
        print(f"soap: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    return code


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m soap",
        description="A QuickBooks Web Connector endpoint.",
        epilog=(__doc__ or "").partition("\n\n")[2],
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    serving = commands.add_parser(
        "serve", help="serve requests from files, for trying; everything is forgotten at the end"
    )
    serving.add_argument(
        "requests", nargs="*", type=Path, metavar="FILE", help="qbXML documents whose requests are queued"
    )
    serving.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    serving.add_argument("--port", type=int, default=8080, help="0 takes a free one; default: %(default)s")
    serving.add_argument("--url", help="the address in the WSDL, where it is not the one served")
    serving.add_argument("--username", default="quickbooks", help="default: %(default)s")
    serving.add_argument(
        "--password-env",
        default=PASSWORD_VARIABLE,
        metavar="NAME",
        help="variable with the password; default: %(default)s",
    )
    serving.add_argument(
        "--version", default=DEFAULT_VERSION, choices=VERSIONS, metavar="VERSION", help="newest qbXML to send"
    )
    serving.set_defaults(run=serve)

    file = commands.add_parser("qwc", help="print a .qwc file, which makes an endpoint known to the Web Connector")
    file.add_argument("url", help="the endpoint's address: https, or http on localhost")
    file.add_argument("--app-name", default="OpenQBD", help="default: %(default)s")
    file.add_argument("--username", default="quickbooks", help="default: %(default)s")
    file.add_argument("--owner-id", type=uuid.UUID, required=True, metavar="GUID", help="one per application, for ever")
    file.add_argument("--file-id", type=uuid.UUID, required=True, metavar="GUID", help="one per company file and user")
    file.add_argument("--minutes", type=int, metavar="N", help="run every N minutes")
    file.set_defaults(run=print_qwc)

    description = commands.add_parser("wsdl", help="print the WSDL")
    description.add_argument("url", help="the endpoint's address")
    description.set_defaults(run=print_wsdl)
    return top


def serve(options: argparse.Namespace) -> int:
    """Serve until interrupted, and print every result when it comes."""
    password = os.environ.get(options.password_env, "")
    if not password:
        raise Unusable(f"put the password for {options.username!r} into the variable {options.password_env}")
    queue = MemoryQueue()
    for path in options.requests:
        for request in read_requests(path):
            queue.enqueue(options.username, request, handler="print")

    def make(url: str) -> Any:
        return application(
            queue=queue,
            authenticator=single_user(options.username, password),
            url=options.url or url,
            options=Options(version=options.version),
        )

    try:
        server, url = make_server(make, options.host, options.port)
    except (OSError, OverflowError) as error:
        print(f"soap: {options.host} port {options.port} cannot be served: {error}", file=sys.stderr)
        return EXIT_CANNOT_SERVE
    stop = threading.Event()
    runner = HandlerRunner(queue, {"print": print_result})
    threading.Thread(target=runner.run, args=(stop,), daemon=True).start()
    with server:
        print(f"{queue.waiting(options.username)} requests wait at {url} (stop with Ctrl-C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def read_requests(path: Path) -> list[dict[str, dict[str, Any]]]:
    """The requests of a qbXML document, each by itself. Raises :class:`Unusable`."""
    try:
        document = qbxml.parse_request(path.read_bytes())
    except (OSError, QbxmlError) as error:
        raise Unusable(f"{path}: {error}") from error
    return [{message.name: message.content} for message in document]


def print_result(result: Result) -> None:
    """Print an answer as it came, or why there is none."""
    print(f"--- {result.state.value}: {result.error or ''}\n{result.raw}", flush=True)


def print_qwc(options: argparse.Namespace) -> int:
    """Print a ``.qwc`` file."""
    data = qwc.build(
        app_name=options.app_name,
        url=options.url,
        username=options.username,
        owner_id=options.owner_id,
        file_id=options.file_id,
        run_every_n_minutes=options.minutes,
    )
    print(data.decode("utf-8"), end="")
    return 0


def print_wsdl(options: argparse.Namespace) -> int:
    """Print the WSDL."""
    print(wsdl(options.url).decode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
