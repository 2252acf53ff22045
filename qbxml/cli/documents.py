"""The commands about documents: build, parse, validate, xsd, sample, versions."""

from __future__ import annotations

from ..commandline import CommandError
from ..errors import ParseError, QbxmlError, UnknownEdition
from ..versions import DEFAULT_VERSION, EDITIONS, NEWEST_VERSION, RANK, VERSIONS
from . import EXIT_GOOD, EXIT_PROBLEMS, EXIT_UNREADABLE, complain, edition_of
from .files import encoded, is_json, opened, output, read, write, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

    from ..model import MessageResponse, Request, Response
    from ..problems import Problem
    from .diagnosis import Finding

#: More remarks on one document than this are counted, not printed: they are seldom about different things.
MOST_REMARKS = 20


def build(options: argparse.Namespace) -> int:
    """``qbxml build``."""
    from ..building import build as build_document

    data = read(options, options.file)
    if not is_json(data):
        raise ParseError("the requests are wanted in JSON; for a qbXML document there are parse and validate")
    given, version = requests_of(data, options.version, edition_of(options))
    notes: list[Problem] = []
    document = build_document(
        given,
        version=version,
        edition=edition_of(options),
        on_error=options.on_error,
        new_message_set_id=options.new_message_set_id,
        old_message_set_id=options.old_message_set_id,
        characters=options.characters,
        truncate=options.truncate,
        report=notes.append,
    )
    remark(notes)
    write(options, document)
    return EXIT_GOOD


def requests_of(data: bytes, version: str | None, edition: str | None) -> tuple[Any, str]:
    """The requests in a JSON text (or the response), and the version to build them for.

    Raises :class:`~qbxml.errors.ParseError` and :class:`CommandError`.
    """
    from ..jsonform import from_json
    from ..model import MessageRequest, MessageResponse, Request, Response

    found = from_json(data, version=version or DEFAULT_VERSION, edition=edition)
    if isinstance(found, (Request, Response)):
        own = found.version if found.version in RANK else None
        return found, version or own or DEFAULT_VERSION
    messages = found if isinstance(found, list) else [found]
    for one in messages:
        if not isinstance(one, (MessageRequest, MessageResponse)):
            name = getattr(one, "name", type(one).__name__)
            raise CommandError(f"{name} is no message: its name ends in Rq (or in Rs, in a response)", EXIT_PROBLEMS)
    if messages and all(isinstance(one, MessageResponse) for one in messages):
        found = Response(messages)
    return found, version or DEFAULT_VERSION


def parse(options: argparse.Namespace) -> int:
    """``qbxml parse``."""
    from ..jsonform import to_json

    if options.lines:
        return parse_lines(options)
    data = read(options, options.file)
    document = document_of(
        data,
        version=options.version,
        edition=edition_of(options),
        strict=options.strict,
        report=lambda problem: None,  # they are in the document, too
    )
    remark(document.problems)
    write(options, to_json(document, indent=None if options.compact else 2) + "\n")
    return EXIT_GOOD


def document_of(data: bytes, **arguments: Any) -> Request | Response:
    """A document, whichever it is. Raises what ``parse`` and ``parse_request`` raise."""
    from ..parsing import parse as parse_response
    from ..parsing import parse_request

    try:
        return parse_response(data, **arguments)
    except ParseError as error:
        # Perhaps it is a request. If not, the first complaint is the better one.
        try:
            return parse_request(data, **arguments)
        except ParseError:
            raise error from None


def parse_lines(options: argparse.Namespace) -> int:
    """``qbxml parse --lines``: a record as soon as it is read, and a message that has none when it is over."""
    from ..jsonform import to_json
    from ..streaming import iterparse

    problems: list[Problem] = []
    bare: MessageResponse | None = None
    with output(options) as out, opened(options, options.file) as file:
        for message, record in iterparse(
            file,
            version=options.version,
            edition=edition_of(options),
            strict=options.strict,
            report=problems.append,
        ):
            if record is not None:
                out.write(encoded(to_json(record) + "\n"))
                bare = None
            else:
                if bare is not None:
                    out.write(encoded(to_json(bare) + "\n"))
                bare = message
                if message.status_severity.lower() == "error":
                    complain(f"{message.name}: {message.status_code} {message.status_message}")
            remark(problems)
            problems.clear()
        if bare is not None:
            out.write(encoded(to_json(bare) + "\n"))
    return EXIT_GOOD


def remark(problems: Iterable[Problem]) -> None:
    """Say on standard error what was noticed and is no failure."""
    listed = list(problems)
    for problem in listed[:MOST_REMARKS]:
        complain(f"note: {problem}")
    if len(listed) > MOST_REMARKS:
        complain(f"note: and {len(listed) - MOST_REMARKS} more like these")


