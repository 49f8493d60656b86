"""The numbers, constants and functions of the calculator, each with its bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

Number = int | Fraction | Decimal

MOST_FACTORIAL = 1_000
MOST_DIGITS = 400  # of a number as it is written
MOST_EXPONENT = 2_000
MOST_ANGLE = 10**50
MOST_ROUNDED_ANGLE = 10**12  # of a value of 30 digits
TURN = Fraction("6.28318530717958647692528676655900576839433879875021164194988918461563281257241799")


class ArithmeticRefusal(ValueError):
    """Why there is no value, in one sentence."""


def number(text: str) -> Number:
    """The exact value of a written number, such as 1_000, 0.1 or 2e-3."""
    mantissa, _, exponent = text.replace("_", "").lower().partition("e")
    if len(mantissa) > MOST_DIGITS or abs(int(exponent or 0)) > MOST_EXPONENT:
        raise ArithmeticRefusal("A number is too long.")
    return Fraction(f"{mantissa}0" if mantissa.endswith(".") else mantissa) * Fraction(10) ** int(exponent or 0)


def _whole(value: Number, name: str) -> int:
    if value != int(value):
        raise ArithmeticRefusal(f"{name} takes whole numbers only.")
    return int(value)


def _factorial(value: Number) -> int:
    n = _whole(value, "factorial")
    if not 0 <= n <= MOST_FACTORIAL:
        raise ArithmeticRefusal(f"factorial takes numbers from 0 to {MOST_FACTORIAL:,}.")
    return math.factorial(n)


def _choices(count: Callable[[int, int], int], name: str) -> Callable[[Number, Number], int]:
    def chosen(n: Number, k: Number) -> int:
        most, few = _whole(n, name), _whole(k, name)
        if not 0 <= few <= most <= MOST_FACTORIAL:
            raise ArithmeticRefusal(f"{name} takes whole numbers up to {MOST_FACTORIAL:,}, the smaller one second.")
        return count(most, few)

    return chosen


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)


def _root(value: Number, degree: Number = 2) -> Number:
    n = _whole(degree, "root")
    if not 1 <= n <= 100:
        raise ArithmeticRefusal("root takes a degree from 1 to 100.")
    if value < 0 and n % 2 == 0:
        raise ArithmeticRefusal("A negative number has no real root of an even degree.")
    if not isinstance(value, Decimal):
        top, bottom = _whole_root(abs(value.numerator), n), _whole_root(value.denominator, n)
        if top is not None and bottom is not None:
            return Fraction(-top if value < 0 else top, bottom)
    size = abs(_decimal(value))
    root = size.sqrt() if n == 2 else size ** (Decimal(1) / n)
    return -root if value < 0 else root


def _whole_root(value: int, n: int) -> int | None:
    """The exact root, or None."""
    if n == 2:
        root = math.isqrt(value)
    else:
        root, high = 0, 1 << (value.bit_length() // n + 1)
        while root < high:  # by halves
            middle = (root + high + 1) // 2
            root, high = (middle, high) if middle**n <= value else (root, middle - 1)
    return root if root**n == value else None


def _log(value: Number, base: Number | None = None) -> Number:
    if value <= 0:
        raise ArithmeticRefusal("The logarithm takes numbers above zero.")
    if base is None:
        return Fraction(0) if value == 1 else _decimal(value).ln()
    if base <= 0 or base == 1:
        raise ArithmeticRefusal("The base of a logarithm is above zero and not 1.")
    quotient = _decimal(value).ln() / _decimal(base).ln()
    nearest = int(quotient.to_integral_value())
    exact = not isinstance(value, Decimal) and not isinstance(base, Decimal) and abs(nearest) <= 10_000
    if exact and abs(quotient - nearest) < Decimal("1e-20") and Fraction(base) ** nearest == Fraction(value):
        return nearest
    return quotient


def _angle(function: Callable[[float], float]) -> Callable[[Number], Number]:
    """A function of floating point: 15 digits. What comes out below them is 0."""

    def turned(value: Number) -> Number:
        turn = Decimal(repr(function(_within_a_turn(value))))
        if abs(turn) > 10**15:
            raise ArithmeticRefusal("The tangent has no value there.")
        return Decimal(0) if abs(turn) < Decimal("1e-15") else turn

    return turned


def _within_a_turn(value: Number) -> float:
    """The angle less whole turns, so that a large one keeps its 15 digits."""
    exact = Fraction(value)
    if abs(exact) > (MOST_ROUNDED_ANGLE if isinstance(value, Decimal) else MOST_ANGLE):
        raise ArithmeticRefusal("The angle is too large.")
    return float(exact - round(exact / TURN) * TURN)


def _inverse(function: Callable[[float], float]) -> Callable[[Number], Number]:
    return lambda value: Decimal(repr(function(float(value))))


def _round(value: Number, places: Number = 0) -> Number:
    """Halves away from zero, as at school."""
    n = _whole(places, "round")
    if abs(n) > 100:
        raise ArithmeticRefusal("round takes at most 100 places.")
    scaled = Fraction(value) * Fraction(10) ** n
    rounded = math.floor(abs(scaled) + Fraction(1, 2))
    return Fraction(-rounded if scaled < 0 else rounded) / Fraction(10) ** n


def _some(values: tuple[Number, ...]) -> tuple[Number, ...]:
    if not values:
        raise ArithmeticRefusal("There are no numbers to take.")
    return values


def _sum(*values: Number) -> Number:
    if any(isinstance(value, Decimal) for value in values):
        return sum(map(_decimal, values), Decimal(0))
    return sum((Fraction(value) for value in values), Fraction(0))


def _mean(*values: Number) -> Number:
    total = _sum(*_some(values))
    return total / len(values) if isinstance(total, Decimal) else Fraction(total) / len(values)


def _median(*values: Number) -> Number:
    ordered = sorted(_some(values))
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean(ordered[middle - 1], ordered[middle])


def _stdev(*values: Number) -> Number:
    """Of a sample."""
    if len(values) < 2:
        raise ArithmeticRefusal("stdev takes at least two numbers.")
    mean = _mean(*values)
    squares = [(_decimal(value) - _decimal(mean)) ** 2 for value in values]
    return (sum(squares, Decimal(0)) / (len(values) - 1)).sqrt()


def _common(function: Callable[..., int], name: str) -> Callable[..., int]:
    return lambda *values: function(*(_whole(value, name) for value in _some(values)))


BOUNDED: Mapping[str, Callable[[Number], Number]] = {"factorial": _factorial}
CONSTANTS: Mapping[str, Decimal] = {
    "pi": Decimal("3.14159265358979323846264338327950288"),
    "e": Decimal("2.71828182845904523536028747135266250"),
    "tau": Decimal("6.28318530717958647692528676655900577"),
}
FUNCTIONS: Mapping[str, Callable[..., Number]] = {
    "sqrt": lambda value: _root(value),
    "cbrt": lambda value: _root(value, 3),
    "root": _root,
    "log": _log,
    "ln": lambda value: _log(value),
    "log2": lambda value: _log(value, 2),
    "log10": lambda value: _log(value, 10),
    "exp": lambda value: _decimal(value).exp(),
    "sin": _angle(math.sin),
    "cos": _angle(math.cos),
    "tan": _angle(math.tan),
    "asin": _inverse(math.asin),
    "acos": _inverse(math.acos),
    "atan": _inverse(math.atan),
    "radians": lambda value: _decimal(value) * CONSTANTS["pi"] / 180,
    "degrees": lambda value: _decimal(value) * 180 / CONSTANTS["pi"],
    "abs": abs,
    "round": _round,
    "floor": lambda value: math.floor(value),
    "ceil": lambda value: math.ceil(value),
    "min": lambda *values: min(_some(values)),
    "max": lambda *values: max(_some(values)),
    "sum": _sum,
    "mean": _mean,
    "average": _mean,
    "median": _median,
    "stdev": _stdev,
    "factorial": _factorial,
    "comb": _choices(math.comb, "comb"),
    "perm": _choices(math.perm, "perm"),
    "gcd": _common(math.gcd, "gcd"),
    "lcm": _common(math.lcm, "lcm"),
}
