"""BarCodeQueryRq: which element of a list has a bar code. Only items have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qbxml.model import Record

from .answers import Answer
from .context import Context, Handler
from .errors import words
from .iterators import Found
from .kinds import items

_HELD = "json_extract(body, '$.' || kind || 'Ret.BarCodeValue')"


def _query(context: Context, content: Mapping[str, Any]) -> Answer:
    company, iterators, now = context.company, context.session.iterators, context.company.clock.now()
    answer = Answer()
    iterator = content.get("iterator")
    if iterator in ("Continue", "Stop"):
        idle = context.settings.iterator_idle
        found, content = iterators.going_on(context.name, content, answer, now, idle)
    else:
        found = _found(context, content.get("BarCodeValue") or [], answer)
        if iterator == "Start":
            found = iterators.start(context.name, found, content, answer, now)
    for kind, id_ in found if answer.count(content, len(found)) else ():
        element = company._storage.element(kind, id_)
        if element is not None:  # deleted since the iterator started
            told = {"ListType": kind, "ListID": id_, "FullName": element.full_name}
            answer.content.append(("BarCodeRet", Record("BarCodeRet", told)))
    return answer


def _found(context: Context, values: Sequence[str], answer: Answer) -> Found:
    """The items with any bar code, or with those that are listed; what is missing of them makes it a warning."""
    find = context.company._storage.find
    if not values:
        found = find(items(), f"{_HELD} IS NOT NULL", [], "full_name, id")
        answer.code = 0 if found else 1
        return found
    found = []
    for value in values:
        hits = find(items(), f"{_HELD} = ?", [value], "full_name, id")
        found += [hit for hit in hits if hit not in found]
        if not hits and not answer.code:
            answer.code, answer.message = 500, words(500, value=value)
    return found


#: By the name of the request without ``Rq``.
BAR_CODES: dict[str, Handler] = {"BarCodeQuery": _query}
