"""Runs commands in this process, for the tests of every command line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class Ran:
    """What a command did."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def line(self) -> str:
        (line,) = self.out.splitlines()
        return line


class Run:
    """Runs the command line ``main`` with ``stdin`` as its standard input."""

    def __init__(
        self,
        main: Callable[[list[str]], int],
        monkeypatch: pytest.MonkeyPatch,
        capsysbinary: pytest.CaptureFixture[bytes],
    ) -> None:
        self.main, self.monkeypatch, self.captured = main, monkeypatch, capsysbinary

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            code = self.main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse's way
            code = int(error.code or 0)
        found = self.captured.readouterr()
        assert b"Traceback" not in found.err
        return Ran(code, found.out.decode(), found.err.decode())
