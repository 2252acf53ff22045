"""The server of the held calls: ``python -m benchmarks.held_server memory``, or with the address of a database.

Beside the endpoint it has what a program has that is called by others: ``POST /enqueue?annie`` queues a request for
annie, and is answered when that is over. The address is printed when it can be called; SIGTERM ends it.
"""

from __future__ import annotations

import soap.serving

soap.serving.prepare()

import sys  # noqa: E402 - gevent comes before all else
from collections.abc import Iterable  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

import soap  # noqa: E402

from . import calls  # noqa: E402

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds that a caller waits for the end of his request.
PATIENCE = 60.0


def front(queue: soap.MemoryQueue | soap.SQLQueue, endpoint: WSGIApplication) -> WSGIApplication:
    """The endpoint, and before it what puts a request in and waits for its end."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/enqueue":
            return endpoint(environ, start_response)
        id_ = queue.enqueue(environ["QUERY_STRING"], calls.REQUEST)
        state = queue.result(id_, timeout=PATIENCE).state.value.encode()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(state)))])
        return [state]

    return application


def main(where: str) -> None:
    """Serve until SIGTERM."""
    queue = soap.MemoryQueue() if where == "memory" else soap.SQLQueue(where)
    app = calls.endpoint(queue, hold=600.0, max_idle=86400.0)
    application = front(queue, app)
    soap.serving.serve(application, port=0, on_ready=lambda url: print(url, flush=True), drain=app.drain)
    queue.close()


if __name__ == "__main__":
    main(sys.argv[1])
