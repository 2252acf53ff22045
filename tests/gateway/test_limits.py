from __future__ import annotations

from qbgateway.api import Api
from qbgateway.api.limits import Buckets, Limit
from soap.testing import Clock

from .helpers import Books, Caller, error_of


def test_a_bucket_is_emptied_at_once_and_filled_in_time() -> None:
    clock = Clock(0.0)
    buckets = Buckets(Limit(burst=3, rate=2), clock)
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert buckets.take("b") == 0.0
    clock.advance(0.25)
    assert buckets.take("a") == 0.25
    clock.advance(0.25)
    assert buckets.take("a") == 0.0
    clock.advance(1000.0)
    assert [buckets.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_only_so_many_buckets_are_remembered() -> None:
    buckets = Buckets(Limit(burst=1, rate=1), Clock(0.0), capacity=2)
    assert [buckets.take(name) for name in "abc"] == [0.0, 0.0, 0.0]
    assert buckets.take("c") == 1.0
    assert buckets.take("a") == 0.0, "forgotten, for it was longest unused"


def test_a_key_that_calls_too_often_is_told_when_to_come_again(books: Books) -> None:
    clock = Clock(0.0)
    api = Api(books.gateway, calls=Buckets(Limit(burst=2, rate=0.5), clock))
    call = Caller(api, books.keys.secret_text)
    other = Caller(api, books.gateway.accounts.create_keys(books.account.id).secret_text)
    assert [call("GET", "/v1/end-users").status_code for _ in range(3)] == [200, 200, 429]
    answer = call("GET", "/v1/end-users")
    assert error_of(answer) == (429, "INVALID_REQUEST_ERROR", "RATE_LIMITED")
    assert (answer.headers["Retry-After"], answer.headers["x-should-retry"]) == ("2", "true")
    assert other("GET", "/v1/end-users").status_code == 200
    clock.advance(2.0)
    assert call("GET", "/v1/end-users").status_code == 200


def test_who_guesses_is_slowed_down_and_the_good_key_beside_is_not(books: Books) -> None:
    api = Api(books.gateway, failures=Buckets(Limit(burst=2, rate=0.1), Clock(0.0)))
    wrong, good = Caller(api, "sk_live_guess"), Caller(api, books.keys.secret_text)
    assert [wrong("GET", "/v1/end-users").status_code for _ in range(3)] == [401, 401, 429]
    assert good("GET", "/v1/end-users").status_code == 200
    elsewhere = wrong.client.open("/v1/end-users", environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert elsewhere.status_code == 401


def test_the_address_is_the_callers_behind_a_trusted_proxy_alone(books: Books) -> None:
    def statuses(trusted: list[str]) -> list[int]:
        client = Caller(books.application(trusted_proxies=trusted), "").client
        calls = [
            client.open("/v1/end-users", headers={"X-Forwarded-For": f"192.0.2.{number}"}, environ_overrides=proxy)
            for number in range(25)
        ]
        return sorted({one.status_code for one in calls})

    proxy = {"REMOTE_ADDR": "10.0.0.1"}
    assert statuses([]) == [401, 429]
    assert statuses(["10.0.0.1"]) == [401]
