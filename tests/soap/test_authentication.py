"""soap/authentication.py: passwords, tickets, and who is slowed down."""

from __future__ import annotations

import hashlib
import pickle
import re
import sys
import threading
import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from soap import authentication
from soap.authentication import (
    Account,
    Authenticator,
    Refusal,
    StaticAuthenticator,
    Throttle,
    User,
    generate_password,
    hash_generated,
    hash_password,
    hash_ticket,
    needs_rehash,
    new_ticket,
    single_user,
    verify,
)
from soap.errors import InvalidAccount, SoapError

#: As cheap as Argon2 gets: what it costs is not what is tested.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
REEDS = CHEAP.hash("reeds")
SECRET = "abcdefgh-ijklmnop-qrstuvwx-yz234567"


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that are verified, one by one."""
    hashes: list[str] = []

    def spy(password_hash: str, password: str) -> bool:
        hashes.append(password_hash)
        return verify(password_hash, password)

    monkeypatch.setattr(authentication, "verify", spy)
    return hashes


# -- accounts ----------------------------------------------------------------------------------------------------


def test_an_account_is_checked_when_it_is_made() -> None:
    account = Account("annie", r"C:\Books\Reeds.qbw", GUID[1:-1].lower(), GUID, 60)
    assert account.minimum_run_every == 60
    assert pickle.loads(pickle.dumps(account)) == account


GUID = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"connection": ""}, "connection"),
        ({"company_file": "NVU "}, "company_file"),
        ({"company_file": "busy"}, "company_file"),
        ({"company_file": "C:\\\x00"}, "company_file"),
        ({"file_id": GUID[1:], "owner_id": GUID}, "file_id"),
        ({"file_id": "reeds", "owner_id": GUID}, "file_id"),
        ({"owner_id": "57F3B9B1"}, "owner_id"),
        ({"file_id": GUID}, "owner_id"),
        ({"minimum_run_every": 0}, "minimum_run_every"),
    ],
)
def test_an_account_that_cannot_be_meant_is_refused(given: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidAccount) as caught:
        Account(**{"connection": "annie", **given})  # type: ignore[arg-type]  # one of each type
    assert caught.value.name == name
    assert caught.value.advice
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_setting_that_cannot_be_used_is_a_value_error_and_one_of_ours() -> None:
    assert issubclass(InvalidAccount, ValueError)
    assert issubclass(InvalidAccount, SoapError)


# -- passwords ---------------------------------------------------------------------------------------------------


def test_a_chosen_password_is_hashed_with_argon2id_and_a_salt() -> None:
    one, other = hash_password("röhricht"), hash_password("röhricht")
    assert one.startswith("$argon2id$")
    assert one != other
    assert verify(one, "röhricht")
    assert not verify(one, "rohricht")
    assert not needs_rehash(one)


def test_a_weaker_hash_is_to_be_made_anew() -> None:
    assert needs_rehash(REEDS)
    assert not needs_rehash(hash_generated(SECRET))


def test_a_generated_secret_is_hashed_with_sha256() -> None:
    made = hash_generated(SECRET)
    assert made == f"sha256${hashlib.sha256(SECRET.encode()).hexdigest()}"
    assert verify(made, SECRET)
    assert not verify(made, SECRET.upper())


def test_generated_passwords_have_160_bits_and_differ() -> None:
    made = {generate_password() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[a-z2-7]{8}(-[a-z2-7]{8}){3}", one) for one in made)
    assert all(verify(hash_generated(one), one) for one in made)


def test_a_short_secret_is_not_taken_for_a_generated_one() -> None:
    with pytest.raises(InvalidAccount, match="hash_password") as caught:
        hash_generated("dragonfly-over-the-marshes")
    assert "dragonfly" not in str(caught.value)


# With names: a hash is another one in each process, and pytest-xdist compares.
@pytest.mark.parametrize("password", ["", "r" * 1025, "reeds\x00", "reeds\ud800"], ids=["no", "long", "nul", "half"])
@pytest.mark.parametrize(
    "password_hash", [REEDS, hash_generated(SECRET), CHEAP.hash("")], ids=["argon", "sha", "empty"]
)
def test_a_password_that_cannot_be_sent_is_never_right_and_never_hashed(password_hash: str, password: str) -> None:
    assert not verify(password_hash, password)
    with pytest.raises(InvalidAccount) as caught:
        hash_password(password)
    assert caught.value.name == "password"
    assert password == "" or password not in str(caught.value)


def test_a_password_of_1024_characters_is_right() -> None:
    assert verify(CHEAP.hash("蘆" * 1024), "蘆" * 1024)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1))
@settings(max_examples=30)
def test_a_password_is_the_same_however_unicode_writes_it(password: str) -> None:
    made = f"sha256${hashlib.sha256(unicodedata.normalize('NFC', password).encode()).hexdigest()}"
    assert verify(made, password)
    assert verify(made, unicodedata.normalize("NFC", password))
    assert verify(made, unicodedata.normalize("NFD", password))
    assert not verify(made, password + ".")


@pytest.mark.parametrize(
    "stored",
    ["", "reeds", "sha256$12", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$abc", REEDS + "$x"],
    ids=range(7),
)
def test_what_is_no_hash_is_refused_without_being_quoted(stored: str) -> None:
    for use in (lambda: verify(stored, "reeds"), lambda: needs_rehash(stored), lambda: User(stored, Account("annie"))):
        with pytest.raises(InvalidAccount) as caught:
            use()
        assert caught.value.name == "password_hash"
        assert stored == "" or stored not in str(caught.value)


@pytest.mark.parametrize("stored", ["$argon2id$v=19$m=8,t=1,p=1$x$y", REEDS.replace("m=8", "m=1")], ids=["a", "b"])
def test_a_damaged_hash_is_an_error_and_not_a_wrong_password(stored: str) -> None:
    with pytest.raises(InvalidAccount, match="cannot be verified"):
        verify(stored, "reeds")


def test_without_argon2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)
    for use in (lambda: hash_password("reeds"), lambda: verify(REEDS, "reeds"), lambda: needs_rehash(REEDS)):
        with pytest.raises(ImportError, match=r"openqbd\[soap\]"):
            use()
    # What needs none works without.
    assert verify(hash_generated(SECRET), SECRET)
    assert single_user("annie", "reeds").authenticate("annie", "reeds", None) == Account("annie")


# -- tickets -----------------------------------------------------------------------------------------------------


def test_a_ticket_has_160_bits_or_more_and_fits_into_an_address() -> None:
    made = {new_ticket() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{27,}", ticket) for ticket in made)


def test_a_ticket_is_looked_up_by_its_sha256() -> None:
    assert hash_ticket("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.text(st.characters()))
def test_any_text_can_be_looked_up_as_a_ticket(ticket: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", hash_ticket(ticket))


# -- the throttle ------------------------------------------------------------------------------------------------


def fail(throttle: Throttle, times: int, username: str = "annie", address: str | None = "192.0.2.1") -> list[bool]:
    return [throttle.attempt(username, address) for _ in range(times)]


def test_after_so_many_failures_a_pause_is_forced(clock: Clock) -> None:
    throttle = Throttle(failures=3, window=300, back_off=60, clock=clock)
    assert fail(throttle, 5) == [True, True, True, False, False]
    clock.now += 59
    assert fail(throttle, 1) == [False]
    clock.now += 1
    assert fail(throttle, 4) == [True, True, True, False]


def test_failures_that_are_far_apart_do_not_add_up(clock: Clock) -> None:
    throttle = Throttle(failures=3, window=300, clock=clock)
    for _ in range(20):
        assert fail(throttle, 1) == [True]
        clock.now += 151
    assert fail(throttle, 1) == [True]


def test_the_pause_doubles_up_to_the_longest_and_is_short_again_after_a_quiet_time(clock: Clock) -> None:
    throttle = Throttle(failures=1, window=10, back_off=60, longest=200, clock=clock)
    assert fail(throttle, 2) == [True, False]
    for pause in (60, 120, 200, 200):
        clock.now += pause - 1
        assert fail(throttle, 1) == [False]
        clock.now += 1
        assert fail(throttle, 2) == [True, False]
    clock.now += 201
    assert fail(throttle, 2) == [True, False]
    clock.now += 60
    assert fail(throttle, 1) == [True]


def test_attempts_during_the_pause_do_not_make_it_longer(clock: Clock) -> None:
    throttle = Throttle(failures=1, back_off=60, clock=clock)
    fail(throttle, 1)
    for _ in range(59):
        clock.now += 1
        assert fail(throttle, 1) == [False]
    clock.now += 1
    assert fail(throttle, 1) == [True]


def test_a_success_forgets_the_failures(clock: Clock) -> None:
    throttle = Throttle(failures=3, clock=clock)
    for _ in range(10):
        assert fail(throttle, 3) == [True, True, True]
        throttle.succeeded("annie", "192.0.2.1")
    assert fail(throttle, 4) == [True, True, True, False]


def test_another_user_and_another_address_are_not_slowed_down(clock: Clock) -> None:
    throttle = Throttle(failures=2, user_failures=4, clock=clock)
    assert fail(throttle, 3) == [True, True, False]
    assert fail(throttle, 1, "carl") == [True]
    assert fail(throttle, 1, "annie", "192.0.2.2") == [True]
    assert fail(throttle, 1, "annie", None) == [True]


def test_failures_from_many_addresses_are_too_many_as_well(clock: Clock) -> None:
    throttle = Throttle(failures=5, user_failures=8, back_off=60, clock=clock)
    tries = [fail(throttle, 1, "annie", f"192.0.2.{one}")[0] for one in range(10)]
    assert tries == [True] * 8 + [False] * 2
    assert fail(throttle, 1, "carl", "192.0.2.1") == [True]
    clock.now += 60
    assert fail(throttle, 1, "annie", "192.0.2.99") == [True]


def test_nobody_can_lock_out_an_address_that_has_signed_in(clock: Clock) -> None:
    throttle = Throttle(failures=5, user_failures=8, clock=clock)
    assert throttle.attempt("annie", "192.0.2.1")
    throttle.succeeded("annie", "192.0.2.1")
    for minute in range(30):
        for one in range(20):
            throttle.attempt("annie", f"198.51.100.{one}")
        assert throttle.attempt("annie", "192.0.2.1"), minute
        throttle.succeeded("annie", "192.0.2.1")
        assert not throttle.attempt("annie", "203.0.113.1"), "and that does not give the attacker a new start"
        clock.now += 10
    assert fail(throttle, 6) == [True] * 5 + [False], "but its own failures count"


def test_a_first_success_from_an_address_takes_back_its_own_attempt_alone(clock: Clock) -> None:
    throttle = Throttle(failures=3, user_failures=3, clock=clock)
    fail(throttle, 1, "annie", "198.51.100.1")
    fail(throttle, 1, "annie", "198.51.100.2")
    assert throttle.attempt("annie", "192.0.2.1")
    throttle.succeeded("annie", "192.0.2.1")
    assert fail(throttle, 1, "annie", "198.51.100.3") == [True]
    assert fail(throttle, 1, "annie", "198.51.100.4") == [False]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::1", "0:0:0:0:0:0:0:1", True),
        ("", None, True),
        ("unix:", "192.0.2.1", False),
    ],
)
def test_addresses_count_as_one_where_one_machine_has_them(
    one: str | None, other: str | None, same: bool, clock: Clock
) -> None:
    throttle = Throttle(failures=1, user_failures=9, clock=clock)
    fail(throttle, 1, "annie", one)
    assert fail(throttle, 1, "annie", other) == [not same]


def test_a_name_and_an_address_do_not_run_into_each_other(clock: Clock) -> None:
    throttle = Throttle(failures=1, user_failures=9, clock=clock)
    fail(throttle, 1, "annie1", "92.0.2.1")
    assert fail(throttle, 1, "annie", "192.0.2.1") == [True]


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first(clock: Clock) -> None:
    throttle = Throttle(failures=1, capacity=10, clock=clock)
    for one in range(100):
        throttle.attempt(f"user{one}", None)
        throttle.succeeded(f"user{one}", None)
        throttle.attempt(f"user{one}", None)
    kept = (throttle._pairs, throttle._users, throttle._known)
    assert [len(one) for one in kept] == [10, 10, 10]
    assert fail(throttle, 1, "user99", None) == [False]
    assert fail(throttle, 1, "user0", None) == [True]


def test_many_attempts_at_the_same_moment_are_no_more_than_allowed() -> None:
    throttle = Throttle(failures=5)
    allowed: list[bool] = []
    gate = threading.Barrier(20)

    def attempt() -> None:
        gate.wait()
        allowed.append(throttle.attempt("annie", "192.0.2.1"))

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 5


@pytest.mark.parametrize("wrong", [{"failures": 0}, {"failures": 9, "user_failures": 8}, {"capacity": 0}])
def test_a_throttle_that_could_not_work_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidAccount, match="throttle"):
        Throttle(**wrong)  # type: ignore[arg-type]  # all of them are numbers


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.sampled_from(["192.0.2.1", "192.0.2.2"]), st.integers(0, 400), st.booleans()
        ),
        max_size=60,
    )
)
def test_no_window_ever_has_more_failures_than_allowed(
    steps: list[tuple[str, str, int, bool]],
) -> None:
    clock = Clock()
    throttle = Throttle(failures=3, window=100, back_off=150, user_failures=5, clock=clock)
    failed: dict[tuple[str, str], list[float]] = {}
    for user, address, seconds, right in steps:
        clock.now += seconds
        mine = failed.setdefault((user, address), [])
        allowed = throttle.attempt(user, address)
        recent = [at for at in mine if clock.now - at <= 100]
        assert not (allowed and len(recent) >= 3)
        if allowed and right:
            throttle.succeeded(user, address)
            mine.clear()
        elif allowed:
            mine.append(clock.now)


# -- the ready ones ----------------------------------------------------------------------------------------------


def users(**more: User) -> dict[str, User]:
    return {"annie": User(REEDS, Account("annie's file")), **more}


def test_who_has_the_password_gets_the_account() -> None:
    authenticator: Authenticator = StaticAuthenticator(users())
    assert authenticator.authenticate("annie", "reeds", "192.0.2.1") == Account("annie's file")
    assert authenticator.authenticate("annie", "reeds", None) == Account("annie's file")


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("annie", "ponds"),
        ("annie", ""),
        ("Annie", "reeds"),
        ("annie ", "reeds"),
        ("carl", "reeds"),
        ("", ""),
        ("annie", "reeds" * 1000),
        ("annie" * 1000, "reeds"),
        ("annie\x00", "reeds"),
        ("\ud800", "\ud800"),
    ],
)
def test_anything_else_is_not_valid(username: str, password: str) -> None:
    assert StaticAuthenticator(users()).authenticate(username, password, None) is Refusal.NOT_VALID_USER
    assert single_user("annie", "reeds").authenticate(username, password, None) is Refusal.NOT_VALID_USER


def test_names_and_passwords_may_be_of_any_script() -> None:
    authenticator = single_user("Jürgen 蘆葦", "Röhricht")
    assert authenticator.authenticate("Jürgen 蘆葦", "Röhricht", None) == Account("Jürgen 蘆葦")
    username, password = unicodedata.normalize("NFD", "Jürgen 蘆葦"), unicodedata.normalize("NFD", "Röhricht")
    assert (username, password) != ("Jürgen 蘆葦", "Röhricht")
    assert authenticator.authenticate(username, password, None) == Account("Jürgen 蘆葦")


def test_an_unknown_user_costs_what_a_known_one_costs(verified: list[str]) -> None:
    authenticator = StaticAuthenticator(users())
    authenticator.authenticate("annie", "ponds", None)
    authenticator.authenticate("carl", "ponds", None)
    authenticator.authenticate("carl", "p" * 5000, None)
    kinds = [one.rpartition("$")[0] for one in verified]
    assert kinds == [REEDS.rpartition("$")[0]] * 3
    assert len({len(one) for one in verified}) == 1
    assert verified[1] != REEDS


def test_kinds_of_hashes_do_not_show_who_has_which(verified: list[str]) -> None:
    authenticator = StaticAuthenticator(users(robot=User(hash_generated(SECRET), Account("robot"))))
    for name in ("annie", "robot", "carl"):
        verified.clear()
        authenticator.authenticate(name, "ponds", None)
        assert sum(one.startswith("$argon2") for one in verified) == 1


def test_without_slow_hashes_an_unknown_user_is_quick_too(verified: list[str]) -> None:
    authenticator = StaticAuthenticator({"robot": User(hash_generated(SECRET), Account("robot"))})
    assert authenticator.authenticate("robot", SECRET, None) == Account("robot")
    assert authenticator.authenticate("carl", SECRET, None) is Refusal.NOT_VALID_USER
    assert [one.startswith("sha256$") for one in verified] == [True, True]


def test_without_users_nobody_may_sign_in() -> None:
    authenticator = StaticAuthenticator({})
    assert authenticator.authenticate("", "", None) is Refusal.NOT_VALID_USER


def test_a_right_password_is_refused_while_throttled_and_not_looked_at(clock: Clock, verified: list[str]) -> None:
    authenticator = StaticAuthenticator(users(), throttle=Throttle(failures=2, back_off=60, clock=clock))
    for _ in range(2):
        assert authenticator.authenticate("annie", "ponds", "192.0.2.1") is Refusal.NOT_VALID_USER
    verified.clear()
    assert authenticator.authenticate("annie", "reeds", "192.0.2.1") is Refusal.THROTTLED
    assert verified == []
    assert authenticator.authenticate("annie", "reeds", "192.0.2.2") == Account("annie's file")
    clock.now += 60
    assert authenticator.authenticate("annie", "reeds", "192.0.2.1") == Account("annie's file")


def test_users_that_do_not_exist_are_throttled_as_others_are(clock: Clock) -> None:
    authenticator = StaticAuthenticator(users(), throttle=Throttle(failures=2, clock=clock))
    answers = [authenticator.authenticate("carl", "ponds", None) for _ in range(3)]
    assert answers == [Refusal.NOT_VALID_USER, Refusal.NOT_VALID_USER, Refusal.THROTTLED]


def test_ways_to_write_a_name_are_no_way_around_the_throttle(clock: Clock) -> None:
    authenticator = single_user("Jürgen", "reeds", throttle=Throttle(failures=1, clock=clock))
    assert authenticator.authenticate("Jürgen", "ponds", None) is Refusal.NOT_VALID_USER
    assert authenticator.authenticate(unicodedata.normalize("NFD", "Jürgen"), "x", None) is Refusal.THROTTLED


def test_signing_in_each_minute_is_never_too_much(clock: Clock) -> None:
    authenticator = StaticAuthenticator(users(), throttle=Throttle(clock=clock))
    for _ in range(100):
        assert authenticator.authenticate("annie", "reeds", "192.0.2.1") == Account("annie's file")
        clock.now += 1


@pytest.mark.parametrize(
    ("allowed", "address", "expected"),
    [
        (["192.0.2.0/24"], "192.0.2.77", True),
        (["192.0.2.0/24"], "192.0.3.77", False),
        (["192.0.2.7"], "192.0.2.7", True),
        (["192.0.2.0/24"], "::ffff:192.0.2.77", True),
        (["2001:db8::/32", "192.0.2.7"], "2001:db8:1::1", True),
        (["2001:db8::/32"], "192.0.2.77", False),
        (["192.0.2.0/24"], None, False),
        (["0.0.0.0/0"], "", False),
        (["0.0.0.0/0"], "not an address", False),
        (["fe80::/10"], "fe80::1%eth0", True),
        ([], None, True),
        ([], "not an address", True),
    ],
)
def test_a_user_may_be_bound_to_addresses(allowed: list[str], address: str | None, expected: bool) -> None:
    annie = User(REEDS, Account("annie"), allowed)
    answer = StaticAuthenticator({"annie": annie}).authenticate("annie", "reeds", address)
    assert answer == (Account("annie") if expected else Refusal.ADDRESS_REFUSED)


def test_a_wrong_address_is_told_to_nobody_without_the_password(clock: Clock) -> None:
    annie = User(REEDS, Account("annie"), ["192.0.2.7"])
    authenticator = StaticAuthenticator({"annie": annie}, throttle=Throttle(failures=2, clock=clock))
    answers = [authenticator.authenticate("annie", one, "192.0.2.8") for one in ("ponds", "reeds", "reeds")]
    assert answers == [Refusal.NOT_VALID_USER, Refusal.ADDRESS_REFUSED, Refusal.THROTTLED]


@pytest.mark.parametrize("allowed", ["192.0.2.0/24", ["192.0.2.1/24"], ["books.example.com"]])
def test_what_is_no_list_of_networks_is_refused(allowed: list[str]) -> None:
    with pytest.raises(InvalidAccount) as caught:
        User(REEDS, Account("annie"), allowed)
    assert caught.value.name == "allowed_addresses"


@pytest.mark.parametrize("name", ["", "a" * 1025, "bell\a"])
def test_a_name_that_cannot_be_sent_is_refused_when_it_is_set_up(name: str) -> None:
    with pytest.raises(InvalidAccount, match="username"):
        StaticAuthenticator({name: User(REEDS, Account("annie"))})
    with pytest.raises(InvalidAccount, match="username"):
        single_user(name, "reeds")


def test_one_name_in_two_ways_of_writing_is_refused() -> None:
    annie = User(REEDS, Account("annie"))
    names = [unicodedata.normalize(form, "Jürgen") for form in ("NFC", "NFD")]
    with pytest.raises(InvalidAccount, match="twice"):
        StaticAuthenticator(dict.fromkeys(names, annie))


def test_an_empty_password_is_no_password() -> None:
    """An environment variable that is not set must not leave the door open."""
    with pytest.raises(InvalidAccount, match="password"):
        single_user("annie", "")


def test_one_user_may_have_an_account_of_another_name() -> None:
    account = Account("reeds", r"C:\Books\Reeds.qbw", minimum_run_every=300)
    assert single_user("annie", "reeds", account).authenticate("annie", "reeds", None) == account


def test_no_repr_shows_a_secret() -> None:
    user = User(hash_generated(SECRET), Account("annie"))
    shown = repr([user, StaticAuthenticator({"annie": user}), single_user("annie", SECRET), Throttle()])
    assert SECRET not in shown
    assert user.password_hash.partition("$")[2] not in shown


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        authenticator = single_user("annie", "reeds", throttle=Throttle(failures=1))
        for password in ("ponds", "reeds"):
            authenticator.authenticate("annie", password, "192.0.2.1")
    assert caplog.records == []
