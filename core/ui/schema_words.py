"""Schemas in words: why one cannot be used, where an answer breaks it, what was repaired."""

from __future__ import annotations

from ..schemas.checking import CheckedAnswer, Problem
from ..schemas.faults import BadSchema
from .text import plain, t

MOST = 5


def wrong(error: BadSchema) -> str:
    """One sentence on a schema that cannot be used, with its line."""
    detail = plain(error.detail)
    reason = {
        "empty": lambda: t("There is no schema."),
        "long": lambda: t("The schema has more than {number} characters.", number=detail),
        "json": lambda: t("This is not JSON ({detail}).", detail=detail),
        "object": lambda: t("A JSON schema is an object in braces."),
        "deep": lambda: t("The schema is nested more than {number} levels deep.", number=detail),
        "large": lambda: t("The schema has more than {number} parts.", number=detail),
        "keyword": lambda: t("This is not a valid JSON schema ({detail}).", detail=detail),
        "remote": lambda: t(
            "{reference} refers to something outside the schema, which is never fetched.", reference=detail
        ),
        "reference": lambda: t("{reference} refers to nothing in the schema.", reference=detail),
        "loop": lambda: t("{reference} refers to itself without end.", reference=detail),
        "language": lambda: (
            t("Definitions in {language} are not read: paste a JSON schema, Pydantic classes, types of TypeScript, or "
              "write a line a field, such as “name: str”.", language=detail)
            if detail
            else t("Addresses are never fetched: paste the schema itself.")
        ),
        "extra": lambda: t("There is more behind the end of the schema: remove it, or join the two."),
        "several": lambda: t("There are {number} schemas in this: paste the one that the answer is to have.",
                             number=detail),
        "any_json": lambda: t("This asks for any JSON: choose “JSON” instead of “Schema”."),
        "example": lambda: t(
            "This looks like an example of an answer, not like a schema: write the type instead of each value, such as "
            "“string” or “number”."
        ),
        "outline": lambda: t("This line does not fit into the YAML around it: check its indent and its colon."),
        "unevaluated": lambda: t("patternProperties together with unevaluated properties cannot be checked."),
        "field": lambda: t(
            "“{text}” is not a field: write its name, a colon and its type, such as “name: str”.", text=detail
        ),
        "indent": lambda: t("This line is indented deeper than the one above it."),
        "type": lambda: t(
            "There is no type “{name}”. Types are str, int, float, bool and list[…]; a fixed word stands in quotes.",
            name=detail,
        ),
        "end": lambda: t("Something is missing at the end, such as a bracket."),
        "after": lambda: t("“{text}” was not expected here.", text=detail),
        "twice": lambda: t("The field {name} is written twice.", name=detail),
        "itself": lambda: t("{name} contains itself without end: make that field optional, or a list.", name=detail),
        "nothing": lambda: t("There are no fields below this line."),
    }[error.code]()  # fmt: skip
    return t("Line {row}: {reason}", row=error.line, reason=reason) if error.line else reason


def problem(broken: Problem) -> str:
    """Where an answer breaks its schema, as Markdown."""
    place = f"`{broken.place}`" if broken.place else t("the answer")
    wanted, instead = _value(broken.wanted), _value(broken.found)
    match broken.keyword:
        case "required":
            return t("{place} is missing", place=place)
        case "additionalProperties" | "unevaluatedProperties":
            return t("{place} is not in the schema", place=place)
        case "type":
            return t("{place} must be {wanted}, not {value}", place=place, wanted=_types(broken.wanted), value=instead)
        case "enum" | "const":
            return t("{place} must be one of {wanted}, not {value}", place=place, wanted=wanted, value=instead)
        case "minimum":
            return t("{place} must be at least {wanted}, not {value}", place=place, wanted=wanted, value=instead)
        case "maximum":
            return t("{place} must be at most {wanted}, not {value}", place=place, wanted=wanted, value=instead)
        case "pattern":
            return t("{place} does not match {wanted}", place=place, wanted=wanted)
        case "anyOf" | "oneOf":
            return t("{place} has none of the possible forms", place=place)
    name = f"{broken.keyword} {broken.wanted}".strip()
    return t("{place} breaks the rule {rule}", place=place, rule=_value(name))


def verdict(checked: CheckedAnswer, *, with_schema: bool) -> str:
    """What came of the check, as a line of Markdown."""
    match checked.state:
        case "valid" if with_schema:
            line = f":green-badge[:material/check: {t('matches the schema')}]"
            if checked.patterns:
                line += f" :gray[{t('a pattern of the schema could not be checked')}]"
            return line
        case "valid":
            return f":green-badge[:material/check: {t('valid JSON')}]"
        case "unchecked":
            return f":gray-badge[{t('too large or too deep to be checked')}]"
        case "not_json":
            return f":orange-badge[:material/error: {t('not JSON')}]"
    problems = [problem(each) for each in checked.problems[:MOST]]
    more = [t("and more")] if len(checked.problems) > MOST else []
    return f":orange-badge[:material/error: {t('breaks the schema')}] {t('; ').join([*problems, *more])}"


def repaired(steps: tuple[str, ...]) -> str:
    """What a repair took away."""
    words = {
        "fence": t("the code fence"),
        "around": t("the text around the JSON"),
        "comments": t("comments"),
        "commas": t("trailing commas"),
    }
    return t(", ").join(words[step] for step in steps)


def _types(wanted: str) -> str:
    words = {
        "string": t("text"),
        "integer": t("a whole number"),
        "number": t("a number"),
        "boolean": t("true or false"),
        "array": t("a list"),
        "object": t("an object"),
        "null": t("null"),
    }
    names = [name.strip('[]" ') for name in wanted.split(",")]
    return t(" or ").join(words.get(name, name) for name in names)


def _value(text: str) -> str:
    return f"`{text.replace('`', chr(39)).replace(chr(10), ' ')}`" if text else t("nothing")
