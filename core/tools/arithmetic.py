"""Arithmetic out of a text: numbers, signs and a few functions; nothing of Python is run.

`evaluate("17 * 23")` is 391. Whole numbers and fractions are exact, roots and logarithms have 30 digits, angles 15.
Digits of every script are read. Text, nesting, powers, factorials, angles and the digits of every intermediate value
are bounded, so that no text takes long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, DecimalException, InvalidOperation, Overflow, localcontext
from fractions import Fraction
from typing import NamedTuple
from unicodedata import decimal

from .functions import BOUNDED, CONSTANTS, FUNCTIONS, ArithmeticRefusal, Number, number

MOST_CHARS = 1_000
MOST_NESTED = 40
MOST_TOKENS = 400
MOST_BITS = 10_000  # of a whole number, of each part of a fraction
PRECISION = Context(prec=30, Emax=9_999, Emin=-9_999, traps=[InvalidOperation, Overflow])

_TOKEN = re.compile(
    r"\s*(?:(\d[\d_]*\.?\d*(?:[eE][+-]?\d{1,5})?|\.\d+(?:[eE][+-]?\d{1,5})?)|([A-Za-z]\w*)|(\*\*|//|.))", re.ASCII
)
_SAME = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "÷": "/", "∶": "/", "−": "-", "–": "-", "٫": "."}
    | {chr(ord(sign) + 0xFEE0): sign for sign in "()+-*/^,.!=%"}  # full width
)
_WORDS = {"π": " pi ", "√": " sqrt ", "²": "**2", "³": "**3"}


class Value(NamedTuple):
    """The outcome: `text` as a person writes it; not `exact`: rounded."""

    text: str
    exact: bool


class _Token(NamedTuple):
    kind: str  # "number", "name", or the sign itself; "" at the end
    text: str


def evaluate(expression: str) -> Value:
    """The value. Raises ArithmeticRefusal with one sentence for anything that is no bounded arithmetic."""
    with localcontext(PRECISION):
        try:
            return _Reader(_tokens(expression)).whole()
        except ArithmeticRefusal:
            raise
        except ZeroDivisionError:
            raise ArithmeticRefusal("Division by zero has no value.") from None
        except (OverflowError, Overflow):
            raise ArithmeticRefusal("The value is too large.") from None
        except (DecimalException, ValueError):
            raise ArithmeticRefusal("The expression has no real value.") from None


def _tokens(expression: str) -> list[_Token]:
    if len(expression) > MOST_CHARS:
        raise ArithmeticRefusal(f"The expression is longer than {MOST_CHARS:,} characters.")
    text = "".join(str(decimal(sign)) if sign.isdecimal() else sign for sign in expression.translate(_SAME))
    for sign, word in _WORDS.items():
        text = text.replace(sign, word)
    tokens, at, text = [], 0, text.strip().removesuffix("=").rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ArithmeticRefusal(f"{text[at : at + 20]!r} is no number, sign or function.")
        digits, name, sign = match.groups()
        tokens.append(_Token("number" if digits else "name" if name else sign, (digits or name or sign)))
        at = match.end()
    if len(tokens) > MOST_TOKENS:
        raise ArithmeticRefusal(f"The expression has more than {MOST_TOKENS} numbers and signs.")
    if not tokens:
        raise ArithmeticRefusal("There is nothing to calculate.")
    return tokens


class _Reader:
    """Reads from the weakest sign to the strongest: + and -, then * and /, signs, powers, ! and %."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._percent = False  # the value just read is a bare percentage

    def whole(self) -> Value:
        value = self._sum()
        if self._next.kind == ",":
            raise ArithmeticRefusal("Write numbers without commas: 1234.5, not 1,234.5.")
        if self._next.kind:
            raise ArithmeticRefusal(f"{self._next.text!r} cannot stand there.")
        return _written(value)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _Token("", "")

    def _take(self, *kinds: str) -> str:
        """The sign if it comes next, else ""."""
        token = self._next
        if token.kind in kinds or (token.kind == "name" and token.text in kinds):
            self._at += 1
            return token.text
        return ""

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise ArithmeticRefusal("The expression is nested too deeply.")
        yield
        self._depth -= 1

    def _sum(self) -> Number:
        """`200 + 10%` is 220: a bare percentage is of what stands before it."""
        value = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            if self._percent:
                other = _times(value, other)
            value = _bounded(_plus(value, other if sign == "+" else -other))
            self._percent = False
        return value

    def _product(self) -> Number:
        value = self._signed()
        while sign := self._take("*", "/", "//", "%", "of", "mod"):
            other = self._signed()
            value, self._percent = _bounded(_OPERATIONS[sign](value, other)), False
        return value

    def _signed(self) -> Number:
        with self._deeper():
            if sign := self._take("+", "-"):
                value = self._signed()
                return -value if sign == "-" else value
            return self._power()

    def _power(self) -> Number:
        value = self._postfix()
        if self._take("**", "^"):
            value, self._percent = _bounded(_raised(value, self._signed())), False
        return value

    def _postfix(self) -> Number:
        value, self._percent = self._atom(), False
        while self._next.kind in ("!", "%"):
            if self._next.kind == "!":
                self._at += 1
                value = _bounded(BOUNDED["factorial"](value))
            elif self._is_percent():
                self._at += 1
                value, self._percent = _over(value, 100), True
            else:
                break
        return value

    def _is_percent(self) -> bool:
        """A % before a number, a name or a parenthesis is the remainder of a division."""
        after = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else _Token("", "")
        return not (after.kind in ("number", "(") or (after.kind == "name" and after.text not in ("of", "mod")))

    def _atom(self) -> Number:
        token = self._next
        self._at += 1
        if token.kind == "number":
            return _bounded(number(token.text))
        if token.kind == "(":
            with self._deeper():
                value = self._sum()
            self._close(")")
            return value
        if token.kind == "name":
            return self._named(token.text)
        if not token.kind:
            raise ArithmeticRefusal("The expression ends too early.")
        raise ArithmeticRefusal(f"{token.text!r} cannot stand there.")

    def _named(self, name: str) -> Number:
        low = name.lower()
        if self._next.kind == "(" and low in FUNCTIONS:
            self._at += 1
            with self._deeper():
                values = list(self._list(")"))
            return _bounded(_called(low, FUNCTIONS[low], values))
        if low in CONSTANTS:
            return CONSTANTS[low]
        if low == "sqrt":  # √2 without parentheses
            return _called(low, FUNCTIONS[low], [self._postfix()])
        if low in FUNCTIONS:
            raise ArithmeticRefusal(f"Write {low} with parentheses: {low}(2).")
        raise ArithmeticRefusal(f"{name[:30]!r} is no number and no function of this calculator.")

    def _list(self, end: str) -> Iterator[Number]:
        """Values with commas between them; a list in brackets is its values."""
        if self._take(end):
            return
        while True:
            if self._take("["):
                yield from self._list("]")
            else:
                yield self._sum()
            self._percent = False
            if self._take(end):
                return
            if not self._take(",", ";"):
                raise ArithmeticRefusal(f"A {end!r} is missing.")

    def _close(self, end: str) -> None:
        if not self._take(end):
            raise ArithmeticRefusal(f"A {end!r} is missing.")


