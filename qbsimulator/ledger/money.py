"""Money: whole cents in the file, Decimal with two places in records, and rounding half away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from ..errors import RequestError

_CENT = Decimal("0.01")

#: Amounts have so many digits before the point at most, and rates and quantities so many.
_MOST_OF_AMOUNTS, _MOST_OF_RATES = Decimal(10) ** 13, Decimal(10) ** 10


def rounded(value: Decimal) -> Decimal:
    """An amount to the cent. Raises 3040 for one that is too long for any amount."""
    if abs(value) >= _MOST_OF_AMOUNTS:
        raise RequestError(3040, value=f"{value.normalize():f}", field="Amount")
    return value.quantize(_CENT, ROUND_HALF_UP)


def cents(amount: Decimal | None) -> int:
    """An amount as cents; none is 0."""
    return 0 if amount is None else int(rounded(amount) * 100)


def money(number: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(number).scaleb(-2)


def price(value: Decimal) -> Decimal:
    """A rate that was computed: five places at most, and no more than it needs beyond two. Raises 3045 if too long."""
    if abs(value) >= _MOST_OF_RATES:
        raise RequestError(3045, value=f"{value.normalize():f}", field="Rate")
    exact = value.quantize(Decimal("0.00001"), ROUND_HALF_UP)
    short = exact.quantize(_CENT, ROUND_HALF_UP)
    return short if short == exact else exact.normalize()
