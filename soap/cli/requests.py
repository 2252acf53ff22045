"""The commands about requests: enqueue, requests, show, cancel, resolve."""

from __future__ import annotations

import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import qbxml
from qbxml.cli.files import is_json
from qbxml.commandline import CommandError
from qbxml.errors import QbxmlError
from qbxml.model import MessageRequest, Request

from ..errors import SoapError
from ..queue import Result, State
from . import EXIT_FAILED, EXIT_GOOD, EXIT_UNUSABLE, EXIT_WAITED, complain
from .common import database, known, say, say_json, say_table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ..queue import RequestQueue

#: States in which an answer may still come.
_UNDER_WAY = frozenset({State.QUEUED, State.SENT})


# -- enqueue -----------------------------------------------------------------------------------------------------


def enqueue(options: argparse.Namespace) -> int:
    """``enqueue``."""
    requests, document = _requests_of(options.request)
    with database(options) as (queue, accounts):
        try:
            ids = queue.enqueue_many(
                known(queue, accounts, options.name),
                requests,
                one_set=document is not None and len(requests) > 1,
                on_error=_on_error(document),
                priority=options.priority,
                idempotency_key=options.key,
                on_lost=options.on_lost,
                handler=options.handler,
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        if options.wait is None:
            for id_ in ids:
                say(id_)
            return EXIT_GOOD
        return _wait(queue, ids, options.wait, one=isinstance(requests, tuple))


def _requests_of(given: str) -> tuple[Sequence[MessageRequest], Request | None]:
    """The requests of an argument, and the document where they are of one; a tuple where one was given by itself.

    Raises :class:`CommandError`.
    """
    name, data = _read(given)
    try:
        found = qbxml.from_json(data) if is_json(data) else qbxml.parse_request(data)
    except QbxmlError as error:
        raise CommandError(f"{name}: {error}") from None
    if isinstance(found, MessageRequest):
        return (found,), None
    if not isinstance(found, Request | list) or not all(isinstance(one, MessageRequest) for one in found):
        raise CommandError(f'{name}: no requests; wanted are {{"CustomerQueryRq": {{...}}}}, a list of such, or qbXML')
    requests = list(found)
    if not requests:
        raise CommandError(f"{name}: there is no request in it")
    if not isinstance(found, Request):
        return requests, None
    return tuple(requests) if len(requests) == 1 else requests, found


def _on_error(document: Request | None) -> Any:
    return (document.on_error if document is not None else None) or "stopOnError"


def _read(given: str) -> tuple[str, bytes]:
    """What to call it in a complaint, and its bytes."""
    if given[:1] in ("{", "[", "<") or given.lstrip()[:1] in ("{", "[", "<"):
        return "the request", given.encode("utf-8", "surrogateescape")
    try:
        if given == "-":
            if sys.stdin is None or sys.stdin.closed:
                raise CommandError("there is no standard input to read the request from")
            return "standard input", sys.stdin.buffer.read()
        return given, Path(given).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"{given}: {reason}; it is no JSON either, which begins with {{ or [") from None


def _wait(queue: RequestQueue, ids: Sequence[str], seconds: float, *, one: bool) -> int:
    """Wait for the answers, print those that came, and say of the others why there is none."""
    until = monotonic() + seconds
    results = [queue.result(id_, max(0.0, until - monotonic())) for id_ in ids]
    answers = [result.to_dict()["answer"] for result in results]
    if any(answer is not None for answer in answers):
        say_json(answers[0] if one else answers)
    code = EXIT_GOOD
    for result in results:
        if result.state in _UNDER_WAY:
            complain(
                f"request {result.id} is still {result.state.value} after {seconds:g} s; `show` says how it stands"
            )
            code = max(code, EXIT_WAITED)
            continue
        try:
            result.raise_for_status()
        except (QbxmlError, SoapError) as error:
            complain(f"request {result.id}: {error}")
            code = EXIT_FAILED
    return code


# -- requests, show ----------------------------------------------------------------------------------------------


def list_all(options: argparse.Namespace) -> int:
    """``requests``."""
    states = None if options.state is None else {State(state) for state in options.state}
    with database(options) as (queue, accounts):
        name = known(queue, accounts, options.name)
        found = queue.find(name, states=states, limit=options.limit, newest_first=True)
    if options.json:
        say_json([result.to_dict() for result in found])
        return EXIT_GOOD
    rows = [
        [result.id, result.created_at.isoformat(" ", "seconds")[:19], result.name, result.state.value, _why(result)]
        for result in found
    ]
    say_table(["ID", "QUEUED (UTC)", "REQUEST", "STATE", ""], rows)
    return EXIT_GOOD


def _why(result: Result) -> str:
    """In a few words, why it is not well."""
    text = str((result.error or {}).get("message", "")) or ("" if result.state is State.DONE else result.status_message)
    line = " ".join((text or "").split())
    return line if len(line) <= 80 else f"{line[:77]}..."


def show(options: argparse.Namespace) -> int:
    """``show``."""
    with database(options) as (queue, _):
        result, history = queue.result(options.id), queue.history(options.id)
    timeline = [{"at": _time(event.at), "state": event.state.value, "reason": event.reason} for event in history]
    if options.json:
        say_json(
            {
                **result.to_dict(),
                "request": _plain(result),
                "history": timeline,
                "message_set_id": result.message_set_id,
                "sent": result.text,
                "received": result.raw,
            }
        )
        return EXIT_GOOD
    shown = result.to_dict()
    for name in ("id", "connection", "name", "state", "writes", "attempts", "recovered", "metadata"):
        if shown[name] is not None:
            say(f"{name + ':':<13}{_shown(shown[name])}")
    if result.status_code is not None:
        say(f"{'status:':<13}{result.status_code} {result.status_severity} {result.status_message}")
    if result.error:
        say(f"{'error:':<13}{' '.join(str(result.error.get('message')).split())}")
    say("\nwhat happened (UTC):")
    for event in timeline:
        say(f"  {event['at'][:19]}  {event['state']:<9}  {event['reason']}")
    say("\nthe request:")
    say(qbxml.to_json(_message(result), indent=2))
    for head, text in (("sent", result.text), ("received", result.raw)):
        if text is not None:
            say(f"\n{head}:")
            say(text.rstrip("\n"))
    return EXIT_GOOD


def _time(seconds: float) -> str:
    from ..queue.intake import moment

    when = moment(seconds)
    assert when is not None, "a time stands for a time"
    return when.isoformat()


def _message(result: Result) -> MessageRequest:
    ((name, content),) = result.request.items()
    return MessageRequest(name, content)


def _plain(result: Result) -> Any:
    """The request as the JSON that `enqueue` takes."""
    import json

    return json.loads(qbxml.to_json(_message(result)))


def _shown(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


# -- cancel, resolve ---------------------------------------------------------------------------------------------


def cancel(options: argparse.Namespace) -> int:
    """``cancel``."""
    with database(options) as (queue, _):
        state = queue.cancel(options.id)
    say(state.value)
    if state is not State.CANCELLED:
        return complain(f"request {options.id} is {state.value}: it can't be withdrawn any more", EXIT_UNUSABLE)
    return EXIT_GOOD


def resolve(options: argparse.Namespace) -> int:
    """``resolve``."""
    with database(options) as (queue, _):
        say(queue.resolve(options.id, State(options.outcome), options.reason).state.value)
    return EXIT_GOOD
