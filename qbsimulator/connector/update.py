"""One update: the conversation with the server from ``serverVersion`` to ``closeConnection``.

Whatever goes wrong ends in an :class:`~qbsimulator.connector.records.Update`, with the number under which the Web
Connector reports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from ..errors import QuickBooksError
from .codes import OF_CALLS, meaning, named
from .desk import Desk
from .documents import names
from .envelope import Fault, ServiceError, members, number
from .habits import Habits
from .home import Application
from .interference import ConnectorDied, Interference
from .log import Log
from .opening import Connection, Unanswered, connect
from .records import Exchange, Outcome, Step, Update
from .service import Service
from .times import Time
from .transport import Transport

_T = TypeVar("_T")

NOOP = "NoOp"
INTERACTIVE = "Interactive mode"


class _Ended(Exception):
    """The update is over. ``close`` tells whether ``closeConnection`` is called, where there is a ticket."""

    def __init__(self, outcome: Outcome, status: str, *, code: int | None = None, close: bool = False) -> None:
        super().__init__(status)
        self.outcome, self.status, self.code, self.close = outcome, status, code, close


class Conversation:
    """One update being done. :meth:`run` does it."""

    def __init__(
        self,
        application: Application,
        *,
        transport: Transport,
        desk: Desk,
        time: Time,
        log: Log,
        habits: Habits,
        interference: Interference,
        scheduled: bool,
        on_step: Callable[[Update, Step], object] | None = None,
    ) -> None:
        self._application, self._desk, self._time, self._log = application, desk, time, log
        self._habits, self._interference, self._on_step = habits, interference, on_step
        self._service = Service(application.qwc.app_url, transport, interference.link)
        self._ticket: str | None = None
        self._connection: Connection | None = None
        self.update = Update(application.name, scheduled, time())

    def run(self) -> Update:
        """Do it. An interrupt is passed on, after the server and QuickBooks were told."""
        update = self.update
        try:
            self._interference.beginning(self._desk, self._application)
            self._converse()
        except _Ended as end:
            self._finish(end)
        except ConnectorDied as death:
            # As if the process were gone: no word to the server, and the lock stays where it is.
            if self._connection is not None:
                self._connection.opened.end()
            update.outcome, update.status = Outcome.DIED, str(death)
        except KeyboardInterrupt:
            self._finish(_Ended(Outcome.BROKEN_OFF, "Interrupted", close=True))
            raise
        except Exception:  # not of the protocol: a mistake of whoever stands in for something
            if self._connection is not None:
                self._connection.opened.end()
            raise
        finally:
            update.ended = self._time()
            self._say(f"The update has ended: {update.outcome.value}. {update.status}")
        return update

    def _finish(self, end: _Ended) -> None:
        update = self.update
        update.outcome, update.status = end.outcome, end.status
        if end.code is not None:
            self._report(end.code, end.status)
        if self._connection is not None and not self._connection.release():
            self._report(1015, "the lock could not be given back")
        if end.close and self._ticket is not None:
            try:
                said = self._call(self._service.text, "closeConnection", ticket=self._ticket)
            except ServiceError as error:
                self._report(1044, str(error))
            except ConnectorDied:
                update.outcome = Outcome.DIED
            else:
                if end.outcome is Outcome.COMPLETED:
                    update.status = said or ""

    # -- calls -----------------------------------------------------------------------------------------------------

    def _call(self, how: Callable[..., _T], method: str, /, **arguments: Any) -> _T:
        """Make a call and note it. Raises :class:`ServiceError`."""
        begun = self._time()
        shown = {name: value for name, value in arguments.items() if name != "strPassword"}
        try:
            answer = how(method, **arguments)
        except ServiceError as error:
            self._noted(Step(begun, method, shown, error=str(error), seconds=self._time() - begun))
            raise
        self._noted(Step(begun, method, shown, answer, seconds=self._time() - begun))
        return answer

    def _ask(self, how: Callable[..., _T], method: str, /, **arguments: Any) -> _T:
        """Make a call on which the update depends: an exception ends it."""
        if len(self.update.steps) >= self._habits.most_calls:
            text = f"Broken off after {self._habits.most_calls} calls; the real one would go on."
            raise _Ended(Outcome.BROKEN_OFF, text, close=True)
        try:
            return self._call(how, method, **arguments)
        except ServiceError as error:
            self._failed(method, error)

    def _failed(self, method: str, error: ServiceError) -> NoReturn:
        close = self._habits.closes_after_exception
        raise _Ended(Outcome.FAILED, str(error), code=OF_CALLS[method], close=close) from error

    def _noted(self, step: Step) -> None:
        self.update.steps.append(step)
        said = f"exception: {step.error}" if step.error else _shown(step)
        self._say(f"{step.call}() : {said}")
        if self._on_step is not None:
            self._on_step(self.update, step)

    def _say(self, text: str) -> None:
        self._log.write(self._time(), self._application.name, text)

    def _report(self, code: int, text: str) -> None:
        self.update.codes.append(named(code))
        self._say(f"{named(code)}: {meaning(code)}: {text}")

    # -- the conversation ------------------------------------------------------------------------------------------

    def _converse(self) -> NoReturn:
        if not self._application.password:
            raise _Ended(Outcome.NOT_STARTED, "There is no password for this application.", code=1030)
        self._greet()
        ticket, path = self._authenticate()
        connection = self._connect(ticket, path)
        hcp = connection.hcp
        while True:
            text = self._ask(
                self._service.text,
                "sendRequestXML",
                ticket=ticket,
                strHCPResponse=hcp,
                strCompanyFileName=connection.opened.path,
                qbXMLCountry=connection.host.country,
                qbXMLMajorVers=_version(connection.host.version)[0],
                qbXMLMinorVers=_version(connection.host.version)[1],
            )
            hcp = ""
            if not text or text == NOOP:
                self._last_error(ticket, pauses=True)
            else:
                self._execute(ticket, connection, text)

    def _greet(self) -> None:
        try:
            self._call(self._service.text, "serverVersion")
        except ServiceError:
            pass  # it stands in the log, and makes no difference
        try:
            said = self._call(self._service.text, "clientVersion", strVersion=self._habits.version)
        except Fault as fault:
            # The call is as it should be. A fault of the caller's can only mean that there is no such method.
            if not fault.code.startswith("Client"):
                self._failed("clientVersion", fault)
            self._say("The server has no clientVersion, and is not asked again.")
            return
        except ServiceError as error:
            self._failed("clientVersion", error)
        if not said:
            return
        kind, _, words = said.partition(":")
        if said.startswith("W:"):
            self._report(1037, words)
            if not self._habits.accepts_warnings:
                raise _Ended(Outcome.REFUSED, f"Nobody was there to accept a warning: {words}")
        elif said.startswith("E:"):
            raise _Ended(Outcome.REFUSED, words, code=1037)
        elif kind == "O":
            raise _Ended(Outcome.REFUSED, f"The server wants version {words} of the Web Connector.")
        else:
            raise _Ended(Outcome.FAILED, f"clientVersion answered {said!r}.", code=1046)

    def _authenticate(self) -> tuple[str, str]:
        """The ticket, and the company file asked for."""
        given = self._ask(
            self._service.texts,
            "authenticate",
            strUserName=self._application.qwc.user_name,
            strPassword=self._application.password,
        )
        try:
            answer = members(given, 2)
            seconds = [number(text) if text else None for text in answer[2:4]]
        except ServiceError as error:
            self._failed("authenticate", error)
        ticket, what = answer[:2]
        self._ticket = ticket
        if self._application.auto_run:
            self.update.postponed, self.update.run_every = (*seconds, None, None)[:2]
        if self.update.postponed is not None:
            raise _Ended(Outcome.POSTPONED, "Update postponed by application")
        ends = {
            "none": _Ended(Outcome.NO_DATA, "No data exchange", close=True),
            "busy": _Ended(Outcome.BUSY, "Application busy", close=True),
            "nvu": _Ended(Outcome.NOT_VALID, "Invalid user name or password", code=1040, close=True),
        }
        if what.lower() in ends:
            raise ends[what.lower()]
        return ticket, what

    def _connect(self, ticket: str, path: str) -> Connection:
        """Open the company file, or those that the server names in its place, for as long as it names any."""
        while True:
            try:
                self._connection = connect(
                    self._desk,
                    self._application,
                    path,
                    now=self._time(),
                    habits=self._habits,
                    interference=self._interference,
                    say=self._say,
                )
                return self._connection
            except QuickBooksError as error:
                self._report(1014 if isinstance(error, Unanswered) else 1013, str(error))
                answer = self._ask(
                    self._service.text, "connectionError", ticket=ticket, hresult=error.hresult, message=error.message
                )
                path = answer or ""
                if path.lower() == "done":
                    close = self._habits.closes_after_done
                    raise _Ended(Outcome.NOT_CONNECTED, error.message, close=close) from error

    def _execute(self, ticket: str, connection: Connection, text: str) -> None:
        """Have QuickBooks answer a document, and tell the server."""
        try:
            exchange = Exchange(text, response=self._interference.execute(connection.opened, text))
            self._say(f"ProcessRequest : {' '.join(names(text))}")
        except QuickBooksError as error:
            exchange = Exchange(text, hresult=error.hresult, message=error.message)
            self._say(f"ProcessRequest : {error}")
        self.update.documents.append(exchange)
        percent = self._ask(
            self._service.integer,
            "receiveResponseXML",
            ticket=ticket,
            response=exchange.response,
            hresult=exchange.hresult,
            message=exchange.message,
        )
        if percent < 0:
            self._last_error(ticket, pauses=self._habits.noop_after_negative)
            return
        self.update.progress.append(min(percent, 100))
        if percent > 100:
            self._say(f"receiveResponseXML answered {percent}, which is taken for 100")
        if percent >= 100:
            raise _Ended(Outcome.COMPLETED, "", close=True)

    def _last_error(self, ticket: str, *, pauses: bool) -> None:
        """Ask what is the matter. Returns where the update goes on."""
        said = self._ask(self._service.text, "getLastError", ticket=ticket) or ""
        if said == NOOP and pauses:
            self._time.sleep(self._habits.noop_pause)
            return
        if said == INTERACTIVE and pauses:
            said = self._interactive(ticket)
        code = 1031 if self.update.scheduled else None
        raise _Ended(Outcome.SERVER_ERROR, said, code=code, close=True)

    def _interactive(self, ticket: str) -> str:
        """The dialog that nobody answers, and what the server has to say of it."""
        self._time.sleep(self._habits.interactive_patience)
        reason = "Nobody answered the dialog that asks for the interactive mode."
        return self._ask(self._service.text, "interactiveRejected", wcTicket=ticket, reason=reason) or ""


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)


def _shown(step: Step) -> str:
    """An answer as the log has it: without ticket and documents."""
    answer = step.answer
    if step.call == "authenticate":
        given = answer or []
        return f"{len(given)} members: ticket, {', '.join(repr(one) for one in given[1:])}"
    if step.call == "sendRequestXML" and answer:
        return f"{len(answer)} characters: {' '.join(names(answer))}"
    return repr(answer)
