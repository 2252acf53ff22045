"""The results for people and, as JSON, for programs."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from lxml import etree

import qbxml

from .measure import Row


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "lxml": ".".join(str(one) for one in etree.LXML_VERSION[:3]),
        "libxml2": ".".join(str(one) for one in etree.LIBXML_VERSION),
        "qbxml": qbxml.__version__,
        "load": [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    if sys.platform == "linux":
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def header(found: dict[str, Any]) -> str:
    """The machine in two lines."""
    load = ", ".join(f"{one:.2f}" for one in found["load"]) if found["load"] else "unknown"
    return (
        f"{found['processor']}, {found['cores']} cores, {found['system']}; load at start {load}\n"
        f"{found['python']}, lxml {found['lxml']}, libxml2 {found['libxml2']}, qbxml {found['qbxml']}"
    )


_HEADINGS = ("what", "which", "ours", "floor", "result", "quartiles", "goal", "", "")


def cells(row: Row) -> tuple[str, ...]:
    """A row as texts, one per heading."""
    goal = ""
    if row.goal is not None:
        goal = f"± {row.goal:g} %" if row.unit == "%" else f"{'≥' if row.least else '≤'} {row.goal:g}"
    return (
        row.group,
        row.name,
        _time(row.ours),
        _time(row.floor),
        _result(row),
        f"{row.low:.2f}-{row.high:.2f}" if row.low is not None and row.high is not None else "",
        goal,
        {True: "ok", False: "MISSED", None: ""}[row.met],
        row.note,
    )


def _result(row: Row) -> str:
    if row.value is None:
        return "-"
    if row.unit == "%":
        return f"{row.value:+.1f} %"
    return f"{row.value:.2f} {row.unit}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 0.001:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"


#: Columns of numbers, which stand at the right.
_RIGHT = (2, 3, 4, 5, 6)


def lines(rows: Iterable[Row]) -> Sequence[str]:
    """The whole table."""
    found = [_HEADINGS, *(cells(row) for row in rows)]
    widths = [max(len(one[place]) for one in found) for place in range(len(_HEADINGS))]
    out = []
    for one in found:
        parts = [
            text.rjust(width) if place in _RIGHT else text.ljust(width)
            for place, (text, width) in enumerate(zip(one, widths, strict=True))
        ]
        out.append("  ".join(parts).rstrip())
    return [out[0], "-" * max(len(one) for one in out), *out[1:]]
