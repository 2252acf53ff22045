"""What ``clientVersion`` answers: which releases of the Web Connector are welcome."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientVersions:
    """A policy on releases of the Web Connector, such as ``"2.3.0.207"``.

    Below ``minimum`` it is told which release the server needs, and stops. Below ``recommended`` it shows a warning,
    which somebody has to click away: not for computers that nobody looks at. Versions compare number by number, so
    2.10 is newer than 2.9; after 2.3 they follow QuickBooks, so 34 is newer than 2.3. A version that can't be read is
    welcome. Raises ``ValueError`` for a policy that can't be read.
    """

    minimum: str = ""
    recommended: str = ""

    def __post_init__(self) -> None:
        for name in ("minimum", "recommended"):
            given = getattr(self, name)
            if given and parsed(given) is None:
                raise ValueError(f"{name} is {given!r}; a version such as 2.3.0.207 is wanted")

    def answer(self, version: str) -> str:
        """The answer to ``clientVersion``: ``""``, ``O:…`` or ``W:…``."""
        given = parsed(version)
        if given is None:
            return ""
        # The minimum first: a version below it is below the recommended one as well.
        if self.minimum and given < (parsed(self.minimum) or ()):
            return f"O:{self.minimum}"
        if self.recommended and given < (parsed(self.recommended) or ()):
            return f"W:This server recommends version {self.recommended} of the Web Connector or newer."
        return ""


def parsed(version: str) -> tuple[int, ...] | None:
    """A version as numbers, trailing zeros left out; ``None`` where it is none."""
    parts = version.strip().split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
