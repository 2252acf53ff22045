"""Money: whole cents in the file, Decimal with two places in records, and rounding half away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def rounded(value: Decimal) -> Decimal:
    """An amount to the cent."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def cents(amount: Decimal | None) -> int:
    """An amount as cents; none is 0."""
    return 0 if amount is None else int(rounded(amount) * 100)


def money(number: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(number).scaleb(-2)


def price(value: Decimal) -> Decimal:
    """A rate that was computed: five places at most, and no more than it needs beyond two."""
    exact = value.quantize(Decimal("0.00001"), ROUND_HALF_UP)
    short = exact.quantize(_CENT, ROUND_HALF_UP)
    return short if short == exact else exact.normalize()
