"""The commands of ``qbsimulator`` that are about the Web Connector: ``add``, ``connect``, ``run``, ``log`` and more."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qbxml.commandline import CommandError

from ..errors import SimulatorError
from ..faults import FAULTS, Faults
from .connecting import FINISHED, Link, Progress, connect
from .connector import WebConnector
from .documents import names
from .log import FILE_NAME
from .records import Step, Update
from .transport import HTTPTransport

#: What the Web Connector could not do.
EXIT_CONNECTOR = 4

#: Where the home and a password are looked for, if the command does not say.
HOME_VARIABLE = "QBSIMULATOR_HOME"
PASSWORD_VARIABLE = "QBWC_PASSWORD"

#: Seconds between two looks at what is due: applications may be added meanwhile.
_LOOK_EVERY = 5.0


def default_home() -> Path:
    """The folder where applications are kept, unless it is said."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else Path.home() / ".qbsimulator"


def add_commands(commands: Any) -> None:
    """Add the commands to a command line."""
    for add in (_add, _connect, _remove, _update, _run, _log, _faults):
        add(commands)


# -- options -----------------------------------------------------------------------------------------------------


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], short: str, description: str
) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(name, help=short, description=description)
    help_ = f"the folder of the Web Connector; default: ${HOME_VARIABLE}, else .qbsimulator in your own"
    added.add_argument("--home", metavar="DIR", type=Path, help=help_)
    added.set_defaults(run=run)
    return added


def _network(added: argparse.ArgumentParser) -> None:
    added.add_argument("--ca-file", metavar="FILE", help="certificates to trust, for https")


def _interfering(added: argparse.ArgumentParser) -> None:
    text = "something that goes wrong, such as lost-answer=receiveResponseXML@2; `qbsimulator faults` lists them"
    added.add_argument("--fault", action="append", default=[], metavar="NAME[=VALUE]", help=text)
    added.add_argument("--faults", metavar="FILE", type=Path, help="a file of faults, one to a line")


def _add(commands: Any) -> None:
    added = _command(
        commands,
        "add",
        add_application,
        "add an application to the Web Connector",
        "Add an application by its .qwc file, under the rules of the real one, and stamp the company file with its"
        f" FileID. Nobody is asked for the password: it is given here, or stands in ${PASSWORD_VARIABLE}.",
    )
    added.add_argument("qwc", metavar="APP.qwc", help="the .qwc file")
    added.add_argument("--company", metavar="FILE", required=True, help="the company file")
    added.add_argument("--password", metavar="TEXT", help="for the server; other users of this machine can see it")
    _network(added)


def _connect(commands: Any) -> None:
    added: argparse.ArgumentParser = commands.add_parser(
        "connect",
        help="take the steps of a gateway's link, and run",
        description="Do what a person at the computer with QuickBooks does who was sent a link: take the .qwc file and"
        " a password, add the application, and update it, by its schedule, until Ctrl-C. Without --home nothing is"
        " kept.",
    )
    added.add_argument("link", metavar="AUTH_FLOW_URL", help="the link, whole")
    added.add_argument("--company", metavar="FILE", required=True, help="the company file")
    added.add_argument("--once", action="store_true", help="end after one update; a server may hold it for minutes")
    added.add_argument("--home", metavar="DIR", type=Path, help="a folder to keep the application in")
    added.set_defaults(run=connect_by_link)
    _network(added)
    _interfering(added)


def _remove(commands: Any) -> None:
    description = "Remove an application, and its FileID from the company file."
    added = _command(commands, "remove", remove, "remove an application", description)
    added.add_argument("application", metavar="APP", help="its AppName, which `add` printed")


def _update(commands: Any) -> None:
    added = _command(
        commands,
        "update",
        update,
        "update an application once",
        "Do one update of an application, or of each in turn, and show its progress. Faults begin anew with each"
        " command, and delays take their time.",
    )
    added.add_argument("application", metavar="APP", nargs="?", help="its AppName, which `add` printed; default: all")
    _network(added)
    _interfering(added)


def _run(commands: Any) -> None:
    added = _command(
        commands,
        "run",
        run,
        "run applications by their schedules",
        "Update the applications by their schedules, for ever, and show the progress. One that is added meanwhile is"
        " taken up. Ctrl-C ends it.",
    )
    added.add_argument("--updates", metavar="N", type=int, help="end after so many updates")
    _network(added)
    _interfering(added)


def _log(commands: Any) -> None:
    added = _command(commands, "log", show_log, "show the log of the Web Connector", "Print the log.")
    added.add_argument("-n", "--lines", metavar="N", type=int, help="only the last so many lines")


def _faults(commands: Any) -> None:
    added = commands.add_parser(
        "faults",
        help="list what can be made to go wrong",
        description="List the faults, each with the values it can have. They are written NAME[=VALUE][@NTH[xTIMES]]:"
        " with @3 it comes on the third occasion rather than the first, with @3x2 on the third and the fourth."
        " seed=N draws faults, each occasion having one with the probability rate=R (0.05 unless said).",
    )
    added.set_defaults(run=list_faults)


# -- commands ----------------------------------------------------------------------------------------------------


def _connector(options: argparse.Namespace, **more: Any) -> WebConnector:
    home = options.home or default_home()
    ca_file = getattr(options, "ca_file", None)
    return WebConnector(transport=HTTPTransport(ca_file=ca_file), home=home, **more)


def _plan(options: argparse.Namespace) -> Faults:
    written = list(options.fault)
    if options.faults is not None:
        written += Faults.lines(options.faults.read_text("utf-8"))
    return Faults.of(written)