def _called(name: str, function: Callable[..., Number], values: list[Number]) -> Number:
    try:
        return function(*values)
    except TypeError:
        raise ArithmeticRefusal(f"{name} does not take {len(values)} numbers.") from None


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)


def _plus(value: Number, other: Number) -> Number:
    if isinstance(value, Decimal) or isinstance(other, Decimal):
        return _decimal(value) + _decimal(other)
    return value + other


def _times(value: Number, other: Number) -> Number:
    if isinstance(value, Decimal) or isinstance(other, Decimal):
        return _decimal(value) * _decimal(other)
    return value * other


def _over(value: Number, other: Number) -> Number:
    if not other:
        raise ZeroDivisionError
    if isinstance(value, Decimal) or isinstance(other, Decimal):
        return _decimal(value) / _decimal(other)
    return Fraction(value) / Fraction(other)


def _exact(value: Number) -> Fraction:
    if isinstance(value, Decimal) and abs(value.adjusted()) > MOST_BITS // 4:
        raise ArithmeticRefusal("The value is too large.")
    return Fraction(value)


def _raised(value: Number, power: Number) -> Number:
    if isinstance(power, Fraction) and power.denominator == 1:
        power = power.numerator
    if isinstance(value, int | Fraction) and isinstance(power, int):
        size = max(abs(value.numerator).bit_length(), value.denominator.bit_length())
        if value not in (0, 1, -1) and max(size - 1, 1) * abs(power) > MOST_BITS:
            raise ArithmeticRefusal("The power is too large.")
        if not value and power < 0:
            raise ZeroDivisionError
        return Fraction(value) ** power
    return _decimal(value) ** _decimal(power)


_OPERATIONS: dict[str, Callable[[Number, Number], Number]] = {
    "*": _times,
    "of": _times,
    "/": _over,
    "//": lambda value, other: _exact(value) // _exact(other),
    "%": lambda value, other: _exact(value) % _exact(other),
    "mod": lambda value, other: _exact(value) % _exact(other),
}


def _bounded(value: Number) -> Number:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ArithmeticRefusal("The expression has no real value.")
        return value
    if max(abs(value.numerator).bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise ArithmeticRefusal("The value is too large.")
    return value.numerator if value.denominator == 1 else value


MOST_DIGITS = 1_000
EXACT_DIGITS = 40  # of a decimal fraction that ends


def _written(value: Number) -> Value:
    if isinstance(value, Fraction) and value.denominator != 1:
        return _fraction(value)
    if isinstance(value, int | Fraction):
        text = str(value.numerator)
        return Value(text, True) if len(text) <= MOST_DIGITS else _rounded(Decimal(value.numerator))
    return _rounded(value)


def _fraction(value: Fraction) -> Value:
    places = next((places for places in range(1, EXACT_DIGITS + 1) if not 10**places % value.denominator), 0)
    if not places:
        return _rounded(_decimal(value))
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0")
    return Value(f"-{text}" if value < 0 else text, True)


def _rounded(value: Decimal) -> Value:
    short = value.normalize(Context(prec=15))
    return Value(f"{short:f}" if -7 < short.adjusted() < 21 else str(short).lower(), False)
