"""soap/accounts.py: accounts in the queue's database, and who signs in with them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text, update

import soap
from soap import Account, InvalidAccount, Refusal, SQLQueue, authentication
from soap.accounts import SQLAccounts, metadata, table
from soap.authentication import Throttle
from soap.errors import StoreUnusable
from tests.soap.helpers import READ, answer_to_text, qbxml_fixture

CHOSEN = "chosen by Annie"
#: The stamp in the fixture of strHCPResponse.
OWNER, FILE = uuid.UUID("57F3B9B1-86F1-4FCC-B1EE-566DE1813D20"), uuid.UUID("B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11")


@pytest.fixture(params=["sqlite", "postgresql"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SQLQueue]:
    where = f"sqlite:///{tmp_path}/queue.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")()
    made = SQLQueue(where, clock=lambda: 1_700_000_000.25)
    yield made
    made.close()


@pytest.fixture
def accounts(queue: SQLQueue) -> SQLAccounts:
    return SQLAccounts(queue)


def hash_of(accounts: SQLAccounts, connection: str) -> str:
    with accounts._store.database.read() as sql:
        found: str = sql.execute(select(table.c.password_hash).where(table.c.connection == connection)).scalar_one()
        return found


# --- keeping them


def test_an_account_is_kept_as_it_was_added(queue: SQLQueue, accounts: SQLAccounts) -> None:
    added, _ = accounts.add(
        "books",
        "carl",
        company_file=r"C:\Books\Swamp & Söhne.qbw",
        app_name="Swamp and Sons",
        owner_id=OWNER,
        file_id=FILE,
        any_company_file=True,
        minimum_run_every=300,
    )
    found = SQLAccounts(queue.store).get("books")  # type: ignore[arg-type]  # of a SQLQueue it is a SQLStore
    assert found == added
    assert (added.connection, added.username, added.company_file) == ("books", "carl", r"C:\Books\Swamp & Söhne.qbw")
    assert (added.app_name, added.any_company_file, added.minimum_run_every) == ("Swamp and Sons", True, 300)
    assert added.identifiers == (OWNER, FILE)
    assert added.created_at == datetime(2023, 11, 14, 22, 13, 20, 250_000, tzinfo=UTC)


def test_the_identifiers_are_those_of_the_names_and_the_same_when_it_is_added_again(accounts: SQLAccounts) -> None:
    first, _ = accounts.add("annie", "annie")
    assert first.identifiers == soap.qwc.identifiers("OpenQBD", "annie")
    accounts.remove("annie")
    assert accounts.get("annie") is None
    again, _ = accounts.add("annie", "another")
    assert again.identifiers == first.identifiers
    other, _ = accounts.add("carl", "carl", app_name="Swamp and Sons")
    assert other.identifiers == soap.qwc.identifiers("Swamp and Sons", "carl")


def test_accounts_are_listed_by_their_connections(accounts: SQLAccounts) -> None:
    assert accounts.list() == []
    added = [accounts.add(name, f"user of {name}")[0] for name in ("c", "a", "b")]
    assert accounts.list() == [added[1], added[2], added[0]]


def test_a_generated_password_is_kept_as_sha256_and_a_chosen_one_as_argon2(accounts: SQLAccounts) -> None:
    _, generated = accounts.add("annie", "annie")
    assert generated is not None
    assert hash_of(accounts, "annie") == authentication.hash_generated(generated)
    assert accounts.add("carl", "carl", CHOSEN)[1] is None
    assert hash_of(accounts, "carl").startswith("$argon2id$")


def test_no_password_is_in_the_database_and_no_hash_in_a_repr(queue: SQLQueue, accounts: SQLAccounts) -> None:
    added, generated = accounts.add("annie", "annie")
    accounts.add("carl", "carl", CHOSEN)
    assert generated is not None
    with accounts._store.database.read() as sql:
        kept = str(sql.execute(select(table)).all())
    assert "annie" in kept
    assert generated not in kept
    assert CHOSEN not in kept
    assert hash_of(accounts, "annie") not in repr(added)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"connection": ""}, "connection"),
        ({"connection": "two\nlines"}, "connection"),
        ({"connection": "half \ud800"}, "connection"),
        ({"username": ""}, "username"),
        ({"username": "a" * 1025}, "username"),
        ({"username": "nul\0"}, "username"),
        ({"password": ""}, "password"),
        ({"app_name": ""}, "app_name"),
        ({"company_file": "none"}, "company_file"),
        ({"minimum_run_every": 0}, "minimum_run_every"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_added(
    accounts: SQLAccounts, given: dict[str, str], name: str
) -> None:
    with pytest.raises(InvalidAccount) as caught:
        accounts.add(**{"connection": "annie", "username": "annie", **given})  # type: ignore[arg-type]  # on purpose
    assert caught.value.name == name
    assert accounts.list() == []


def test_a_connection_and_a_user_name_are_there_once(accounts: SQLAccounts) -> None:
    accounts.add("annie", "annie")
    with pytest.raises(InvalidAccount, match="'annie' is there already") as caught:
        accounts.add("annie", "carl")
    assert caught.value.name == "connection"
    with pytest.raises(InvalidAccount, match="'annie' is the user of another connection") as caught:
        accounts.add("carl", "annie")
    assert caught.value.name == "username"
    assert [account.connection for account in accounts.list()] == ["annie"]


def test_what_is_not_there_cannot_be_changed(accounts: SQLAccounts) -> None:
    with pytest.raises(InvalidAccount, match="there is no 'annie'"):
        accounts.remove("annie")
    with pytest.raises(InvalidAccount, match="there is no 'annie'"):
        accounts.set_password("annie")


def test_a_database_that_takes_no_table_is_unusable(queue: SQLQueue) -> None:
    with queue.store.database.write() as sql:  # type: ignore[attr-defined]  # of a SQLQueue it is a SQLStore
        sql.execute(text("CREATE INDEX openqbd_accounts ON openqbd_requests (id)"))  # the name is taken
    with pytest.raises(StoreUnusable, match="accounts"):
        SQLAccounts(queue)


def test_several_may_open_a_new_database_at_once(queue: SQLQueue) -> None:
    failed: list[Exception] = []

    def open_it() -> None:
        try:
            SQLAccounts(queue)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert metadata.tables.keys() == {"openqbd_accounts"}


# --- signing in


def test_who_has_the_password_signs_in_as_the_account(accounts: SQLAccounts) -> None:
    annie, generated = accounts.add("annie", "annie", minimum_run_every=60)
    carl, _ = accounts.add("books", "carl", CHOSEN)
    assert generated is not None
    assert accounts.authenticate("annie", generated, "192.0.2.1") == annie
    assert accounts.authenticate("carl", CHOSEN, None) == carl
    assert accounts.authenticate("annie", CHOSEN, "192.0.2.1") is Refusal.NOT_VALID_USER
    assert accounts.authenticate("carl", generated, "192.0.2.1") is Refusal.NOT_VALID_USER
    assert accounts.authenticate("nobody", generated, "192.0.2.1") is Refusal.NOT_VALID_USER


def test_an_account_for_any_company_file_signs_in_without_its_mark(accounts: SQLAccounts) -> None:
    _, password = accounts.add("annie", "annie", company_file=r"C:\a.qbw", any_company_file=True, minimum_run_every=9)
    assert password is not None
    assert accounts.authenticate("annie", password, None) == Account("annie", r"C:\a.qbw", minimum_run_every=9)


def test_a_user_name_is_the_same_however_unicode_writes_it(accounts: SQLAccounts) -> None:
    added, _ = accounts.add("rene", "Rene\u0301", "Ge\u0301ne\u0301")
    assert accounts.authenticate("Ren\u00e9", "G\u00e9n\u00e9", None) == added
    assert accounts.authenticate("ren\u00e9", "G\u00e9n\u00e9", None) is Refusal.NOT_VALID_USER


@pytest.mark.parametrize("name", ["", "\ud800", "nul\0", "a" * 100_000, "' OR 1=1 --", "%"])
def test_an_impossible_name_is_nobodys(accounts: SQLAccounts, name: str) -> None:
    accounts.add("annie", "annie", CHOSEN)
    assert accounts.authenticate(name, CHOSEN, None) is Refusal.NOT_VALID_USER


def test_another_password_replaces_the_first(accounts: SQLAccounts) -> None:
    annie, first = accounts.add("annie", "annie")
    second = accounts.set_password("annie")
    assert first is not None
    assert second is not None
    assert accounts.authenticate("annie", first, None) is Refusal.NOT_VALID_USER
    assert accounts.authenticate("annie", second, None) == annie
    assert accounts.set_password("annie", CHOSEN) is None
    assert accounts.authenticate("annie", second, None) is Refusal.NOT_VALID_USER
    assert accounts.authenticate("annie", CHOSEN, None) == annie


def test_who_was_removed_signs_in_no_more(accounts: SQLAccounts) -> None:
    _, password = accounts.add("annie", "annie")
    accounts.remove("annie")
    assert password is not None
    assert accounts.authenticate("annie", password, None) is Refusal.NOT_VALID_USER


def test_what_one_process_adds_another_lets_in(queue: SQLQueue, accounts: SQLAccounts) -> None:
    other = SQLQueue(queue.store.database.engine.url)  # type: ignore[attr-defined]  # of a SQLQueue it is a SQLStore
    added, password = SQLAccounts(other).add("annie", "annie")
    other.close()
    assert password is not None
    assert accounts.authenticate("annie", password, None) == added


def test_who_guesses_is_slowed_down(queue: SQLQueue) -> None:
    accounts = SQLAccounts(queue, throttle=Throttle(failures=3, user_failures=3))
    _, password = accounts.add("annie", "annie")
    assert password is not None
    guesses = [accounts.authenticate("annie", "a guess", "192.0.2.1") for _ in range(3)]
    assert guesses == [Refusal.NOT_VALID_USER] * 3
    assert accounts.authenticate("annie", password, "192.0.2.1") is Refusal.THROTTLED
    assert SQLAccounts(queue).authenticate("annie", password, "192.0.2.1") == accounts.get("annie")


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the hashes that passwords are verified against."""
    kinds: list[str] = []
    verify = authentication.verify

    def note(password_hash: str, password: str) -> bool:
        kinds.append(password_hash.split("$")[1] or password_hash[:6])
        return verify(password_hash, password)

    monkeypatch.setattr(authentication, "verify", note)
    return kinds


