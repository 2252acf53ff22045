"""The command line: its commands, what it prints, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import qbxml
from qbsimulator import Company, Settings
from qbsimulator.cli import EXIT_CODES, main
from tests.qbsimulator.helpers import document, judge

HELLO = document("<HostQueryRq/>")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "books.company"
    assert main(["create", str(path), "--name", "Larry's"]) == 0
    return str(path)


def test_a_company_is_made_with_its_name(file: str) -> None:
    with Company.open(file) as company:
        assert company.settings == Settings(company_name="Larry's")


def test_a_company_that_is_there_is_left_as_it_is(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(file).read_bytes()
    assert main(["create", file]) == 3
    assert capsys.readouterr().err == f"qbsimulator: {file}: there is such a file already\n"
    assert Path(file).read_bytes() == before


def test_a_document_is_answered_on_standard_output(
    file: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    request = tmp_path / "request.xml"
    request.write_bytes(HELLO)
    assert main(["process", file, str(request)]) == 0
    printed = capsysbinary.readouterr()
    judge(printed.out)
    assert printed.err == b""
    assert qbxml.parse(printed.out)[0].records[0]["Country"] == "US"


def test_it_runs_as_a_program_that_reads_standard_input(file: str) -> None:
    done = subprocess.run([sys.executable, "-m", "qbsimulator", "process", file, "-"], input=HELLO, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b'<?xml version="1.0" ?>\n<QBXML>\n')
    assert done.stdout.endswith(b"</QBXML>\n")


def test_a_request_that_fails_is_in_the_answer_and_no_failure_of_the_command(file: str) -> None:
    query = document("<CustomerQueryRq><FullName>no</FullName></CustomerQueryRq>")
    done = subprocess.run([sys.executable, "-m", "qbsimulator", "process", file, "-"], input=query, capture_output=True)
    assert done.returncode == 0
    assert b'statusCode="500"' in done.stdout


def test_an_hresult_is_told_on_standard_error_with_exit_code_1(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = tmp_path / "request.xml"
    request.write_bytes(document("<NoSuchRq/>"))
    assert main(["process", file, str(request)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "qbsimulator: 0x80040400 QuickBooks found an error when parsing the provided XML text stream.\n"
    )


def test_the_application_is_the_one_whose_message_sets_count(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = tmp_path / "request.xml"
    add = "<ClassAddRq><ClassAdd><Name>c</Name></ClassAdd></ClassAddRq>"
    request.write_bytes(document(add, attributes='newMessageSetID="1" onError="stopOnError"'))
    codes = []
    for application in ("a", "a", "b"):
        assert main(["process", file, str(request), "--application", application]) == 0
        codes.append(qbxml.parse(capsys.readouterr().out.encode())[0].status_code)
    assert codes == [0, 0, 3100]


@pytest.mark.parametrize("missing", ["company", "request"])
def test_files_that_are_not_there_are_named(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    absent = str(tmp_path / "absent")
    assert main(["process", *((absent, file) if missing == "company" else (file, absent))]) == 3
    assert absent in capsys.readouterr().err


def test_settings_are_changed_and_listed(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["uses_classes=false", "iterator_idle=10", "closing_date=2024-12-31", "company_name=A = B"]
    assert main(["set", file, *given]) == 0
    assert main(["settings", file]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert set(given) <= set(lines)
    assert main(["settings", file, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["uses_classes"], told["iterator_idle"], told["company_name"]) == (False, 10, "A = B")
    # What is listed can be set.
    assert main(["set", file, *lines]) == 0
    assert main(["set", file, "closing_date="]) == 0
    with Company.open(file) as company:
        assert company.settings.closing_date is None


@pytest.mark.parametrize("wrong", ["colour=red", "uses_classes=perhaps", "file_mode=Crowded", "iterator_idle", "=1"])
def test_a_wrong_setting_changes_nothing(file: str, capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    assert main(["set", file, "company_name=New", wrong]) == 2
    assert capsys.readouterr().err.startswith("qbsimulator: ")
    with Company.open(file) as company:
        assert company.settings.company_name == "Larry's"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("may_write=maybe", "true or false"),
        ("days_bills_are_due=ten", "a whole number"),
        ("closing_date=31.12.2024", "a date such as 2024-12-31"),
    ],
)
def test_a_value_that_is_none_is_told_what_is_wanted(
    file: str, given: str, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["set", file, given]) == 2
    assert f"is not {wanted}" in capsys.readouterr().err


def test_settings_that_go_only_together_are_set_together(file: str) -> None:
    assert main(["set", file, "country=AU", "qbxml_version=7.0"]) == 0
    assert main(["set", file, "qbxml_version=1.0", "country=US"]) == 0


def test_a_wrong_command_line_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["paint"], ["process"], ["settings"]):
        with pytest.raises(SystemExit) as raised:
            main(arguments)
        assert raised.value.code == 2


def test_the_help_documents_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(f"  {code}  {meaning}" in text for code, meaning in EXIT_CODES.items())
