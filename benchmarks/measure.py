"""Times and peaks: CPU time beside the floor's in this process, and anything at all in a fresh one.

A ratio is of two times measured one right after the other, and what is reported is the median of many such ratios: a
machine that is slower for a while is slower for both. The floor is measured before and after each sample. The garbage
collector is on, as a user has it, and a result is let go within the time.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

#: A time shorter than this is taken of several calls in a row.
SHORTEST = 0.02

Call = Callable[[], object]


class Row:
    """One line of the table.

    ``value`` is what was measured in ``unit`` (``"x"``: so many times the floor), ``goal`` what it should not exceed
    (``None``: nothing is promised), or with ``least`` what it should reach. ``ours`` and ``floor`` are the two times in
    seconds, where there are two; ``low`` and ``high`` are the quartiles of the ratios. ``note`` says what a reader must
    know.
    """

    def __init__(
        self,
        group: str,
        name: str,
        value: float | None,
        unit: str = "x",
        *,
        goal: float | None = None,
        least: bool = False,
        ours: float | None = None,
        floor: float | None = None,
        low: float | None = None,
        high: float | None = None,
        note: str = "",
    ) -> None:
        self.group = group
        self.name = name
        self.value = value
        self.unit = unit
        self.goal = goal
        self.least = least
        self.ours = ours
        self.floor = floor
        self.low = low
        self.high = high
        self.note = note

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; ``None`` without a goal. A growth is judged by its size, down as well as up."""
        if self.goal is None or self.value is None:
            return None
        if self.least:
            return self.value >= self.goal
        return (abs(self.value) if self.unit == "%" else self.value) <= self.goal

    def to_dict(self) -> dict[str, Any]:
        """The row for JSON."""
        return {**vars(self), "met": self.met}


def once(call: Call, times: int = 1) -> float:
    """The CPU time of one call, in seconds."""
    start = process_time()
    for _ in range(times):
        call()
    return (process_time() - start) / times


def repeats(call: Call) -> int:
    """How often to call something for a time that can be measured."""
    spent = once(call)
    return max(1, int(SHORTEST / spent)) if spent else 1000


def ratio(
    group: str,
    name: str,
    ours: Call,
    floor: Call,
    *,
    samples: int,
    goal: float | None = None,
    prepare: Call | None = None,
    note: str = "",
) -> Row:
    """Measure something beside its floor, so many times. ``prepare`` is called before each sample, off the clock."""
    for call in (ours, floor):
        call()
    gc.collect()
    often = 1 if prepare else repeats(ours)
    floor_often = repeats(floor)
    found: list[float] = []
    times: list[float] = []
    floors = [once(floor, floor_often)]
    for _ in range(samples):
        if prepare:
            prepare()
        times.append(once(ours, often))
        floors.append(once(floor, floor_often))
        found.append(times[-1] / ((floors[-2] + floors[-1]) / 2))
    return row_of(group, name, found, goal=goal, ours=median(times), floor=median(floors), note=note)


def row_of(group: str, name: str, found: list[float], unit: str = "x", **more: Any) -> Row:
    """A row of many ratios: their median, and the quartiles."""
    found = sorted(found)
    quarter = len(found) // 4
    return Row(group, name, median(found), unit, low=found[quarter], high=found[-1 - quarter], **more)


# -- fresh processes --------------------------------------------------------------------------------------------

ROOT = Path(__file__).parent.parent


def fresh(program: str, *arguments: str) -> Any:
    """What a program prints as JSON on its last line, run in a Python of its own.

    Raises :class:`RuntimeError` with what it wrote to its standard error.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def timed(body: str, setup: str = "") -> str:
    """A program that prints the CPU time of ``body``, without the interpreter's start."""
    return f"{setup}\nfrom time import process_time\nstart = process_time()\n{body}\nprint(process_time() - start)\n"


def fresh_ratio(
    group: str,
    name: str,
    ours: str,
    floor: str,
    *,
    samples: int,
    goal: float | None = None,
    note: str = "",
) -> Row:
    """Measure two programs in fresh processes, in turns; each prints its own time in seconds."""
    fresh(ours), fresh(floor)  # so that both find their compiled modules
    times: list[float] = []
    floors = [fresh(floor)]
    found: list[float] = []
    for _ in range(samples):
        times.append(fresh(ours))
        floors.append(fresh(floor))
        found.append(times[-1] / ((floors[-2] + floors[-1]) / 2))
    return row_of(group, name, found, goal=goal, ours=median(times), floor=median(floors), note=note)


def resident() -> tuple[int, int]:
    """The memory this process has now and the most it ever had, in bytes.

    From the kernel's own account where there is one: ``ru_maxrss`` also remembers the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        kilobytes = {
            line.split(":")[0]: int(line.split()[1])
            for line in status.read_text().splitlines()
            if line.startswith(("VmRSS:", "VmHWM:"))
        }
        return kilobytes["VmRSS"] * 1024, kilobytes["VmHWM"] * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return most, most
