"""Which request is answered by what: one table of handlers by the request's name.

A family of requests is a module with a mapping of its own, such as :data:`qbsimulator.fixed.FIXED`; a new one is put in
by one more line in :func:`handlers`. A request that is in no mapping answers 1030.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from qbxml.schema import Schema

from . import gating, personal
from .answers import Answer
from .barcodes import BAR_CODES
from .context import Context, Handler, wanted
from .customfields import CUSTOM_FIELDS
from .errors import RequestError
from .fixed import FIXED
from .kinds import Kind, kinds
from .ledger.handlers import ledger_handlers
from .ledger.opening import open_with
from .merging import MERGING
from .queries import kinds_of
from .reports.handlers import report_handlers
from .specials import SPECIAL_REQUESTS
from .txnfields import with_fields


@functools.cache
def handlers() -> Mapping[str, Handler]:
    """All handlers, by the name of the request without ``Rq``."""
    families = (
        _lists(),
        FIXED,
        CUSTOM_FIELDS,
        MERGING,
        SPECIAL_REQUESTS,
        with_fields(ledger_handlers()),
        report_handlers(),
        BAR_CODES,
        gating.REFUSED,
    )
    known = Schema().messages  # a family may name Mods that its kinds do not have
    found = {name: handler for family in families for name, handler in family.items() if name in known}
    return {"ListDel": _list_del, **found}


def run(context: Context, content: Mapping[str, Any]) -> Answer:
    """Answer one request. Raises :class:`~qbsimulator.errors.RequestError`."""
    gating.check(context.name, content, context.settings)
    handler = handlers().get(context.name)
    if handler is None:
        raise RequestError(1030)
    if Schema(context.schema.version, None).writes(context.name):
        if not context.settings.may_write:
            raise RequestError(3260)
        context.company.locks.check(context, content)
    personal.check(context.name, content, context.session.personal_data)
    around = context.session.around
    answer = handler(context, content) if around is None else around(context, content, handler)
    return answer


def _lists() -> dict[str, Handler]:
    """Add, Mod and Query of each kind of list."""
    found: dict[str, Handler] = {}
    for name, kind in kinds().items():
        found[f"{name}Add"] = functools.partial(_add, kind)
        found[f"{name}Mod"] = functools.partial(_mod, kind)
    queries = (one.removesuffix("Query") for one in Schema().messages if one.endswith("Query"))
    return found | {f"{name}Query": _query for name in queries if kinds_of(name)}


def _add(kind: Kind, context: Context, content: Mapping[str, Any]) -> Answer:
    elements = context.company.elements
    added = elements.add(kind, content[context.name], context.settings)
    open_with(context.company.transactions, added, content[context.name], context.settings)
    return Answer(content=[(kind.ret, elements.record(added))], wanted=wanted(content))


def _mod(kind: Kind, context: Context, content: Mapping[str, Any]) -> Answer:
    elements = context.company.elements
    changed = elements.modify(kind, content[context.name], context.settings)
    return Answer(content=[(kind.ret, elements.record(changed))], wanted=wanted(content))


def _query(context: Context, content: Mapping[str, Any]) -> Answer:
    name = context.name.removesuffix("Query")
    return context.company.queries.answer(name, content, context.session.iterators, context.settings)


def _list_del(context: Context, content: Mapping[str, Any]) -> Answer:
    kind = kinds().get(str(content["ListDelType"]))
    if kind is None:
        raise RequestError(1030)
    company = context.company
    id_ = str(content["ListID"])
    element, when = company.elements.delete(kind, id_, context.settings)
    if context.settings.file_mode != "MultiUser":
        company.custom_fields.forget(element.key)
    told = {"ListDelType": kind.name, "ListID": id_, "TimeDeleted": company.clock.local(when)}
    return Answer(content=[*told.items(), ("FullName", element.full_name)])
