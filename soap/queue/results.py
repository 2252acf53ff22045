"""What a caller sees of a request: its state, what was sent, what came back."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import qbxml
from qbxml.model import MessageResponse, Record, Response
from qbxml.schema import Schema

from ..errors import RequestFailed
from .entries import Entry
from .intake import moment
from .states import State


@dataclass(frozen=True)
class Result:
    """A request as it stood when it was asked for. Times are datetimes in UTC, ``None`` where there is none yet."""

    id: str
    connection: str
    #: ``CustomerQueryRq``.
    name: str
    state: State
    #: Whether it changes the company file.
    writes: bool
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None
    #: How often it was handed out.
    attempts: int
    #: Of QuickBooks' answer; ``None`` where there is none.
    status_code: int | None
    status_severity: str | None
    status_message: str | None
    #: Why it failed, or why nobody knows: a mapping with ``kind`` and ``message``, and by kind ``problems``,
    #: ``hresult``, ``code``, ``record`` …; ``None`` while nothing went wrong.
    error: dict[str, Any] | None
    #: The answer comes from QuickBooks' memory of it. Its record, if any, was read afterwards.
    recovered: bool
    metadata: Any
    #: The exact text last handed out, and the ``newMessageSetID`` in it. A set of requests shares one.
    text: str | None
    message_set_id: str | None
    #: The document that came back last, as it came, also where it could not be read.
    raw: str | None
    content: str
    caller_id: str | None
    record_raw: str | None
    parsed: Response | None

    @property
    def request(self) -> dict[str, Any]:
        """The request as plain values: ``{"CustomerQueryRq": {…}}``."""
        message = qbxml.from_json(self.content)
        content = dict(message.content)
        if self.caller_id is not None:
            content = {"requestID": self.caller_id, **content}
        return {self.name: content}

    @functools.cached_property
    def response(self) -> MessageResponse | None:
        """QuickBooks' answer, under the caller's own ``requestID``; ``None`` where there is none.

        The record of a ``recovered`` answer stands in it as if QuickBooks had sent it.
        """
        if self.status_code is None or self.raw is None:
            return None
        parsed = self.parsed if self.parsed is not None else qbxml.parse(self.raw)
        found = next((message for message in parsed if message.request_id == self.id), None)
        if found is None:
            return None
        content = dict(found.content)
        if self.caller_id is None:
            content.pop("requestID", None)
        else:
            content["requestID"] = self.caller_id
        for record in recovered_records(self.record_raw):
            content.setdefault(record.name, record)
        return MessageResponse(found.name, content, message_set=found.message_set)

    @property
    def records(self) -> Sequence[Record]:
        """The records of the answer; empty where there is none."""
        return () if self.response is None else self.response.records

    def raise_for_status(self) -> Result:
        """Raise unless it is ``DONE``; else return the result itself.

        Raises :class:`qbxml.errors.StatusError` (or one of its classes) for a request that QuickBooks refused, with
        the current record for a stale ``EditSequence``; :class:`~soap.errors.RequestFailed` for all else, a request
        that is still waiting included.
        """
        if self.state is State.DONE:
            return self
        if self.state is State.FAILED and self.response is not None:
            self.response.raise_for_status()
        message = (self.error or {}).get("message") or f"the request is {self.state.value}"
        raise RequestFailed(self.id, self.state.value, message, self.error or {})

    def to_dict(self) -> dict[str, Any]:
        """Everything but the texts, ready for JSON: times in ISO 8601, the answer in the codec's JSON form."""
        answer = None if self.response is None else json.loads(qbxml.to_json(self.response))
        return {
            "id": self.id,
            "connection": self.connection,
            "name": self.name,
            "state": self.state.value,
            "writes": self.writes,
            "created_at": self.created_at.isoformat(),
            "sent_at": self.sent_at.isoformat() if self.sent_at else None,
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "attempts": self.attempts,
            "status_code": self.status_code,
            "status_severity": self.status_severity,
            "status_message": self.status_message,
            "recovered": self.recovered,
            "error": self.error,
            "metadata": self.metadata,
            "answer": answer,
        }


def result_of(entry: Entry, head: Entry) -> Result:
    """What a caller sees of a row; ``head`` is the first of its set."""
    created = moment(entry.created_at)
    assert created is not None
    return Result(
        id=entry.id,
        connection=entry.connection,
        name=entry.name,
        state=entry.state,
        writes=entry.writes,
        created_at=created,
        sent_at=moment(head.sent_at),
        finished_at=moment(entry.finished_at),
        attempts=head.attempts,
        status_code=entry.status_code,
        status_severity=entry.status_severity,
        status_message=entry.status_message,
        error=None if entry.error is None else json.loads(entry.error),
        recovered=entry.recovered,
        metadata=None if entry.metadata is None else json.loads(entry.metadata),
        text=head.text,
        message_set_id=head.message_set_id,
        raw=head.raw,
        content=entry.content,
        caller_id=entry.caller_id,
        record_raw=entry.record_raw,
        parsed=head.parsed,
    )


def recovered_records(raw: str | None) -> list[Record]:
    """The record that was read after a recovered outcome, if there was one."""
    if raw is None:
        return []
    return [record for message in qbxml.parse(raw) for record in message.records[:1]]


def record_query(message: MessageResponse) -> tuple[str, str] | None:
    """The query, as name and JSON, that reads what a recovered answer names; ``None`` where there is none.

    QuickBooks gives the ids back in an ``ErrorRecovery`` block, from qbXML 11.0 on and not for all requests.
    """
    block = message.content.get("ErrorRecovery")
    base = message.name.removesuffix("Rs").removesuffix("Add").removesuffix("Mod")
    if not isinstance(block, dict) or base == message.name.removesuffix("Rs"):
        return None
    query = Schema().query_of(f"{base}Ret")
    if query is None:
        return None
    request = f"{base}QueryRq"
    fields = Schema().record(request).fields if request in Schema().records() else {}
    for key in ("ListID", "TxnID"):
        if block.get(key) and key in fields:
            return request, qbxml.to_json({request: {key: [str(block[key])]}})
    return None
