"""The ``.qwc`` file, which a user opens once to make an endpoint known to the Web Connector.

What it may hold stands in ``schemas/qwc.xsd``, and every file is checked against it. What no schema can say,
that ``AppURL`` and ``AppSupport`` have one host and that it is a name, is checked here.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit
from uuid import UUID

from lxml import etree

from qbxml._files import read_schema_file

from .errors import InvalidQwc


def qwc(
    *,
    app_name: str,
    url: str,
    username: str,
    owner_id: UUID,
    file_id: UUID,
    app_id: str = "",
    description: str | None = None,
    support_url: str | None = None,
    run_every_n_minutes: int | None = None,
) -> bytes:
    """The text of a ``.qwc`` file.

    ``owner_id`` stays the same for the application, ``file_id`` for the company file and user: the Web
    Connector refuses a file whose ids changed since it was first added, so keep them; do not make new ones
    for each download. ``url`` is the endpoint's address: ``https``, or ``http`` on ``localhost``.
    ``support_url`` is a page on the same host that answers 200 (default: ``url`` itself, which answers a
    GET). ``description`` defaults to ``app_name``. Without ``run_every_n_minutes`` it runs only when the user
    says so. There is no place for the password: the user types it into the Web Connector. Raises
    :class:`~soap.errors.InvalidQwc`.
    """
    support_url = url if support_url is None else support_url
    values = {
        "AppName": app_name,
        "AppID": app_id,
        "AppURL": url,
        "AppDescription": app_name if description is None else description,
        "AppSupport": support_url,
        "UserName": username,
        "OwnerID": _braced(owner_id),
        "FileID": _braced(file_id),
        "QBType": "QBFS",
        "Style": "Document",
        # Said, although it is the default: with `true` the Web Connector cannot add the application.
        "IsReadOnly": "false",
    }
    root = etree.Element("QBWCXML")
    for name, value in values.items():
        try:
            etree.SubElement(root, name).text = value
        except ValueError:
            raise InvalidQwc(name, value, "has a character that XML does not allow") from None
    if run_every_n_minutes is not None:
        scheduler = etree.SubElement(root, "Scheduler")
        etree.SubElement(scheduler, "RunEveryNMinutes").text = str(run_every_n_minutes)

    _check_hosts(url, support_url)
    _check_schema(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _braced(identifier: UUID) -> str:
    return f"{{{str(identifier).upper()}}}"


def _check_hosts(url: str, support_url: str) -> None:
    host, support_host = _host("AppURL", url), _host("AppSupport", support_url)
    if host != support_host:
        raise InvalidQwc("AppSupport", support_url, f"must have the host of AppURL, {host} (QBWC1000)")


def _host(name: str, url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise InvalidQwc(name, url, "is no address with a host")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    raise InvalidQwc(name, url, "must name its host, not give an IP address (QBWC1001, QBWC1002)")


def _check_schema(root: etree._Element) -> None:
    schema = etree.XMLSchema(etree.fromstring(read_schema_file("qwc.xsd")))
    if schema.validate(root):
        return
    problem = schema.error_log[0]
    # libxml2 gives the path of the element, /QBWCXML/AppURL.
    name = (problem.path or "").rpartition("/")[2]
    value = root.findtext(f".//{name}") or "" if name else ""
    raise InvalidQwc(name, value, problem.message)
