"""qbXML, read and written exactly: typed requests in, plain dicts out, every version from 1.0 to 16.0.

Everything public is a name of this package; it is loaded when first used, so that importing the package costs little.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import records as records
    from . import requests as requests
    from .building import build as build
    from .codes import Hresult as Hresult
    from .codes import Status as Status
    from .codes import hresult as hresult
    from .codes import status as status
    from .codes import web_connector_code as web_connector_code
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
    from .model import MessageRequest as MessageRequest
    from .model import MessageResponse as MessageResponse
    from .model import Record as Record
    from .model import Request as Request
    from .model import Response as Response
    from .negotiation import VersionNotOffered as VersionNotOffered
    from .negotiation import negotiate as negotiate
    from .parsing import parse as parse
    from .parsing import parse_request as parse_request
    from .problems import Problem as Problem
    from .schema import Schema as Schema
    from .streaming import iterparse as iterparse
    from .validation import validate as validate
    from .values import UseMacro as UseMacro
    from .versions import EDITIONS as EDITIONS
    from .versions import VERSIONS as VERSIONS

__version__ = "0.1.0"

#: Where each public name lives.
_HOME = {
    "EDITIONS": "versions",
    "Hresult": "codes",
    "InvalidDocument": "errors",
    "InvalidRequest": "errors",
    "MessageRequest": "model",
    "MessageResponse": "model",
    "MessageSetError": "errors",
    "NameInUse": "errors",
    "ObjectLocked": "errors",
    "ObjectNotFound": "errors",
    "ParseError": "errors",
    "Problem": "problems",
    "QbxmlError": "errors",
    "Record": "model",
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
    "hresult": "codes",
    "iterparse": "streaming",
    "negotiate": "negotiation",
    "parse": "parsing",
    "parse_request": "parsing",
    "status": "codes",
    "validate": "validation",
    "web_connector_code": "codes",
    "xsd": "derivation",
}
_MODULES = ("records", "requests")

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