def add_application(options: argparse.Namespace) -> int:
    """``qbsimulator add``."""
    password = options.password or os.environ.get(PASSWORD_VARIABLE) or None
    added = _connector(options).add(Path(options.qwc), options.company, password)
    every = "by no schedule" if added.every is None else f"every {added.every:g} seconds"
    without = "" if password else ", without a password"
    sys.stdout.write(f"{added.name}: {added.company_file}, {every}{without}\n")
    return 0


def connect_by_link(options: argparse.Namespace) -> int:
    """``qbsimulator connect``."""
    transport = HTTPTransport(ca_file=options.ca_file)
    link = Link(options.link, transport)
    watch = _Watch(link)
    connector = WebConnector(transport=transport, home=options.home, faults=_plan(options), on_step=watch)
    added = connect(link, connector, options.company)
    _line(datetime.now(), added.name, f"the application was added, for {added.company_file}")
    try:
        done = connector.update(added)
        show_end(done)
        if not done.ok:
            watch.tell_trouble(done)
        while not options.once:
            for one in connector.updates(until=connector.clock() + _LOOK_EVERY, only=added):
                show_end(one)
    except KeyboardInterrupt:
        _line(datetime.now(), "", "ended")
        return 0
    return 0 if done.ok else EXIT_CONNECTOR


class _Watch:
    """Shows each step of an update, and once that the link is done."""

    def __init__(self, link: Link) -> None:
        self._link, self._is_done = link, False

    def __call__(self, update: Update, step: Step) -> None:
        show_step(update, step)
        if self._is_done or step.call != "receiveResponseXML":
            return
        progress = self._progress(update)
        if progress is not None and progress.step == FINISHED:
            self._is_done = True
            text = f"connected: {progress.quickbooks_company_name or progress.company_name}"
            _line(datetime.fromtimestamp(step.when), update.application, text)

    def tell_trouble(self, update: Update) -> None:
        """Show what the link says is the matter after an update that failed."""
        progress = self._progress(update)
        if progress is not None and progress.reason:
            _line(datetime.fromtimestamp(update.ended), update.application, f"the link says: {progress.reason}")

    def _progress(self, update: Update) -> Progress | None:
        try:
            return self._link.progress()
        except SimulatorError as error:
            _line(datetime.now(), update.application, str(error))
            return None


def remove(options: argparse.Namespace) -> int:
    """``qbsimulator remove``."""
    _connector(options).remove(options.application)
    return 0


def update(options: argparse.Namespace) -> int:
    """``qbsimulator update``."""
    connector = _connector(options, faults=_plan(options), on_step=show_step)
    wanted: Sequence[Any] = [options.application] if options.application else connector.applications
    if not wanted:
        raise CommandError("no application was added yet: begin with `qbsimulator add`", EXIT_CONNECTOR)
    done = [connector.update(one) for one in wanted]
    for one in done:
        show_end(one)
    return 0 if all(one.ok for one in done) else EXIT_CONNECTOR


def run(options: argparse.Namespace) -> int:
    """``qbsimulator run``."""
    connector = _connector(options, faults=_plan(options), on_step=show_step)
    left = options.updates
    if not any(one.auto_run for one in connector.applications):
        _line(datetime.now(), "", "nothing has a schedule yet: waiting for `qbsimulator add`, until Ctrl-C")
    try:
        while left is None or left > 0:
            for one in connector.updates(until=connector.clock() + _LOOK_EVERY):
                show_end(one)
                left = None if left is None else left - 1
                if left == 0:
                    break
            connector.reload()
    except KeyboardInterrupt:
        _line(datetime.now(), "", "ended")
    return 0


def show_log(options: argparse.Namespace) -> int:
    """``qbsimulator log``."""
    path = (options.home or default_home()) / FILE_NAME
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    sys.stdout.write("".join(lines[-options.lines :] if options.lines else lines))
    return 0


def list_faults(options: argparse.Namespace) -> int:
    """``qbsimulator faults``."""
    for name, kind in FAULTS.items():
        optional = kind.value in ("[CALL]", "[FILE]")
        value = f"[={kind.value[1:-1]}]" if optional else f"={kind.value}" if kind.value else ""
        sys.stdout.write(f"{name}{value}\n    {kind.meaning}\n")
    return 0


# -- progress ----------------------------------------------------------------------------------------------------


def show_step(update: Update, step: Step) -> None:
    """Show what a call came to, where it means something to who watches."""
    text = ""
    if step.error:
        text = f"{step.call}: {step.error}"
    elif step.call == "sendRequestXML" and step.answer:
        text = f"asked for {', '.join(names(step.answer))}"
    elif step.call == "receiveResponseXML":
        text = f"{step.answer} % done" if step.answer >= 0 else "the server is not content"
    elif step.call == "getLastError":
        text = f"the server says {step.answer!r}"
    elif step.call == "connectionError":
        text = f"no connection to QuickBooks: {step.arguments['hresult']}"
    if text:
        _line(datetime.fromtimestamp(step.when), update.application, text)


def show_end(update: Update) -> None:
    """Show how an update ended."""
    codes = f" ({', '.join(update.codes)})" if update.codes else ""
    status = f": {update.status}" if update.status else ""
    _line(datetime.fromtimestamp(update.ended), update.application, f"{update.outcome.value}{status}{codes}")


def _line(when: datetime, application: str, text: str) -> None:
    who = f" {application}:" if application else ""
    sys.stdout.write(f"{when:%H:%M:%S}{who} {' '.join(text.split())}\n")
    sys.stdout.flush()


def told(error: Exception) -> tuple[Sequence[object], int] | None:
    """Lines and exit code of an error of the Web Connector's; ``None`` for any other."""
    return ([error], EXIT_CONNECTOR) if isinstance(error, SimulatorError) else None
