"""The one table of all that the client can do: the service's own calls, and those of QuickBooks by a rule.

Both clients, sync and async, and the stubs that describe them are made from it.

The rule: a message of qbXML is an object and what is done to it. ``InvoiceQuery`` is ``qbd.invoice.query``,
``ARRefundCreditCardAdd`` is ``qbd.ar_refund_credit_card.add``, ``ListDel`` is ``qbd.list.delete``. Three exceptions:
``GeneralSummaryReportQuery`` is ``qbd.report.general_summary``; ``TxnDel`` and ``TxnVoid`` are beside
``TransactionQuery`` in ``qbd.transaction``; and a word that Python keeps for itself ends in an underscore,
``qbd.class_.query``.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from functools import cache

from qbxml.model import ERROR_RECOVERY, MAIN_SET
from qbxml.schema import Schema

__all__ = ["SERVICE", "Operation", "Parameter", "QuickBooksOperation", "quickbooks", "quickbooks_operation", "service"]

# -- the service's own -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of a call: its name here, its name in the body, and what it holds (``str``, ``int``, ``float``)."""

    name: str
    wire: str
    kind: str = "str"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the service's own calls.

    ``path`` has the ids between braces; they are positional arguments, in that order. ``result`` is a class of
    :mod:`.objects`; ``is_list`` says that there are several. ``keyed``: it gets an ``Idempotency-Key``, so that it may
    be made twice. ``repeatable``: it may be made twice as it is. ``asks_quickbooks``: it waits for QuickBooks, and
    takes a ``timeout``; ``long_polls``: it waits as long as its ``wait`` says.
    """

    resource: str
    name: str
    method: str
    path: str
    result: str
    about: str
    parameters: tuple[Parameter, ...] = ()
    is_list: bool = False
    keyed: bool = False
    repeatable: bool = False
    asks_quickbooks: bool = False
    long_polls: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the ids in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


def _read(resource: str, name: str, path: str, result: str, about: str, *, is_list: bool = False) -> Operation:
    return Operation(resource, name, "GET", path, result, about, is_list=is_list, repeatable=True)


_END_USER = (Parameter("company_name", "companyName"), Parameter("source_id", "sourceId"), Parameter("email", "email"))
_AUTH_SESSION = (
    Parameter("publishable_key", "publishableKey"),
    Parameter("end_user_id", "endUserId"),
    Parameter("link_expiry_mins", "linkExpiryMins", "int", required=False),
    Parameter("redirect_url", "redirectUrl", required=False),
)
_OUTCOME = (Parameter("outcome", "outcome", 'Literal["done", "failed", "queued"]'),)

SERVICE = (
    Operation(
        "end_users",
        "create",
        "POST",
        "/v1/end-users",
        "EndUser",
        "Make an end user: a company that has a QuickBooks. ``source_id`` is your own id of it, and unique.",
        _END_USER,
        keyed=True,
    ),
    _read("end_users", "list", "/v1/end-users", "EndUser", "All end users of the account.", is_list=True),
    _read("end_users", "retrieve", "/v1/end-users/{end_user_id}", "EndUser", "One end user."),
    Operation(
        "end_users",
        "delete",
        "DELETE",
        "/v1/end-users/{end_user_id}",
        "Deleted",
        "Delete an end user, with its links, its connection, its requests and their answers.",
    ),
    Operation(
        "end_users",
        "ping",
        "GET",
        "/v1/end-users/{end_user_id}/ping/quickbooks_desktop",
        "Ping",
        "Ask the end user's QuickBooks for an answer, and say how long it took.",
        repeatable=True,
        asks_quickbooks=True,
    ),
    Operation(
        "auth_sessions",
        "create",
        "POST",
        "/v1/auth-sessions",
        "AuthSession",
        "Make a link by which the end user connects QuickBooks: send them to its ``auth_flow_url``.",
        _AUTH_SESSION,
        keyed=True,
    ),
    _read("auth_sessions", "retrieve", "/v1/auth-sessions/{auth_session_id}", "AuthSession", "One link."),
    _read(
        "integration_connections",
        "list",
        "/v1/integration-connections",
        "IntegrationConnection",
        "The connections of all end users.",
        is_list=True,
    ),
    _read(
        "integration_connections",
        "retrieve",
        "/v1/integration-connections/{integration_connection_id}",
        "IntegrationConnection",
        "One connection.",
    ),
    _read(
        "integration_connections",
        "status",
        "/v1/integration-connections/{integration_connection_id}/status",
        "ConnectionStatus",
        "How a connection stands, since when, and why, in words.",
    ),
    Operation(
        "requests",
        "retrieve",
        "GET",
        "/v1/requests/{request_id}",
        "QuickBooksRequest",
        "A request to QuickBooks as it stands; with ``wait`` once it is final, or after so many seconds.",
        repeatable=True,
        long_polls=True,
    ),
    Operation(
        "requests",
        "cancel",
        "POST",
        "/v1/requests/{request_id}/cancel",
        "QuickBooksRequest",
        "Withdraw a request that was not yet handed out; one that was is not done again if its answer gets lost.",
        repeatable=True,
    ),
    Operation(
        "requests",
        "resolve",
        "POST",
        "/v1/requests/{request_id}/resolve",
        "QuickBooksRequest",
        "Say what became of a request of which nobody knows.",
        _OUTCOME,
    ),
)


def service() -> dict[str, dict[str, Operation]]:
    """The service's own calls, by resource and name."""
    found: dict[str, dict[str, Operation]] = {}
    for one in SERVICE:
        found.setdefault(one.resource, {})[one.name] = one
    return found