def validate(options: argparse.Namespace) -> int:
    """``qbxml validate``."""
    found: list[dict[str, Any]] = []
    worst = EXIT_GOOD
    for name in options.files:
        try:
            problems, against = problems_of(options, name)
        except UnknownEdition:
            raise  # the command line is wrong, whatever the files hold
        except (QbxmlError, CommandError) as error:
            # The other files are looked at all the same.
            unread = isinstance(error, ParseError)
            complain(f"{options.current}: {error}" if isinstance(error, QbxmlError) else str(error))
            worst = max(worst, EXIT_UNREADABLE if unread else getattr(error, "code", EXIT_PROBLEMS))
            continue
        if problems:
            worst = max(worst, EXIT_PROBLEMS)
        if options.json:
            found += [{"file": name, **problem.to_dict()} for problem in problems]
            continue
        for problem in problems:
            write(options, f"{place(name, problem)}: {problem.kind}: {without_place(problem)}\n")
        if not problems:
            write(options, f"{place(name)}: valid, {against}\n")
    if options.json:
        write_json(options, found)
    return worst


def problems_of(options: argparse.Namespace, name: str) -> tuple[list[Problem], str]:
    """The problems of one file, and what it was held against, in words."""
    from ..document import read as read_document
    from ..schema import Schema
    from ..validation import document_problems
    from ..validation import validate as validate_requests

    data = read(options, name)
    edition = edition_of(options)
    if is_json(data):
        edition = edition if options.edition else "US"
        given, version = requests_of(data, options.version, edition)
        return validate_requests(given, version, edition), in_words(version, edition)
    document = read_document(data)
    named = document.version if document.version in RANK else None
    version = options.version or named or NEWEST_VERSION
    return document_problems(document, Schema(version, edition)), in_words(version, edition)


def in_words(version: str, edition: str | None) -> str:
    """A version and edition as the commands print them."""
    return f"qbXML {version} ({edition or 'all editions'})"


def place(name: str, problem: Problem | Finding | None = None) -> str:
    """File, line and column as editors understand them."""
    shown = "<stdin>" if name == "-" else name
    if problem is not None and problem.line is not None:
        shown += f":{problem.line}"
        if problem.column is not None:
            shown += f":{problem.column}"
    return shown


def without_place(problem: Problem) -> str:
    """A problem's text without the place at its end."""
    text = " ".join(str(problem).splitlines())
    return text.removesuffix(f" (line {problem.line}, column {problem.column})")


def xsd(options: argparse.Namespace) -> int:
    """``qbxml xsd``."""
    from ..derivation import xsd as derive

    write(options, derive(options.version, edition_of(options)).encode("utf-8"))
    return EXIT_GOOD


def sample(options: argparse.Namespace) -> int:
    """``qbxml sample``."""
    from ..building import build as build_document
    from ..jsonform import to_json
    from ..model import Record, Response
    from ..schema import Schema
    from ..testing.samples import sample as make_sample

    edition = edition_of(options)
    name = options.name
    if name in Schema(options.version, edition).messages:
        name = f"{name}Rq"
    content = make_sample(name, options.version, edition, full=not options.minimal, seed=options.seed)
    if options.json or name[-2:] not in ("Rq", "Rs"):
        write(options, to_json(Record(name, content), indent=2) + "\n")
        return EXIT_GOOD
    given: Any = Response([{name: content}]) if name.endswith("Rs") else {name: content}
    # Among the values of a seed are characters that QuickBooks may not keep; a sample is for reading programs, too.
    write(options, build_document(given, version=options.version, edition=edition, characters="reference"))
    return EXIT_GOOD


def versions(options: argparse.Namespace) -> int:
    """``qbxml versions``."""
    from ..schema import Schema

    rows = []
    for version in VERSIONS:
        editions = [edition for edition, first in EDITIONS.items() if RANK[version] >= RANK[first]]
        remarks = []
        if version == DEFAULT_VERSION:
            remarks.append("what is built unless told otherwise")
        if version == NEWEST_VERSION:
            remarks.append("what is read with unless told otherwise")
        rows.append((version, editions, len(Schema(version).messages), "; ".join(remarks)))
    if options.json:
        members = ("version", "editions", "messages")
        write_json(options, [dict(zip(members, row[:3], strict=True)) for row in rows])
        return EXIT_GOOD
    write(options, "version  editions     messages\n")
    for version, editions, messages, remarks_of in rows:
        write(options, f"{version:<8} {' '.join(editions):<12} {messages:>8}  {remarks_of}".rstrip() + "\n")
    return EXIT_GOOD
