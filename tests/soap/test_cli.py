"""``python -m soap``: what each command prints, what it exits with, and a whole update with real processes."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import qbxml
import soap
from demo.stand_ins import RecordedQuickBooks, Step, WebConnector
from soap.accounts import SQLAccounts
from soap.cli import EXIT_CODES, main, parser
from soap.cli.connections import page_beside
from soap.cli.running import endpoint_at
from tests.soap.helpers import FIXTURES, READ, WRITE, answer_to_text

ROOT = Path(__file__).parents[2]

#: The stamp of the company file in the fixtures.
STAMP = ["--owner-id", "57f3b9b1-86f1-4fcc-b1ee-566de1813d20", "--file-id", "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}"]
CUSTOMERS = json.dumps(READ)
CUSTOMER = json.dumps(WRITE)


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
    """Runs a command in this process, with ``stdin`` as its standard input, in a folder of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        self.monkeypatch, self.captured = monkeypatch, capsysbinary

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse's way
            code = int(error.code or 0)
        found = self.captured.readouterr()
        assert b"Traceback" not in found.err
        return Ran(code, found.out.decode(), found.err.decode())


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """In a folder with no database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENQBD_DATABASE", raising=False)
    return Run(monkeypatch, capsysbinary)


@pytest.fixture
def run(empty: Run) -> Run:
    """In a folder with a database, and the connection ``books`` of the user ``annie`` in it."""
    assert empty("connection", "add", "books", "--user", "annie", "--password", "reeds", *STAMP).code == 0
    return empty


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


# -- the command line itself -------------------------------------------------------------------------------------


def commands(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = [action.choices for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found)


def test_help_says_what_the_exit_codes_mean(empty: Run) -> None:
    ran = empty("--help")
    assert ran.code == 0
    for code, meaning in EXIT_CODES.items():
        assert f"{code}  {meaning}" in ran.out


def test_every_command_has_help_with_an_example_that_it_would_take(empty: Run) -> None:
    top = commands(parser())
    assert list(top) == [
        *("connection", "qwc", "serve", "work", "enqueue", "requests", "show", "cancel", "resolve", "wsdl")
    ]
    inner = commands(top["connection"])
    assert list(inner) == ["add", "password", "list", "remove", "pause", "resume"]
    for name in [*([one] for one in top), *(["connection", one] for one in inner)]:
        ran = empty(*name, "--help")
        assert ran.out.startswith(f"usage: python -m soap {' '.join(name)}")
        examples = re.findall(r"^  python -m soap (.*)$", ran.out, re.MULTILINE)
        assert examples
        for example in examples:
            words = subprocess.run(
                ["sh", "-c", f"cd /; printf '%s\\n' {example.partition('<')[0]}"], capture_output=True, text=True
            )
            parser().parse_args(words.stdout.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["connection"],
        ["connection", "add", "annie"],
        ["connection", "add", "annie", "--user", "a", "--password", "b", "--password-stdin"],
        ["connection", "add", "annie", "--user", "a", "--file-id", "x"],
        ["qwc", "annie"],
        ["serve", "--version", "13.1"],
        ["serve", "--port", "65536"],
        ["serve", "--hold", "-1"],
        ["serve", "--hold", "nan"],
        ["enqueue", "annie"],
        ["enqueue", "annie", "{}", "--on-lost", "panic"],
        ["requests", "annie", "--state", "flying"],
        ["requests", "annie", "--limit", "0"],
        ["resolve", "x", "sent"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_exit_code_2(empty: Run, arguments: list[str]) -> None:
    ran = empty(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "usage" in ran.err


def test_the_version_of_the_program(empty: Run) -> None:
    assert empty("--version").out == f"soap {qbxml.__version__} (OpenQBD)\n"


# -- the database ------------------------------------------------------------------------------------------------


def test_the_database_is_named_before_the_command_or_behind_it_or_by_a_variable(
    empty: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("one", "two", "three"):
        url = f"sqlite:///{tmp_path}/{name}.db"
        add = ["connection", "add", name, "--user", name]
        if name == "one":
            assert empty("--database", url, *add).code == 0
        elif name == "two":
            assert empty(*add, "--database", url).code == 0
        else:
            monkeypatch.setenv("OPENQBD_DATABASE", url)
            assert empty(*add).code == 0
        assert [one["connection"] for one in empty("connection", "list", "--json", "--database", url).json] == [name]
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["one.db", "three.db", "two.db"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["connection", "list"],
        ["connection", "pause", "annie"],
        ["qwc", "annie", "--url", "https://books.example.com/qbwc"],
        ["enqueue", "annie", CUSTOMERS],
        ["requests", "annie"],
        ["show", "x"],
        ["cancel", "x"],
        ["resolve", "x", "done"],
    ],
    ids=" ".join,
)
def test_where_there_is_no_database_none_is_made_and_it_is_exit_code_3(
    empty: Run, arguments: list[str], tmp_path: Path
) -> None:
    ran = empty(*arguments)
    assert (ran.code, ran.out) == (3, "")
    assert len(ran.err.splitlines()) == 1
    assert str(tmp_path / "openqbd.db") in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mysql://u:secret@h/x", "sqlite://", "sqlite:////no/such/folder/x.db", "postgresql://u:secret@["],
)
def test_a_database_that_cannot_be_used_is_exit_code_3(empty: Run, url: str) -> None:
    ran = empty("connection", "add", "annie", "--user", "annie", "--database", url)
    assert (ran.code, ran.out) == (3, "")
    assert len(ran.err.splitlines()) == 1
    assert "secret" not in ran.err


def test_a_file_that_is_no_database_is_exit_code_3(empty: Run, tmp_path: Path) -> None:
    (tmp_path / "openqbd.db").write_text("these are no tables, and there are enough of them to fill a page" * 100)
    ran = empty("connection", "list")
    assert (ran.code, ran.out) == (3, "")
    assert "not a database" in ran.err


def test_a_database_that_fails_in_the_middle_is_exit_code_3(run: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "openqbd.db") as database:
        database.execute("ALTER TABLE openqbd_requests DROP COLUMN status_message")
    database.close()
    ran = run("enqueue", "books", CUSTOMERS)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("soap: the database ")
    assert "status_message" in ran.err
    assert len(ran.err.splitlines()) == 1


# -- connections -------------------------------------------------------------------------------------------------


def test_connection_add_prints_the_password_once_and_keeps_its_hash(empty: Run, tmp_path: Path) -> None:
    ran = empty("connection", "add", "annie", "--user", "annie")
    assert (ran.code, ran.err) == (0, "")
    password = ran.line
    assert re.fullmatch(r"[a-z2-7]{8}(-[a-z2-7]{8}){3}", password)
    assert all(password.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    with endpoint() as served:
        assert served.authenticate("annie", password, None)[1] == "none"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_password_of_ones_own_is_taken_from_standard_input_and_not_printed(empty: Run, end: str) -> None:
    ran = empty("connection", "add", "annie", "--user", "annie", "--password-stdin", stdin=f" géné {end}".encode())
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    with endpoint() as served:
        assert served.authenticate("annie", " géné ", None)[1] == "none"
        assert served.authenticate("annie", "géné", None)[1] == "nvu"


def test_connection_password_replaces_the_password(run: Run) -> None:
    password = run("connection", "password", "books").line
    with endpoint() as served:
        assert served.authenticate("annie", "reeds", None)[1] == "nvu"
        assert served.authenticate("annie", password, None)[1] == "none"
    ran = run("connection", "password", "books", "--password-stdin", stdin=b"willows")
    assert (ran.code, ran.out) == (0, "")
    with endpoint() as served:
        assert served.authenticate("annie", "willows", None)[1] == "none"
    ran = run("connection", "password", "nobody")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no 'nobody'" in ran.err


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["books", "--user", "carl"], b"", "'books' is there already"),
        (["carl", "--user", "annie"], b"", "'annie' is the user of another connection"),
        (["carl", "--user", ""], b"", "username"),
        (["carl", "--user", "carl", "--password", ""], b"", "password: must not be empty"),
        (["carl", "--user", "carl", "--password-stdin"], b"\xff", "UTF-8"),
        (["carl", "--user", "carl", "--company-file", "busy"], b"", "company_file"),
        (["carl", "--user", "carl", "--app-name", ""], b"", "app_name"),
    ],
)
def test_connection_add_says_what_cannot_be_added(run: Run, arguments: list[str], stdin: bytes, said: str) -> None:
    ran = run("connection", "add", *arguments, stdin=stdin)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert [one["connection"] for one in run("connection", "list", "--json").json] == ["books"]


def test_connection_list_tells_everything_but_the_password(run: Run) -> None:
    more = ["--company-file", r"C:\b.qbw", "--app-name", "B", "--any-company-file", "--minimum-run-every", "60"]
    run("connection", "add", "carl", "--user", "c", *more)
    run("enqueue", "books", CUSTOMERS)
    books, carl = run("connection", "list", "--json").json
    assert set(books) == set(carl)
    assert (books["connection"], books["username"], books["waiting"], books["seen_at"]) == ("books", "annie", 1, None)
    assert books["owner_id"] == STAMP[1].upper().join("{}")
    assert books["file_id"] == STAMP[3]
    assert (carl["company_file"], carl["app_name"], carl["any_company_file"]) == (r"C:\b.qbw", "B", True)
    assert (carl["minimum_run_every"], carl["waiting"]) == (60, 0)
    update()
    (books, _) = run("connection", "list", "--json").json
    assert (books["waiting"], books["version"], books["edition"]) == (0, "13.0", "US")
    assert books["seen_at"] > books["created_at"]
    shown = run("connection", "list").out.splitlines()
    assert re.split(r"  +", shown[1])[:3] == ["books", "annie", "0"]
    assert re.split(r"  +", shown[2]) == ["carl", "c", "0", "never", r"C:\b.qbw"]


def test_a_connection_that_is_paused_is_handed_nothing_until_it_is_resumed(run: Run) -> None:
    id_ = run("enqueue", "books", CUSTOMERS).line
    assert run("connection", "pause", "books").code == 0
    assert run("connection", "list", "--json").json[0]["paused"] is True
    assert "paused" in run("connection", "list").out
    update()
    assert run("show", id_, "--json").json["state"] == "queued"
    assert run("connection", "resume", "books").code == 0
    update()
    assert run("show", id_, "--json").json["state"] == "done"


def test_a_connection_that_is_removed_lets_nobody_in_and_keeps_its_requests(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS)
    assert run("connection", "remove", "books").code == 0
    assert run("connection", "list", "--json").json == []
    assert run("connection", "list").out == ""
    assert len(run("requests", "books", "--json").json) == 1
    with endpoint() as served:
        assert served.authenticate("annie", "reeds", None) == ["", "nvu"]
    assert run("connection", "remove", "books").code == 1


# -- the .qwc file, the WSDL -------------------------------------------------------------------------------------


def test_qwc_prints_the_file_of_the_connection(run: Run, tmp_path: Path) -> None:
    ran = run("qwc", "books", "--url", "http://localhost:8080/qbwc")
    assert (ran.code, ran.err) == (0, "")
    file = soap.qwc.parse(ran.out)
    assert (file.app_name, file.username, file.url) == ("OpenQBD", "annie", "http://localhost:8080/qbwc")
    assert file.support_url == "http://localhost:8080/"
    assert f"{{{file.owner_id}}}".upper() == STAMP[1].upper().join("{}")
    assert f"{{{file.file_id}}}".upper() == STAMP[3]
    written = run("qwc", "books", "--url", "http://localhost:8080/qbwc", "--out", "annie.qwc")
    assert (written.code, written.out) == (0, "")
    assert (tmp_path / "annie.qwc").read_text() == ran.out


def test_qwc_takes_the_options_of_the_library(run: Run) -> None:
    options = {
        "app_name": "Swamp",
        "app_id": "7",
        "description": "A line",
        "support_url": "https://books.example.com/help",
        "run_every_n_seconds": 90,
        "style": "DocWrapped",
        "auth_flags": 0xC,
        "unattended_mode": "umpOptional",
        "personal_data": "pdpNotNeeded",
        "display_name": "Shown",
        "unique_name": "swamp-1",
        "certificate_url": "https://books.example.com/",
    }
    given = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    ran = run("qwc", "books", "--url", "https://books.example.com/qbwc", "--notify", *given)
    assert ran.code == 0
    assert [line.split()[1] for line in ran.err.splitlines()] == ["Style"]  # allowed, and unwise
    file = soap.qwc.parse(ran.out)
    assert {name: getattr(file, name) for name in options} == options
    assert file.notify is True


def test_qwc_says_what_the_web_connector_would_refuse_and_what_is_unwise(run: Run, tmp_path: Path) -> None:
    ran = run("qwc", "books", "--url", "http://books.example.com/qbwc", "--out", "x.qwc")
    assert (ran.code, ran.out) == (1, "")
    assert "AppURL" in ran.err
    assert not (tmp_path / "x.qwc").exists()
    ran = run("qwc", "books", "--url", "https://books/qbwc")
    assert ran.code == 0
    assert "AppURL" in ran.err
    assert run("qwc", "nobody", "--url", "https://books.example.com/qbwc").code == 1
    ran = run("qwc", "books", "--url", "https://books.example.com/qbwc", "--out", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert str(tmp_path) in ran.err


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://books.example.com/qbwc", "https://books.example.com/"),
        ("https://books.example.com/a/qbwc/?x=1", "https://books.example.com/a/"),
        ("https://books.example.com/soap", None),
        ("https://books.example.com/qbwcs", None),
        ("https://[", None),
    ],
)
def test_the_support_page_is_beside_an_endpoint_of_this_server(url: str, page: str | None) -> None:
    assert page_beside(url) == page


def test_wsdl_prints_the_address_it_was_given_and_needs_no_database(empty: Run) -> None:
    ran = empty("wsdl", "https://books.example.com/qbwc")
    assert (ran.code, ran.err) == (0, "")
    assert b'location="https://books.example.com/qbwc"' in etree.tostring(etree.fromstring(ran.out.encode()))


# -- enqueue -----------------------------------------------------------------------------------------------------

DOCUMENT = qbxml.build([READ, WRITE], version="13.0", on_error="continueOnError")


def names(ran: Ran) -> list[str]:
    return [one["name"] for one in ran.json]


def test_enqueue_prints_the_id_of_a_request(run: Run) -> None:
    ran = run("enqueue", "books", CUSTOMERS)
    assert (ran.code, ran.err) == (0, "")
    assert run("show", ran.line, "--json").json["request"] == READ


def test_enqueue_takes_json_and_documents_as_text_as_a_file_and_from_standard_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text(f"\n {CUSTOMERS}")
    (tmp_path / "request.xml").write_bytes(qbxml.build(READ))
    (tmp_path / "-x").write_text(CUSTOMERS)
    for given, stdin in (
        (f" {CUSTOMERS}", b""),
        ("request.json", b""),
        ("request.xml", b""),
        (str(tmp_path / "-x"), b""),
        ("-", CUSTOMERS.encode()),
        ("-", qbxml.build(READ)),
        (qbxml.build(READ).decode(), b""),
    ):
        ran = run("enqueue", "books", given, stdin=stdin)
        assert ran.code == 0, given
        assert run("show", ran.line, "--json").json["name"] == "CustomerQueryRq"


def test_a_list_is_as_many_requests_and_a_document_is_one_message_set(run: Run) -> None:
    ids = run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMER}]").out.splitlines()
    assert len(ids) == 2
    more = run("enqueue", "books", "-", stdin=DOCUMENT).out.splitlines()
    assert len(more) == 2
    update()
    sent = [run("show", id_, "--json").json["sent"] for id_ in (*ids, *more)]
    assert [len(etree.fromstring(text.encode())[0]) for text in sent] == [1, 1, 2, 2]
    assert sent[2] == sent[3]
    assert 'onError="continueOnError"' in sent[2]


def test_the_form_in_which_documents_are_printed_is_a_document(run: Run) -> None:
    ids = run("enqueue", "books", qbxml.to_json(qbxml.parse_request(DOCUMENT))).out.splitlines()
    update()
    texts = {run("show", id_, "--json").json["sent"] for id_ in ids}
    assert len(ids) == 2
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{"CustomerQueryRq": {"Fooo": 1}}', "CustomerQueryRq.Fooo"),
        ('{"CustomerQueryRq"', "line 1"),
        ("[]", "there is no request in it"),
        ('{"CustomerRet": {"Name": "x"}}', "no requests"),
        ('{"CustomerQueryRs": {}}', "no requests"),
        ("<QBXML/>", "the request"),
        ("{}", "the request"),
        ("no-such-file.json", "no-such-file.json"),
        ("-", "standard input"),
        (qbxml.build(READ).decode().replace("stopOnError", "rollbackOnError"), "rollbackOnError"),
    ],
)
def test_enqueue_says_what_it_cannot_queue(run: Run, given: str, said: str) -> None:
    ran = run("enqueue", "books", given)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert run("requests", "books", "--json").json == []


def test_enqueue_names_all_problems_on_lines_of_their_own(run: Run) -> None:
    ran = run("enqueue", "books", '{"CustomerAddRq": {"CustomerAdd": {"Nam": "Ada"}}}')
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 2


def test_a_connection_that_nobody_knows_is_a_mistake_in_writing(run: Run) -> None:
    for command in (["enqueue", "bokos", CUSTOMERS], ["requests", "bokos"], ["connection", "pause", "bokos"]):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "there is no connection 'bokos'" in ran.err


def test_a_connection_of_a_program_with_users_of_its_own_is_known(run: Run) -> None:
    with endpoint() as served:
        served.queue.enqueue("theirs", READ)
    assert len(run("requests", "theirs", "--json").json) == 1
    assert run("enqueue", "theirs", CUSTOMERS).code == 0


def test_the_same_key_queues_once(run: Run) -> None:
    first, second = (run("enqueue", "books", CUSTOMERS, "--key", "k").line for _ in range(2))
    assert first == second
    assert len(run("requests", "books", "--json").json) == 1
    ran = run("enqueue", "books", CUSTOMER, "--key", "k")
    assert (ran.code, ran.out) == (1, "")
    assert "'k'" in ran.err


def test_priority_goes_first(run: Run) -> None:
    ids = [run("enqueue", "books", CUSTOMERS, *more).line for more in ([], ["--priority"], ["--priority", "2"])]
    update(answers=1)
    states = [run("show", id_, "--json").json["state"] for id_ in ids]
    # The second was handed out, and its answer was lost.
    assert states == ["queued", "queued", "done"]
    assert [run("show", id_, "--json").json["attempts"] for id_ in ids] == [0, 1, 1]


def test_enqueue_waits_for_the_answer_and_prints_it(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS, "--key", "one")
    run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMER}]", "--key", "two")
    update()
    ran = run("enqueue", "books", CUSTOMERS, "--key", "one", "--wait", "5")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["CustomerQueryRs"]["statusCode"] == 0
    ran = run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMER}]", "--key", "two", "--wait", "5")
    assert [list(answer) for answer in ran.json] == [["CustomerQueryRs"], ["CustomerAddRs"]]


def test_to_wait_in_vain_is_exit_code_4(run: Run) -> None:
    ran = run("enqueue", "books", CUSTOMERS, "--wait", "0.05")
    assert (ran.code, ran.out) == (4, "")
    (id_,) = names_of_ids(ran.err)
    assert run("show", id_, "--json").json["state"] == "queued"


def names_of_ids(text: str) -> list[str]:
    return re.findall(r"request ([a-z2-7]{26})", text)


def test_a_request_that_failed_is_exit_code_5_and_its_answer_is_printed(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS, "--key", "k")
    update(3180)
    ran = run("enqueue", "books", CUSTOMERS, "--key", "k", "--wait", "1")
    assert ran.code == 5
    assert ran.json["CustomerQueryRs"]["statusCode"] == 3180
    assert "3180" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_request_of_which_nobody_knows_is_exit_code_5(run: Run) -> None:
    id_ = run("enqueue", "books", CUSTOMER, "--key", "k", "--on-lost", "ask").line
    update(answers=0)
    ran = run("enqueue", "books", CUSTOMER, "--key", "k", "--on-lost", "ask", "--wait", "0")
    assert (ran.code, ran.out) == (5, "")
    assert f"request {id_}" in ran.err
    assert "unknown" in ran.err


def test_the_worst_of_several_is_the_exit_code(run: Run) -> None:
    run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMERS}]", "--key", "k")
    update(3180, answers=1)
    ran = run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMERS}]", "--key", "k", "--wait", "0")
    assert ran.code == 5
    first, second = ran.json
    assert first["CustomerQueryRs"]["statusCode"] == 3180
    assert second is None
    assert len(ran.err.splitlines()) == 2


# -- requests, show, cancel, resolve -----------------------------------------------------------------------------


def test_requests_are_listed_newest_first(run: Run) -> None:
    ids = [run("enqueue", "books", CUSTOMERS).line for _ in range(3)]
    assert [one["id"] for one in run("requests", "books", "--json").json] == ids[::-1]
    assert [one["id"] for one in run("requests", "books", "--json", "--limit", "2").json] == [ids[2], ids[1]]
    shown = run("requests", "books").out.splitlines()
    assert [line.split()[0] for line in shown] == ["ID", *ids[::-1]]
    with endpoint() as served:
        assert run("requests", "books", "--json", "--limit", "1").json == [served.queue.result(ids[2]).to_dict()]


def test_requests_are_chosen_by_state(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS)
    update()
    run("enqueue", "books", CUSTOMER)
    assert names(run("requests", "books", "--json", "--state", "done")) == ["CustomerQueryRq"]
    assert names(run("requests", "books", "--json", "--state", "queued")) == ["CustomerAddRq"]
    assert len(run("requests", "books", "--json", "--state", "done", "--state", "queued").json) == 2
    assert run("requests", "books", "--json", "--state", "failed").json == []
    assert run("requests", "books", "--state", "failed").out == ""


def test_requests_says_why_one_failed(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS)
    update(3180)
    assert re.search(r"failed +said by the test", run("requests", "books").out)


def test_show_tells_what_happened_what_was_sent_and_what_came(run: Run) -> None:
    id_ = run("enqueue", "books", CUSTOMERS).line
    update()
    told = run("show", id_, "--json").json
    assert (told["id"], told["state"], told["status_code"], told["request"]) == (id_, "done", 0, READ)
    assert [event["state"] for event in told["history"]] == ["queued", "sent", "done"]
    assert f'requestID="{id_}"' in told["sent"]
    assert f'requestID="{id_}"' in told["received"]
    shown = run("show", id_)
    assert shown.code == 0
    assert told["sent"].strip() in shown.out
    assert told["received"].strip() in shown.out
    for event in told["history"]:
        assert re.search(rf"{event['at'][:19]} +{event['state']} +{event['reason']}", shown.out)


@pytest.mark.parametrize("command", [["show"], ["show", "--json"], ["cancel"]], ids=" ".join)
def test_an_unknown_id_is_exit_code_1(run: Run, command: list[str]) -> None:
    ran = run(*command, "nosuch")
    assert (ran.code, ran.out, ran.err) == (1, "", "soap: no request 'nosuch' in this queue\n")
    assert run("resolve", "nosuch", "done").code == 1


def test_cancel_withdraws_what_waits_and_says_when_it_is_too_late(run: Run) -> None:
    id_ = run("enqueue", "books", CUSTOMERS).line
    ran = run("cancel", id_)
    assert (ran.code, ran.out, ran.err) == (0, "cancelled\n", "")
    update()
    assert run("show", id_, "--json").json["state"] == "cancelled"
    late = run("enqueue", "books", CUSTOMERS).line
    update()
    ran = run("cancel", late)
    assert (ran.code, ran.out) == (1, "done\n")
    assert late in ran.err


@pytest.mark.parametrize("outcome", ["done", "failed", "queued"])
def test_resolve_settles_what_is_unknown(run: Run, outcome: str) -> None:
    id_ = run("enqueue", "books", CUSTOMER).line
    assert run("resolve", id_, outcome).code == 1
    update(answers=0)
    ran = run("resolve", id_, outcome, "--reason", "I looked")
    assert (ran.code, ran.out, ran.err) == (0, f"{outcome}\n", "")
    told = run("show", id_, "--json").json
    assert told["state"] == outcome
    assert told["history"][-1]["reason"].endswith(": I looked")


# -- real processes ----------------------------------------------------------------------------------------------

HANDLERS = """
import pathlib

