"""What the tests of ``python -m soap`` use: an endpoint over its database, an update, and real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import soap
from soap.accounts import SQLAccounts
from tests.commands import Ran
from tests.soap.helpers import FIXTURES, READ, WRITE, answer_to_text

ROOT = Path(__file__).parents[2]

#: The stamp of the company file in the fixtures.
STAMP = ["--owner-id", "57f3b9b1-86f1-4fcc-b1ee-566de1813d20", "--file-id", "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}"]
CUSTOMERS = json.dumps(READ)
CUSTOMER = json.dumps(WRITE)


@contextmanager
def endpoint() -> Iterator[soap.Endpoint]:
    """An endpoint over the database in the current folder."""
    queue = soap.SQLQueue("sqlite:///openqbd.db")
    yield soap.Endpoint(queue, SQLAccounts(queue))
    queue.close()


def update(code: int = 0, *, answers: int = 99) -> None:
    """An update of the Web Connector, of ``books``, that answers so many message sets, and takes one more if it may."""
    about = (FIXTURES / "qbxml" / "HostCompanyPreferencesRs.xml").read_text("utf-8")
    with endpoint() as served:
        ticket, work, *_ = served.authenticate("annie", "reeds", None)
        progress = 100 if work == "none" else 0
        while progress < 100:
            text = served.send_request_xml(ticket, about, "", "US", 16, 0)
            if not answers:
                break
            answers -= 1
            progress = served.receive_response_xml(ticket, answer_to_text(text, code), "", "")
        served.close_connection(ticket)


class Processes:
    """Commands as somebody types them, in a folder with a database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.environment.pop("OPENQBD_DATABASE", None)

    def run(self, *arguments: str, stdin: str = "") -> Ran:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "soap", *arguments],
            input=stdin,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "soap", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def running(self, *arguments: str, until: str) -> Iterator[str]:
        """A command that goes on, until the end of the block; the value is the first line it says."""
        process = self.start(*arguments)
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if until not in said:
                process.kill()
                pytest.fail(f"{arguments}: {said}{process.communicate()}")
            yield said
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, process.communicate()
        finally:
            process.kill()
            _, self.told = process.communicate()


def eventually(look: Callable[[], Any]) -> Any:
    """What is there in the end, or what was there after half a minute."""
    until = time.monotonic() + 30
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return found
