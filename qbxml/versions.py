"""The versions and editions of qbXML that the master schema knows.

qbXML grew in numbered versions; from 6.0 on the Canadian and British products speak the main line too, from 7.0 the
Australian. Before that they had schemas of their own, which are not described here.
"""

from __future__ import annotations

from .errors import UnknownEdition, UnknownVersion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Every version described by ``schemas/qbxml.xsd``, oldest first.
VERSIONS: tuple[str, ...] = (
    "1.0", "1.1", "2.0", "2.1", "3.0", "4.0", "4.1", "5.0", "6.0", "6.1",
    "7.0", "8.0", "9.0", "10.0", "11.0", "12.0", "13.0", "14.0", "15.0", "16.0",
)  # fmt: skip

#: Every edition, with the first version in which it speaks the main line.
EDITIONS: dict[str, str] = {"US": "1.0", "CA": "6.0", "UK": "6.0", "AU": "7.0"}

#: The version used where none is named: what every QuickBooks since 2014 accepts.
DEFAULT_VERSION = "13.0"

#: The newest version, whose union is the most tolerant schema to read answers with.
NEWEST_VERSION = VERSIONS[-1]

#: Position of each version, for comparisons.
RANK: dict[str, int] = {version: rank for rank, version in enumerate(VERSIONS)}


def check(version: str, edition: str | None) -> tuple[str, str | None]:
    """Return ``(version, edition)`` if they are known together.

    ``edition=None`` stands for the union of all editions. Raises :class:`UnknownVersion` or :class:`UnknownEdition`,
    both of which list what is known.
    """
    if version not in RANK:
        raise UnknownVersion(version, VERSIONS)
    if edition is not None:
        first = EDITIONS.get(edition)
        if first is None:
            raise UnknownEdition(edition, version, tuple(EDITIONS.items()))
        if RANK[version] < RANK[first]:
            raise UnknownEdition(edition, version, tuple(EDITIONS.items()))
    return version, edition


def in_words(has: Callable[[str, str], bool]) -> str | None:
    """The versions and editions for which ``has`` holds, in words: ``"qbXML 12.0 and later (US, CA, UK)"``.

    ``None`` where there are none.
    """
    having = [
        (version, edition)
        for version in VERSIONS
        for edition in EDITIONS
        if RANK[version] >= RANK[EDITIONS[edition]] and has(version, edition)
    ]
    if not having:
        return None
    versions = list(dict.fromkeys(version for version, _ in having))
    editions = [edition for edition in EDITIONS if any(edition == one for _, one in having)]
    span = f"qbXML {versions[0]}"
    if versions[-1] == VERSIONS[-1]:
        span += " and later" if len(versions) > 1 else ""
    elif len(versions) > 1:
        span += f" to {versions[-1]}"
    return span if len(editions) == len(EDITIONS) else f"{span} ({', '.join(editions)})"
