"""The command line ``python -m soap``: an endpoint with its queue and its users, without a program around it.

Here are the options and what becomes of errors; what a command does stands in the modules beside, which are loaded when
their command is called. Errors are one line each on standard error, and the exit code is one of :data:`EXIT_CODES`.
"""

from __future__ import annotations

import argparse
import os
import textwrap
import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any

from qbxml import commandline
from qbxml.commandline import commands_of, run, top_parser
from qbxml.errors import InvalidRequest, QbxmlError
from qbxml.versions import DEFAULT_VERSION, VERSIONS

from ..errors import InvalidQwc, SoapError, StoreUnusable
from ..queue.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_GOOD = 0
EXIT_UNUSABLE = 1
EXIT_USAGE = 2
EXIT_CANNOT_SERVE = 3
EXIT_WAITED = 4
EXIT_FAILED = 5

EXIT_CODES = {
    EXIT_GOOD: "all is well",
    EXIT_UNUSABLE: "what was given can't be used: a request that can't be sent, an unknown id, an unknown connection",
    EXIT_USAGE: "the command line is wrong",
    EXIT_CANNOT_SERVE: "there is no such database, or it can't be used; or the address can't be served",
    EXIT_WAITED: "the answer had not come when the time was over",
    EXIT_FAILED: "the request failed, or nobody knows what became of it",
}

#: The variable that names the database, and the one that is used where neither it nor ``--database`` does.
DATABASE_VARIABLE = "OPENQBD_DATABASE"
DEFAULT_DATABASE = "sqlite:///openqbd.db"

