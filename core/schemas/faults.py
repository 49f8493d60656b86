"""Why a schema cannot be used."""

from __future__ import annotations


class BadSchema(ValueError):
    """A schema that cannot be used. `line` counts from 1, None: of no single line; `detail` is what it is about.

    Codes: empty, long (detail: characters), json (the parser's words), extra (text behind it), object, deep (levels),
    large (parts), keyword (what is wrong, in jsonschema's words), remote (a reference that leaves the schema),
    reference (to nothing), loop (references in a circle), unevaluated, language (another one that defines answers; "":
    an address), several (how many schemas), any_json, example (of an answer), outline (a line fits into no YAML). Of
    the short form: field (the line is none), indent, type (unknown), end (something is open), after (what stands behind
    a type), twice (a field), itself (a class), nothing (no field).
    """

    def __init__(self, code: str, line: int | None = None, detail: str = "") -> None:
        super().__init__(" ".join(filter(None, (code, f"line {line}" if line else "", detail))))
        self.code = code
        self.line = line
        self.detail = detail
