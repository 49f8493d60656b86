"""The providers: `catalog.toml`, then `.streamlit/providers.toml`, then `<ID>_BASE_URL` and options in the environment.

catalog.toml -> tables.read -> Provider      a fault here is ours: `load` raises Setup with all of them
providers.toml adds tables or replaces single fields; a faulty table is reported and skipped, the rest loads
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import MissingKey, ModelNotFound, Setup
from ..records import NOTHING, Model, Privacy, Provider
from . import addresses, models_dev, pasted, toml_lines
from .environ import problem

if TYPE_CHECKING:
    from .tables import FieldFault

OWN_FILE = ".streamlit/providers.toml"
_SHIPPED = Path(__file__).with_name("catalog.toml")
_OPTION = re.compile(r"[A-Za-z0-9._-]{1,128}")
_MODEL_NAME = re.compile(r"[^\s\x00-\x1f\x7f?#][^\x00-\x1f\x7f?#]{0,199}")
# People paste addresses with the path of one call, which each format adds by itself.
_CALL = re.compile(r"/(chat/completions|completions|messages|responses|embeddings|models|api/(chat|generate|tags))$")


@dataclass(frozen=True, slots=True)
class Catalog:
    """`providers` in the order of the files; `blocked` ids must not be called, for the reason given; `of_operator` are
    those that the operator added or changed in a file."""

    providers: MutableMapping[str, Provider]
    problems: tuple[str, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    of_operator: frozenset[str] = frozenset()

    def find(self, model_id: str) -> tuple[Provider, Model]:
        """The provider and the model of "provider/name", whether the catalogue lists the model or not.

        Raises ModelNotFound (unknown, retired), Setup (blocked) or MissingKey (its address waits for an option).
        """
        provider_id, _, name = model_id.partition("/")
        provider = self.providers.get(provider_id)
        if provider_id in self.blocked:
            raise Setup(f"{provider_id} is not called: {self.blocked[provider_id]}.")
        if provider is None:
            raise ModelNotFound("Unknown provider. Write a model as provider/model, for example sim/quick.")
        if provider.state == "retired":
            raise ModelNotFound(f"{provider.label} was retired on {provider.retired_on}: {provider.reason}")
        waits_for = missing_options(provider)
        if waits_for:
            raise MissingKey(f"{provider.label} needs more than a key: set {' and '.join(waits_for)}.")
        return provider, _model(provider, name)


def _model(provider: Provider, name: str) -> Model:
    listed = next((model for model in (*provider.models, *provider.speech) if model.name == name), None)
    if listed is not None:
        return listed
    if not _MODEL_NAME.fullmatch(name) or ".." in re.split(r"[/\\\\]", name):
        raise ModelNotFound(f"{provider.label} cannot have a model of that name; write {provider.id}/model.")
    return models_dev.filled(Model(id=f"{provider.id}/{name}", name=name, provider_id=provider.id), provider)


def missing_options(provider: Provider) -> tuple[str, ...]:
    """Environment variables that a provider's address needs (an account, a project) and that are not set."""
    return tuple(variable for option, variable in provider.needs.items() if not provider.options.get(option))


def fill_options(catalog: Catalog, environ: Mapping[str, str]) -> None:
    """Fill what addresses still wait for (an account, a project) from names that came later."""
    for provider in list(catalog.providers.values()):
        if any(environ.get(variable) for variable in missing_options(provider)):
            catalog.providers[provider.id] = _with_environ(provider, environ, [], {})


def load(environ: Mapping[str, str] = NOTHING, folder: Path = Path(".")) -> Catalog:
    """Read the catalogue and what the operator adds. Raises Setup only when the shipped file itself is broken."""
    shipped, providers_shipped = _shipped(_SHIPPED)
    providers = dict(providers_shipped)
    problems: list[str] = []
    blocked: dict[str, str] = {}
    _add_own(folder / OWN_FILE, shipped, providers, problems, blocked)
    changed = frozenset(name for name, provider in providers.items() if providers_shipped.get(name) is not provider)
    for provider in list(providers.values()):
        providers[provider.id] = _with_environ(provider, environ, problems, blocked)
    return Catalog(providers, tuple(problems), blocked, changed)


