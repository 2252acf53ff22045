"""The fuzzer of ``make fuzz``, for a moment: that it works, and that it finds nothing near at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import qbxml
from fuzz import target
from fuzz.__main__ import again, run


def test_nothing_is_found_near_at_hand(tmp_path: Path) -> None:
    outcomes, findings = run(0, 2000, 60, keep=tmp_path)
    assert findings == []
    assert outcomes.total() > 1000
    # It gets past the parser often enough to be of use.
    assert outcomes["valid"] > 20
    assert outcomes["not valid"] > 20


def test_a_finding_is_kept_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("broken")

    monkeypatch.setattr(qbxml, "parse", broken)
    monkeypatch.setattr(target, "TOO_LONG", 100.0)
    _, findings = run(0, 50, 60, keep=tmp_path)
    (path,) = findings
    assert path.with_suffix(".txt").read_text().count("KeyError: 'broken'") == 1
    assert again([str(path)]) == 1
    monkeypatch.undo()
    assert again([str(path)]) == 0
