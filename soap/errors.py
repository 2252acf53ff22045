"""Everything this package raises or reports on purpose, in one tree.

.. code-block:: text

    SoapError
    ├── UnknownRequest        the queue has no request of that id                   (.id)
    ├── RequestFailed         a request has no good answer                          (.id, .state, .error)
    ├── NotUnknown            resolve() was called for a request that is settled    (.id, .state)
    ├── QueueFull             a connection has as many waiting requests as it may   (.connection, .most)
    ├── IdempotencyConflict   a key was used before, for other requests             (.connection, .key)
    ├── UnknownHandler        a handler can't be loaded                             (.name, .reason)
    ├── StoreUnusable         a database can't be opened, or is of another release  (.reason)
    ├── InvalidQwc            a .qwc file that the Web Connector would refuse       (.problems, .name, .value, .reason)
    ├── InvalidAccount        an account, user, password or hash that can't be used (.name, .reason)
    ├── NotARequest           what was to be queued is no request                   (.given)
    └── OutOfOrder            something that cannot happen: a mistake in this package

None of them ever reaches the Web Connector: its calls are answered in its own terms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .qwc import Problem


class SoapError(Exception):
    """Base of everything this package raises on purpose."""

    #: What to do about it, in one line.
    advice = "Read the message."


class UnknownRequest(SoapError):
    """The queue has no request of that id."""

    advice = "Ask with the id that enqueue() returned, on the same queue, within the retention time."

    def __init__(self, id: str) -> None:
        super().__init__(f"no request {id!r} in this queue")
        self.id = id


class RequestFailed(SoapError):
    """A request has no good answer: it failed before QuickBooks saw it, or nobody knows, or it still waits."""

    advice = "Look at .state and .error; an unknown one is settled by the next session or by resolve()."

    def __init__(self, id: str, state: str, message: str, error: dict[str, Any]) -> None:
        super().__init__(f"request {id} is {state}: {message}")
        self.id, self.state, self.error = id, state, error


class NotUnknown(SoapError):
    """A request is not UNKNOWN, so there is nothing for a caller to decide."""

    advice = "Resolve a request only while its state is UNKNOWN."

    def __init__(self, id: str, state: str) -> None:
        super().__init__(f"request {id} is {state}, not unknown")
        self.id, self.state = id, state


class QueueFull(SoapError):
    """A connection has as many waiting requests as it may have."""

    advice = "Wait until the Web Connector has fetched some, or raise most_waiting."

    def __init__(self, connection: str, most: int) -> None:
        super().__init__(f"connection {connection!r} has {most} requests waiting, as many as it may")
        self.connection, self.most = connection, most


class IdempotencyConflict(SoapError):
    """An idempotency key was used before in this connection, for other requests."""

    advice = "Use a new key for a new request, and the same one only to repeat the very same."

    def __init__(self, connection: str, key: str) -> None:
        super().__init__(f"the idempotency key {key!r} of connection {connection!r} belongs to other requests")
        self.connection, self.key = connection, key


class UnknownHandler(SoapError):
    """A handler that was named can't be loaded."""

    advice = "Name it as MODULE:FUNCTION, importable from where the program runs."

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"handler {name!r} can't be loaded: {reason}")
        self.name, self.reason = name, reason


class StoreUnusable(SoapError):
    """A database can't hold a queue: it can't be opened, is of another kind, or its tables are of another release."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"{reason}. {advice}")
        self.reason, self.advice = reason, advice


class InvalidQwc(SoapError):
    """A ``.qwc`` file, or values for one, that the Web Connector would not accept or that is no such file at all.

    ``problems`` are all that were found, in the order of the elements. Of the first of them, ``name`` is the element
    (``""``: the file as a whole), ``value`` its text, ``reason`` what is wrong with it, ``code`` the number of the QBWC
    code that the Web Connector would have shown (``None``: not known, or none) and ``line`` where it stands (from 1;
    ``None`` for values that are not in a file yet).
    """

    advice = "Use a value of the form named; the Web Connector refuses the whole file otherwise."

    def __init__(
        self,
        name: str,
        value: str,
        reason: str,
        *,
        code: int | None = None,
        line: int | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        if len(problems) > 1:
            text = f"{len(problems)} problems in the .qwc file\n" + "\n".join(f"  {problem}" for problem in problems)
        elif problems:
            text = str(problems[0])
        else:
            text = f"{name} {value!r}: {reason}"
        super().__init__(text)
        self.name, self.value, self.reason, self.code, self.line = name, value, reason, code, line
        self.problems = tuple(problems)

    def __reduce__(self) -> Any:
        return _invalid_qwc, (self.name, self.value, self.reason, self.code, self.line, self.problems)


def _invalid_qwc(
    name: str, value: str, reason: str, code: int | None, line: int | None, problems: tuple[Problem, ...]
) -> InvalidQwc:
    """What pickle makes the error from: it passes no arguments by name."""
    return InvalidQwc(name, value, reason, code=code, line=line, problems=problems)


class InvalidAccount(SoapError, ValueError):
    """What the authenticator was given cannot be used: ``name`` says which of it, ``reason`` why."""

    advice = "Mend the value named, where the program sets up its users."

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason

    def __reduce__(self) -> Any:
        return type(self), (self.name, self.reason)


class NotARequest(SoapError):
    """What was to be queued is no typed request, no ``{"CustomerQueryRq": {…}}``, and no list of such."""

    advice = "Queue what qbxml.build() takes."

    def __init__(self, given: object) -> None:
        super().__init__(f"not a request: {type(given).__name__}")
        self.given = given


class OutOfOrder(SoapError):
    """Something was reported that cannot happen in that state of a conversation or of a request."""

    advice = "Please report it: this is a mistake in this package."
