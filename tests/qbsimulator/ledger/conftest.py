"""A company to trade with, for each test; its books are checked when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qbsimulator.ledger.invariants import check
from tests.qbsimulator.ledger.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A company with all that a transaction refers to."""
    opened = Shop(tmp_path / "shop.company")
    yield opened
    check(opened)
    opened.close()
