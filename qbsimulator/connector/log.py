"""The log of the Web Connector, one line to an event: when, which application, what.

No password, no ticket and no document is written to it, only their names and sizes.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from pathlib import Path

#: The file's name, in the home of a Web Connector.
FILE_NAME = "QWCLog.txt"

#: Lines kept in memory.
_REMEMBERED = 10_000


class Log:
    """Lines, the latest of them in memory, and all in a file where there is one."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.lines: deque[str] = deque(maxlen=_REMEMBERED)

    def write(self, when: float, application: str, text: str) -> str:
        """Write a line, and return it."""
        stamp = datetime.fromtimestamp(int(when), UTC).strftime("%Y%m%d.%H:%M:%S UTC")
        line = f"{stamp}\t: {' '.join(f'{application} : {text}'.split())}"
        self.lines.append(line)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{line}\n")
        return line

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.lines)
