"""The company file: it outlives the process, however that ends, and serves any thread."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

import qbsimulator
import qbxml
from qbsimulator import Company, Settings, UnknownSetting, UnusableFile
from qbsimulator.storage import APPLICATION_ID
from tests.qbsimulator.helpers import Books

ROOT = Path(__file__).parents[2]


def test_section_12_a_company_is_as_it_was_when_it_is_opened_again(books: Books) -> None:
    customer = books.add("Customer", {"Name": "a", "CreditLimit": "12.50"})
    books.delete(books.add("Class", "gone"))
    books.company.configure(company_name="Mine", closing_date=date(2023, 12, 31))
    books.reopen()
    assert books.again(customer) == customer
    assert books.add("Customer", "b")["ListID"].startswith("80000002-")
    assert books.one("ListDeletedQuery", {"ListDelType": ["Class"]}).records[0]["FullName"] == "gone"
    assert books.company.settings == Settings(company_name="Mine", closing_date=date(2023, 12, 31))


def test_a_file_that_is_there_is_not_made_again(books: Books) -> None:
    with pytest.raises(UnusableFile, match="there is such a file already"):
        Company.create(books.path)


def test_a_file_that_is_not_there_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="there is no such file") as raised:
        Company.open(tmp_path / "none.company")
    assert raised.value.path == str(tmp_path / "none.company")
    assert list(tmp_path.iterdir()) == [], "and it was not made by looking"


def test_a_file_that_is_no_company_is_not_opened(tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other.db"
    text.write_text("no database at all, but long enough to look like one " * 50)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE elements (a)")
    connection.close()
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(UnusableFile):
            Company.open(path)
        assert path.read_bytes() == before


def test_a_file_in_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="can't be used"):
        Company.create(tmp_path / "no" / "a.company")


def test_a_file_whose_making_was_broken_off_is_not_opened(books: Books) -> None:
    books.company.close()
    with sqlite3.connect(books.path) as connection:
        connection.execute("DELETE FROM settings")
    connection.close()
    with pytest.raises(UnusableFile, match="broken off"):
        Company.open(books.path)


def test_a_file_set_to_what_this_system_does_not_have_says_so(books: Books) -> None:
    books.company.close()
    with sqlite3.connect(books.path) as connection:
        connection.execute("UPDATE settings SET text = ?", ('{"timezone": "Mars/Olympus"}',))
    connection.close()
    with pytest.raises(UnknownSetting, match="Mars/Olympus"):
        Company.open(books.path)


def test_settings_are_checked() -> None:
    settings = Settings()
    for values in ({"colour": "red"}, {"uses_classes": "yes"}, {"company_name": 5}, {"iterator_idle": True}):
        with pytest.raises(UnknownSetting):
            settings.changed(**values)
    assert settings.changed(closing_date=date(2024, 1, 1)).changed(closing_date=None) == settings


@pytest.mark.parametrize(
    "values",
    [
        {"timezone": "Mars/Olympus"},
        {"country": "FR"},
        {"file_mode": "Crowded"},
        {"qbxml_version": "99.0"},
        {"odd_id_in_query": 7},
        {"nothing_stored": 7},
        {"iterator_idle": -1},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a_setting_that_would_break_the_company_is_refused(books: Books, values: dict[str, object]) -> None:
    before = books.company.settings
    with pytest.raises(UnknownSetting):
        books.company.configure(**values)
    books.reopen()
    assert books.company.settings == before


# -- death -------------------------------------------------------------------------------------------------------

_ADDS = """
import sys
import qbsimulator, qbxml
company = qbsimulator.Company.open(sys.argv[1])
session = company.session("killed")
for number in range(int(sys.argv[2]), 100000):
    data = qbxml.build({"CustomerAddRq": {"CustomerAdd": {"Name": f"c{number}"}}}, new_message_set_id=f"M{number}")
    answer = qbxml.parse(session.process(data))[0]
    print(number, answer.status_code, answer.records[0]["ListID"], flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_every_add_that_was_answered_is_there_after_the_process_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.company"
    Company.create(path).close()
    answered: dict[str, str] = {}
    begin = 0
    for lines in (1, 7, 20):
        process = subprocess.Popen(
            [sys.executable, "-c", _ADDS, str(path), str(begin)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += process.stdout.readlines()  # answered before the blow, and not read yet
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        last = begin
        for line in told:
            if line.endswith("\n"):
                number, code, id_ = line.split()
                assert code == "0"
                answered[f"c{number}"] = id_
                last = int(number)
        with Company.open(path) as company:
            session = company.session("killed")
            records = qbxml.parse(session.process(qbxml.build({"CustomerQueryRq": {}})))[0].records
            found = {one["FullName"]: one["ListID"] for one in records}
            assert found.items() >= answered.items()
            assert len(set(found.values())) == len(found)
            # What was done and not answered is told by its message set: done, or not begun.
            for place in (last, last + 1, last + 2):
                name = f"c{place}"
                data = qbxml.build(
                    {"CustomerAddRq": {"CustomerAdd": {"Name": name}}},
                    new_message_set_id=f"M{place}",
                    old_message_set_id=f"M{place}",
                )
                recovered = qbxml.parse(session.process(data))
                done = recovered.message_set_status_code == 0 and recovered[0].status_code == 0
                assert done == (name in found)
                if done:
                    answered[name] = found[name]
            begin = 1000 * lines
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def test_a_set_that_died_half_way_tells_what_was_done_and_that_the_rest_was_not(books: Books) -> None:
    requests = [{"CustomerAddRq": {"CustomerAdd": {"Name": name}}} for name in "abc"]
    data = qbxml.build(requests, new_message_set_id="M1")
    add = books.company.elements.add
    calls = iter(range(9))

    def dying(*given: object) -> object:
        if next(calls) == 1:
            raise SystemExit("the plug is pulled")
        return add(*given)  # type: ignore[arg-type] # handed on as they came

    books.company.elements.add = dying  # type: ignore[method-assign, assignment] # a death at a place of our choice
    with pytest.raises(SystemExit):
        books.session.process(data)
    books.reopen()
    answers = qbxml.parse(books.session.process(data))
    assert [one.status_code for one in answers] == [0, 3231, 3231]
    assert books.names("Customer") == ["a"]


# -- threads and processes ---------------------------------------------------------------------------------------


def test_many_threads_add_at_once(books: Books) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            session = books.company.session(str(number))
            for step in range(20):
                data = qbxml.build({"CustomerAddRq": {"CustomerAdd": {"Name": f"{number} {step}"}}})
                qbxml.parse(session.process(data)).raise_for_status()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    ids = [one["ListID"] for one in books.one("CustomerQuery").records]
    assert len(set(ids)) == len(ids) == 120


def test_of_many_who_take_one_name_one_gets_it(books: Books) -> None:
    codes: list[int] = []
    ready = threading.Barrier(6)
    data = qbxml.build({"CustomerAddRq": {"CustomerAdd": {"Name": "the one"}}})

    def work() -> None:
        ready.wait()
        codes.append(qbxml.parse(books.company.process(data))[0].status_code)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0, 3100, 3100, 3100, 3100, 3100]


def test_two_who_have_the_file_open_see_each_other(books: Books) -> None:
    with Company.open(books.path, clock=books.time) as other:
        books.add("Customer", "a")
        data = qbxml.build(
            [{"CustomerAddRq": {"CustomerAdd": {"Name": name}}} for name in "ab"], on_error="continueOnError"
        )
        assert [one.status_code for one in qbxml.parse(other.process(data))] == [3100, 0]
    assert books.names("Customer") == ["a", "b"]


def test_the_package_offers_what_it_says() -> None:
    assert all(hasattr(qbsimulator, name) for name in qbsimulator.__all__)
    assert APPLICATION_ID < 2**31
