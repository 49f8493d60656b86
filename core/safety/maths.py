"""Telling formulas from prices, and writing a formula so that the browser draws it and nothing else."""

from __future__ import annotations

import re

FORMULA = re.compile(r"\$(?![\s$])((?:[^$\n`]{0,999}[^\s$`\\])?)\$(?![\d$])")
DISPLAY = re.compile(r"\$\$((?:[^$`\\]|\\[\s\S]|\$(?!\$)){1,4000}?)\$\$(?!\$)")
_ENVIRONMENT = re.compile(  # not inside other delimiters
    r"(?<!\$\$\n)(?<!\\\[\n)^\\begin\{(?P<name>(?:equation|align|aligned|alignat|gather|gathered|multline|split|cases|"
    r"[bpvBV]?matrix|array)\*?)\}(?:(?!\$\$|\\\[|\n[ \t]*\n)[^`]){1,4000}?\\end\{(?P=name)\}[ \t]*$",
    re.MULTILINE,
)
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}|[^\x00-\x7f\u0370-\u03ff\u2200-\u22ff]")
_TEXT_IN_MATHS = re.compile(r"\\(?:text\w*|mathrm|mathbf|mathit|operatorname\*?|mbox)\s*\{[^{}]*\}")
_MARKUP = re.compile(r"!(?=\[)|\](?=[(:])|<(?=[A-Za-z/!?])|:(?=[^\W\d_])")
_SHELL = re.compile(r"[A-Z_][A-Z0-9_]+\W*\Z|\{[^}]*\}\W*\Z")


def with_environments(text: str) -> str:
    """A formula between `\\begin{align}` and its end, on lines of its own, in the marks that the browser draws."""
    return _ENVIRONMENT.sub(r"$$\n\g<0>\n$$", text) if has_environment(text) else text


def has_environment(text: str) -> bool:
    return "\\begin{" in text


def is_formula(formula: re.Match[str], before: str) -> bool:
    """Whether `$...$` is maths. `$5 and $7`, `$HOME/$USER` and `5$-7$` are not; `$2x+1$` and `$n$th` are."""
    body = formula[1]
    if not body or (_SHELL.match(body) and "\\" not in body):
        return False
    if before.isdigit() and "\\" not in body:
        return False
    if body[0].isdigit():
        spoken = _TEXT_IN_MATHS.sub("\\\\text", body)
        lone = " " not in body or re.search(r"[A-Za-z\\^_{}=+*/<>|-]", spoken)
        return bool(lone) and not _WORD.search(spoken) and body[-1] not in "+-*/=,;:(<>&|"
    return True


def in_maths(body: str) -> str:
    """Formula text that stays harmless even where the browser does not take it for a formula; spaces mean nothing."""
    return _MARKUP.sub(r"\g<0> ", body)


def display(body: str, alone: str | None) -> str:
    """A formula on lines of its own where it had its line to itself; `alone` is what those lines begin with."""
    if alone is None:
        return f"$${in_maths(' '.join(body.split()))}$$"
    lines = [re.sub(r"^[ \t>]*", "", line) if ">" in alone else line.strip() for line in body.strip().split("\n")]
    return "\n".join(["$$", *(alone + in_maths(line) for line in lines), f"{alone}$$"])
