"""Amounts of money, written one way everywhere: four decimals, for less than that two digits that count."""

from __future__ import annotations

from decimal import Decimal

FINE = Decimal("0.0001")


def amount(usd: Decimal) -> str:
    """ "0.0123", "12.5", "0.0000034"."""
    finest = Decimal(1).scaleb(usd.adjusted() - 1) if usd and abs(usd) < FINE else FINE
    return f"{usd.quantize(finest).normalize():f}"


def dollars(usd: Decimal) -> str:
    """ "$0.0123" as Markdown."""
    return f"\\${amount(usd)}"


def in_usd(usd: Decimal) -> str:
    """ "0.0123 USD"."""
    return f"{amount(usd)} USD"
