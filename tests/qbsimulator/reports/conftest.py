"""A company to report on, for each test; its books are checked when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qbsimulator.ledger.invariants import check
from tests.qbsimulator.reports.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A company without a transaction."""
    opened = Desk(tmp_path / "desk.company")
    yield opened
    check(opened)
    opened.close()
