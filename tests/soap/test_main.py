"""soap/__main__.py: the command line, as somebody types it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from lxml import etree

from soap.__main__ import main

IDS = [
    "--owner-id",
    "57f3b9b1-86f1-4fcc-b1ee-566de1813d20",
    "--file-id",
    "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}",
]
REQUESTS = """<?xml version="1.0" encoding="utf-8"?>
<?qbxml version="13.0"?>
<QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerQueryRq/><HostQueryRq/></QBXMLMsgsRq></QBXML>
"""


def test_qwc_prints_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qwc", "https://books.example.com/qbwc", "--minutes", "5", *IDS]) == 0
    printed = etree.fromstring(capsys.readouterr().out.encode())
    assert printed.findtext("FileID") == "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}"


def test_qwc_says_what_the_web_connector_would_refuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qwc", "http://books.example.com/qbwc", *IDS]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "AppURL" in captured.err


def test_wsdl_prints_the_address_it_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wsdl", "https://books.example.com/qbwc"]) == 0
    assert 'location="https://books.example.com/qbwc"' in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["qwc", "https://x.example"], ["serve", "--version", "13.1"]])
def test_a_wrong_command_line_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_serve_wants_a_password(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("QBWC_PASSWORD", raising=False)
    assert main(["serve"]) == 1
    assert "QBWC_PASSWORD" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"<html/>"])
def test_serve_says_which_file_it_cannot_use(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QBWC_PASSWORD", "reeds")
    path = tmp_path / "requests.xml"
    if content is not None:
        path.write_bytes(content)
    assert main(["serve", str(path), "--port", "0"]) == 1
    assert "requests.xml" in capsys.readouterr().err


def test_serve_says_when_the_port_is_taken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("QBWC_PASSWORD", "reeds")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port]) == 3
    assert port in capsys.readouterr().err


def test_serve_answers_over_http(tmp_path: Path) -> None:
    path = tmp_path / "requests.xml"
    path.write_text(REQUESTS)
    environment = {**os.environ, "QBWC_PASSWORD": "reeds"}
    command = [sys.executable, "-m", "soap", "serve", str(path), "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said.startswith("2 requests wait at http://127.0.0.1:"):
                process.terminate()
                pytest.fail(said + process.stdout.read())
            url = said.split()[4]
            with urllib.request.urlopen(f"{url}?wsdl", timeout=30) as answer:
                assert url.encode() in answer.read()
        finally:
            process.terminate()
