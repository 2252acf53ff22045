"""The command line ``qbxml``: build, parse, validate, explain, describe, xsd, sample, versions.

Here are the options and what becomes of errors; what a command does stands in the modules beside, which are loaded when
their command is called. Errors are one line each on standard error, and the exit code is one of :data:`EXIT_CODES`.
"""

from __future__ import annotations

import argparse

from .. import commandline
from ..commandline import commands_of, run, top_parser
from ..errors import InvalidDocument, InvalidRequest, ParseError, QbxmlError, UnknownEdition
from ..versions import DEFAULT_VERSION, EDITIONS, NEWEST_VERSION, VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

EXIT_GOOD = 0
EXIT_PROBLEMS = 1
EXIT_USAGE = 2
EXIT_UNREADABLE = 3

EXIT_CODES = {
    EXIT_GOOD: "all is well",
    EXIT_PROBLEMS: "what was given has problems: it does not fit the schema, or names something that is not there",
    EXIT_USAGE: "the command line is wrong",
    EXIT_UNREADABLE: "a file can't be read or written, or holds no qbXML and no JSON",
}

#: The editions as the option ``--edition`` has them; "all" is their union.
ALL_EDITIONS = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Raises ``SystemExit`` for ``--help`` and a wrong command line."""
    return run("qbxml", parser, arguments, _told)


def complain(text: str, code: int = EXIT_GOOD) -> int:
    """Write one line to standard error, and return ``code``."""
    commandline.complain("qbxml", text)
    return code


def _told(error: Exception, options: argparse.Namespace) -> tuple[Sequence[object], int] | None:
    """Lines and exit code of an error."""
    if isinstance(error, (InvalidRequest, InvalidDocument)):
        return error.problems, EXIT_PROBLEMS
    if isinstance(error, ParseError):
        return [f"{getattr(options, 'current', '-')}: {error}"], EXIT_UNREADABLE
    if isinstance(error, UnknownEdition):
        # Both are known by themselves, for the options take no others.
        since = dict(error.known).get(str(error.edition))
        return [f"the {error.edition} edition begins with qbXML {since}: {error.version} has none"], EXIT_USAGE
    return ([error], EXIT_PROBLEMS) if isinstance(error, QbxmlError) else None


# -- options -----------------------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = top_parser(
        "qbxml",
        "qbxml",
        "qbXML, the language of QuickBooks Desktop: build it, read it, check it, look it up.",
        EXIT_CODES,
        "FILE is a path, or - for standard input. qbxml COMMAND --help says more of each command.",
    )
    commands = commands_of(top)
    for add in (_build, _parse, _validate, _explain, _describe, _xsd, _sample, _versions):
        add(commands)
    return top


def _command(commands: Any, name: str, short: str, description: str) -> argparse.ArgumentParser:
    """A command with its description."""
    added: argparse.ArgumentParser = commands.add_parser(name, help=short, description=description)
    return added


def _build(commands: Any) -> None:
    added = _command(
        commands,
        "build",
        "JSON requests to a qbXML document",
        'Write a qbXML document from requests in JSON: {"CustomerQueryRq": {"MaxReturned": 10}}, a list of such '
        "objects, or a whole document as `qbxml parse` prints it. Keys may stand in any order. All problems are "
        "reported together, and nothing is written then.",
    )
    _file(added, "the requests; default: standard input")
    _version(added, f"the qbXML version to write; default: the one in the JSON, else {DEFAULT_VERSION}")
    _edition(added, "US", "the edition to write for; default: US")
    added.add_argument(
        "--on-error",
        choices=("stopOnError", "continueOnError"),
        default="stopOnError",
        help="what QuickBooks does after a request that fails; default: %(default)s",
    )
    added.add_argument(
        "--characters",
        choices=("refuse", "transliterate", "replace", "reference"),
        default="refuse",
        help="what to do with characters that QuickBooks can't store; default: %(default)s",
    )
    added.add_argument("--truncate", action="store_true", help="shorten what is too long, and say so")
    added.add_argument("--new-message-set-id", metavar="ID", help="asks for error recovery under this ID")
    added.add_argument("--old-message-set-id", metavar="ID", help="the message set to release, or to ask about")
    _output(added)
    added.set_defaults(run=_runner("documents", "build"))


def _parse(commands: Any) -> None:
    added = _command(
        commands,
        "parse",
        "a qbXML document to JSON",
        "Read a document, request or response, and print it as JSON without loss. What the schema does not allow is "
        "kept as text and named on standard error.",
    )
    _file(added, "the document; default: standard input")
    _version(added, f"the version to read with; default: {NEWEST_VERSION}")
    _edition(added, ALL_EDITIONS, "the edition to read with; default: all together")
    added.add_argument("--strict", action="store_true", help="refuse what the schema does not allow; exit code 1")
    added.add_argument(
        "--lines",
        action="store_true",
        help="print each record on a line of its own, in bounded memory, however large the response is",
    )
    added.add_argument("--compact", action="store_true", help="print on one line")
    _output(added)
    added.set_defaults(run=_runner("documents", "parse"))


def _validate(commands: Any) -> None:
    added = _command(
        commands,
        "validate",
        "check documents or JSON requests",
        "Name every problem of documents, or of requests in JSON, one to a line: where it is, what was found, what the "
        "schema wants there, and which version or edition would allow it.",
    )
    added.add_argument("files", nargs="*", default=["-"], metavar="FILE", help="default: standard input")
    _version(added, f"default: the one a document names, else {NEWEST_VERSION}; for JSON as with build")
    _edition(added, None, "default: all together for documents, US for JSON")
    _json(added)
    added.set_defaults(run=_runner("documents", "validate"))


def _explain(commands: Any) -> None:
    added = _command(
        commands,
        "explain",
        "what a code means, or why a document was refused",
        "Say what a code means: a status code (3200), an HRESULT (0x80040400) or a code of the Web Connector "
        "(QBWC1012). Or take a request that QuickBooks refused and say why, or a response and explain its codes.",
    )
    added.add_argument("target", metavar="CODE|FILE", help="a code, or a document")
    _edition(added, ALL_EDITIONS, "the edition of the QuickBooks that refused it; default: all together")
    _json(added)
    added.set_defaults(run=_runner("explain", "explain"))


def _describe(commands: Any) -> None:
    added = _command(
        commands,
        "describe",
        "the fields of a message or record",
        "Describe a message (CustomerAdd), a request or response (CustomerAddRq), a record (CustomerRet) or one field "
        "(CustomerRet.BillAddress.City): types, limits, choices, defaults, versions and editions.",
    )
    added.add_argument("name", metavar="NAME", help="as in qbXML, capitals included")
    _version(added, f"default: {NEWEST_VERSION}", NEWEST_VERSION)
    _edition(added, ALL_EDITIONS, "default: all together")
    added.add_argument("--depth", type=_depth, metavar="N", help="how many levels of records to open; default: 2")
    _json(added)
    added.set_defaults(run=_runner("describe", "describe"))


def _xsd(commands: Any) -> None:
    added = _command(commands, "xsd", "the XML schema of a version", "Print the XML schema of a version and edition.")
    _version(added, f"default: {NEWEST_VERSION}", NEWEST_VERSION)
    _edition(added, ALL_EDITIONS, "default: all together")
    _output(added)
    added.set_defaults(run=_runner("documents", "xsd"))


def _sample(commands: Any) -> None:
    added = _command(
        commands,
        "sample",
        "a valid document, made up",
        "Print a valid document with a made-up message (CustomerAdd or CustomerAddRq: a request, CustomerAddRs: a "
        "response), or a made-up record as JSON (CustomerRet). The same command always prints the same.",
    )
    added.add_argument("name", metavar="NAME", help="as in qbXML, capitals included")
    _version(added, f"default: {DEFAULT_VERSION}", DEFAULT_VERSION)
    _edition(added, "US", "default: US")
    added.add_argument("--minimal", action="store_true", help="only what must be there")
    added.add_argument("--seed", type=_depth, default=0, metavar="N", help="another number gives another sample")
    added.add_argument("--json", action="store_true", help="print JSON, as `qbxml build` takes it")
    _output(added)
    added.set_defaults(run=_runner("documents", "sample"))


def _versions(commands: Any) -> None:
    added = _command(
        commands, "versions", "the versions there are", "List the versions of qbXML, their editions and messages."
    )
    _json(added)
    added.set_defaults(run=_runner("documents", "versions"))


def _file(added: argparse.ArgumentParser, help: str) -> None:
    added.add_argument("file", nargs="?", default="-", metavar="FILE", help=help)


def _version(added: argparse.ArgumentParser, help: str, default: str | None = None) -> None:
    added.add_argument("--version", choices=VERSIONS, default=default, metavar="VERSION", help=help)


def _edition(added: argparse.ArgumentParser, default: str | None, help: str) -> None:
    choices = (*EDITIONS, ALL_EDITIONS)
    added.add_argument(
        "--edition", choices=choices, default=default, metavar="EDITION", help=f"{', '.join(choices)}; {help}"
    )


def _json(added: argparse.ArgumentParser) -> None:
    added.add_argument("--json", action="store_true", help="print JSON instead of text")


def _output(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--output", "-o", default="-", metavar="FILE", help="write to this file; default: standard output"
    )


def _depth(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError(text)
    return number


_depth.__name__ = "number"  # argparse says "invalid number value"


def _runner(module: str, function: str) -> Any:
    """The function of a command, loaded when it is called."""

    def run(options: argparse.Namespace) -> int:
        from importlib import import_module

        code: int = getattr(import_module(f".{module}", __name__), function)(options)
        return code

    return run


def edition_of(options: argparse.Namespace) -> str | None:
    """The edition of the schema that ``--edition`` asks for: ``None`` is the union."""
    return None if options.edition in (ALL_EDITIONS, None) else str(options.edition)
