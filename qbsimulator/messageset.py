"""A message set at work: its requests in their order, and the record of what became of each.

A request and the note of its outcome are kept in one step, so that a set that comes again is told what it was told
before, and not run again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qbxml.model import MessageRequest
from qbxml.schema import Schema

from . import personal
from .acceptance import Accepted, foreign
from .answers import Answer, document, written
from .context import Context
from .errors import RequestError
from .macros import Macros
from .requests import handlers, run

if TYPE_CHECKING:
    from .company import Session

#: QuickBooks takes ids of message sets of so many characters.
LONGEST_SET_ID = 24

#: Not part of what is compared when a message set comes again.
_VARYING = re.compile(rb'\s(?:newMessageSetID|oldMessageSetID)\s*=\s*(?:"[^"]*"|\'[^\']*\')')


class MessageSet:
    """One document being worked on."""

    def __init__(self, session: Session, accepted: Accepted, data: bytes, attributes: Mapping[str, Any]) -> None:
        self._company = session.company
        self._storage = session.company._storage
        self._session = session
        self._accepted = accepted
        self._attributes = attributes
        self._new = str(attributes.get("newMessageSetID") or "")
        self._old = str(attributes.get("oldMessageSetID") or "")
        self._macros = Macros()
        self._checksum = hashlib.sha256(_VARYING.sub(b"", data)).hexdigest()

    def answer(self) -> bytes:
        """The answer to the whole document."""
        if not self._new and not self._old:
            return document(self._run(), {})
        told: dict[str, Any] = {"newMessageSetID": self._new} if self._new else {}
        if max(len(self._new), len(self._old)) > LONGEST_SET_ID and self._old != "ClearAllMessageSets":
            return document([], {**told, "messageSetStatusCode": 9004})
        # In one step with the note that the set has begun: whoever dies in between has done neither.
        with self._storage.transaction():
            known = self._storage.recovered(self._session.application, self._new) if self._new else None
            # One that comes again has forgotten the older one already.
            code = self._forgotten() if known is None else 0
            if self._new and self._new != self._old and known is None:
                self._storage.keep(self._session.application, self._new, self._checksum, 0, "")
        if known is not None:
            if self._old != self._new and known[0] != self._checksum:
                return document([], {**told, "messageSetStatusCode": 9001})
            return document(self._kept(known[1]), {**told, "messageSetStatusCode": code})
        if self._old == self._new:
            nothing = self._company.settings.nothing_stored
            return document([], {**told, "messageSetStatusCode": nothing})
        return document(self._run(), {**told, "messageSetStatusCode": code})

    def _forgotten(self) -> int:
        """Forget the outcome that the set says it is done with. Returns the status of the set."""
        if not self._old or self._old == self._new:
            return 0
        everything = self._old == "ClearAllMessageSets"
        forgotten = self._storage.forget(self._session.application, None if everything else self._old)
        return 0 if forgotten or everything else 600

    def _kept(self, answers: list[str]) -> list[str]:
        """The stored answers. What the set never came to, since the company died before, was not processed."""
        missed = list(self._accepted.request)[len(answers) :]
        return answers + [self._written(request, Answer(3231)) for request in missed]

    def _written(self, request: MessageRequest, answer: Answer, *, bare: bool = False) -> str:
        name = f"{request.name.removesuffix('Rq')}Rs"
        return written(name, answer, request.request_id, self._accepted.schema, bare=bare)

    def _recovery(self, answer: Answer, name: str) -> list[tuple[str, Any]]:
        """What is kept of an answer: no record, only what it says of itself, where the schema has a place for that."""
        record = Schema(self._accepted.schema.version, None).record(name)
        if answer.code >= 1000 or "ErrorRecovery" not in record.fields:
            return []
        told = dict(answer.content)  # an answer about what is gone says so itself, without a record
        for value in (told, *told.values()):
            if isinstance(value, Mapping) and any(one in value for one in ("ListID", "TxnID", "OwnerID")):
                fields = ("ListID", "OwnerID", "TxnID", "TxnNumber", "EditSequence", "ExternalGUID")
                return [("ErrorRecovery", {one: value[one] for one in fields if one in value})]
        return []

    def _run(self) -> list[str]:
        """Run the requests in their order; the answers as text."""
        answers = []
        stopped = False
        bare = self._attributes.get("responseData") == "includeNone"
        schema = self._accepted.schema
        for place, request in enumerate(self._accepted.request):
            with self._storage.transaction():
                answer = Answer(3231) if stopped else self._one(place, request, schema)
                stopped = stopped or (answer.code >= 1000 and self._attributes.get("onError") != "continueOnError")
                if self._new:
                    name = f"{request.name.removesuffix('Rq')}Rs"
                    kept = Answer(answer.code, answer.message, content=self._recovery(answer, name))
                    text = self._written(request, kept)
                    self._storage.keep(self._session.application, self._new, self._checksum, place + 1, text)
            answers.append(self._written(request, answer, bare=bare))
        return answers

    def _one(self, place: int, request: MessageRequest, schema: Schema) -> Answer:
        """Run one request. Of one that fails nothing is left."""
        try:
            if request.request_id is not None and len(request.request_id) > 50:
                raise RequestError(1060, value=request.request_id)
            if (refused := self._accepted.refused.get(place)) is not None:
                raise refused
            answer = self._run_one(request, schema)
        except RequestError as error:
            content = [] if error.record is None else [(str(getattr(error.record, "name", "")), error.record)]
            answer = Answer(error.code, error.message, content=content)
        self._macros.define(request.content, answer)
        personal.withhold(answer, self._session.personal_data)
        return answer

    def _run_one(self, request: MessageRequest, schema: Schema) -> Answer:
        if request.name not in schema.records():
            raise RequestError(1030)
        context = Context(self._company, self._session, schema, request.name.removesuffix("Rq"))
        if context.name not in handlers():
            return run(context, request.content)  # which says why there is no answer
        everywhere = Schema(schema.version, None)
        odd, content = foreign(request.content, everywhere.record(request.name), schema.record(request.name))
        with self._storage.attempt():
            answer = run(context, self._macros.resolved(content))
        if odd is not None and answer.code == 0:  # done all the same, without it
            answer.code, answer.message = odd.code, odd.message
        return answer
