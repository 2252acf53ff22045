"""A company, a Web Connector and an endpoint in one process and one time: three packages that share no code."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import soap
from qbsimulator import Company, Settings
from qbsimulator.connector import Habits, Interference, Update, VirtualTime, WebConnector, WSGITransport

URL = "http://localhost/qbwc"


class Together:
    """All of them, and a queue whose connection is ``annie``."""

    def __init__(
        self,
        folder: Path,
        *,
        faults: Interference | None = None,
        settings: Settings | None = None,
        habits: Habits | None = None,
        company_file: uuid.UUID | None = None,
        **options: Any,
    ) -> None:
        self.time = VirtualTime()
        self.company = Company.create(folder / "books.company", clock=self.time, settings=settings)
        self.queue = soap.MemoryQueue(clock=self.time)
        self.owner, self.file = uuid.uuid4(), uuid.uuid4()
        account = soap.Account("annie", owner_id=f"{{{self.owner}}}", file_id=f"{{{company_file or self.file}}}")
        self.endpoint = soap.application(queue=self.queue, authenticator=Doorman(account), url=URL, **options)
        qwc = soap.qwc.build(
            app_name="Books",
            url=URL,
            username="annie",
            owner_id=self.owner,
            file_id=self.file,
            run_every_n_minutes=10,
        )
        self.transport = WSGITransport(self.endpoint, clock=self.time)
        self.connector = WebConnector(transport=self.transport, clock=self.time, faults=faults, habits=habits)
        self.application = self.connector.add(qwc, self.company, "reeds")

    def enqueue(self, *requests: Any, **more: Any) -> list[str]:
        return [self.queue.enqueue("annie", request, **more) for request in requests]

    def update(self) -> Update:
        """One update, ten minutes after the last."""
        self.time.sleep(600)
        return self.connector.update(self.application)

    def until_done(self, most: int = 20) -> list[Update]:
        """Updates until nothing waits. There are more than enough."""
        updates = []
        for _ in range(most):
            updates.append(self.update())
            if updates[-1].calls[-2:] == ["authenticate", "closeConnection"] and updates[-1].ok:
                return updates
        raise AssertionError([update.outcome for update in updates])

    def customers(self) -> list[str]:
        """The names of all customers."""
        import qbxml

        answer = qbxml.parse(self.company.process(qbxml.build({"CustomerQueryRq": {}})))
        return [str(one["Name"]) for one in answer[0].records]


class Doorman:
    """Lets one account in."""

    def __init__(self, account: soap.Account) -> None:
        self.account = account

    def authenticate(self, username: str, password: str, address: str | None) -> soap.Account | soap.Refusal:
        return self.account if (username, password) == ("annie", "reeds") else soap.Refusal.NOT_VALID_USER


def add(name: str) -> dict[str, Any]:
    return {"CustomerAddRq": {"CustomerAdd": {"Name": name}}}