def note(result):
    pathlib.Path("writing").write_text(result.id)
    pathlib.Path("writing").rename("noted")
"""


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


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def eventually(look: Callable[[], Any]) -> Any:
    """What is there in the end, or what was there after half a minute."""
    until = time.monotonic() + 30
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def get(url: str, method: str = "GET") -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


@pytest.mark.slow
def test_a_whole_update_with_real_processes(processes: Processes, tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS)
    password = processes.run("connection", "add", "books", "--user", "annie", *STAMP).line
    quickbooks = RecordedQuickBooks(FIXTURES / "qbxml")
    with (
        processes.running("work", "--handlers", "handlers:note", until="note"),
        processes.running("serve", "--port", "0", until="http://localhost:") as said,
    ):
        url = re.findall(r"http://localhost:\d+/qbwc", said)[0]
        assert processes.run("qwc", "books", "--url", url).code == 0
        waiting = processes.start("enqueue", "books", CUSTOMERS, "--wait", "60", "--handler", "note")
        found = eventually(lambda: processes.run("requests", "books", "--json").json)
        assert found[0]["state"] == "queued"
        steps = list(WebConnector(f"{url}?wsdl", quickbooks, "annie", password).update())
        assert steps[-1].answer == "OK"
        out, err = waiting.communicate(timeout=60)
        assert (waiting.returncode, err) == (0, "")
        (record,) = json.loads(out)["CustomerQueryRs"]["CustomerRet"]
        assert record["FullName"] == "Annie's Alligators"
        told = processes.run("show", found[0]["id"], "--json").json
        assert (told["state"], told["attempts"]) == ("done", 1)
        assert eventually((tmp_path / "noted").exists)
    assert (tmp_path / "noted").read_text() == found[0]["id"]
    assert password not in processes.told


def test_serve_has_a_page_for_people_beside_the_endpoint(processes: Processes) -> None:
    with processes.running("serve", "--port", "0", "--url", "https://b.example/qbwc", until="b.example") as said:
        assert said == "the endpoint is at https://b.example/qbwc (stop with Ctrl-C)\n"
    with processes.running("serve", "--port", "0", until="/qbwc") as said:
        url = re.findall(r"http://localhost:\d+/qbwc", said)[0]
        assert url.encode() in get(f"{url}?wsdl")[2]
        assert get(f"{url}/?wsdl")[0] == 200
        root = url.removesuffix("qbwc")
        status, kind, page = get(root)
        assert (status, kind) == (200, "text/html; charset=utf-8")
        assert b"OpenQBD" in page
        assert get(root, "HEAD") == (200, "text/html; charset=utf-8", b"")
        assert get(root, "POST")[0] == 405
        assert get(f"{root}elsewhere")[0] == 404


@pytest.mark.slow
def test_a_held_call_is_answered_at_once_when_a_request_comes_and_when_the_server_ends(processes: Processes) -> None:
    password = processes.run("connection", "add", "books", "--user", "annie", *STAMP).line
    with processes.running("serve", "--port", "0", "--hold", "60", until="/qbwc") as said:
        url = re.findall(r"http://localhost:\d+/qbwc", said)[0]
        quickbooks = RecordedQuickBooks(FIXTURES / "qbxml")
        steps = WebConnector(f"{url}?wsdl", quickbooks, "annie", password).update()
        told: list[Step] = []

        def run_update() -> None:
            with contextlib.suppress(OSError):  # the server ends before the update does
                for step in steps:
                    told.append(step)

        thread = threading.Thread(target=run_update)
        thread.start()
        # The first call is answered at once, with something harmless; what is next is held, for nothing waits.
        assert eventually(lambda: told and told[-1].call == "receiveResponseXML")
        count = len(told)
        thread.join(1)
        assert len(told) == count
        ran = processes.run("enqueue", "books", CUSTOMERS, "--wait", "30")
        assert ran.code == 0
        assert "CustomerQueryRs" in ran.json
        thread.join(1)
        assert len(told) == count + 2  # held again
        began = time.monotonic()
    thread.join(30)
    assert time.monotonic() - began < 30
    sent = [str(step.answer) for step in told if step.call == "sendRequestXML"]
    asked = [re.findall(r"<(Host|Customer)QueryRq", text) for text in sent]
    assert asked == [["Host"], ["Customer"], ["Host"]]


def test_serve_says_when_the_port_is_taken(processes: Processes) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = processes.run("serve", "--port", port)
    assert (ran.code, ran.out) == (3, "")
    assert port in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("module", "arguments", "code", "said"),
    [
        ("gevent", ["serve"], 3, "openqbd[serve]"),
        ("sqlalchemy", ["requests", "books"], 3, "openqbd[sql]"),
        ("argon2", ["connection", "add", "carl", "--user", "carl", "--password", "chosen"], 1, "openqbd[soap]"),
    ],
)
def test_what_is_not_installed_is_said_with_what_brings_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, module: str, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    ran = run(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_serve_says_what_no_proxy_is(processes: Processes) -> None:
    ran = processes.run("serve", "--port", "0", "--trusted-proxy", "nonsense")
    assert (ran.code, ran.out) == (1, "")
    assert "nonsense" in ran.err


@pytest.mark.parametrize("spec", ["nonsense", "no.such.module:x", "json:no_such", "json:__name__"])
def test_work_says_which_handler_it_cannot_load(empty: Run, spec: str) -> None:
    ran = empty("work", "--handlers", spec)
    assert (ran.code, ran.out) == (1, "")
    assert spec in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error(processes: Processes) -> None:
    with processes.start("wsdl", "https://books.example.com/qbwc") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("address", "endpoint_url"),
    [
        ("http://127.0.0.1:8080/", "http://localhost:8080/qbwc"),
        ("http://0.0.0.0:80/", "http://localhost:80/qbwc"),
        ("http://[::1]:8080/", "http://localhost:8080/qbwc"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/qbwc"),
        ("http://books.example.com:8080/", "http://books.example.com:8080/qbwc"),
    ],
)
def test_the_address_is_one_that_the_web_connector_takes_where_there_is_one(address: str, endpoint_url: str) -> None:
    assert endpoint_at(address) == endpoint_url
