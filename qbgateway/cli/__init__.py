"""The command line ``qbgateway``: a server with its accounts, keys and end users, without a program around it.

Here are the options and what becomes of errors; what a command does stands in the modules beside, which are loaded when
their command is called. Errors are one line each on standard error, and the exit code is one of :data:`EXIT_CODES`.
"""

from __future__ import annotations

import argparse
import os
import textwrap
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from qbxml.commandline import commands_of, run, top_parser
from qbxml.errors import QbxmlError
from soap.errors import SoapError, StoreUnusable

from ..errors import GatewayError, Unusable

EXIT_GOOD = 0
EXIT_UNUSABLE = 1
EXIT_USAGE = 2
EXIT_CANNOT_SERVE = 3
EXIT_FAILED = 4

EXIT_CODES = {
    EXIT_GOOD: "all is well",
    EXIT_UNUSABLE: "what was given can't be used: an unknown account, key or end user",
    EXIT_USAGE: "the command line is wrong",
    EXIT_CANNOT_SERVE: "the database or the data folder can't be used, or the address can't be served",
    EXIT_FAILED: "QuickBooks refused the request, or did not answer in time",
}

#: The variable that names the database; without it a file in the data folder is.
DATABASE_VARIABLE = "DATABASE_URL"
DEFAULT_DATA = "gateway"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Raises ``SystemExit`` for ``--help`` and a wrong command line."""
    return run("qbgateway", parser, arguments, _told)


def _told(error: Exception, options: argparse.Namespace) -> tuple[Sequence[object], int] | None:
    """Lines and exit code of an error."""
    if isinstance(error, Unusable | StoreUnusable):
        return [error], EXIT_CANNOT_SERVE
    if isinstance(error, ImportError):
        return [f"{error}; the gateway needs more: pip install 'openqbd[gateway]'"], EXIT_CANNOT_SERVE
    return ([error], EXIT_UNUSABLE) if isinstance(error, GatewayError | SoapError | QbxmlError) else None


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = top_parser(
        "qbgateway",
        "qbgateway",
        "A REST gateway to the QuickBooks of many: its server, accounts, keys and end users.",
        EXIT_CODES,
        "begin with:\n"
        '  qbgateway init "Swamp and Sons"\n'
        "  qbgateway serve\n\n"
        "qbgateway COMMAND --help says more of each command.",
    )
    _shared(top, DEFAULT_DATA)
    commands = commands_of(top)
    for add in (_init, _serve, _accounts, _keys, _end_users, _connections, _send, _requests, _db):
        add(commands)
    return top


# -- options -----------------------------------------------------------------------------------------------------


def _shared(added: argparse.ArgumentParser, default: Any) -> None:
    added.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=default if default == argparse.SUPPRESS else Path(default),
        help=f"the folder of the database and of this instance's secret; default: {DEFAULT_DATA}",
    )
    added.add_argument(
        "--database",
        metavar="URL",
        default=argparse.SUPPRESS if default == argparse.SUPPRESS else os.environ.get(DATABASE_VARIABLE),
        help=f"postgresql://USER@HOST/NAME, or sqlite:///FILE; default: the one in the variable {DATABASE_VARIABLE}, "
        "else a file in the data folder",
    )


def _command(
    commands: Any, name: str, module: str, function: str, short: str, description: str, *examples: str
) -> argparse.ArgumentParser:
    """A command that is done by a function of a module beside this one."""
    shown = "\n".join(f"  qbgateway {example}" for example in examples)
    added: argparse.ArgumentParser = commands.add_parser(
        name,
        help=short,
        description=textwrap.fill(description, 100),
        epilog=f"examples:\n{shown}" if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # They may stand before the command or behind it.
    _shared(added, argparse.SUPPRESS)
    added.set_defaults(run=lambda options: getattr(import_module(f".{module}", __name__), function)(options))
    return added


def _group(commands: Any, name: str, short: str) -> Any:
    added: argparse.ArgumentParser = commands.add_parser(name, help=short, description=short)
    return commands_of(added)


def _json(added: argparse.ArgumentParser) -> None:
    added.add_argument("--json", action="store_true", help="print JSON")


def _key_options(added: argparse.ArgumentParser) -> None:
    added.add_argument("--read-only", action="store_true", help="the key may send queries alone, and make nothing")
    added.add_argument(
        "--numbers",
        choices=("schema", "inferred"),
        default="schema",
        help="amounts as text with all their digits (schema, the default), or whatever looks like a number as one",
    )
    _json(added)


def _init(commands: Any) -> None:
    added = _command(
        commands,
        "init",
        "objects",
        "init",
        "the first account, with a pair of keys",
        "Make the database, an account, and a pair of keys, which are printed once: of the secret one nothing but its "
        "hash is kept.",
        'init "Swamp and Sons"',
    )
    added.add_argument("name", metavar="NAME", help="the account's name, which end users are shown")
    _key_options(added)


def _serve(commands: Any) -> None:
    added = _command(
        commands,
        "serve",
        "running",
        "serve",
        "serve the API and the Web Connectors",
        "Serve until told to stop. Speaks no TLS: where others than this machine call, put a proxy in front.",
        "serve",
        "serve --port 8000 --public-url https://books.example.com --trusted-proxy 127.0.0.1",
    )
    added.add_argument("--host", default="127.0.0.1", help="the address to listen at; default: 127.0.0.1")
    added.add_argument("--port", type=int, default=4000, help="the port; 0 takes a free one; default: 4000")
    added.add_argument(
        "--public-url",
        metavar="URL",
        help="where others reach it: the only source of the addresses it gives away; default: http://localhost:PORT",
    )
    added.add_argument(
        "--trusted-proxy",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="a proxy whose X-Forwarded-For is believed: an address, a network, or unix; may be given more than once",
    )
    added.add_argument(
        "--hold",
        type=float,
        default=25.0,
        metavar="SECONDS",
        help="how long a call of the Web Connector waits for work; default: 25",
    )
    added.add_argument(
        "--retention",
        type=float,
        default=30.0,
        metavar="DAYS",
        help="how long requests and their answers are kept after they finish; default: 30",
    )


def _accounts(commands: Any) -> None:
    inner = _group(commands, "accounts", "accounts: create, list")
    added = _command(inner, "create", "objects", "create_account", "make an account", "Make an account without keys.")
    added.add_argument("name", metavar="NAME")
    added.add_argument(
        "--redirect-host",
        metavar="HOST",
        action="append",
        help="a host that a redirectUrl may name; may be given more than once; default: any",
    )
    _json(added)
    _json(_command(inner, "list", "objects", "list_accounts", "list the accounts", "List the accounts."))


def _keys(commands: Any) -> None:
    inner = _group(commands, "keys", "keys of an account: create, list, revoke")
    added = _command(
        inner, "create", "objects", "create_keys", "make a pair of keys", "Make a pair of keys, which are printed once."
    )
    added.add_argument("account", metavar="ACCOUNT", help="the account's id")
    _key_options(added)
    added = _command(
        inner, "list", "objects", "list_keys", "list the keys of an account", "List keys, not their texts."
    )
    added.add_argument("account", metavar="ACCOUNT")
    _json(added)
    added = _command(inner, "revoke", "objects", "revoke_key", "revoke a key", "Revoke a key, for ever.")
    added.add_argument("account", metavar="ACCOUNT")
    added.add_argument("key", metavar="KEY", help="the key's id")


def _end_users(commands: Any) -> None:
    added = _command(
        commands, "end-users", "objects", "list_end_users", "list the end users of an account", "List end users."
    )
    added.add_argument("account", metavar="ACCOUNT")
    _json(added)


def _connections(commands: Any) -> None:
    added = _command(
        commands,
        "connections",
        "objects",
        "list_connections",
        "list the connections of an account, and how each stands",
        "List connections, how each stands, and why.",
    )
    added.add_argument("account", metavar="ACCOUNT")
    _json(added)


def _send(commands: Any) -> None:
    added = _command(
        commands,
        "send",
        "requests",
        "send",
        "send a request to an end user's QuickBooks, and wait",
        "Send a request, as JSON or as a document of qbXML, and print the answer as the API gives it. Its id is "
        "written to standard error.",
        'send acct_... end_usr_... \'{"CustomerQueryRq": {"MaxReturned": 10}}\'',
    )
    added.add_argument("account", metavar="ACCOUNT")
    added.add_argument("end_user", metavar="END_USER")
    added.add_argument("request", metavar="REQUEST", help="JSON or qbXML; - for standard input")
    waits = added.add_mutually_exclusive_group()
    waits.add_argument("--wait", type=float, metavar="SECONDS", default=90.0, help="how long to wait; default: 90")
    waits.add_argument("--no-wait", dest="wait", action="store_const", const=None, help="do not wait for the answer")


def _requests(commands: Any) -> None:
    inner = _group(commands, "requests", "requests to QuickBooks: list, show, cancel, resolve")
    added = _command(
        inner, "list", "requests", "list_requests", "list an end user's requests", "List requests, the newest first."
    )
    added.add_argument("account", metavar="ACCOUNT")
    added.add_argument("end_user", metavar="END_USER")
    added.add_argument("--limit", type=int, default=20, metavar="N", help="how many; default: 20")
    _json(added)
    added = _of_request(inner, "show", "show", "show what happened to a request")
    added.add_argument("--values", action="store_true", help="also the request and its answer, as JSON")
    _json(added)
    _of_request(inner, "cancel", "cancel", "withdraw a request")
    added = _of_request(inner, "resolve", "resolve", "say what became of a request that is unknown")
    added.add_argument("outcome", choices=("done", "failed", "queued"))


def _of_request(inner: Any, name: str, function: str, short: str) -> argparse.ArgumentParser:
    added = _command(inner, name, "requests", function, short, f"{short[:1].upper()}{short[1:]}.")
    added.add_argument("account", metavar="ACCOUNT")
    added.add_argument("request", metavar="REQUEST", help="the request's id")
    return added


def _db(commands: Any) -> None:
    inner = _group(commands, "db", "the database: upgrade")
    _command(
        inner,
        "upgrade",
        "objects",
        "upgrade_database",
        "migrate the database",
        "Make the tables, or bring them up to date. On SQLite every start does; on PostgreSQL this command alone.",
    )
