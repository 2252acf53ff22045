"""Finds the files of ``schemas/``, which stand in two places.

In an installed wheel they are data inside this package, in a checkout (and so in an editable install) a
folder beside it. Nothing else in the project knows about that. Only ``os.path`` is used:
``importlib.resources`` and ``pathlib`` would cost more to import than the rest of the package.
"""

from __future__ import annotations

import os.path

_PACKAGE = os.path.dirname(os.path.abspath(__file__))

#: Where to look, in this order. The wheel's place comes first, so that an installed package never reads from
#: a folder named ``schemas`` that another distribution put beside it.
_FOLDERS = (os.path.join(_PACKAGE, "schemas"), os.path.join(os.path.dirname(_PACKAGE), "schemas"))


def schema_path(name: str) -> str:
    """Return the absolute path of the file ``name`` of ``schemas/``, for example ``"qbxml.xsd"``.

    Raises :class:`qbxml.errors.SchemaError` if there is no such file, which means a damaged installation.
    """
    for folder in _FOLDERS:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    from .errors import SchemaError

    raise SchemaError(
        f"the file {name!r} of the schema is missing, looked in {' and '.join(_FOLDERS)}; reinstall openqbd"
    )


def read_schema_file(name: str) -> bytes:
    """Return what the file ``name`` of ``schemas/`` holds.

    Raises :class:`qbxml.errors.SchemaError` if there is no such file.
    """
    with open(schema_path(name), "rb") as file:
        return file.read()