RESOLUTIONS = (State.DONE.value, State.FAILED.value, State.QUEUED.value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Raises ``SystemExit`` for ``--help`` and a wrong command line."""
    return run("soap", parser, arguments, _told)


def complain(text: str, code: int = EXIT_GOOD) -> int:
    """Write one line to standard error, and return ``code``."""
    commandline.complain("soap", text)
    return code


def _told(error: Exception, options: argparse.Namespace) -> tuple[Sequence[object], int] | None:
    """Lines and exit code of an error."""
    if isinstance(error, InvalidRequest | InvalidQwc):
        return error.problems, EXIT_UNUSABLE
    if isinstance(error, StoreUnusable):
        return [error], EXIT_CANNOT_SERVE
    return ([error], EXIT_UNUSABLE) if isinstance(error, SoapError | QbxmlError) else None


# -- options -----------------------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = top_parser(
        "python -m soap",
        "soap",
        "An endpoint for the QuickBooks Web Connector: its users, its queue, its server.",
        EXIT_CODES,
        "begin with:\n"
        "  python -m soap connection add annie --user annie\n"
        "  python -m soap qwc annie --url http://localhost:8080/qbwc --out annie.qwc\n"
        "  python -m soap serve --port 8080\n"
        "  python -m soap enqueue annie '{\"CustomerQueryRq\": {}}' --wait 600\n\n"
        "python -m soap COMMAND --help says more of each command.",
    )
    _database(top, os.environ.get(DATABASE_VARIABLE) or DEFAULT_DATABASE)
    commands = commands_of(top)
    for add in (_connection, _qwc, _serve, _work, _enqueue, _requests, _show, _cancel, _resolve, _wsdl):
        add(commands)
    return top


def _database(added: argparse.ArgumentParser, default: str) -> None:
    added.add_argument(
        "--database",
        metavar="URL",
        default=default,
        help="the database, sqlite:///FILE or postgresql://USER@HOST/NAME; default: the one in the variable "
        f"{DATABASE_VARIABLE}, else {DEFAULT_DATABASE}, a file in the current folder",
    )


def _command(
    commands: Any, name: str, short: str, description: str, *examples: str, database: bool = True
) -> argparse.ArgumentParser:
    """A command with its description and examples."""
    shown = "\n".join(f"  python -m soap {example}" for example in examples)
    added: argparse.ArgumentParser = commands.add_parser(
        name,
        help=short,
        description=textwrap.fill(description, 100),
        epilog=f"examples:\n{shown}" if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if database:
        # It may stand before the command or behind it.
        _database(added, argparse.SUPPRESS)
    return added


def _connection(commands: Any) -> None:
    group = _command(
        commands,
        "connection",
        "who may sign in: add, list, remove, password, pause, resume",
        "A connection is one company file of one user of the Web Connector.",
        "connection add annie --user annie",
        "connection list",
        database=False,
    )
    inner = commands_of(group)
    added = _command(
        inner,
        "add",
        "let a user of the Web Connector sign in",
        "Add a connection and the user who signs in for it. Without a password one is made up and printed, once: only "
        "its hash is kept. The user types it into the Web Connector.",
        "connection add annie --user annie",
        r"connection add books --user carl --company-file 'C:\Books\Swamp.qbw' --app-name 'Swamp and Sons'",
    )
    _name(added)
    added.add_argument("--user", required=True, metavar="USER", help="the name to sign in with")
    _passwords(added)
    added.add_argument(
        "--company-file",
        default="",
        metavar="PATH",
        help="the file to open, as Windows has it; default: the one that is open",
    )
    added.add_argument(
        "--app-name",
        metavar="NAME",
        help="the application's name in QuickBooks, another for each company file on a machine; default: OpenQBD",
    )
    for name, what in (("owner", "an application"), ("file", "a connection")):
        known = f"of {what} that the Web Connector knows already; default: made from the names"
        added.add_argument(f"--{name}-id", type=_guid, metavar="GUID", help=known)
    added.add_argument(
        "--any-company-file",
        action="store_true",
        help="send requests to whatever file is open; default: to the one that the Web Connector marked for this "
        "connection, and to no other",
    )
    added.add_argument(
        "--minimum-run-every", type=_whole, metavar="SECONDS", help="the least time between two updates; default: none"
    )
    added.set_defaults(run=_runner("connections", "add"))

    added = _command(
        inner,
        "password",
        "give its user another password",
        "Give the user of a connection another password: one that is made up and printed, or one of yours.",
        "connection password annie",
    )
    _name(added)
    _passwords(added)
    added.set_defaults(run=_runner("connections", "password"))

    added = _command(inner, "list", "the connections there are", "List the connections.", "connection list --json")
    _json(added)
    added.set_defaults(run=_runner("connections", "list_all"))

    for name, short, more in (
        ("remove", "let its user sign in no more", "Its requests stay, and so do their answers."),
        ("pause", "hand out nothing until resume", "Requests may still be added, and answers are still taken."),
        ("resume", "undo pause", "What waits is handed out again."),
    ):
        description = f"{short[0].upper()}{short[1:]}. {more}"
        added = _command(inner, name, short, description, f"connection {name} annie")
        _name(added)
        added.set_defaults(run=_runner("connections", name))


def _qwc(commands: Any) -> None:
    added = _command(
        commands,
        "qwc",
        "the file that makes a connection known to the Web Connector",
        "Print a .qwc file, which the user opens once on the Windows machine. Its OwnerID and FileID are those of the "
        "connection and never change. There is no password in it.",
        "qwc annie --url https://books.example.com/qbwc --run-every-n-minutes 5 --out annie.qwc",
    )
    _name(added)
    added.add_argument(
        "--url", required=True, help="the endpoint's address as the Web Connector reaches it: https, or on localhost"
    )
    added.add_argument("--out", metavar="FILE", help="write to this file; default: standard output")
    added.add_argument("--app-name", metavar="NAME", help="default: the one of the connection")
    added.add_argument("--app-id", default="", metavar="TEXT", help="any text of one line; default: none")
    added.add_argument("--description", metavar="TEXT", help="a line to show to the user; default: the name")
    added.add_argument(
        "--support-url", metavar="URL", help="a page on the same host; default: the one beside the endpoint"
    )
    added.add_argument("--qb-type", choices=("QBFS", "QBPOS"), default="QBFS", help="default: %(default)s")
    every = added.add_mutually_exclusive_group()
    every.add_argument("--run-every-n-minutes", type=_whole, metavar="N", help="default: when the user says")
    every.add_argument("--run-every-n-seconds", type=_whole, metavar="N", help="the same in seconds")
    added.add_argument(
        "--style", choices=("Document", "DocWrapped", "RPC"), default="Document", help="default: %(default)s"
    )
    added.add_argument("--auth-flags", type=_flags, metavar="0xN", help="products that may be used; default: all")
    added.add_argument("--unattended-mode", choices=("umpRequired", "umpOptional"), help="run without a user")
    added.add_argument(
        "--personal-data", choices=("pdpNotNeeded", "pdpOptional", "pdpRequired"), help="read personal data"
    )
    added.add_argument("--notify", action="store_true", default=None, help="show a message at each update")
    added.add_argument("--display-name", metavar="NAME", help="a name for the Web Connector's window alone")
    added.add_argument("--unique-name", metavar="NAME", help="lets a second import replace the first")
    added.add_argument("--certificate-url", metavar="URL", help="another address whose certificate is checked")
    added.set_defaults(run=_runner("connections", "qwc"))


def _serve(commands: Any) -> None:
    added = _command(
        commands,
        "serve",
        "serve the endpoint",
        "Serve the Web Connector until interrupted: the endpoint at /qbwc, its WSDL at /qbwc?wsdl, a page for people "
        "at /. It speaks no TLS: put a proxy in front where others than this machine reach it. With --handlers, call "
        "handlers as well, as `work` does, in a process of its own.",
        "serve --port 8080",
        "serve --port 8080 --hold 60 --url https://books.example.com/qbwc --trusted-proxy 127.0.0.1",
        "serve --port 8080 --handlers books.handlers:customers",
    )
    added.add_argument("--port", type=_port, default=8080, metavar="N", help="0 takes a free one; default: %(default)s")
    added.add_argument("--host", default="127.0.0.1", metavar="H", help="default: %(default)s")
    added.add_argument(
        "--hold",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="keep the Web Connector waiting for work so long, so that a request goes out at once; default: 0",
    )
    added.add_argument("--url", help="the endpoint's address as the Web Connector reaches it; default: the one served")
    added.add_argument(
        "--version",
        choices=VERSIONS,
        default=DEFAULT_VERSION,
        metavar="VERSION",
        help="the newest qbXML to send; default: %(default)s",
    )
    added.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="NETWORK",
        help="an address or network whose X-Forwarded-For tells the caller's address; more than one may be given",
    )
    added.add_argument(
        "--handlers",
        nargs="*",
        action="extend",
        metavar="MODULE:NAME",
        help="call handlers as well: those of installed packages, and those named here as for `work`; default: none",
    )
    added.set_defaults(run=_runner("running", "serve"))


def _work(commands: Any) -> None:
    added = _command(
        commands,
        "work",
        "call handlers with the results",
        "Call the handlers that requests were queued with, as their results come, until interrupted. Handlers "
        "are those of installed packages (entry points of openqbd.handlers) and those named here. Any number of "
        "these may run.",
        "work --handlers books.handlers:customers books.handlers:invoices",
        "work --handlers import-customers=books.handlers:customers",
    )
    added.add_argument(
        "--handlers",
        nargs="+",
        action="extend",
        default=[],
        metavar="MODULE:NAME",
        help="a function, which requests call NAME; or OTHER=MODULE:NAME, which they call OTHER",
    )
    added.set_defaults(run=_runner("running", "work"))


def _enqueue(commands: Any) -> None:
    added = _command(
        commands,
        "enqueue",
        "queue requests",
        "Queue a request, or several, and print the id of each. A list in JSON is as many requests; a qbXML document "
        "is one message set, whose requests go out together. With --wait, print the answer as JSON instead.",
        'enqueue annie \'{"CustomerQueryRq": {"MaxReturned": 10}}\'',
        "enqueue annie invoice.json --key invoice-1007 --on-lost ask",
        "enqueue annie - --wait 600 < request.xml",
    )
    _name(added)
    added.add_argument(
        "request", metavar="REQUEST", help="JSON or a qbXML document; or a file that has it; or - for standard input"
    )
    added.add_argument("--wait", type=_seconds, metavar="SECONDS", help="wait so long for the answer, and print it")
    added.add_argument(
        "--priority",
        type=_integer,
        nargs="?",
        const=1,
        default=0,
        metavar="N",
        help="go out before those with less; 1 without a number, default: 0",
    )
    added.add_argument(
        "--key",
        metavar="IDEMPOTENCY",
        help="name this call: when it is repeated with the same key, nothing is queued, and the first one's ids are"
        " printed",
    )
    added.add_argument(
        "--on-lost",
        choices=("resend", "ask"),
        default="resend",
        help="after a write's answer got lost: hand the same text out again, which QuickBooks does not do twice, or"
        " only ask what became of it; default: %(default)s",
    )
    added.add_argument("--handler", metavar="NAME", help="what `work` calls with the result; default: nothing")
    added.set_defaults(run=_runner("requests", "enqueue"))


def _requests(commands: Any) -> None:
    added = _command(
        commands,
        "requests",
        "the requests of a connection",
        "List the requests of a connection, the newest first.",
        "requests annie --state unknown",
        "requests annie --json --limit 1000",
    )
    _name(added)
    added.add_argument(
        "--state",
        action="append",
        choices=[state.value for state in State],
        metavar="S",
        help=f"only those: {', '.join(state.value for state in State)}; more than one may be given",
    )
    added.add_argument("--limit", type=_whole, default=100, metavar="N", help="at most so many; default: %(default)s")
    _json(added)
    added.set_defaults(run=_runner("requests", "list_all"))


def _show(commands: Any) -> None:
    added = _command(
        commands,
        "show",
        "one request: what happened, what was sent, what came",
        "Show a request: its state, what happened to it and when, the text that was sent, the text that came.",
        "show kl5bq3cuhazplwdgcmsrbfh7bi",
    )
    _id(added)
    _json(added)
    added.set_defaults(run=_runner("requests", "show"))


def _cancel(commands: Any) -> None:
    added = _command(
        commands,
        "cancel",
        "withdraw a request that waits",
        "Withdraw a request, and with it the others of its message set. One that was handed out can't be called back: "
        "that is exit code 1.",
        "cancel kl5bq3cuhazplwdgcmsrbfh7bi",
    )
    _id(added)
    added.set_defaults(run=_runner("requests", "cancel"))


def _resolve(commands: Any) -> None:
    added = _command(
        commands,
        "resolve",
        "say what became of a request that is unknown",
        "Say what became of a write whose answer was lost, after a look into QuickBooks. 'queued' sends it anew: say "
        "it only of what was certainly not done.",
        "resolve kl5bq3cuhazplwdgcmsrbfh7bi done --reason 'the invoice is there'",
    )
    _id(added)
    added.add_argument("outcome", choices=RESOLUTIONS, metavar="OUTCOME", help=", ".join(RESOLUTIONS))
    added.add_argument("--reason", default="", metavar="TEXT", help="stands in the request's history")
    added.set_defaults(run=_runner("requests", "resolve"))


def _wsdl(commands: Any) -> None:
    added = _command(
        commands,
        "wsdl",
        "the WSDL",
        "Print the WSDL of an endpoint.",
        "wsdl https://books.example.com/qbwc",
        database=False,
    )
    added.add_argument("url", metavar="URL", help="the endpoint's address")
    added.set_defaults(run=_runner("running", "print_wsdl"))


def _name(added: argparse.ArgumentParser) -> None:
    added.add_argument("name", metavar="NAME", help="the connection")


def _passwords(added: argparse.ArgumentParser) -> None:
    passwords = added.add_mutually_exclusive_group()
    passwords.add_argument(
        "--password", metavar="PASSWORD", help="a password of one's own; other users of this machine can see it here"
    )
    passwords.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def _id(added: argparse.ArgumentParser) -> None:
    added.add_argument("id", metavar="ID", help="the request, as `enqueue` printed it")


def _json(added: argparse.ArgumentParser) -> None:
    added.add_argument("--json", action="store_true", help="print JSON instead of text")


def _runner(module: str, function: str) -> Any:
    """The function of a command, loaded when it is called."""

    def run(options: argparse.Namespace) -> int:
        code: int = getattr(import_module(f".{module}", __name__), function)(options)
        return code

    return run


# -- what options hold; argparse says "invalid … value", with the name of the function ---------------------------


def _integer(text: str) -> int:
    return int(text)


def _whole(text: str) -> int:
    number = int(text)
    if not 1 <= number < 2**31:
        raise ValueError(text)
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65536:
        raise ValueError(text)
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 10 * 365 * 86400:
        raise ValueError(text)
    return number


def _guid(text: str) -> uuid.UUID:
    return uuid.UUID(text)


def _flags(text: str) -> Any:
    from ..qwc import AuthFlags

    return AuthFlags(int(text, 0))


_integer.__name__ = _whole.__name__ = "number"
_port.__name__ = "port"
_seconds.__name__ = "time"
_guid.__name__ = "GUID"
_flags.__name__ = "flags"
