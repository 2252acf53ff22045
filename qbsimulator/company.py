"""A QuickBooks company: a file, and the request processor that works on it.

``company.process(document)`` is what QuickBooks does with a document of qbXML: an answer, or a
:class:`~qbsimulator.errors.QuickBooksError` where it gives none. A request and the record of its outcome are committed
together, so a company that is killed at any moment is as if it had done a request or not begun it.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from qbxml.model import MessageRequest
from qbxml.schema import Schema

from .acceptance import Accepted, accept, foreign
from .answers import Answer, document, written
from .clock import Clock
from .elements import Elements
from .errors import RequestError, UnknownSetting, UnusableFile, words
from .fixed import FIXED
from .iterators import Iterators
from .kinds import kinds
from .queries import Queries, kinds_of
from .settings import Settings
from .storage import Storage

#: QuickBooks takes ids of message sets of so many characters.
LONGEST_SET_ID = 24

#: Not part of what is compared when a message set comes again.
_VARYING = re.compile(rb'\s(?:newMessageSetID|oldMessageSetID)\s*=\s*(?:"[^"]*"|\'[^\']*\')')


class Company:
    """An open company file. Made by :meth:`create` and :meth:`open`; any thread may use it, one request at a time."""

    def __init__(self, storage: Storage, clock: Callable[[], float] | None) -> None:
        self._storage = storage
        self._source = clock
        self._lock = threading.RLock()
        try:
            self._use(Settings.from_json(storage.settings() or "{}"))
        except UnknownSetting:
            storage.close()
            raise

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        clock: Callable[[], float] | None = None,
        settings: Settings | None = None,
    ) -> Company:
        """Make a company file, with nothing in it but the settings.

        ``clock`` gives seconds since 1970 (default: the system's). Raises
        :class:`~qbsimulator.errors.UnusableFile` where there is a file already.
        """
        storage = Storage(Path(path), new=True)
        storage.write_settings((settings or Settings()).to_json())
        return cls(storage, clock)

    @classmethod
    def open(cls, path: str | Path, *, clock: Callable[[], float] | None = None) -> Company:
        """Open a company file. Raises :class:`~qbsimulator.errors.UnusableFile` for what is none.

        Raises :class:`~qbsimulator.errors.UnknownSetting` where this system or release has no such thing as it is set
        to, such as its time zone.
        """
        storage = Storage(Path(path), new=False)
        if storage.settings() is None:
            storage.close()
            raise UnusableFile(str(path), "its making was broken off")
        return cls(storage, clock)

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def __enter__(self) -> Company:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def settings(self) -> Settings:
        """The settings; :meth:`configure` changes them."""
        return self._settings

    def configure(self, **values: Any) -> Settings:
        """Change settings, in the file, too. Raises :class:`~qbsimulator.errors.UnknownSetting`."""
        with self._lock:
            changed = self._settings.changed(**values)
            self._storage.write_settings(changed.to_json())
            self._use(changed)
            return changed

    def _use(self, settings: Settings) -> None:
        self._settings = settings
        offset = settings.standard_offset_only
        self.clock = Clock(self._source, settings.timezone, standard_offset_only=offset)
        self.elements = Elements(self._storage, self.clock)
        self.queries = Queries(self._storage, self.elements, self.clock)

    def session(self, application: str = "") -> Session:
        """Begin a session for an application: its iterators live as long, its message sets are its own."""
        return Session(self, application)

    def process(self, data: bytes, application: str = "") -> bytes:
        """Process a document in a session of its own. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        return self.session(application).process(data)


class Session:
    """A session of one application with a company."""

    def __init__(self, company: Company, application: str) -> None:
        self.company = company
        self.application = application
        self.iterators = Iterators()

    def process(self, data: bytes) -> bytes:
        """Process a document. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        with self.company._lock:
            settings = self.company.settings
            accepted = accept(data, settings.qbxml_version, settings.country)
            attributes = accepted.request.sets.get("QBXMLMsgs", {})
            return _MessageSet(self, accepted, data, attributes).answer()


class _MessageSet:
    """One document being worked on."""

    def __init__(self, session: Session, accepted: Accepted, data: bytes, attributes: Mapping[str, Any]) -> None:
        self._company = session.company
        self._storage = session.company._storage
        self._session = session
        self._accepted = accepted
        self._attributes = attributes
        self._new = str(attributes.get("newMessageSetID") or "")
        self._old = str(attributes.get("oldMessageSetID") or "")
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
            code = self._forgotten()
            known = self._storage.recovered(self._session.application, self._new) if self._new else None
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
        for _, value in answer.content:
            if isinstance(value, Mapping) and ("ListID" in value or "TxnID" in value):
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
        if request.request_id is not None and len(request.request_id) > 50:
            return _failed(RequestError(1060, value=request.request_id))
        refused = self._accepted.refused.get(place)
        if refused is not None:
            return _failed(refused)
        everywhere = Schema(schema.version, None)
        if request.name not in schema.records():
            return _failed(RequestError(1030))
        field, content = foreign(request.content, everywhere.record(request.name), schema.record(request.name))
        try:
            with self._storage.attempt():
                answer = self._handled(request.name.removesuffix("Rq"), content, schema)
        except RequestError as error:
            return _failed(error)
        if field is not None and answer.code == 0:  # done all the same, without it
            answer.code, answer.message = 530, words(530, field=field)
        return answer

    def _handled(self, base: str, content: Mapping[str, Any], schema: Schema) -> Answer:
        company, settings = self._company, self._company.settings
        for verb in ("Add", "Mod"):
            kind = kinds().get(base.removesuffix(verb)) if base.endswith(verb) else None
            if kind is None:
                continue
            if not settings.may_write:
                raise RequestError(3260)
            work = company.elements.add if verb == "Add" else company.elements.modify
            record = company.elements.record(work(kind, content[base], settings))
            return Answer(content=[(kind.ret, record)], wanted=tuple(content.get("IncludeRetElement") or ()))
        if base in FIXED:
            return FIXED[base](company, content, schema)
        if base.endswith("Query") and kinds_of(base.removesuffix("Query")):
            return company.queries.answer(base.removesuffix("Query"), content, self._session.iterators, settings)
        if base == "ListDel":
            return self._list_del(content)
        raise RequestError(1030)

    def _list_del(self, content: Mapping[str, Any]) -> Answer:
        kind = kinds().get(str(content["ListDelType"]))
        if kind is None:
            raise RequestError(1030)
        if not self._company.settings.may_write:
            raise RequestError(3260)
        id_ = str(content["ListID"])
        element, when = self._company.elements.delete(kind, id_, self._company.settings)
        told = {"ListDelType": kind.name, "ListID": id_, "TimeDeleted": self._company.clock.local(when)}
        return Answer(content=[*told.items(), ("FullName", element.full_name)])


def _failed(error: RequestError) -> Answer:
    content = [] if error.record is None else [(str(getattr(error.record, "name", "")), error.record)]
    return Answer(error.code, error.message, content=content)
