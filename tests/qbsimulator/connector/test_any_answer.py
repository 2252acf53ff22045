"""Whatever a server answers, an update ends, and says how: no answer makes the Web Connector itself fail."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qbsimulator.connector import Outcome
from tests.qbsimulator.connector.helpers import Raw, machine, written

METHODS = ["serverVersion", "clientVersion", "authenticate", "sendRequestXML", "receiveResponseXML", "closeConnection"]
_GOOD = written("sendRequestXML", "text")
_BYTES = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda at, by: _GOOD[: at % len(_GOOD)] + by + _GOOD[at % len(_GOOD) :], st.integers(0), st.binary()),
    st.builds(lambda text: written("sendRequestXML", text), st.text()),
)
_STATUS = st.sampled_from(["200 OK", "100", "204 ", "500 Oops", "999 \xff", "abc", "", "2000 x"])
_TYPES = st.one_of(
    st.none(), st.sampled_from(["text/xml", "text/xml; charset=nonsense", "text/xml; charset=utf-16", ";"])
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(METHODS), _BYTES, _STATUS, _TYPES)
@example("authenticate", _GOOD, "", None)
@example("receiveResponseXML", written("receiveResponseXML", "9" * 5000), "200 OK", "text/xml")
def test_any_answer_to_any_call(method: str, body: bytes, status: str, media_type: str | None) -> None:
    body = body.replace(b"sendRequestXML", method.encode())
    update = machine(**{method: Raw(body, status, media_type)}).update()
    assert update.outcome is not Outcome.DIED
    assert update.ended >= update.began
    assert update.calls[0] == "serverVersion"


@pytest.mark.parametrize(("one", "other"), [("qbsimulator", "soap"), ("soap", "qbsimulator")])
def test_the_two_packages_know_nothing_of_each_other(one: str, other: str) -> None:
    """So that what they agree on is the protocol, and not their code."""
    code = f"import sys, {one}; print([name for name in sys.modules if name.split('.')[0] == '{other}'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
