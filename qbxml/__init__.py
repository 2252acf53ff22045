"""qbXML, read and written exactly: typed requests in, plain dicts out, every version from 1.0 to 16.0."""

from __future__ import annotations

__version__ = "0.1.0"
