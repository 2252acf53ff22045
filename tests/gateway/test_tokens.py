from __future__ import annotations

import os
from pathlib import Path

import pytest

from qbgateway import tokens
from qbgateway.errors import Unusable


def test_what_is_made_has_enough_bits() -> None:
    assert len(tokens.new_key("sk_live_")) == len("sk_live_") + 32  # of 62 letters: 190 bits
    assert len({tokens.new_key("") for _ in range(100)}) == 100
    assert tokens.new_id(tokens.END_USER).startswith("end_usr_")


def test_a_client_secret_is_always_the_same_for_its_session_and_instance() -> None:
    one = tokens.client_secret(b"a" * 40, "auth_sess_1")
    assert one == tokens.client_secret(b"a" * 40, "auth_sess_1")
    assert one.startswith("auth_sess_client_secret_")
    assert tokens.client_secret(b"a" * 40, "auth_sess_2") != one
    assert tokens.client_secret(b"b" * 40, "auth_sess_1") != one


def test_the_secret_of_an_instance_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = tokens.instance_secret(folder)
    assert tokens.instance_secret(folder) == first
    assert len(first) >= 64
    assert [path.name for path in folder.iterdir()] == ["secret"]
    if os.name == "posix":
        assert (folder / "secret").stat().st_mode & 0o777 == 0o600
        (folder / "secret").chmod(0o644)
        with pytest.raises(Unusable, match="chmod 600"):
            tokens.instance_secret(folder)


def test_the_environment_has_it_before_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tokens.SECRET_VARIABLE, "x" * 40)
    assert tokens.instance_secret(tmp_path) == b"x" * 40
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv(tokens.SECRET_VARIABLE, "too short")
    with pytest.raises(Unusable, match="QBGATEWAY_SECRET"):
        tokens.instance_secret(tmp_path)


def test_a_secret_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Unusable, match="can't be read or made"):
        tokens.instance_secret(tmp_path / "file")
