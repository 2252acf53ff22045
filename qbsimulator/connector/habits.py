"""How a Web Connector behaves where that can differ: its release, its patience, and what nobody has recorded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Seconds and switches. Those marked (?) stand for a behaviour on which the sources are silent or disagree."""

    #: What ``clientVersion`` is told.
    version: str = "2.3.0.215"
    #: The machine's name, which stands in the lock.
    machine: str = "SIMULATED"
    #: Pause after ``NoOp``.
    noop_pause: float = 5.0
    #: How long the dialog of the interactive mode waits for somebody. Nobody is there.
    interactive_patience: float = 60.0
    #: Whether somebody is there to accept a warning (``W:``). Without, the update does not go on.
    accepts_warnings: bool = False
    #: How often a company file is tried before the server is told.
    opening_tries: int = 2
    #: (?) Whether ``closeConnection`` follows a ``done`` of ``connectionError``.
    closes_after_done: bool = False
    #: (?) Whether ``closeConnection`` follows a call that raised an exception.
    closes_after_exception: bool = False
    #: (?) Whether ``NoOp`` means a pause even after a negative answer to ``receiveResponseXML``.
    noop_after_negative: bool = False
    #: (?) Seconds after which the lock of another machine is taken for one left behind.
    lock_expires: float = 3600.0
    #: Calls after which an update is broken off. The real one would go on for ever.
    most_calls: int = 10_000
