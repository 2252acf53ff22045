"""No secret stands in a log."""

from __future__ import annotations

import logging

import pytest
from werkzeug.test import Client

from qbgateway.masking import MaskedFormatter, masked

from .helpers import Books


def test_secrets_are_masked_wherever_they_stand(books: Books) -> None:
    computer = books.connected(books.end_user())
    link = books.gateway.settings.flow_url(computer.secret, books.keys.publishable_text)
    line = f'1.2.3.4 "GET {link} HTTP/1.1" 200 {books.keys.secret_text}!'
    assert masked(line) == (
        '1.2.3.4 "GET https://books.example.com/qbd/auth_sess_client_secret_***?key=pk_live_*** HTTP/1.1" '
        "200 sk_live_***!"
    )
    assert masked(f"{computer.session.id} {computer.end_user.id}") == f"{computer.session.id} {computer.end_user.id}"


def test_a_traceback_is_masked_as_well(books: Books) -> None:
    secret = books.connected(books.end_user()).secret
    try:
        raise RuntimeError(secret)
    except RuntimeError as error:
        record = logging.LogRecord("x", 40, "x.py", 1, "for %s", (secret,), (RuntimeError, error, error.__traceback__))
    text = MaskedFormatter("%(levelname)s %(message)s").format(record)
    assert text.startswith("ERROR for auth_sess_client_secret_***")
    assert "RuntimeError: auth_sess_client_secret_***" in text
    assert secret not in text


def test_the_gateway_itself_logs_none(
    books: Books, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    computer = books.connected(books.end_user())
    client, html = Client(books.application()), {"Accept": "text/html"}
    address = f"/qbd/{computer.secret}?key={books.keys.publishable_text}"
    made = client.post(address.replace("?", "/password?")).get_json()
    assert client.get(address, headers=html).status_code == 200
    assert computer.update()

    def broken(*_: object) -> None:
        raise RuntimeError(computer.secret)

    monkeypatch.setattr(books.gateway.flow, "open", broken)
    assert client.get(address, headers=html).status_code == 500
    assert "RuntimeError" in caplog.text
    secrets = (computer.secret, computer.password, made["password"], books.keys.publishable_text)
    assert not [one for one in secrets if one in caplog.text]
