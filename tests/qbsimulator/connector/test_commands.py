"""The Web Connector on the command line, against an endpoint over HTTP."""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qbxml
import soap
from qbsimulator import Company
from qbsimulator.cli import main
from qbsimulator.connector import HTTPTransport, WebConnector
from qbsimulator.faults import FAULTS
from soap.serving import serving
from tests.qbsimulator.connector.together import add

ROOT = Path(__file__).parents[3]


class Signals:
    """Sends a process a signal as soon as it makes a call."""

    def __init__(self) -> None:
        self.due: tuple[str, int, int] | None = None
        self.calls: list[str] = []

    def around(self, app: Any) -> Any:
        def signalling(environ: dict[str, Any], start_response: Any) -> Any:
            self.calls.append(environ.get("HTTP_SOAPACTION", "").strip('"').rpartition("/")[2])
            if self.due is not None and self.due[0] == self.calls[-1]:
                os.kill(*self.due[1:])
                self.due = None
            return app(environ, start_response)

        return signalling


class Site:
    """An endpoint that is served, a `.qwc` file for it, and a company file."""

    def __init__(self, url: str, queue: soap.RequestQueue, folder: Path, signals: Signals) -> None:
        self.queue, self.signals = queue, signals
        self.qwc, self.company = folder / "books.qwc", folder / "books.company"
        self.log = folder / "home" / "QWCLog.txt"
        data = soap.qwc.build(
            app_name="Books",
            url=f"{url}qbwc",
            username="annie",
            owner_id=uuid.uuid4(),
            file_id=uuid.uuid4(),
            run_every_n_seconds=1,
        )
        self.qwc.write_bytes(data)
        assert main(["create", str(self.company)]) == 0

    def add(self) -> int:
        return main(["add", str(self.qwc), "--company", str(self.company), "--password", "reeds"])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    queue = soap.MemoryQueue()

    signals = Signals()

    def application(url: str) -> Any:
        doorman = soap.single_user("annie", "reeds")
        return signals.around(soap.application(queue=queue, authenticator=doorman, url=f"{url}qbwc"))

    monkeypatch.setenv("QBSIMULATOR_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("QBWC_PASSWORD", raising=False)
    # The small server gives no leave, and is not waited for.
    hurried = functools.partial(HTTPTransport, continue_patience=0.01)
    monkeypatch.setattr("qbsimulator.connector.commands.HTTPTransport", hurried)
    with serving(application, host="localhost") as url:
        yield Site(url.replace("127.0.0.1", "localhost"), queue, tmp_path, signals)


def test_an_application_is_added_and_updated(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    (entry,) = [site.queue.enqueue("annie", add("Annie"))]
    assert site.add() == 0
    assert capsys.readouterr().out == f"Books: {site.company}, every 1 seconds\n"
    assert main(["update", "Books"]) == 0
    lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "Books: asked for CustomerAddRq",
        "Books: 100 % done",
        "Books: the server said that all is done: OK",
    ]
    assert site.queue.result(entry).state.value == "done"
    assert main(["update"]) == 0


def test_the_password_may_stand_in_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QBWC_PASSWORD", "reeds")
    assert main(["add", str(site.qwc), "--company", str(site.company)]) == 0
    assert main(["update"]) == 0


def test_without_a_password_it_does_not_begin(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", str(site.qwc), "--company", str(site.company)]) == 0
    assert main(["update"]) == 4
    assert "(QBWC1030)" in capsys.readouterr().out


def test_run_goes_by_the_schedule(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.add()
    site.queue.enqueue("annie", add("Annie"))
    assert main(["run", "--updates", "2"]) == 0
    out = capsys.readouterr().out
    assert "the server said that all is done" in out
    assert "No data exchange" in out


def test_an_interrupt_ends_a_run_cleanly(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add()

    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qbsimulator.connector.times.RealTime.sleep", interrupted)
    assert main(["run"]) == 0
    assert capsys.readouterr().out.endswith("ended\n")


def test_faults_on_the_command_line(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.add()
    site.queue.enqueue("annie", add("Annie"))
    plan = tmp_path / "plan"
    plan.write_text("# nothing comes of it\nlost-request=authenticate\n")
    assert main(["update", "--faults", str(plan)]) == 4
    assert "(QBWC1012)" in capsys.readouterr().out
    assert main(["update", "--fault", "lost-answer=receiveResponseXML"]) == 4
    assert "(QBWC1042)" in capsys.readouterr().out
    assert main(["update", "--fault", "seed=1", "--fault", "rate=0"]) == 0
    assert main(["update", "--fault", "no-such"]) == 2
    assert "there is no fault 'no-such'" in capsys.readouterr().err


def test_a_backup_is_put_back_on_the_command_line(site: Site, tmp_path: Path) -> None:
    site.add()
    copy = tmp_path / "copy.company"
    with Company.open(site.company) as company:
        company.back_up(copy)
        company.process(qbxml.build(add("Annie")))
    assert main(["update", "--fault", f"restored-backup={copy}"]) == 0
    with Company.open(site.company) as company:
        assert b"CustomerRet" not in company.process(qbxml.build({"CustomerQueryRq": {}}))


def test_the_log_is_shown(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log"]) == 0
    assert capsys.readouterr().out == ""
    site.add()
    main(["update"])
    capsys.readouterr()
    assert main(["log"]) == 0
    out = capsys.readouterr().out
    assert out == site.log.read_text("utf-8")
    assert "Books : authenticate()" in out
    assert main(["log", "-n", "1"]) == 0
    assert capsys.readouterr().out == out.splitlines(keepends=True)[-1]


def test_what_can_not_be_added(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", str(tmp_path / "none.qwc"), "--company", str(site.company)]) == 3
    site.qwc.write_text("<QBWCXML/>")
    assert site.add() == 4
    assert "QBWC1039" in capsys.readouterr().err
    assert main(["update"]) == 4
    assert main(["update", "Books"]) == 4
    refused = capsys.readouterr().err
    assert "begin with `qbsimulator add`" in refused
    assert "QBWC1011" in refused
    assert "those that were added: none" in refused


def test_an_application_without_a_password_is_told_of(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", str(site.qwc), "--company", str(site.company)]) == 0
    assert capsys.readouterr().out.endswith("every 1 seconds, without a password\n")
    assert site.add() == 0
    assert capsys.readouterr().out.endswith("every 1 seconds\n")
    assert main(["update", "Other"]) == 4
    assert "those that were added: Books" in capsys.readouterr().err


def test_run_says_that_it_waits(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--updates", "0"]) == 0
    assert "waiting for `qbsimulator add`" in capsys.readouterr().out
    site.add()
    capsys.readouterr()
    assert main(["run", "--updates", "0"]) == 0
    assert capsys.readouterr().out == ""


def test_an_application_is_removed(site: Site) -> None:
    site.add()
    assert main(["remove", "Books"]) == 0
    assert main(["remove", "Books"]) == 4
    assert site.add() == 0


def test_an_application_added_elsewhere_is_not_lost(site: Site, tmp_path: Path) -> None:
    """One process updates while another adds, and each writes what it knows."""
    site.add()
    first = WebConnector(home=tmp_path / "home")
    other = site.qwc.read_text("utf-8").replace(">Books<", ">Others<")
    for name in ("OwnerID", "FileID"):
        other = re.sub(rf"<{name}>[^<]*<", f"<{name}>{{{uuid.uuid4()}}}<", other)
    WebConnector(home=tmp_path / "home").add(other, site.company, "reeds")
    first.update("Books")
    first.reload()
    assert [one.name for one in first.applications] == ["Books", "Others"]


def test_the_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults"]) == 0
    out = capsys.readouterr().out
    assert all(re.search(rf"^{name}\b", out, re.M) for name in FAULTS)


def _interruptible() -> None:
    """Hear interrupts, even where whoever runs the tests in the background does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("call", ["authenticate", "sendRequestXML", "receiveResponseXML"])
@pytest.mark.parametrize(("signal_", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 0)])
def test_a_run_that_is_ended_in_the_middle_of_an_update(site: Site, call: str, signal_: int, code: int) -> None:
    """An interrupt is told to the server, a kill is not; the next update begins anew, and nothing is done twice."""
    site.add()
    site.queue.enqueue("annie", add("Annie"))
    command = [sys.executable, "-m", "qbsimulator", "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, preexec_fn=_interruptible) as process:
        site.signals.due = (call, process.pid, signal_)
        assert process.wait(20) == code
    assert site.signals.due is None
    closed = "closeConnection" in site.signals.calls
    assert closed is (signal_ == signal.SIGINT and call != "authenticate")
    assert main(["update"]) == 0
    with Company.open(site.company) as company:
        answer = qbxml.parse(company.process(qbxml.build({"CustomerQueryRq": {}})))
    assert [record["Name"] for record in answer[0].records] == ["Annie"]
