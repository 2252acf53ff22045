"""``qbxml explain``: what a code means, and why QuickBooks refused a document."""

from __future__ import annotations

import os.path
import re

from ..commandline import CommandError
from . import EXIT_GOOD, EXIT_PROBLEMS, EXIT_UNREADABLE, edition_of
from .files import is_json, read, write, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from ..model import Response
    from .diagnosis import Finding

#: A status code has up to five digits, an HRESULT eight in hexadecimal or ten in decimal.
_STATUS = re.compile(r"[+-]?[0-9]{1,5}", re.ASCII)
_HRESULT = re.compile(r"0[xX][0-9A-Fa-f]{1,8}|[0-9A-Fa-f]{8}|[+-]?[0-9]{6,10}", re.ASCII)
_WEB_CONNECTOR = re.compile(r"QBWC\s*[0-9]{1,6}", re.ASCII | re.IGNORECASE)

#: What each member of a row is called in the text. The order is that of reading.
_SHOWN = {
    "meaning": "meaning",
    "advice": "do",
    "retry": "retry",
    "nothing_ran": "nothing was done",
    "where": "mend it in",
    "pattern": "usual text",
    "confidence": "how sure",
}
_WHERE = {"qwc": "the .qwc file", "server": "the server", "pc": "the PC", "user": "what the user does"}


def explain(options: argparse.Namespace) -> int:
    """``qbxml explain``."""
    target = options.target.strip()
    if options.target != "-" and not os.path.exists(options.target):
        found = of_code(target)
        if found is None:
            raise CommandError(f"{options.target!r} is no code, and there is no such file", EXIT_UNREADABLE)
        show_codes(options, [found])
        return EXIT_GOOD
    data = read(options, options.target)
    if is_json(data):
        raise CommandError(f"{options.current}: this is JSON; qbxml validate looks at requests in JSON", EXIT_PROBLEMS)
    response = response_of(data)
    if response is not None:
        return of_response(options, response)
    return of_request(options, data)


# -- codes -------------------------------------------------------------------------------------------------------


def of_code(text: str) -> dict[str, Any] | None:
    """The row of a code with its ``type`` (``"status"``, ``"hresult"``, ``"web connector"``); ``None`` for no code."""
    from .. import codes

    if _WEB_CONNECTOR.fullmatch(text):
        return _row("web connector", codes.web_connector_code(text))
    if _STATUS.fullmatch(text):
        return _row("status", codes.status(text))
    if _HRESULT.fullmatch(text):
        return _row("hresult", codes.hresult(text))
    return None


def _row(kind: str, row: Any) -> dict[str, Any]:
    return {"type": kind, **{name: getattr(row, name) for name in row.__slots__}}


def show_codes(options: argparse.Namespace, rows: list[dict[str, Any]]) -> None:
    """Print rows, as text or as JSON."""
    if options.json:
        write_json(options, rows[0] if len(rows) == 1 else rows)
        return
    write(options, "\n".join(_block(row) for row in rows))


def _block(row: dict[str, Any]) -> str:
    if row["type"] == "status":
        said = [row["severity"] or "of the message set", row["kind"]]
        head = f"status {row['code']}, {row['name']} ({', '.join(said)})"
    elif row["type"] == "hresult":
        head = f"HRESULT {row['code']} ({row['kind']})"
    else:
        head = f"QBWC{row['code']}"
    lines = [head]
    for name, label in _SHOWN.items():
        value = row.get(name)
        if value is None:
            continue
        if isinstance(value, bool):
            value = "certain" if value else "not certain: look before you send it again"
        elif name == "pattern":
            value = f'"{value}"'
        elif name == "where":
            value = _WHERE.get(value, value)
        lines.append(f"  {label + ':':<18}{value}")
    return "\n".join(lines) + "\n"


# -- documents ---------------------------------------------------------------------------------------------------


def response_of(data: bytes) -> Response | None:
    """The document as a response, or ``None`` where it is something else."""
    from ..errors import ParseError
    from ..parsing import parse

    try:
        return parse(data, report=lambda problem: None)
    except ParseError:
        return None


def of_response(options: argparse.Namespace, response: Response) -> int:
    """Explain the status codes of a response: each message that is not simply good."""
    from ..codes import status

    rows: list[dict[str, Any]] = []
    if response.message_set_status_code is not None:
        row = _row("status", status(response.message_set_status_code))
        rows.append({"message": "the message set", "said": "", "severity_sent": "", **row})
    for message in response:
        row = _row("status", status(message.status_code))
        said = {"said": message.status_message, "severity_sent": message.status_severity}
        rows.append({"message": message.name, "request_id": message.request_id, **said, **row})
    failed = [
        row for row in rows if row["severity_sent"].lower() == "error" or (row["severity"] is None and row["code"])
    ]
    if options.json:
        write_json(options, rows)
        return EXIT_PROBLEMS if failed else EXIT_GOOD
    if not rows:
        write(options, "The response holds no messages.\n")
    for row in rows:
        named = f"{row['message']} {row['request_id']}" if row.get("request_id") else row["message"]
        text = f": {row['said'].strip()}" if row["said"].strip() else ""
        write(options, f"{named}{text}\n{_block(row)}\n")
    return EXIT_PROBLEMS if failed else EXIT_GOOD


def of_request(options: argparse.Namespace, data: bytes) -> int:
    """Say why QuickBooks refuses a request document."""
    from .diagnosis import diagnose
    from .documents import in_words, place

    diagnosis = diagnose(data, edition_of(options))
    findings = diagnosis.findings
    if options.json:
        listed = [finding.to_dict() for finding in findings]
        write_json(options, {"version": diagnosis.version, "edition": edition_of(options), "findings": listed})
        return EXIT_PROBLEMS if findings else EXIT_GOOD
    against = f", {in_words(diagnosis.version, edition_of(options))}" if diagnosis.version else ""
    whole = [finding for finding in findings if finding.refuses]
    single = [finding for finding in findings if not finding.refuses]
    if whole:
        write(options, f"This makes QuickBooks refuse the whole document{against}; nothing of it is done:\n")
        write(options, "".join(_finding(place(options.target, finding), finding) for finding in whole))
    if single:
        lead = "Besides, this makes" if whole else "QuickBooks takes the document, but this makes"
        write(options, f"{lead} single requests fail or come out otherwise:\n")
        write(options, "".join(_finding(place(options.target, finding), finding) for finding in single))
    if not findings:
        write(options, f"Nothing is wrong with the document itself: it is valid{against}.\n{ELSE}")
    return EXIT_PROBLEMS if findings else EXIT_GOOD


def _finding(where: str, finding: Finding) -> str:
    text = f"  {where}: {finding.text}\n"
    return f"{text}    {finding.advice}\n" if finding.advice else text


#: What is left where a document has nothing wrong in it.
ELSE = """\
If QuickBooks refused it all the same, look at what is outside of it:
  - 0x80040423 means that this QuickBooks is too old for the version; ask HostQuery which ones it offers
  - the text may have been changed on its way: escaped twice, put into CDATA, re-encoded, a blank put before it
  - another edition: try --edition with the country of that QuickBooks
"""
