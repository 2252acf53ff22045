"""What all tests share: how many examples the property tests try."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No profile has a deadline: on a busy machine it fails tests that are right.
_SLOW_IS_FINE = [HealthCheck.too_slow]

# Writing code: other examples in each run, the failing ones kept in .hypothesis/.
settings.register_profile("dev", deadline=None, suppress_health_check=_SLOW_IS_FINE)
# Judging a change: the same examples each time, so that a red run is the change's own fault.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=50,
    print_blob=True,
    suppress_health_check=_SLOW_IS_FINE,
)
# `make properties`: looking for what nobody has seen yet.
settings.register_profile("fuzz", parent=settings.get_profile("dev"), max_examples=2_000, print_blob=True)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
