"""The sample company: a builder's books over two years, all of it invented, made through qbXML by a seeded script.

:func:`build` makes the file. :mod:`.plan` and :mod:`.people` hold the tables of its lists, :mod:`.lists` makes requests
of them; :mod:`.sales`, :mod:`.purchases`, :mod:`.office` and :mod:`.corrections` tell what happened, :mod:`.diary` when
it was entered, and :mod:`.history` puts it all together.
"""

from __future__ import annotations

from .history import steps as steps
from .making import TODAY as TODAY
from .making import NotMade as NotMade
from .making import build as build
