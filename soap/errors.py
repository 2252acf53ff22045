"""Everything this package raises or reports on purpose, in one tree.

.. code-block:: text

    SoapError
    ├── RefusedSet       QuickBooks refused a message set, and did nothing of it    (.hresult, .message)
    ├── LostAnswer       a message set was handed out, and no usable answer came    (.reason)
    ├── UnknownEntry     the queue has no entry of that id                          (.entry_id)
    ├── InvalidQwc       a .qwc file that the Web Connector would refuse            (.problems, .name, .value, .reason)
    ├── InvalidAccount   an account, user, password or hash that cannot be used     (.name, .reason)
    ├── NotARequest      what was to be queued is no request                        (.given)
    └── OutOfOrder       an event that cannot happen in a conversation: a mistake in this package

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


class RefusedSet(SoapError):
    """QuickBooks refused a message set as a whole, in a way that proves that nothing of it was done."""

    advice = "Change the request: the same text would be refused again."

    def __init__(self, hresult: str, message: str) -> None:
        super().__init__(f"{hresult} {message}".strip())
        self.hresult, self.message = hresult, message


class LostAnswer(SoapError):
    """A message set was handed out, and no usable answer came to it: QuickBooks may have done it or not."""

    advice = "Look into QuickBooks before sending the same again."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownEntry(SoapError):
    """The queue has no entry of that id."""

    advice = "Ask with the id that enqueue() returned, on the same queue."

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"no entry {entry_id!r} in this queue")
        self.entry_id = entry_id


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
    """An event was reported that cannot happen in that state of a conversation."""

    advice = "Please report it: this is a mistake in this package."
