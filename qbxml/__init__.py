"""qbXML, read and written exactly: typed requests in, plain dicts out, every version from 1.0 to 16.0.

Everything public is a name of this package; it is loaded when first used, so that importing the package costs little.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import records as records
    from . import requests as requests
    from . import testing as testing
    from .building import build as build
    from .codes import Hresult as Hresult
    from .codes import Status as Status
    from .codes import hresult as hresult
    from .codes import status as status
    from .codes import web_connector_code as web_connector_code
    from .data_extensions import CustomFields as CustomFields
    from .data_extensions import custom_field as custom_field
    from .data_extensions import custom_fields as custom_fields
    from .data_extensions import delete_custom_field as delete_custom_field
    from .data_extensions import set_custom_field as set_custom_field
    from .derivation import xsd as xsd
    from .errors import InvalidDocument as InvalidDocument
    from .errors import InvalidRequest as InvalidRequest
    from .errors import MessageSetError as MessageSetError
    from .errors import NameInUse as NameInUse
    from .errors import ObjectLocked as ObjectLocked
    from .errors import ObjectNotFound as ObjectNotFound
    from .errors import ParseError as ParseError
    from .errors import QbxmlError as QbxmlError
    from .errors import SchemaError as SchemaError
    from .errors import StaleEditSequence as StaleEditSequence
    from .errors import StatusError as StatusError
    from .errors import UnknownEdition as UnknownEdition
    from .errors import UnknownName as UnknownName
    from .errors import UnknownVersion as UnknownVersion
    from .jsonform import from_json as from_json
    from .jsonform import from_plain as from_plain
    from .jsonform import json_schema as json_schema
    from .jsonform import to_json as to_json
    from .jsonform import to_plain as to_plain
    from .model import MessageRequest as MessageRequest
    from .model import MessageResponse as MessageResponse
    from .model import Record as Record
    from .model import Request as Request
    from .model import Response as Response
    from .modifying import CannotModify as CannotModify
    from .modifying import to_mod as to_mod
    from .negotiation import VersionNotOffered as VersionNotOffered
    from .negotiation import negotiate as negotiate
    from .parsing import parse as parse
    from .parsing import parse_request as parse_request
    from .problems import Problem as Problem
    from .reports import NoReport as NoReport
    from .reports import Report as Report
    from .reports import report as report
    from .schema import Schema as Schema
    from .streaming import iterparse as iterparse
    from .validation import validate as validate
    from .values import UseMacro as UseMacro
    from .versions import EDITIONS as EDITIONS
    from .versions import VERSIONS as VERSIONS

__version__ = "0.1.0"

#: Where each public name lives.
_HOME = {
    "CannotModify": "modifying",
    "CustomFields": "data_extensions",
    "EDITIONS": "versions",
    "Hresult": "codes",
    "InvalidDocument": "errors",
    "InvalidRequest": "errors",
    "MessageRequest": "model",
    "MessageResponse": "model",
    "MessageSetError": "errors",
    "NameInUse": "errors",
    "NoReport": "reports",
    "ObjectLocked": "errors",
    "ObjectNotFound": "errors",
    "ParseError": "errors",
    "Problem": "problems",
    "QbxmlError": "errors",
    "Record": "model",
    "Report": "reports",
    "Request": "model",
    "Response": "model",
    "Schema": "schema",
    "SchemaError": "errors",
    "StaleEditSequence": "errors",
    "Status": "codes",
    "StatusError": "errors",
    "UnknownEdition": "errors",
    "UnknownName": "errors",
    "UnknownVersion": "errors",
    "UseMacro": "values",
    "VERSIONS": "versions",
    "VersionNotOffered": "negotiation",
    "build": "building",
    "custom_field": "data_extensions",
    "custom_fields": "data_extensions",
    "delete_custom_field": "data_extensions",
    "from_json": "jsonform",
    "from_plain": "jsonform",
    "hresult": "codes",
    "iterparse": "streaming",
    "json_schema": "jsonform",
    "negotiate": "negotiation",
    "parse": "parsing",
    "parse_request": "parsing",
    "report": "reports",
    "set_custom_field": "data_extensions",
    "status": "codes",
    "to_json": "jsonform",
    "to_mod": "modifying",
    "to_plain": "jsonform",
    "validate": "validation",
    "web_connector_code": "codes",
    "xsd": "derivation",
}
_MODULES = ("records", "requests", "testing")

__all__ = [*_HOME, *_MODULES, "__version__"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