# -- QuickBooks --------------------------------------------------------------------------------------------------

#: What is done to an object, by the end of the message's name.
_VERBS = {"Query": "query", "Add": "add", "Mod": "mod", "Del": "delete", "Void": "void", "Merge": "merge"}
_REPORT = "ReportQuery"
#: Objects that others know by a longer name.
_OBJECTS = {"Txn": "Transaction"}


@dataclass(frozen=True, slots=True)
class QuickBooksOperation:
    """A message of qbXML as a method: ``client.qbd.<object>.<name>``.

    ``inner`` is the record that the caller's fields go into, where the request wraps one (``InvoiceAdd``), and
    ``outer`` are the request's other fields. ``kinds`` are the kinds of record in the answer. ``unwraps``: there is one
    kind alone, and the caller gets its records and not the answer around them. ``is_list``: there may be several.
    """

    object: str
    name: str
    message: str
    writes: bool
    has_pages: bool
    inner: str | None
    outer: tuple[str, ...]
    kinds: tuple[str, ...]
    unwraps: bool
    is_list: bool

    @property
    def request(self) -> str:
        """The element's name."""
        return f"{self.message}Rq"

    @property
    def response(self) -> str:
        """The name of the answer's element."""
        return f"{self.message}Rs"


def named(message: str) -> tuple[str, str] | None:
    """Object and method of a message: ``("invoice", "query")``; ``None`` for one whose name has no such end."""
    if message.endswith(_REPORT):
        return "report", snake(message.removesuffix(_REPORT))
    for end, verb in _VERBS.items():
        if message.endswith(end) and message != end:
            stem = message.removesuffix(end)
            return snake(_OBJECTS.get(stem, stem)), verb
    return None


def snake(name: str) -> str:
    """``ARRefundCreditCard`` as ``ar_refund_credit_card``; a word that Python keeps for itself with an underscore."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return f"{parted}_" if keyword.iskeyword(parted) else parted


@cache
def quickbooks() -> dict[str, dict[str, str]]:
    """The messages of qbXML by object and method: all that a company file takes."""
    found: dict[str, dict[str, str]] = {}
    for name, message in Schema().messages.items():
        place = named(name) if message.message_set == MAIN_SET else None
        if place is not None:
            found.setdefault(place[0], {})[place[1]] = name
    return found


@cache
def quickbooks_operation(message: str) -> QuickBooksOperation:
    """A message as a method. Raises :class:`~qbxml.errors.UnknownName`."""
    schema = Schema()
    known = schema.message(message)
    request, response = schema.record(known.request), schema.record(known.response)
    object_, name = named(known.name) or ("", "")
    kinds = tuple(one.name for one in response.fields.values() if one.is_record and one.name != ERROR_RECOVERY)
    has_more = any(not one.is_record for one in response.fields.values())
    unwraps = len(kinds) == 1 and not has_more
    is_query = name == "query"
    return QuickBooksOperation(
        object=object_,
        name=name,
        message=known.name,
        writes=known.writes,
        has_pages="iterator" in request.attributes,
        inner=known.name if known.name in request.fields else None,
        outer=tuple(one for one in request.fields if one != known.name),
        kinds=kinds,
        unwraps=unwraps,
        is_list=is_query or (unwraps and response.fields[kinds[0]].repeats),
    )
