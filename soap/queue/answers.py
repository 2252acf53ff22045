"""What QuickBooks' answers say of the requests of a set, and the question for them. Nothing is changed here.

``delivery.py`` decides what follows from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import qbxml
from qbxml.model import MessageResponse, Response

from .entries import Entry
from .states import State

#: Answers by the id of their request.
Answers: TypeAlias = Mapping[str, MessageResponse]

#: Statuses that say that a record is in use elsewhere: nothing was done, and a little later it may be free.
LOCKED = frozenset({3175, 3176})

#: The status of a request that QuickBooks did not come to: one before it failed, or it went down.
NOT_PROCESSED = 3231

#: What messageSetStatusCode can say beside 0. What it says of a set with all its answers does not matter.
SET_STATUS = {
    600: "QuickBooks knows no outcome under the set's id",
    9001: "QuickBooks has another request under the set's id",
    9002: "QuickBooks has no outcome stored under the set's id",
    9004: "QuickBooks finds the set's id too long",
    9005: "QuickBooks could not store the outcome",
}

#: After these the identical text is not handed out again: QuickBooks' memory of it can't be relied on.
NOT_AGAIN = frozenset({9001, 9004, 9005})


def is_refused(message: MessageResponse) -> bool:
    """Whether QuickBooks answered with an error; a warning is none."""
    return message.status_severity.lower() == "error"


def is_recovered(message: MessageResponse) -> bool:
    """Whether an answer comes from QuickBooks' memory, which has no records."""
    return "ErrorRecovery" in message.content or not message.records


def unprocessed(members: Sequence[Entry], answers: Answers) -> list[Entry]:
    """The last members of a set, those that QuickBooks never came to, with nothing in the set to blame for that.

    They were certainly not done. Empty where one of them is behind an error at which the set stops, for then they are
    not meant to be done; and where one behind them was processed, which can't be explained.
    """
    first = next((place for place, one in enumerate(members) if _not_processed(answers[one.id])), len(members))
    before, behind = members[:first], list(members[first:])
    if not all(_not_processed(answers[one.id]) for one in behind):
        return []
    stopped = members[0].on_error == "stopOnError" and any(is_refused(answers[one.id]) for one in before)
    return [] if stopped else behind


def _not_processed(message: MessageResponse) -> bool:
    return message.status_code == NOT_PROCESSED


def is_overtaken(members: Sequence[Entry], answers: Answers, response: Response) -> bool:
    """Whether it is an answer to an earlier attempt, which says nothing of the one that waits or is out now.

    Each attempt has a message set id of its own, which QuickBooks repeats. Success counts all the same: it was done.
    """
    head = members[0]
    if not any(is_refused(answers[member.id]) for member in members):
        return False
    if head.state is State.QUEUED and (answers[head.id].status_code in LOCKED or unprocessed(members, answers)):
        return True  # the answer that sent it back, once more
    return response.new_message_set_id not in (None, head.message_set_id)


def question(message_set_id: str, version: str | None) -> str:
    """The document that asks QuickBooks for the outcome of a set, and for nothing else: it has no request in it."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<?qbxml version="{version or "13.0"}"?>\n'
        "<QBXML>\n"
        f'<QBXMLMsgsRq oldMessageSetID="{message_set_id}" newMessageSetID="{message_set_id}" onError="stopOnError">\n'
        "</QBXMLMsgsRq>\n"
        "</QBXML>\n"
    )


def error_of(kind: str, message: str, **more: Any) -> str:
    """Why a request has no answer, or no good one, as a row keeps it. What is ``None`` is left out."""
    return json.dumps({"kind": kind, "message": message, **{key: one for key, one in more.items() if one is not None}})


def status_error(message: MessageResponse) -> str:
    """QuickBooks' refusal of a request; with the current record where one came (a stale EditSequence)."""
    error = message.error()
    record = None if error.record is None else json.loads(qbxml.to_json(error.record))
    meaning = {"meaning": error.meaning, "advice": error.advice}
    return error_of("status", message.status_message, code=message.status_code, record=record, **meaning)
