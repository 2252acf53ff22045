"""How often a key may call, and how often an address may be wrong about one.

A bucket has so many tokens; each call takes one, and so many come back a second. Addresses are looked at where a key
was wrong alone: many may share one, and who has a good key is never kept out for what others tried. What is counted is
counted in each process by itself.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from ..errors import Refused

#: Buckets that are remembered; the one longest unused is forgotten, which fills it.
CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and so many a second after that."""

    burst: float
    rate: float


#: For a key, and for an address that gives wrong ones.
CALLS, FAILURES = Limit(200, 50), Limit(20, 0.2)


class Buckets:
    """The buckets of one limit, by name. ``clock`` gives seconds that never go back."""

    def __init__(self, limit: Limit, clock: Callable[[], float] = monotonic, capacity: int = CAPACITY) -> None:
        self._limit, self._clock, self._capacity = limit, clock, capacity
        self._guard = threading.Lock()
        #: Tokens, and when they were counted.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Take a token: 0, or where there is none the seconds until there is one."""
        with self._guard:
            now = self._clock()
            tokens, since = self._buckets.pop(name, (self._limit.burst, now))
            tokens = min(self._limit.burst, tokens + (now - since) * self._limit.rate)
            missing = 1.0 - tokens
            self._buckets[name] = (tokens if missing > 0 else tokens - 1.0, now)
            while len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
            return max(0.0, missing / self._limit.rate)


def enough(buckets: Buckets, name: str, what: str) -> None:
    """Raise :class:`~qbgateway.errors.Refused` where there is no token left; ``what`` says of what."""
    seconds = buckets.take(name)
    if seconds > 0:
        reason = f"{what}. Nothing was done; try again in {ceil(seconds)} s."
        raise Refused("RATE_LIMITED", reason, retry=True, headers={"Retry-After": str(ceil(seconds))})
