"""The command line ``qbsimulator``: make a company file, let it answer documents, look at its settings and change them.

Errors are one line each on standard error, and the exit code is one of :data:`EXIT_CODES`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qbxml.commandline import CommandError, commands_of, run, top_parser

from .company import Company
from .connector.commands import EXIT_CONNECTOR, add_commands, told
from .errors import QuickBooksError, UnknownSetting, UnusableFile
from .faults import UnknownFault
from .settings import Settings

EXIT_GOOD = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_UNUSABLE = 3
EXIT_UNSOUND = 5

EXIT_CODES = {
    EXIT_GOOD: "all is well; what became of each request stands in the answer",
    EXIT_REFUSED: "QuickBooks could not process the document: an HRESULT, and no answer",
    EXIT_USAGE: "the command line is wrong, or there is no such setting",
    EXIT_UNUSABLE: "a file can't be read or made, or is no company file",
    EXIT_CONNECTOR: "the Web Connector could not do it: an application was not added, or an update did not complete",
    EXIT_UNSOUND: "the books are not sound: each line says what is wrong",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Raises ``SystemExit`` for ``--help`` and a wrong command line."""
    return run("qbsimulator", parser, arguments, _told)


def _told(error: Exception, options: argparse.Namespace) -> tuple[Sequence[object], int] | None:
    """Lines and exit code of an error."""
    if isinstance(error, QuickBooksError):
        return [error], EXIT_REFUSED
    if isinstance(error, UnknownSetting):
        return [error], EXIT_USAGE
    if isinstance(error, UnusableFile):
        return [error], EXIT_UNUSABLE
    if isinstance(error, UnknownFault):
        return [error], EXIT_USAGE
    return ([f"{error.filename}: {error.strerror}"], EXIT_UNUSABLE) if isinstance(error, OSError) else told(error)


# -- options -----------------------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = top_parser(
        "qbsimulator",
        "qbsimulator",
        "QuickBooks Desktop, simulated: a company file that answers qbXML, and a Web Connector.",
        EXIT_CODES,
        "begin with:\n"
        "  qbsimulator create books.company --name 'Larry’s Landscaping'\n"
        "  qbxml sample CustomerAdd --minimal | qbsimulator process books.company -\n"
        "  qbsimulator add app.qwc --company books.company --password PASSWORD && qbsimulator update\n\n"
        "qbsimulator COMMAND --help says more of each command.",
    )
    commands = commands_of(top)
    for add in (_create, _process, _set, _settings, _check):
        add(commands)
    add_commands(commands)
    return top


def _command(commands: Any, name: str, run: Any, short: str, description: str) -> argparse.ArgumentParser:
    """A command about a company file."""
    added: argparse.ArgumentParser = commands.add_parser(name, help=short, description=description)
    added.add_argument("file", metavar="FILE", help="the company file")
    added.set_defaults(run=run)
    return added


def _create(commands: Any) -> None:
    description = (
        "Make a company file: with empty lists, or the sample company, a builder's books over two years. A file that "
        "is there already is left as it is."
    )
    added = _command(commands, "create", create, "make a company file", description)
    added.add_argument(
        "--template", choices=("empty", "sample"), default="empty", help="what is in it; default: %(default)s"
    )
    added.add_argument("--name", metavar="COMPANY", help=f"the company's name; default: {Settings().company_name}")


def _process(commands: Any) -> None:
    added = _command(
        commands,
        "process",
        process,
        "answer a document",
        "Process a document of qbXML, in a session of its own, and print the answer. Where QuickBooks gives none, its "
        "HRESULT stands on standard error, and the exit code is 1.",
    )
    added.add_argument("request", metavar="REQUEST", help="the document; - for standard input")
    added.add_argument(
        "--application",
        default="",
        metavar="NAME",
        help="who asks: the outcomes of message sets are kept for each application by itself; "
        "default: one without a name",
    )


def _set(commands: Any) -> None:
    added = _command(
        commands,
        "set",
        change,
        "change settings",
        "Change settings of a company file: all that are named, or none. `qbsimulator settings FILE` lists them.",
    )
    added.add_argument("values", nargs="+", metavar="NAME=VALUE", help="such as uses_classes=false")


def _settings(commands: Any) -> None:
    description = "List the settings of a company file, one NAME=VALUE to a line, as `qbsimulator set` takes them."
    added = _command(commands, "settings", show, "list the settings", description)
    added.add_argument("--json", action="store_true", help="print JSON instead of text")


def _check(commands: Any) -> None:
    description = (
        "Compute the books anew from the records: postings, balances, what is open, links. Print a line for each thing "
        "that is wrong, and nothing where all is well; the books are not changed."
    )
    _command(commands, "check", check, "check the books", description)


# -- commands ----------------------------------------------------------------------------------------------------


def create(options: argparse.Namespace) -> int:
    """``qbsimulator create``."""
    named = {} if options.name is None else {"company_name": options.name}
    Company.create(options.file, template=options.template, settings=Settings(**named)).close()
    return EXIT_GOOD


def process(options: argparse.Namespace) -> int:
    """``qbsimulator process``."""
    data = sys.stdin.buffer.read() if options.request == "-" else Path(options.request).read_bytes()
    with Company.open(options.file) as company:
        answer = company.process(data, options.application)
    # It is ASCII, and its lines end as QuickBooks ends them, on every system.
    sys.stdout.flush()
    sys.stdout.buffer.write(answer)
    return EXIT_GOOD


def change(options: argparse.Namespace) -> int:
    """``qbsimulator set``."""
    texts: dict[str, str] = {}
    for given in options.values:
        name, equals, text = given.partition("=")
        if not equals:
            raise CommandError(f"{given!r} is no NAME=VALUE", EXIT_USAGE)
        texts[name] = text
    with Company.open(options.file) as company:
        told = company.settings.told(texts)
        company.configure(**{name: getattr(told, name) for name in texts})
    return EXIT_GOOD


def show(options: argparse.Namespace) -> int:
    """``qbsimulator settings``."""
    with Company.open(options.file) as company:
        plain = json.loads(company.settings.to_json())
    if options.json:
        sys.stdout.write(f"{json.dumps(plain, indent=2)}\n")
    else:
        for name, value in plain.items():
            text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
            sys.stdout.write(f"{name}={text}\n")
    return EXIT_GOOD


def check(options: argparse.Namespace) -> int:
    """``qbsimulator check``."""
    with Company.open(options.file) as company:
        faults = company.check()
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return EXIT_UNSOUND if faults else EXIT_GOOD
