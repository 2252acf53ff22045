"""A company in a file of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qbsimulator.helpers import Books


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """An empty company, with a clock that stands still."""
    opened = Books(tmp_path / "books.company")
    yield opened
    opened.close()
