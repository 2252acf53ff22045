"""A copy of a company file, and the file put back to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbsimulator import UnusableFile
from tests.qbsimulator.helpers import Books


def test_what_was_done_since_a_copy_was_made_has_not_been(books: Books, tmp_path: Path) -> None:
    books.add("Customer", "Annie")
    books.company.configure(uses_classes=False)
    books.company.back_up(tmp_path / "copy")
    books.add("Customer", "Bob")
    books.company.configure(uses_classes=True)
    books.company.restore(tmp_path / "copy")
    assert books.names("Customer") == ["Annie"]
    assert not books.company.settings.uses_classes
    books.add("Customer", "Bob")
    books.reopen()
    assert books.names("Customer") == ["Annie", "Bob"]


def test_a_copy_is_a_company_file_and_overwrites_none(books: Books, tmp_path: Path) -> None:
    books.company.back_up(tmp_path / "copy")
    with pytest.raises(UnusableFile):
        books.company.back_up(tmp_path / "copy")
    (tmp_path / "other").write_bytes(b"no database")
    for path in ("other", "none"):
        with pytest.raises(UnusableFile):
            books.company.restore(tmp_path / path)
