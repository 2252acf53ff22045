"""The REST API, version 1: ``/v1``.

=============  =====================================================================================================
``routes``     the table of routes: method, path, what it takes, what answers it
``calls``      one call: who makes it, with which body and which parameters
``shapes``     objects as the clients know them, and what differs between their versions
``handlers``   what answers: from a call to the service, and from its objects to shapes
``quickbooks`` the handlers of requests to QuickBooks, which may wait
``waiting``    how many callers may wait at a time; ``limits``: how often each may call
=============  =====================================================================================================

Adding a route is a line in ``routes``.
"""

from __future__ import annotations

from .site import Api

__all__ = ["Api"]