@cache
def _shipped(path: Path) -> tuple[Mapping[str, Any], Mapping[str, Provider]]:
    """The tables of the shipped file and the providers in them, read once for a process."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return tables, {name: _able(provider) for name, provider in _providers(tables).items()}


def _able(provider: Provider) -> Provider:
    """With what is known of its models beside their rows."""
    return replace(provider, models=tuple(models_dev.able(model, provider) for model in provider.models))


def parse(text: str) -> dict[str, Provider]:
    """The providers of a text like that of the shipped file. Raises Setup with every fault."""
    try:
        return _providers(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise Setup(f"{_SHIPPED.name}: {error}") from None


def _providers(raw: Mapping[str, Any]) -> dict[str, Provider]:
    from . import tables  # brings pydantic

    providers: dict[str, Provider] = {}
    broken: list[str] = []
    for provider_id, table in raw.items():
        provider, faults = tables.read(provider_id, table, shipped=True, operator=False)
        broken.extend(_sentence(_SHIPPED.name, None, provider_id, fault) for fault in faults)
        if provider is not None:
            providers[provider_id] = provider
    if broken:
        raise Setup("\n".join(broken))
    return providers


def _add_own(
    path: Path, shipped: Mapping[str, Any], providers: dict[str, Provider], problems: list[str], blocked: dict[str, str]
) -> None:
    if not path.is_file():
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(problem(OWN_FILE, f"could not be read ({type(error).__name__})"))
        return
    lines = text.splitlines()
    parsed = toml_lines.tables(text)
    problems.extend(problem(f"{OWN_FILE} line {line}:", says) for line, says in parsed.faults)
    for provider_id, (table, first_line) in parsed.tables.items():
        provider, faults = _merged(provider_id, table, shipped.get(provider_id, {}))
        problems.extend(
            _sentence(OWN_FILE, toml_lines.line_of(fault.field, lines, first_line), provider_id, fault)
            for fault in faults
        )
        if provider is not None:
            providers[provider_id] = _able(provider)
        elif provider_id in providers:
            # Calling the shipped address after a failed override could send text past the gateway it should go to.
            blocked[provider_id] = f"its table in {OWN_FILE} has a fault"


def _merged(provider_id: str, table: Any, base: Mapping[str, Any]) -> tuple[Provider | None, list[FieldFault]]:
    """An operator's table over the shipped one. A table that did not parse (None) has its problem already."""
    from . import tables

    if table is None:
        return None, []
    merged = {**base, **table} if isinstance(table, dict) else table
    own = table if isinstance(table, dict) else {}
    return tables.read(provider_id, merged, shipped=False, operator="base_url" in own, firm="limits" in own)


def _sentence(file: str, line: int | None, provider_id: str, fault: FieldFault) -> str:
    where = f"{file} line {line}" if line else file
    field = f" {fault.field}" if fault.field else ""
    return problem(f"{where}: [{provider_id}]{field}", fault.says)


def _with_environ(
    provider: Provider, environ: Mapping[str, str], problems: list[str], blocked: dict[str, str]
) -> Provider:
    """Fill options and the base URL from the environment; a wrong one blocks the provider: there is no fallback."""

    def refuse(variable: str, says: str) -> None:
        blocked[provider.id] = problem(variable, says)
        problems.append(blocked[provider.id])

    options = dict(provider.options)
    base_url, own = provider.base_url, provider.own
    for option, variable in provider.needs.items():
        value = pasted.bare(environ.get(variable, "")).rstrip("/")
        if value and base_url == f"{{{option}}}":
            value = pasted.address(value).rstrip("/")
            says = addresses.fault(value, operator=True)
            options[option], base_url = (value, value) if not says else ("", base_url)
            own = True
        else:
            says = (
                None
                if not value or _OPTION.fullmatch(value)
                else "must be letters, digits, dots, hyphens or underscores"
            )
            options.update({option: value} if value and not says else {})
        if says:
            refuse(variable, says)
    variable = f"{provider.id.upper().replace('-', '_')}_BASE_URL"
    override = _normalized_url(environ.get(variable, ""), provider)
    if not override and provider.id == "ollama":
        variable, override = "OLLAMA_HOST", _ollama_host(environ.get("OLLAMA_HOST", ""))
    if override:
        says = addresses.fault(re.sub(r"\{\w+\}", "x", override), operator=True, local=provider.local)
        if says:
            refuse(variable, says)
        else:
            base_url, own = override, True
            provider = _at_other_address(provider, override)
    return replace(provider, base_url=base_url, options=options, own=own)


def _normalized_url(address: str, provider: Provider) -> str:
    """An address as this format needs it: without the path of a single call, and for Ollama's format without `/v1`."""
    base, mark, query = pasted.address(address).partition("?")
    base = _CALL.sub("", base.rstrip("/"))
    if provider.wire == "ollama":
        base = base.removesuffix("/v1")
    return f"{base.rstrip('/')}{mark}{query}"


def _ollama_host(value: str) -> str:
    """OLLAMA_HOST: `host`, `host:port`, `:port` or a URL; a wildcard such as 0.0.0.0 means this computer."""
    value = value.strip().strip("\"'").rstrip("/")
    if not value:
        return ""
    scheme, separator, rest = value.partition("://")
    scheme, rest = (scheme, rest) if separator else ("http", value)
    host, _, port = rest.rpartition(":") if re.search(r":\d*$", rest) and not rest.endswith("]") else (rest, "", "")
    host = "127.0.0.1" if host in ("", "0.0.0.0", "[::]", "::") else host  # noqa: S104
    port = port or {"https": "443", "http": "80"}.get(scheme if separator else "", "11434")
    return f"{scheme}://{host}:{port}"


def _at_other_address(provider: Provider, base_url: str) -> Provider:
    """A vendor's provider at another address: the vendor's region and privacy terms do not hold there."""
    host = (urlsplit(base_url).hostname or "").lower()
    if host in addresses.hosts(provider.base_url) or (provider.local and addresses.is_loopback(host)):
        return provider
    return replace(provider, privacy=Privacy(region=host))
