"""What people see who are sent to a link: the pages of the way from the link to the first answer of QuickBooks.

Made on the server, complete without a script; one small script asks how far it is. What may be done with a link is
decided in :mod:`qbgateway.service.flow`, and the addresses are those of :mod:`qbgateway.flow`.

==============  ====================================================================================================
``flow``        the pages of a link, in each of its states
``progress``    how far it is and what is wrong, in words; as JSON, too
``rendering``   templates, and the headers of every page
==============  ====================================================================================================
"""

from __future__ import annotations

from .flow import FORM_TOKEN, failed, flow_page, form_token
from .progress import Check, Problem, checks, problem
from .rendering import page

__all__ = ["FORM_TOKEN", "Check", "Problem", "checks", "failed", "flow_page", "form_token", "page", "problem"]
