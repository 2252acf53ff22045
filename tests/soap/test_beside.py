"""soap/cli/beside.py: the process that runs handlers beside a server, and how it ends."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import soap
from soap.cli import beside
from soap.cli.beside import Beside
from soap.testing.rows import do_all
from tests.soap.commands import ROOT, eventually
from tests.soap.helpers import READ
from tests.soap.test_cli_processes import WAITS

DATABASE = "sqlite:///openqbd.db"


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Beside]]:
    """Begins a process with a handler, in a folder with a database in which a result is due for ``waits``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(beside, "LOOK", 0.01)
    monkeypatch.setattr(beside, "PAUSE", 0.01)
    (tmp_path / "handlers.py").write_text(WAITS)
    queue = soap.SQLQueue(DATABASE)
    queue.enqueue("books", READ, handler="waits")
    do_all(queue, "books")
    queue.close()
    begun: list[Beside] = []

    def begin(handler: str, code: int = 0) -> Beside:
        begun.append(Beside(argparse.Namespace(handlers=[handler], database=DATABASE)))
        assert begun[-1].begin() == code
        return begun[-1]

    yield begin
    for one in begun:
        one.end(0.0)


def is_due() -> bool:
    """Whether the handler is still to be called."""
    queue = soap.SQLQueue(DATABASE)
    due = queue.store.handlers_due(["waits"])
    queue.close()
    return due is not None


def test_the_handler_at_work_is_let_end_and_what_it_writes_is_passed_on(
    begin: Callable[[str], Beside], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = begin("handlers:waits")
    assert eventually((tmp_path / "begun").exists)
    ending = threading.Thread(target=one.end, args=(30.0,))
    ending.start()
    ending.join(0.2)
    assert ending.is_alive()
    (tmp_path / "go").touch()
    ending.join(30)
    assert (tmp_path / "ended").exists()
    assert not is_due()
    assert eventually(lambda: "begun" in capfd.readouterr().out)


def test_a_handler_that_does_not_end_in_time_is_ended_and_called_again_later(
    begin: Callable[[str], Beside], tmp_path: Path
) -> None:
    one = begin("handlers:waits")
    assert eventually((tmp_path / "begun").exists)
    one.end(0.1)
    assert not (tmp_path / "ended").exists()
    assert is_due()


def test_one_that_died_is_followed_by_another_until_the_server_ends(
    begin: Callable[[str], Beside], tmp_path: Path
) -> None:
    one, stop = begin("handlers:waits"), threading.Event()
    keeping = threading.Thread(target=one.keep, args=(stop,))
    keeping.start()
    first = one._process
    assert first is not None
    assert eventually((tmp_path / "begun").exists)
    first.kill()
    assert eventually(lambda: one._process is not first)
    (tmp_path / "go").touch()
    stop.set()
    keeping.join(30)
    assert not keeping.is_alive()
    assert one._process is None


def test_it_ends_with_the_server_also_where_that_was_killed(begin: Callable[[str], Beside], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "soap.cli.beside", "work", "--handlers", "handlers:waits"]
    environment = {**os.environ, "OPENQBD_DATABASE": DATABASE}
    (tmp_path / "go").touch()
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert "working for waits" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(30) == 0


def test_its_exit_code_is_known_where_it_can_not_begin(begin: Callable[..., Beside]) -> None:
    begin("no.such.module:x", 1)
