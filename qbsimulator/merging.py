"""ListMergeRq: one element of a list becomes another. What referred to the first refers to the second from then on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import qbxml
from qbxml.model import Record

from .answers import Answer
from .contents import check_id
from .context import Context, Handler
from .errors import NO_SUCH_RECORD, RequestError
from .kinds import Kind, kinds
from .storage import Element

if TYPE_CHECKING:
    from .company import Company


def renamed(value: Any, old: str, new: str) -> Any:
    """A record's value with references to one key in place of those to another."""
    if isinstance(value, list):
        return [renamed(one, old, new) for one in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("key") == old:
        return {**value, "key": new}
    return {name: renamed(one, old, new) for name, one in value.items()}


def _merge(context: Context, content: Mapping[str, Any]) -> Answer:
    company = context.company
    kind = kinds()[str(content["ListMergeType"])]
    source = _named(company, kind, content["MergeFrom"])
    target = _named(company, kind, content["MergeTo"])
    if context.settings.file_mode == "MultiUser":
        raise RequestError(3500, detail="It needs the company file in single-user mode.")
    _may_be_one(company, source, target)
    now = company.clock.now()
    _move(company, source, target)
    company.custom_fields.forget(source.key)
    company._storage.remove(source, now)
    target.modified, target.edit_sequence = now, str(int(now))
    company._storage.write(target)
    local = company.clock.local
    merged_to = {
        "ListID": target.id,
        "TimeCreated": local(target.created),
        "TimeModified": local(now),
        "EditSequence": target.edit_sequence,
        "FullName": target.full_name,
    }
    return Answer(
        content=[
            ("ListMergeType", kind.name),
            ("MergedFrom", {"ListID": source.id, "TimeDeleted": local(now), "FullName": source.full_name}),
            ("MergedTo", merged_to),
        ]
    )


def _named(company: Company, kind: Kind, given: Mapping[str, Any]) -> Element:
    check_id(given["ListID"])
    element = company._storage.element(kind.name, str(given["ListID"]))
    if element is None:
        raise RequestError(3120, value=given["ListID"], detail=NO_SUCH_RECORD)
    if str(given["EditSequence"]) != element.edit_sequence:
        raise RequestError(3200, value=given["EditSequence"], record=company.elements.record(element))
    return element


def _may_be_one(company: Company, source: Element, target: Element) -> None:
    """Raise :class:`~qbsimulator.errors.RequestError` for two elements that can't become one."""
    if source.key == target.key:
        raise RequestError(3500, detail="An element can't be merged with itself.")
    if target.key in company._storage.users(source.key) or source.key in company._storage.users(target.key):
        raise RequestError(3500, detail="One of the elements is part of the other.")
    if source.level != target.level:
        raise RequestError(3500, detail="The elements are on different levels of their list.")
    if "SpecialAccountType" in _body(source) or "SpecialItemType" in _body(source):
        raise RequestError(3500, detail="QuickBooks needs the element.")
    types = [_body(one).get("AccountType") for one in (source, target)]
    if types[0] != types[1]:
        raise RequestError(3500, detail="The accounts are of different types.")
    taken = {one.name.lower() for one in company._storage.children(target.key)}
    if any(one.name.lower() in taken for one in company._storage.children(source.key)):
        raise RequestError(3500, detail="Elements below the two have the same name.")


def _body(element: Element) -> Record:
    body = qbxml.from_json(element.body)
    assert isinstance(body, Record)
    return body


def _move(company: Company, source: Element, target: Element) -> None:
    """Let everything that refers to one element refer to the other: elements, what is below it, transactions."""
    storage = company._storage
    users = storage.users(source.key)
    for user in users:
        kind, _, id_ = user.partition(" ")
        if kind not in kinds():
            continue
        element = storage.element(kind, id_)
        assert element is not None
        if element.parent == source.key:
            element.parent = target.key
        body = _body(element)
        element.body = qbxml.to_json(Record(body.name, renamed(body, source.key, target.key)))
        storage.write(element)
        storage.replace_use(user, source.key, target.key)
    company.elements.rename_below(target)
    # What is kept beside the lists comes last: it may depend on what the elements have become.
    for hook in company.merge_hooks:
        hook(source.key, target.key)


#: By the name of the request without ``Rq``.
MERGING: dict[str, Handler] = {"ListMerge": _merge}
