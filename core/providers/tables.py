"""One table of `catalog.toml` or `providers.toml` becomes one `Provider`; every fault of a table is found at once.

A fault is `(field, sentence)`; sentences name rules and never values, for someone may have written a key there.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Required, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, WrapValidator, with_config
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from ..records import Ability, Effort, Limit, Modality, Model, Per, Pool, Privacy, Provider, Size, State
from . import addresses

Wire = Literal["openai", "anthropic", "gemini", "cohere", "ollama", "huggingface", "dialogflow"]
WIRES: tuple[str, ...] = get_args(Wire)
USUAL_WIRE = "openai"  # of a table in providers.toml that names none
_SECRET_HEADERS = {"authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie", "proxy-authorization"}
_SIMULATOR = re.compile(r"sim://(embedded|north|south)/v1")
_ZONE = r"^[A-Za-z_]{2,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$"
T = TypeVar("T")


class FieldFault(NamedTuple):
    """A field (`limits[2].amount`) and its fault."""

    field: str
    says: str


def _says(says: str) -> WrapValidator:
    """Say this when a value is refused: pydantic's own message does not state the whole rule."""

    def check(value: Any, accepts: Any) -> Any:
        try:
            return accepts(value)
        except ValueError:
            raise ValueError(says) from None

    return WrapValidator(check)


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError
    return text.strip()


def _header_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name):
        raise ValueError("must hold plain header names")
    if name.lower() in _SECRET_HEADERS:
        raise ValueError("must not hold a key; name its environment variable in key_names")
    return name


def _plain(value: Any) -> Any:
    """A value of JSON's types: a quirk may hold a piece of a request's body."""
    if isinstance(value, Decimal) and value.is_finite():
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, str | int):
        raise ValueError("must hold text, numbers, true, false, lists and tables of them")
    return value


Listed = Annotated[list[T], AfterValidator(tuple)]
Text = Annotated[
    str, Field(max_length=600), AfterValidator(_line), _says("must be a line of text of 1 to 600 characters")
]
Https = Annotated[str, Field(max_length=600, pattern=r"^https://[^\s/?#@]+(/\S*)?$"), _says("must be an https address")]
Zone = Annotated[str, Field(pattern=_ZONE), _says("must be a time zone such as UTC or America/Los_Angeles")]
EnvName = Annotated[
    str,
    Field(pattern=r"^[A-Z][A-Z0-9_]{2,63}$"),
    _says("must be the NAME of an environment variable in capitals, never the key itself"),
]
Day = Annotated[date, _says("must be a date such as 2026-11-22, without quotes")]
Count = Annotated[
    int, Field(gt=0, le=10**9), _says("must be a whole number from 1 to 1,000,000,000; leave it out when unknown")
]
_EXACT = BeforeValidator(lambda value: Decimal(value) if type(value) is int else value)
Amount = Annotated[
    Decimal, Field(gt=0, le=10**12), _EXACT, _says("must be a number above 0; leave it out when unknown")
]
Price = Annotated[
    Decimal, Field(ge=0, le=10**12), _EXACT, _says("must be a number of 0 or more; leave it out when unknown")
]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, Field(pattern=r"^[ -~]*$"), _says("must hold printable ASCII values")]
Plain = Annotated[Any, AfterValidator(_plain)]
strict = with_config(extra="forbid", strict=True)


@strict
class SharedTable(TypedDict, total=False):
    """Fields shared by all limits of a provider."""

    zone: Zone
    source: Text
    checked: Day


@strict
class LimitTable(SharedTable, total=False):
    pool: Required[Pool]
    unit: Required[Literal["requests", "tokens", "usd", "neurons", "audio_seconds"]]
    per: Required[Per]
    amount: Amount
    models: Listed[Text]
    note: Text


@strict
class ModelTable(TypedDict, total=False):
    name: Required[Text]
    size: Size
    window_tokens: Count
    max_output_tokens: Count
    usd_per_million_in: Price
    usd_per_million_out: Price
    usd_per_audio_minute: Price
    usd_per_million_cached: Price
    usd_per_million_reasoning: Price
    free: bool
    reasoning: bool
    listed: bool
    ends_on: Day
    successor: Text
    input: Listed[Modality]
    abilities: Listed[Ability]
    efforts: Listed[Effort]
    lacks: Listed[Ability]
    note: Text
    router: bool
    alias_of: Text


@strict
class _Privacy(TypedDict, total=False):
    trains: bool
    card: bool
    phone: bool
    real_name: bool
    region: Text
    note: Text


@strict
class _Provider(TypedDict, total=False):
    label: Text
    wire: Required[Wire]
    base_url: Required[Text]
    auth: Literal["bearer", "x-api-key", "x-goog-api-key", "google", "none", "optional"]
    key_names: Listed[EnvName]
    key_url: Https
    state: State
    retired_on: Day
    reason: Text
    local: bool
    own: bool
    simulated: bool
    free: bool
    zone: Zone
    needs: dict[Text, EnvName]
    options: dict[Text, Text]
    headers: dict[HeaderName, HeaderValue]
    quirks: dict[Text, Plain]
    docs: Https
    docs_zh: Https
    checked: Day
    source: Text
    note: Text
    limits_from: SharedTable
    limits: list[LimitTable]
    models: list[ModelTable]
    speech: list[ModelTable]
    privacy: _Privacy


