"""The Web Connector: applications that are added, updated and run by their schedules."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import QuickBooksError
from . import qwc as qwc_files
from .codes import ConnectorError, named
from .desk import CompanyFile, Desk
from .documents import STAMP, Fields, host
from .habits import Habits
from .home import Application, Home
from .interference import Interference
from .log import FILE_NAME, Log
from .qwc import Qwc
from .records import Outcome, Step, Update
from .times import RealTime, Time
from .transport import HTTPTransport, Transport, TransportError, UntrustedCertificate
from .update import Conversation

#: Statuses that say that the application may not write to the company file.
_NO_PERMISSION = (3260, 3261, 3263)
#: That of a request which the company does not answer.
_UNSUPPORTED = 1030
#: Seconds after which a scheduled update that found another one running is tried again.
_PAUSE = 5.0
#: The shortest time, in seconds, for which a server can postpone: with none at all an update would never end.
_SHORTEST = 1


class WebConnector:
    """A Web Connector on a machine with QuickBooks.

    ``transport`` is how calls reach the servers (default: HTTP). ``clock`` is its time: it gives seconds since 1970
    when called, and waits with ``sleep``. ``home`` is a folder for applications, passwords and log; ``None``: all is in
    memory. ``faults`` is what goes wrong, ``habits`` how it behaves. ``on_step`` is called after each call to a server,
    with the update and the step.
    """

    def __init__(
        self,
        *,
        transport: Transport | None = None,
        clock: Time | None = None,
        home: str | Path | None = None,
        habits: Habits | None = None,
        faults: Interference | None = None,
        on_step: Callable[[Update, Step], object] | None = None,
    ) -> None:
        self.transport: Transport = transport or HTTPTransport()
        self.clock: Time = clock or RealTime()
        self.habits = habits or Habits()
        self.faults = faults or Interference()
        self._on_step = on_step
        self._home = Home(None if home is None else Path(home))
        self._numbers = itertools.count(1)
        self.log = Log(None if self._home.folder is None else self._home.folder / FILE_NAME)
        #: QuickBooks on the same machine: which company file is open there can be changed at any time.
        self.desk = Desk(self.clock)

    @property
    def applications(self) -> list[Application]:
        """All applications, in the order in which they were added."""
        return list(self._home.applications.values())

    def application(self, name: str) -> Application:
        """The application of a name. Raises :class:`~qbsimulator.connector.codes.ConnectorError`."""
        if name not in self._home.applications:
            there = ", ".join(self._home.applications) or "none"
            raise ConnectorError(1011, f"{name}; those that were added: {there}")
        return self._home.applications[name]

    def reload(self) -> None:
        """Read the applications anew from the home, where another process may have added some."""
        self._home.load()

    # -- adding ----------------------------------------------------------------------------------------------------

    def add(
        self,
        qwc: str | bytes | Path,
        company: CompanyFile | str | Path,
        password: str | None = None,
        *,
        company_file: str | None = None,
    ) -> Application:
        """Add an application by its ``.qwc`` file: a path, or its text. One of the same name is replaced.

        ``company`` is a company or the path of its file, which is then opened for each update. ``company_file`` is the
        path that the server is told; default: that of the file. The company file is stamped with the FileID.
        Raises :class:`~qbsimulator.connector.codes.ConnectorError`, and ``OSError`` for a ``.qwc`` file that can't be
        read.
        """
        try:
            return self._add(qwc_files.read(qwc), company, password, company_file)
        except ConnectorError as error:
            self.log.write(self.clock(), "Web Connector", f"An application was not added: {error}")
            raise

    def _add(self, file: Qwc, company: CompanyFile | str | Path, password: str | None, told: str | None) -> Application:
        for other in self.applications:
            if other.name != file.app_name and _pair(other.qwc) == _pair(file):
                raise ConnectorError(1039, f"Unique OwnerID/FileID pair value required; {other.name} has this one")
        self._check_pages(file)
        path = self._place(company, told)
        before = self._home.applications.get(file.app_name)
        added = Application(file, path, password, every=file.every, auto_run=file.every is not None)
        if before is not None:
            added.last_run = before.last_run
            added.password = before.password if password is None else password
        self._stamp(added)
        self._home.keep(added, new=True)
        self.log.write(self.clock(), added.name, f"The application was added, for the company file {path}")
        return added

    def _check_pages(self, file: Qwc) -> None:
        if urlsplit(file.cert_url or file.app_url).scheme == "https":
            self._seen(file.cert_url or file.app_url, None)
        status = self._seen(file.app_support, 1004)
        if status not in (200, 202):
            raise ConnectorError(1003, f"{file.app_support}: {status}")

    def _seen(self, url: str, code: int | None) -> int:
        """The status with which a page is answered. Without a ``code`` it matters only whom it belongs to."""
        try:
            return self.transport.get(url).status
        except UntrustedCertificate as error:
            raise ConnectorError(1048, f"{url}: {error}") from error
        except TransportError as error:
            if code is None:
                return 0
            raise ConnectorError(code, f"{url}: {error}") from error

    def _place(self, company: CompanyFile | str | Path, told: str | None) -> str:
        """The path of a company, which is there from now on."""
        if isinstance(company, (str, Path)):
            path = str(Path(company).absolute())
            if told is not None and told != path:
                raise ConnectorError(None, "company_file is for a company that is open already")
            return path
        of_its_own = getattr(company, "path", None)
        path = told or (str(Path(of_its_own).absolute()) if of_its_own is not None else "")
        path = path or f"C:\\QuickBooks\\Company {next(self._numbers)}.qbw"
        self.desk.put(path, company)
        return path

    def _fields(self, application: Application, process: Callable[[str], str]) -> Fields:
        return Fields(process, host(process).version, application.qwc.owner_id)

    def _stamp(self, application: Application) -> None:
        """Write the FileID into the company file, unless it is there."""
        try:
            opened = self.desk.begin("", application.company_file, application.name)
        except QuickBooksError as error:
            raise ConnectorError(1025, str(error)) from error
        try:
            fields = self._fields(application, opened.process)
            there = fields.read().get(STAMP, "")
            if there.lower() == application.qwc.file_id.lower():
                return
            if there:
                text = "Unique OwnerID/FileID pair value required; the company file has another FileID of this owner"
                raise ConnectorError(1039, text)
            status = fields.write(STAMP, application.qwc.file_id, known=False)
        except QuickBooksError as error:
            raise ConnectorError(1025, str(error)) from error
        finally:
            opened.end()
        if status.code in _NO_PERMISSION:
            raise ConnectorError(1039, f"status {status.code}: {status.message}")
        if status.code == _UNSUPPORTED:
            text = f"{named(1027)}: the company file takes no {STAMP}, status 1030; the application is added without"
            self.log.write(self.clock(), application.name, text)
        elif status.code:
            raise ConnectorError(1027, f"status {status.code}: {status.message}")

    def remove(self, application: Application | str) -> None:
        """Remove an application, and its FileID from the company file where that can be opened."""
        found = self._known(application)
        try:
            opened = self.desk.begin("", found.company_file, found.name)
            try:
                self._fields(found, opened.process).delete(STAMP)
            finally:
                opened.end()
        except QuickBooksError as error:
            self.log.write(self.clock(), found.name, f"The FileID was left in the company file: {error}")
        self._home.forget(found.name)

    def _known(self, application: Application | str) -> Application:
        return self.application(application if isinstance(application, str) else application.name)

    # -- updating --------------------------------------------------------------------------------------------------

    def update(self, application: Application | str, *, scheduled: bool = False) -> Update:
        """Do one update, as *Update Selected* does. How it went is in what it returns; no failure of it is raised.

        Raises :class:`~qbsimulator.connector.codes.ConnectorError` for an application that was not added.
        """
        found = self._known(application)
        with self._home.updating() as may:
            if not may:
                now = self.clock()
                text = "Another update is running."
                self.log.write(now, found.name, text)
                found.next_run = now + _PAUSE
                return Update(found.name, scheduled, now, now, Outcome.NOT_STARTED, text)
            return self._update(found, scheduled)

    def _update(self, application: Application, scheduled: bool) -> Update:
        talk = Conversation(
            application,
            transport=self.transport,
            desk=self.desk,
            time=self.clock,
            log=self.log,
            habits=self.habits,
            interference=self.faults,
            scheduled=scheduled,
            on_step=self._on_step,
        )
        try:
            return talk.run()
        finally:
            if _schedule(application, talk.update):
                text = f"The server wants {application.every:g} seconds between updates; the interval is raised"
                self.log.write(self.clock(), application.name, text)
            if talk.update.outcome is not Outcome.DIED:  # the dead write nothing
                self._home.keep(application)

    # -- schedules -------------------------------------------------------------------------------------------------

    def run(self, until: float | None = None) -> list[Update]:
        """Run the applications by their schedules until a time, in seconds since 1970. Returns the updates.

        Without ``until`` it does not end while an application has a schedule.
        """
        return list(self.updates(until))

    def updates(self, until: float | None = None, *, only: Application | None = None) -> Iterator[Update]:
        """The same, one update after the other as it is done; of one application alone, if it is given."""
        while True:
            among = self.applications if only is None else [only]
            waiting = [one for one in among if one.auto_run and one.every]
            first = min(waiting, key=lambda one: one.next_run or 0.0, default=None)
            due = None if first is None else max(first.next_run or 0.0, self.clock())
            if first is None or due is None or (until is not None and due > until):
                if until is not None:
                    self.clock.sleep(until - self.clock())
                return
            self.clock.sleep(due - self.clock())
            yield self.update(first, scheduled=True)


def _pair(file: Qwc) -> tuple[str, str]:
    return file.owner_id.lower(), file.file_id.lower()


def _schedule(application: Application, update: Update) -> bool:
    """Note an update, and when the next one is due; whether the interval was raised by the server."""
    application.last_run, application.status = update.began, update.status
    raised = update.run_every is not None and (application.every or 0) < update.run_every
    if raised:
        application.every = float(update.run_every or 0)
    if update.postponed is not None:
        application.next_run = update.ended + max(update.postponed, _SHORTEST)
    elif application.every is not None:
        application.next_run = update.began + application.every
    return raised
