"""What only the tests of the gateway need: a PostgreSQL server, of this test run alone, and a gateway over SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soap.conftest import postgresql

from .helpers import Books

__all__ = ["postgresql"]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    made = Books(f"sqlite:///{tmp_path / 'gateway.db'}")
    yield made
    made.close()
