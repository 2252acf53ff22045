"""``python -m soap``: the command line itself, its database, connections and the ``.qwc`` file."""

from __future__ import annotations

import argparse
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest
from lxml import etree

import qbxml
import soap
from soap.cli import EXIT_CODES, parser
from soap.cli.connections import page_beside
from tests.commands import Run
from tests.soap.commands import CUSTOMERS, STAMP, endpoint, update

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
