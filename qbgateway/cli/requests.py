"""The commands on requests to QuickBooks: send, and requests list, show, cancel, resolve."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import qbxml
from qbxml.commandline import CommandError
from soap.queue import State

from .. import messages
from ..errors import Refused
from ..service import Gateway, Given, Key, Tenant
from ..service.connections import moment
from . import EXIT_FAILED, EXIT_GOOD
from .common import gateway, say, say_rows


def send(options: argparse.Namespace) -> int:
    """``send``."""
    name, content = _request(sys.stdin.read() if options.request == "-" else options.request)
    with gateway(options) as opened:
        tenant = _tenant(opened, options)
        given = Given(name, content, _as_somebody(tenant), options.wait)
        id_ = tenant.requests.submit(options.end_user, given)
        sys.stderr.write(f"{id_}\n")
        if options.wait is None:
            return EXIT_GOOD
        try:
            outcome = tenant.requests.wait(id_, options.wait)
        except Refused as refused:
            raise CommandError(refused.message, EXIT_FAILED) from None
        if outcome.warning is not None:
            sys.stderr.write(f"{outcome.warning}\n")
        say(json.dumps(messages.answer(name, outcome.message, "schema"), ensure_ascii=False, indent=2))
    return EXIT_GOOD


def _request(text: str) -> tuple[str, dict[str, Any]]:
    """The one request in a text: JSON as the API takes it, or a document of qbXML."""
    if not text.lstrip().startswith("<"):
        body = messages.load(text.encode("utf-8", "surrogatepass"))
        if not isinstance(body, dict):
            raise CommandError('a request is an object such as {"CustomerQueryRq": {}}')
        return messages.request(body)
    found = list(qbxml.parse_request(text))
    if len(found) != 1:
        raise CommandError(f"the document has {len(found)} requests; send one at a time")
    content = {name: value for name, value in found[0].content.items() if name != "requestID"}
    return found[0].name, content


def list_requests(options: argparse.Namespace) -> int:
    """``requests list``."""
    with gateway(options) as opened:
        tenant = _tenant(opened, options)
        connection = tenant.connections.of(tenant.end_users.get(options.end_user).id)
        found = [] if connection is None else opened.queue.find(connection.id, newest_first=True, limit=options.limit)
        rows = [(one.id, one.name, one.state.value, moment(one.created_at.timestamp())) for one in found]
        say_rows(options, ("request", "name", "state", "created"), rows)
    return EXIT_GOOD


def show(options: argparse.Namespace) -> int:
    """``requests show``: what happened to a request; with ``--values`` the request and its answer, too."""
    with gateway(options) as opened:
        tenant = _tenant(opened, options)
        result, timeline = tenant.requests.get(options.request), tenant.requests.timeline(options.request)
        rows = [(moment(one.at), one.state.value, one.reason) for one in timeline]
        say_rows(options, ("at", "state", "what happened"), rows)
        if options.values:
            say(json.dumps({"request": json.loads(result.content), **result.to_dict()}, ensure_ascii=False, indent=2))
    return EXIT_GOOD


def cancel(options: argparse.Namespace) -> int:
    """``requests cancel``."""
    with gateway(options) as opened:
        say(_tenant(opened, options).requests.cancel(options.request).state.value)
    return EXIT_GOOD


def resolve(options: argparse.Namespace) -> int:
    """``requests resolve``."""
    with gateway(options) as opened:
        say(_tenant(opened, options).requests.resolve(options.request, State(options.outcome)).state.value)
    return EXIT_GOOD


def _tenant(opened: Gateway, options: argparse.Namespace) -> Tenant:
    return opened.tenant(opened.accounts.get(options.account).id)


def _as_somebody(tenant: Tenant) -> Key:
    """The key of who has the machine, who needs none."""
    return Key(
        id="",
        account_id=tenant.account_id,
        pair="",
        kind="secret",
        key_hash="",
        ending="",
        public=None,
        read_only=False,
        numbers="schema",
        created_at=0.0,
        last_used_at=None,
        revoked_at=None,
    )
