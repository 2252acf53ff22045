"""What the tests of the simulator share: a clock that moves when told, and a company whose every answer is judged."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from lxml import etree

import qbxml
from qbsimulator import Company, Session, Settings
from qbxml import Record, Response
from qbxml.model import MessageResponse

#: A Tuesday afternoon in winter, in the time zone of the settings: 2023-11-14T14:13:20-08:00.
BEGIN = 1_700_000_000


class Time:
    """A clock that stands still. ``seconds`` is what it shows."""

    def __init__(self, seconds: float = BEGIN) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds


@functools.cache
def _judge(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(qbxml.xsd(version).encode()))


def judge(answer: bytes, version: str = "16.0") -> None:
    """Fail where an answer does not fit the XML schema of a version."""
    schema = _judge(version)
    assert schema.validate(etree.fromstring(answer)), f"{schema.error_log}\n{answer.decode()}"


class Books:
    """A company, a session with it, and its time."""

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        Company.create(path, settings=settings).close()
        self._open(path)

    def _open(self, path: Path) -> None:
        self.path = path
        self.time = Time()
        self.company = Company.open(path, clock=self.time)
        self.company._storage.hurry()  # nobody pulls the plug
        self.session: Session = self.company.session()

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Those of a file that is there already."""
        opened = cls.__new__(cls)
        opened._open(path)
        return opened

    def close(self) -> None:
        self.company.close()

    def reopen(self) -> None:
        self.company.close()
        self.company = Company.open(self.path, clock=self.time)
        self.session = self.company.session()

    def raw(self, messages: str, *, version: str = "16.0", attributes: str = 'onError="stopOnError"') -> bytes:
        """The answer to a document whose messages are given as text. It fits the schema of its version."""
        answer = self.session.process(document(messages, version=version, attributes=attributes))
        judge(answer, version)
        return answer

    def ask(self, *requests: Any, version: str = "16.0", **options: Any) -> Response:
        """The answer to requests. It fits the schema of its version."""
        answer = self.session.process(qbxml.build(list(requests), version=version, **options))
        judge(answer, version)
        return qbxml.parse(answer)

    def one(self, name: str, content: Mapping[str, Any] | None = None, **options: Any) -> MessageResponse:
        """The answer to one request, by its name without ``Rq``."""
        return self.ask({f"{name}Rq": dict(content or {})}, **options)[0]

    def add(self, kind: str, fields: Mapping[str, Any] | str, **options: Any) -> Record:
        """Add an element, by its fields or its name alone, and return its record."""
        content = {"Name": fields} if isinstance(fields, str) else dict(fields)
        answer = self.one(f"{kind}Add", {f"{kind}Add": content}, **options)
        assert answer.status_code == 0, answer.status_message
        return answer.records[0]

    def refused(self, kind: str, fields: Mapping[str, Any] | str) -> tuple[int, str]:
        """The status of an Add that is refused."""
        content = {"Name": fields} if isinstance(fields, str) else dict(fields)
        return status(self.one(f"{kind}Add", {f"{kind}Add": content}))

    def mod(self, record: Mapping[str, Any], **fields: Any) -> MessageResponse:
        """Change a record that is current."""
        kind = str(getattr(record, "name", "CustomerRet")).removesuffix("Ret")
        own = {"ListID": record["ListID"], "EditSequence": record["EditSequence"]}
        return self.one(f"{kind}Mod", {f"{kind}Mod": {**own, **fields}})

    def modified(self, record: Mapping[str, Any], **fields: Any) -> Record:
        """Change a record that is current, and return the new one."""
        answer = self.mod(record, **fields)
        assert answer.status_code == 0, answer.status_message
        return answer.records[0]

    def names(self, query: str, content: Mapping[str, Any] | None = None) -> list[str]:
        """The full names, or names, of what a query finds."""
        return [str(one.get("FullName") or one.get("Name")) for one in self.one(f"{query}Query", content).records]

    def again(self, record: Record) -> Record:
        """A record as it is now."""
        kind = record.name.removesuffix("Ret")
        answer = self.one(f"{kind}Query", {"ListID": [record["ListID"]]})
        assert answer.status_code == 0, answer.status_message
        return answer.records[0]

    def delete(self, record: Record) -> MessageResponse:
        """Delete an element."""
        return self.one("ListDel", {"ListDelType": record.name.removesuffix("Ret"), "ListID": record["ListID"]})


def document(messages: str, *, version: str = "16.0", attributes: str = 'onError="stopOnError"') -> bytes:
    """A request document with messages as text."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{version}"?>\n'
        f"<QBXML><QBXMLMsgsRq {attributes}>{messages}</QBXMLMsgsRq></QBXML>"
    ).encode()


def status(answer: MessageResponse) -> tuple[int, str]:
    """The status of an answer: code and message."""
    return answer.status_code, answer.status_message
