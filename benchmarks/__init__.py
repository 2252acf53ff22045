"""How fast codec and endpoint are, as ratios to a floor measured beside them in one run: ``python -m benchmarks``.

Nothing here is shipped. ``documents`` makes what is read and written, ``floors`` is the least that any library must do,
``measure`` takes the times, ``decoding``, ``encoding``, ``cold``, ``memory`` and ``peers`` hold the cases of the codec,
``endpoint``, ``queue`` and ``held`` those of the endpoint, and ``table`` prints them. ``calls`` makes the Web
Connector's calls, ``held_client`` makes many at a time, ``held_server`` answers those, and ``databases`` are what
queues are kept in.
"""

from __future__ import annotations
