"""One table of `catalog.toml` or `providers.toml` becomes one `Provider`; every fault of a table is found at once.

A fault is `(field, sentence)`; sentences name rules and never values, for someone may have written a key there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from core.providers import addresses
from core.records import Limit, Model, Privacy, Provider

WIRES = ("openai", "anthropic", "gemini", "cohere", "ollama", "huggingface", "dialogflow")
USUAL_WIRE = "openai"  # of a table in providers.toml that names none
ENV_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_SECRET_HEADERS = {"authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie", "proxy-authorization"}
_NESTED = ("limits", "limits_from", "models", "privacy")
_SIMULATOR = re.compile(r"sim://(embedded|north|south)/v1")


class Fault(NamedTuple):
    """What is wrong in which field (`limits[2].amount`)."""

    field: str
    says: str


class _Wrong(Exception):
    """A reader's complaint, the end of a sentence."""


Reader = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 600 or not value.isprintable():
        raise _Wrong("must be a line of text of 1 to 600 characters")
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _Wrong("must be a date such as 2026-11-22, without quotes")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 10**9:
        raise _Wrong("must be a whole number from 1 to 1,000,000,000; leave it out when unknown")
    return value


def _decimal(least_open: bool) -> Reader:
    def read(value: Any) -> Decimal:
        number = Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        if number is None or not number.is_finite() or number > 10**12 or number < 0 or (least_open and not number):
            raise _Wrong(
                "must be a number above 0; leave it out when unknown"
                if least_open
                else "must be a number of 0 or more; leave it out when unknown"
            )
        return number

    return read


def _one_of(*allowed: str) -> Reader:
    def read(value: Any) -> str:
        if value not in allowed:
            raise _Wrong(f"must be one of {', '.join(allowed)}")
        return str(value)

    return read


def _list_of(read: Reader) -> Reader:
    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Wrong("must be a list in square brackets")
        return tuple(read(one) for one in value)

    return read_all


def _env_name(value: Any) -> str:
    if not isinstance(value, str) or not ENV_NAME.fullmatch(value):
        raise _Wrong("must be the NAME of an environment variable in capitals, never the key itself")
    return value


def _zone(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_]{2,30}(/[A-Za-z0-9_+-]{1,30}){0,2}", value):
        raise _Wrong("must be a time zone such as UTC or America/Los_Angeles")
    return value


def _https(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"https://[^\s/?#@]+(?:/\S*)?", text):
        raise _Wrong("must be an https address")
    return text


def _mapping_of(read_name: Reader, read_value: Reader) -> Reader:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _Wrong("must be a table in curly brackets")
        return {read_name(name): read_value(one) for name, one in value.items()}

    return read


def _header_name(value: Any) -> str:
    if not isinstance(value, str) or not _HEADER.fullmatch(value):
        raise _Wrong("must hold plain header names")
    if value.lower() in _SECRET_HEADERS:
        raise _Wrong("must not hold a key; name its environment variable in key_names")
    return value


def _header_value(value: Any) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise _Wrong("must hold printable ASCII values")
    return value


def _plain(value: Any) -> Any:
    """A value as JSON knows it: a quirk may hold a piece of a request's body."""
    if isinstance(value, Decimal) and value.is_finite():
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, str | int):
        raise _Wrong("must hold text, numbers, true, false, lists and tables of them")
    return value


LIMIT: Mapping[str, Reader] = {
    "pool": _one_of("account", "project", "model", "ip", "key"),
    "unit": _one_of("requests", "tokens", "usd", "neurons"),
    "per": _one_of("second", "minute", "hour", "day", "month", "once", "at_once"),
    "amount": _decimal(least_open=True),
    "models": _list_of(_text),
    "zone": _zone,
    "source": _text,
    "checked": _day,
    "note": _text,
}
SHARED: Mapping[str, Reader] = {name: LIMIT[name] for name in ("zone", "source", "checked")}
MODEL: Mapping[str, Reader] = {
    "name": _text,
    "size": _one_of("small", "big"),
    "window_tokens": _count,
    "max_output_tokens": _count,
    "usd_per_million_in": _decimal(least_open=False),
    "usd_per_million_out": _decimal(least_open=False),
    "free": _flag,
    "reasoning": _flag,
    "listed": _flag,
    "note": _text,
}
PRIVACY: Mapping[str, Reader] = {"trains": _flag, "card": _flag, "phone": _flag, "region": _text, "note": _text}
PROVIDER: Mapping[str, Reader] = {
    "label": _text,
    "wire": _one_of(*WIRES),
    "base_url": _text,
    "auth": _one_of("bearer", "x-api-key", "x-goog-api-key", "google", "none", "optional"),
    "key_names": _list_of(_env_name),
    "key_url": _https,
    "state": _one_of("live", "trial", "retired"),
    "retired_on": _day,
    "reason": _text,
    "local": _flag,
    "own": _flag,
    "simulated": _flag,
    "free": _flag,
    "zone": _zone,
    "needs": _mapping_of(_text, _env_name),
    "options": _mapping_of(_text, _text),
    "headers": _mapping_of(_header_name, _header_value),
    "quirks": _mapping_of(_text, _plain),
    "docs": _https,
    "checked": _day,
    "source": _text,
    "note": _text,
}


