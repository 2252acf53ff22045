"""What only the tests of the gateway need: a PostgreSQL server, of this test run alone, and a gateway over SQLite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qbgateway.store import Store
from soap import SQLQueue
from tests.soap.conftest import postgresql

from .helpers import Books

__all__ = ["postgresql"]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the tables in it, to be copied: to migrate one takes a while."""
    path = tmp_path_factory.mktemp("gateway") / "empty.db"
    queue = SQLQueue(f"sqlite:///{path}")
    Store(queue)
    queue.close()
    return path


@pytest.fixture
def books(tmp_path: Path, empty: Path) -> Iterator[Books]:
    shutil.copy(empty, tmp_path / "gateway.db")
    made = Books(f"sqlite:///{tmp_path / 'gateway.db'}")
    yield made
    made.close()
