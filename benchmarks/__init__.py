"""How fast the codec is, as ratios to a floor measured beside it in the same run: ``python -m benchmarks``.

Nothing here is shipped. ``documents`` makes what is read and written, ``floors`` is the least that any library must do,
``measure`` takes the times, ``decoding``, ``encoding``, ``cold``, ``memory`` and ``peers`` hold the cases, and
``table`` prints them.
"""

from __future__ import annotations