def read(
    provider_id: str, table: Any, *, shipped: bool, operator: bool, firm: bool = False
) -> tuple[Provider | None, list[Fault]]:
    """A provider, or None with all its faults. `operator`: its base URL was set by whoever runs the program; `firm`:
    its limits were."""
    faults: list[Fault] = []
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", provider_id):
        faults.append(Fault("", "a provider's name is made of small letters, digits and hyphens"))
    if not isinstance(table, dict):
        return None, [*faults, Fault("", "must be a table")]
    flat = {name: value for name, value in table.items() if name not in _NESTED}
    if not shipped:
        flat.setdefault("wire", USUAL_WIRE)
    fields = _fields(PROVIDER, flat, "", faults, needed=("wire", "base_url"))
    fields["privacy"] = Privacy(**_fields(PRIVACY, table.get("privacy", {}), "privacy", faults))
    fields["limits"] = tuple(Limit(**row, firm=firm) for row in _limits(table, faults))
    models = _rows(MODEL, table.get("models", []), "models", faults, needed=("name",))
    fields["models"] = tuple(Model(id=f"{provider_id}/{row['name']}", provider_id=provider_id, **row) for row in models)
    _whole_table(fields, faults, shipped=shipped, operator=operator)
    if faults:
        return None, faults
    fields.setdefault("label", provider_id)
    fields.setdefault("auth", _usual_auth(fields))
    fields.setdefault("own", operator or addresses.is_private(fields["base_url"]))
    return Provider(id=provider_id, **fields), []


def _fields(
    readers: Mapping[str, Reader], raw: Any, where: str, faults: list[Fault], needed: tuple[str, ...] = ()
) -> dict[str, Any]:
    if not isinstance(raw, dict):
        faults.append(Fault(where, "must be a table"))
        return {}
    dot = f"{where}." if where else ""
    found: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in readers:
            faults.append(Fault(f"{dot}{name}", "is not a field of this table"))
            continue
        try:
            found[name] = readers[name](value)
        except _Wrong as wrong:
            faults.append(Fault(f"{dot}{name}", str(wrong)))
    faults.extend(Fault(f"{dot}{name}", "is missing") for name in needed if name not in raw)
    return found


def _rows(
    readers: Mapping[str, Reader], raw: Any, where: str, faults: list[Fault], needed: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The rows of a list of tables that are whole; a row with a fault is left out and its faults kept."""
    if not isinstance(raw, list):
        faults.append(Fault(where, "must be a list of tables"))
        return []
    rows = []
    for index, one in enumerate(raw):
        before = len(faults)
        row = _fields(readers, one, f"{where}[{index}]", faults, needed)
        if len(faults) == before:
            rows.append(row)
    return rows


def _limits(table: dict[str, Any], faults: list[Fault]) -> list[dict[str, Any]]:
    shared = _fields(SHARED, table.get("limits_from", {}), "limits_from", faults)
    rows = _rows(LIMIT, table.get("limits", []), "limits", faults, needed=("pool", "unit", "per"))
    zone = {"zone": table["zone"]} if "zone" in table else {}
    return [{"amount": None, **zone, **shared, **row} for row in rows]


def _whole_table(fields: dict[str, Any], faults: list[Fault], *, shipped: bool, operator: bool) -> None:
    """Rules that look at more than one field."""
    names = [model.name for model in fields["models"]]
    twice = {name for name in names if names.count(name) > 1}
    faults.extend(Fault(f"models[{names.index(name)}].name", "is used twice") for name in sorted(twice))
    if fields.get("state") == "retired":
        faults.extend(
            Fault(name, "is missing (state is retired)") for name in ("retired_on", "reason") if name not in fields
        )
    if fields.get("auth") in ("bearer", "x-api-key", "x-goog-api-key", "google") and not fields.get("key_names"):
        faults.append(Fault("key_names", "is missing (auth wants a key)"))
    if shipped:
        facts = ("label", "checked", "source") if fields.get("simulated") else ("label", "checked", "source", "docs")
        faults.extend(Fault(name, "is missing") for name in facts if name not in fields)
    if "base_url" in fields:
        faults.extend(_address(fields, shipped=shipped, operator=operator))


def _address(fields: dict[str, Any], *, shipped: bool, operator: bool) -> list[Fault]:
    url: str = fields["base_url"].rstrip("/")
    fields["base_url"] = url
    if shipped and fields.get("simulated") and _SIMULATOR.fullmatch(url):
        return []
    known = {*fields.get("needs", {}), *fields.get("options", {})}
    missing = set(re.findall(r"\{(\w+)\}", url)) - known
    if missing:
        return [Fault("base_url", "holds a name in curly brackets that neither needs nor options fills")]
    if re.fullmatch(r"\{\w+\}", url):
        return []
    says = addresses.fault(re.sub(r"\{\w+\}", "x", url), operator=operator, local=bool(fields.get("local")))
    return [Fault("base_url", says)] if says else []


def _usual_auth(fields: dict[str, Any]) -> str:
    if not fields.get("key_names"):
        return "none"
    return "optional" if fields.get("local") else "bearer"
