"""A valid instance of a JSON schema, out of the prompt where it has something that fits. Deterministic and pure.

Text without a source in the prompt says that it is simulated. Numbers are those of the prompt in their order, else the
smallest that the schema allows.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .wish import Unreadable

MOST_DEEP = 12
MOST_NODES = 2_000
MOST_ITEMS = 50
MOST_CHARS = 2_000
FORMATS = {
    "date": "2026-11-30",
    "time": "12:00:00Z",
    "date-time": "2026-11-30T12:00:00Z",
    "duration": "PT1H",
    "email": "simulated@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/simulated",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
NAME = re.compile(
    r"[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)+|(?<![.!?]\s)(?<!^)\b[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*|[\u3400-\u9fff]{2,8}"
)
QUOTED = re.compile(r"[\"“'‘「]([^\"”'’」]{1,80})[\"”'’」]")


def of_json(prompt: str) -> str:
    """An object, where any is asked for."""
    return json.dumps({"simulated": True, "question": prompt.strip()[:200], "answer": None}, ensure_ascii=False)


def of_schema(schema: Mapping[str, Any], prompt: str) -> str:
    """JSON text. Raises Unreadable for a schema that has no instance here."""
    return json.dumps(_Maker(schema, prompt).value(schema, "", 0), ensure_ascii=False)


class _Maker:
    def __init__(self, root: Mapping[str, Any], prompt: str) -> None:
        self._root = root
        self._prompt = prompt
        self._numbers = [float(text) for text in NUMBER.findall(prompt)]
        self._names = [*QUOTED.findall(prompt), *NAME.findall(prompt)]
        self._nodes = 0

    def value(self, schema: Any, name: str, depth: int) -> Any:
        self._nodes += 1
        if depth > MOST_DEEP or self._nodes > MOST_NODES:
            raise Unreadable("The schema is too deep or too large.")
        if schema is False:
            raise Unreadable("The schema allows no value.")
        if not isinstance(schema, Mapping):
            return None
        schema = self._merged(schema)
        if "const" in schema:
            return schema["const"]
        if options := schema.get("enum"):
            return self._chosen(options)
        for either in ("anyOf", "oneOf"):
            if branches := schema.get(either):
                return self._first(schema, either, branches, name, depth)
        return self._of_kind(schema, name, depth)

    def _of_kind(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        match _kind(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number" as kind:
                return self._number(schema, name, whole=kind == "integer")
            case "boolean":
                return not re.search(rf"\b(not|no|isn't)\s+{re.escape(name)}\b", self._prompt, re.IGNORECASE)
            case "null":
                return None
        return self._text(schema, name)

    def _merged(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The schema with what it refers to; keys of `properties` and `required` are joined."""
        merged = dict(schema)
        for _ in range(MOST_DEEP):
            parts = [self._resolved(merged.pop("$ref"))] if "$ref" in merged else merged.pop("allOf", [])
            if not parts:
                return merged
            for part in filter(lambda part: isinstance(part, Mapping), parts):
                properties = {**(part.get("properties") or {}), **(merged.get("properties") or {})}
                required = [*(part.get("required") or ()), *(merged.get("required") or ())]
                merged = {**part, **merged}
                merged |= {"properties": properties} if properties else {}
                merged |= {"required": required} if required else {}
        raise Unreadable("The schema refers to itself.")

    def _resolved(self, reference: Any) -> Any:
        place: Any = self._root
        if not str(reference).startswith("#"):
            raise Unreadable("The simulator fetches no schemas: $ref must begin with #.")
        for key in filter(None, str(reference)[1:].split("/")):
            key = key.replace("~1", "/").replace("~0", "~")
            place = place.get(key) if isinstance(place, Mapping) else None
        if place is None:
            raise Unreadable(f"The schema has no {str(reference)[:80]}.")
        return place

    def _chosen(self, options: Sequence[Any]) -> Any:
        """The option that the prompt names last, else the first."""
        low = self._prompt.casefold()
        places = [(low.rfind(str(option).casefold()), -place) for place, option in enumerate(options)]
        at, place = max(places)
        return options[-place] if at >= 0 else options[0]

    def _first(self, schema: Mapping[str, Any], either: str, branches: Any, name: str, depth: int) -> Any:
        """The first branch that is not null and has a value."""
        rest = {key: value for key, value in schema.items() if key not in (either, "title", "default")}
        ordered = sorted(branches, key=lambda branch: isinstance(branch, Mapping) and branch.get("type") == "null")
        for place, branch in enumerate(ordered):
            try:
                return self.value({**rest, **branch} if isinstance(branch, Mapping) else branch, name, depth + 1)
            except Unreadable:
                if place == len(ordered) - 1:
                    raise
        return None

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """All properties; one that is not required is left out where it would be too deep."""
        required = set(schema.get("required") or ())
        made: dict[str, Any] = {}
        for name, inner in (schema.get("properties") or {}).items():
            if name not in required and depth > MOST_DEEP // 2:
                continue
            try:
                made[name] = self.value(inner, name, depth + 1)
            except Unreadable:
                if name in required:
                    raise
        more = schema.get("additionalProperties")
        for name in sorted(required - made.keys()):
            made[name] = self.value(more if isinstance(more, Mapping) else {}, name, depth + 1)
        for place in range(int(schema.get("minProperties") or 0) - len(made)):
            made[f"simulated_{place + 1}"] = self.value(more if isinstance(more, Mapping) else {}, "", depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        first = [self.value(inner, name, depth + 1) for inner in schema.get("prefixItems") or ()]
        least, most = int(schema.get("minItems") or 0), int(schema.get("maxItems", MOST_ITEMS))
        if least > MOST_ITEMS:
            raise Unreadable(f"The schema wants more than {MOST_ITEMS} items.")
        inner = schema.get("items", {})
        if inner is False:
            return first
        wanted = min(max(least, 0 if depth > MOST_DEEP // 2 else 2), most)
        listed = self._names if _kind(self._merged(inner) if isinstance(inner, Mapping) else {}) == "string" else []
        if listed and least <= len(listed):
            wanted = min(max(len(listed), least), most)
        made: list[Any] = [*first]
        while len(made) < wanted:
            item = self.value(inner, name, depth + 1)
            if schema.get("uniqueItems") and item in made:
                item = self._other(item, inner, made)
            made.append(item)
        return made

    def _other(self, item: Any, inner: Any, used: list[Any]) -> Any:
        """Another item where all must differ."""
        options = inner.get("enum") if isinstance(inner, Mapping) else None
        if options:
            rest = [option for option in options if option not in used]
            if rest:
                return rest[0]
        if isinstance(item, str):
            return f"{item} {len(used) + 1}"
        if isinstance(item, int | float) and not isinstance(item, bool):
            step = inner.get("multipleOf", 1) if isinstance(inner, Mapping) else 1
            return max(number for number in used if isinstance(number, int | float)) + step
        raise Unreadable("The simulator has no other item for this schema.")

    def _number(self, schema: Mapping[str, Any], name: str, *, whole: bool) -> int | float:
        least, most = _bounds(schema, whole)
        step = schema.get("multipleOf") or (1 if whole else None)
        named = re.search(rf"{re.escape(name)}\W{{1,4}}(?:is\W+|of\W+)?(-?\d+(?:\.\d+)?)", self._prompt, re.IGNORECASE)
        wanted = [float(named[1])] if name and named else []
        for number in (*wanted, *self._numbers):
            on_step = not step or math.isclose(number / step, round(number / step), abs_tol=1e-9)
            if least <= number <= most and on_step:
                if number in self._numbers:
                    self._numbers.remove(number)
                return int(number) if whole or number.is_integer() else number
        start = least if least > -math.inf else min(most, 0.0)
        if step:
            start = math.ceil(start / step - 1e-9) * step
            start = start if start <= most else math.floor(most / step) * step
        if not least <= start <= most:
            raise Unreadable("The schema allows no number.")
        return int(start) if whole or float(start).is_integer() else start

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        least, most = int(schema.get("minLength") or 0), min(int(schema.get("maxLength", MOST_CHARS)), MOST_CHARS)
        if least > MOST_CHARS:
            raise Unreadable(f"The schema wants more than {MOST_CHARS} characters.")
        pattern = schema.get("pattern")
        for text in self._texts(schema, name):
            fitted = text[:most].ljust(least, ".")
            if not pattern or _matches(pattern, fitted):
                return fitted
        raise Unreadable("The simulator has no text for the pattern of this schema.")

    def _texts(self, schema: Mapping[str, Any], name: str) -> list[str]:
        """What may stand there, best first."""
        texts = [FORMATS[schema["format"]]] if schema.get("format") in FORMATS else []
        label = re.escape(name.replace("_", " "))
        if name and (
            match := re.search(rf"\b{label}\b\s*(?:is|:|=|为|是)\s*([^\s,;.][^,;.\n]{{0,80}})", self._prompt, re.I)
        ):
            texts.append(match[1].strip("\"'“” "))
        if self._names and not schema.get("format"):
            texts.append(self._names.pop(0))
        simulated = f"simulated {name.replace('_', ' ')}".strip()
        return [*texts, simulated, simulated.replace(" ", "_"), *_SAMPLES]


_SAMPLES = ("SIM-1", "ABC", "abc", "A1", "AB-123", "0000", "12345", "+15550100", "#336699", "1.0.0", "12:00")


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one_kind for one_kind in kind if one_kind != "null"), "null")
    if kind:
        return str(kind).lower()
    if "properties" in schema or "required" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "number" if {"minimum", "maximum", "multipleOf"} & schema.keys() else "string"


def _bounds(schema: Mapping[str, Any], whole: bool) -> tuple[float, float]:
    gap = 1.0 if whole else 1e-6
    least, most = float(schema.get("minimum", -math.inf)), float(schema.get("maximum", math.inf))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if isinstance(above, int | float) and not isinstance(above, bool):
        least = max(least, math.floor(above) + gap if whole else above + gap)
    if isinstance(below, int | float) and not isinstance(below, bool):
        most = min(most, math.ceil(below) - gap if whole else below - gap)
    return least, most


def _matches(pattern: Any, text: str) -> bool:
    """A long or nested pattern is not tried: it could take for ever."""
    plain = str(pattern)
    if len(plain) > 100 or len(re.findall(r"[+*}]\)?[+*{]", plain)) > 0:
        return False
    try:
        return re.search(plain, text) is not None
    except re.error:
        return False
