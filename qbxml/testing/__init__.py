"""For tests of what is built on qbXML: samples of every message, and strategies for hypothesis.

:func:`sample` gives valid content for any message or record and needs nothing but the codec. :func:`requests`,
:func:`responses`, :func:`documents` and :func:`damaged` are strategies and need hypothesis, which is loaded with the
first of them; without it they raise :class:`ModuleNotFoundError` with what to install.

    from hypothesis import given
    from qbxml import testing

    @given(testing.documents("Rs", version="13.0", edition="US"))
    def test_my_importer_takes_everything(document): ...
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .samples import sample as sample
    from .strategies import damaged as damaged
    from .strategies import documents as documents
    from .strategies import requests as requests
    from .strategies import responses as responses

_HOME = {
    "damaged": "strategies",
    "documents": "strategies",
    "requests": "strategies",
    "responses": "strategies",
    "sample": "samples",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