def test_a_user_that_is_not_there_takes_as_long_as_one_that_is(accounts: SQLAccounts, verified: list[str]) -> None:
    _, generated = accounts.add("annie", "annie")
    accounts.add("carl", "carl", CHOSEN)
    slow: dict[str, int] = {}
    for name in ("annie", "carl", "nobody"):
        verified.clear()
        assert accounts.authenticate(name, "a guess", None) is Refusal.NOT_VALID_USER
        slow[name] = verified.count("argon2id")
    assert slow == {"annie": 1, "carl": 1, "nobody": 1}
    assert generated is not None


def test_where_all_passwords_are_generated_nobody_takes_long(accounts: SQLAccounts, verified: list[str]) -> None:
    accounts.add("annie", "annie")
    for name in ("annie", "nobody"):
        accounts.authenticate(name, "a guess", None)
    assert len(verified) == 2
    assert "argon2id" not in verified


def test_a_weak_hash_is_made_anew_at_the_next_right_password(accounts: SQLAccounts) -> None:
    added, _ = accounts.add("annie", "annie", CHOSEN)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(CHOSEN)
    with accounts._store.database.write() as sql:
        sql.execute(update(table).values(password_hash=weak))
    assert accounts.authenticate("annie", "a guess", None) is Refusal.NOT_VALID_USER
    assert hash_of(accounts, "annie") == weak
    assert accounts.authenticate("annie", CHOSEN, None) == added
    made = hash_of(accounts, "annie")
    assert made != weak
    assert not authentication.needs_rehash(made)
    assert accounts.authenticate("annie", CHOSEN, None) == added
    assert hash_of(accounts, "annie") == made


# --- with an endpoint


@pytest.mark.parametrize(("file", "state"), [(FILE, "done"), (uuid.UUID(int=7), "queued")])
def test_requests_go_to_the_company_file_with_the_mark_and_to_no_other(
    queue: SQLQueue, accounts: SQLAccounts, file: uuid.UUID, state: str
) -> None:
    _, password = accounts.add("books", "annie", owner_id=OWNER, file_id=file)
    assert password is not None
    id_ = queue.enqueue("books", READ)
    endpoint = soap.Endpoint(queue, accounts)
    ticket, _ = endpoint.authenticate("annie", password, "192.0.2.1")
    sent = endpoint.send_request_xml(ticket, qbxml_fixture("HostCompanyPreferencesRs"), "", "US", 16, 0)
    assert bool(sent) is (state == "done")
    if sent:
        endpoint.receive_response_xml(ticket, answer_to_text(sent), "", "")
    assert queue.result(id_).state.value == state
