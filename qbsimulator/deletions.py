"""What was deleted, of lists and of transactions alike: both logs are asked for in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from qbxml.model import Record

from .answers import Answer
from .clock import DELETED_IS_KNOWN
from .context import Context, wanted
from .filters import moments

#: A line of a log: id, name or RefNumber, when it was made and deleted.
Deleted = tuple[str, str, float, float]


def told(
    context: Context,
    content: Mapping[str, Any],
    family: str,
    log: Callable[[str, float, float], Iterable[Deleted]],
    name: str,
) -> Answer:
    """What a log has of some kinds, in the order in which it was deleted.

    ``family`` is ``List`` or ``Txn``, ``name`` the field for what something was called. Raises
    :class:`~qbsimulator.errors.RequestError`.
    """
    clock = context.company.clock
    span = content.get("DeletedDateRangeFilter") or {}
    low, high = moments(clock, span.get("FromDeletedDate"), span.get("ToDeletedDate"))
    known = clock.now() - DELETED_IS_KNOWN
    low, high = known if low is None else max(low, known), float("inf") if high is None else high
    type_, ret = f"{family}DelType", f"{family}DeletedRet"
    answer = Answer(wanted=wanted(content))
    for kind in content[type_]:
        for id_, called, created, deleted in log(str(kind), low, high):
            record: dict[str, Any] = {
                type_: kind,
                f"{family}ID": id_,
                "TimeCreated": clock.local(created),
                "TimeDeleted": clock.local(deleted),
            }
            answer.content.append((ret, Record(ret, record | ({name: called} if called else {}))))
    answer.code = 0 if answer.content else 1
    if not answer.count(content, len(answer.content)):
        answer.content = []
    return answer
