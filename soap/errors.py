"""Everything this package raises or reports on purpose, in one tree.

.. code-block:: text

    SoapError
    ├── RefusedSet       QuickBooks refused a message set, and did nothing of it    (.hresult, .message)
    ├── LostAnswer       a message set was handed out, and no usable answer came    (.reason)
    ├── UnknownEntry     the queue has no entry of that id                          (.entry_id)
    ├── InvalidQwc       a value does not fit into a .qwc file                      (.name, .value, .reason)
    ├── NotARequest      what was to be queued is no request                        (.given)
    └── OutOfOrder       an event that cannot happen in a conversation: a mistake in this package

None of them ever reaches the Web Connector: its calls are answered in its own terms.
"""

from __future__ import annotations


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
    """A value that the Web Connector would not accept in a ``.qwc`` file."""

    advice = "Use a value of the form named; the Web Connector refuses the whole file otherwise."

    def __init__(self, name: str, value: str, reason: str) -> None:
        super().__init__(f"{name} {value!r}: {reason}")
        self.name, self.value, self.reason = name, value, reason


class NotARequest(SoapError):
    """What was to be queued is no typed request, no ``{"CustomerQueryRq": {…}}``, and no list of such."""

    advice = "Queue what qbxml.build() takes."

    def __init__(self, given: object) -> None:
        super().__init__(f"not a request: {type(given).__name__}")
        self.given = given


class OutOfOrder(SoapError):
    """An event was reported that cannot happen in that state of a conversation."""

    advice = "Please report it: this is a mistake in this package."