@cache
def _reader() -> TypeAdapter[_Provider]:
    return TypeAdapter(_Provider)


def read(
    provider_id: str, table: Any, *, shipped: bool, operator: bool, firm: bool = False
) -> tuple[Provider | None, list[FieldFault]]:
    """A provider, or None with all its faults. `operator`: its base URL was set by whoever runs the program; `firm`:
    its limits were."""
    faults: list[FieldFault] = []
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", provider_id):
        faults.append(FieldFault("", "a provider's name is made of small letters, digits and hyphens"))
    if not isinstance(table, dict):
        return None, [*faults, FieldFault("", "must be a table")]
    if not shipped:
        table = {"wire": USUAL_WIRE, **table}
    try:
        validated = _reader().validate_python(table)
    except ValidationError as error:
        faults += [FieldFault(_path(detail["loc"]), _rule(detail)) for detail in error.errors(include_input=False)]
    faulty = {fault.field for fault in faults}
    faults += [fault for fault in _whole_table(table, shipped, operator) if fault.field not in faulty]
    if faults:
        return None, list(dict.fromkeys(faults))
    return _provider(provider_id, dict(validated), operator, firm), []


def _provider(provider_id: str, table: Mapping[str, Any], operator: bool, firm: bool) -> Provider:
    """The records of a table without a fault; what it leaves out is the record's default."""
    fields = {"label": provider_id, **table}
    zone = {"zone": table["zone"]} if "zone" in table else {}
    shared = {"amount": None, **zone, **fields.pop("limits_from", {})}
    fields["limits"] = tuple(Limit(**{**shared, **limit}, firm=firm) for limit in table.get("limits", ()))
    for kind in ("models", "speech"):
        fields[kind] = tuple(
            Model(id=f"{provider_id}/{model['name']}", provider_id=provider_id, **model)
            for model in table.get(kind, ())
        )
    fields["privacy"] = Privacy(**table.get("privacy", {}))
    fields["base_url"] = table["base_url"].rstrip("/")
    fields.setdefault("auth", ("optional" if table.get("local") else "bearer") if table.get("key_names") else "none")
    fields.setdefault("own", operator or addresses.is_private(fields["base_url"]))
    return Provider(id=provider_id, **fields)


def _path(place: tuple[int | str, ...]) -> str:
    """The path of a field as a person wrote it; places inside a list or a table of names are left out."""
    depth = {"limits": 3, "models": 3, "speech": 3, "limits_from": 2, "privacy": 2}.get(str(place[0]), 1)
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place[:depth])[1:]


def _rule(error: ErrorDetails) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of this table"
        case "literal_error":
            allowed = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
            return f"must be one of {allowed}"
        case "list_type":
            return "must be a list in square brackets"
        case "dict_type":
            return "must be a table in curly brackets"
        case "bool_type":
            return "must be true or false"
    return str(error["ctx"]["error"])


def _whole_table(table: Mapping[str, Any], shipped: bool, operator: bool) -> Iterator[FieldFault]:
    """Rules that look at more than one field, of a table whose fields may have faults of their own."""
    models = table.get("models")
    rows = models if isinstance(models, list) else []
    names = [str(row["name"]) if isinstance(row, dict) and "name" in row else "" for row in rows]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield FieldFault(f"models[{names.index(name)}].name", "is used twice")
    yield from _routers(rows)
    if table.get("state") == "retired":
        for name in ("retired_on", "reason"):
            if name not in table:
                yield FieldFault(name, "is missing (state is retired)")
    if table.get("auth") in ("bearer", "x-api-key", "x-goog-api-key", "google") and not table.get("key_names"):
        yield FieldFault("key_names", "is missing (auth wants a key)")
    if shipped:
        for name in ("label", "checked", "source", *(() if table.get("simulated") else ("docs",))):
            if name not in table:
                yield FieldFault(name, "is missing")
    yield from _address(table, shipped=shipped, operator=operator)


def _routers(rows: list[Any]) -> Iterator[FieldFault]:
    """A router picks another model each time: it has no size, and is no alias."""
    for place, row in enumerate(rows):
        if isinstance(row, dict) and row.get("router") is True:
            for name in {"size", "alias_of"} & set(row):
                yield FieldFault(f"models[{place}].{name}", "must be left out for a router")


def _address(table: Mapping[str, Any], *, shipped: bool, operator: bool) -> Iterator[FieldFault]:
    url = table.get("base_url")
    if not isinstance(url, str) or (shipped and table.get("simulated") and _SIMULATOR.fullmatch(url)):
        return
    url = url.strip().rstrip("/")
    placeholders = {
        name for field in ("needs", "options") if isinstance(table.get(field), dict) for name in table[field]
    }
    if set(re.findall(r"\{(\w+)\}", url)) - placeholders:
        yield FieldFault("base_url", "holds a name in curly brackets that neither needs nor options fills")
    elif not re.fullmatch(r"\{\w+\}", url):
        says = addresses.fault(re.sub(r"\{\w+\}", "x", url), operator=operator, local=bool(table.get("local")))
        if says:
            yield FieldFault("base_url", says)
