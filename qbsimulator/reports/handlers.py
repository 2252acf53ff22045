"""The requests for reports, by family and type. A type that is in none of these tables answers 1030."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ..answers import Answer
from ..context import Context, Handler
from ..errors import RequestError
from .aging import AGING
from .details import CUSTOM_DETAILS, DETAILS
from .statements import SUMMARIES

#: Answers a request for one type of report.
Maker = Callable[[Context, Mapping[str, Any]], Answer]

#: By the request's name without ``Rq``: the field that holds the type, and what makes which.
OFFERED: Mapping[str, tuple[str, Mapping[str, Maker]]] = {
    "GeneralSummaryReportQuery": ("GeneralSummaryReportType", SUMMARIES),
    "GeneralDetailReportQuery": ("GeneralDetailReportType", DETAILS),
    "CustomDetailReportQuery": ("CustomDetailReportType", CUSTOM_DETAILS),
    "AgingReportQuery": ("AgingReportType", AGING),
}


@functools.cache
def report_handlers() -> Mapping[str, Handler]:
    """The handlers of all requests for reports, by the name of the request without ``Rq``."""
    return {name: functools.partial(_report, *family) for name, family in OFFERED.items()}


def _report(field: str, makers: Mapping[str, Maker], context: Context, content: Mapping[str, Any]) -> Answer:
    maker = makers.get(str(content[field]))
    if maker is None:
        raise RequestError(1030)
    return maker(context, content)
