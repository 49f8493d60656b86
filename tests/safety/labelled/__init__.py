"""Labelled texts: what must be recognised in a text on its way out, and what must not.

A line is `label<TAB>text`; the label `none` means that nothing may be found. Keys are written as recipes, so that no
file contains one: `<alnum:48>` becomes 48 random letters and digits, always the same for the same line. `\\n` is a line
break, `\\uXXXX` and `\\UXXXXXXXX` a character that cannot be seen.

The files `blind_*` were written before the patterns, and were not looked at while the patterns were tuned.
"""

from __future__ import annotations

import random
import re
import string
from pathlib import Path

FOLDER = Path(__file__).parent
ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "hex": "0123456789abcdef",
    "digits": string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "url": string.ascii_letters + string.digits + "_-",
}
RECIPE = re.compile(r"<(\w+):(\d+)>")
ESCAPE = re.compile(r"\\(?:n|u[0-9a-f]{4}|U[0-9a-f]{8})")


def cases(name: str) -> list[tuple[str, str]]:
    """(label, text) of each line of `name`.txt."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [_case(line) for line in lines if line and not line.startswith("#")]


def _case(line: str) -> tuple[str, str]:
    label, _, text = line.partition("\t")
    chance = random.Random(line)
    text = RECIPE.sub(lambda recipe: _random(chance, ALPHABETS[recipe[1]], int(recipe[2])), text)
    return label, ESCAPE.sub(lambda escape: "\n" if escape[0] == "\\n" else chr(int(escape[0][2:], 16)), text)


def _random(chance: random.Random, alphabet: str, length: int) -> str:
    """A letter and a digit are among them, as in every real key."""
    signs = [chance.choice(alphabet) for _ in range(length)]
    if length > 1:
        signs[0] = chance.choice([sign for sign in alphabet if sign.isalpha()] or alphabet)
        signs[-1] = chance.choice([sign for sign in alphabet if sign.isdigit()] or alphabet)
    return "".join(signs)
