"""A diff of catalog.toml by what providers list and what files of facts say, the evidence beside each line.

A list names a model that no row holds: a row is proposed. It does not name a row's model, although it names at least
half of the others: `listed = false` is proposed, and taken back where it names the model again. It tells an end:
`ends_on` is proposed. It tells a window or prices that a row leaves open: they are proposed, as by a file of facts (CSV
with provider, model and what is known of it). Names and values come from elsewhere: what is no plain name or number is
left out.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import unified_diff
from pathlib import Path
from typing import Any

from core.providers import lifecycle
from core.providers.evidence import midnight
from core.providers.models_dev import is_priced
from core.records import ListedModel, Model, Provider
from core.routing.family import chat_models, size_of
from core.wire import FORMATS, listed

MOST_NEW = 12  # rows proposed for one provider: a router lists hundreds
PLAIN_NAME = re.compile(r"[\w.:@/+-][\w .:@/+-]{0,199}")
NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
ROW = re.compile(r'^\s*\{ name = "(?P<name>[^"]+)"')


PRICES = ("usd_per_million_in", "usd_per_million_out")


@dataclass(frozen=True, slots=True)
class Listed:
    """What one provider lists: `source` and `at` say where and when that was read."""

    provider_id: str
    names: Sequence[str]
    source: str
    at: date
    details: Mapping[str, ListedModel] = field(default_factory=dict)

    @property
    def evidence(self) -> str:
        return _on_one_line(f"{self.source}, {self.at}")


def from_kept(path: Path) -> list[Listed]:
    """The lists that the app keeps in its data folder (models.json)."""
    lists = []
    for provider_id, by_key in json.loads(path.read_text(encoding="utf-8")).items():
        newest = max(by_key.values(), key=lambda entry: entry["at"])
        at = datetime.fromisoformat(newest["at"]).astimezone(UTC).date()
        details = {row["name"]: _detail(row) for row in newest.get("details", ())}
        lists.append(Listed(provider_id, newest["names"], f"listed by {provider_id}", at, details))
    return lists


def _detail(row: Mapping[str, Any]) -> ListedModel:
    ends_on = row.get("ends_on")
    return ListedModel(
        row["name"],
        ends_on=date.fromisoformat(ends_on) if ends_on else None,
        successor=row.get("successor", ""),
        window_tokens=row.get("window_tokens"),
        usd_per_million_in=_price(row.get("usd_per_million_in")),
        usd_per_million_out=_price(row.get("usd_per_million_out")),
    )


def _price(text: str | None) -> Decimal | None:
    return Decimal(text) if text and NUMBER.fullmatch(text) else None


def from_reply(provider: Provider, path: Path, at: date) -> Listed:
    """A file that holds a provider's own reply to the question for its models."""
    body = json.loads(path.read_text(encoding="utf-8"))
    details = {model.name: model for model in listed.details(body)}
    return Listed(provider.id, FORMATS[provider.wire].decode_models(body), f"listed by {provider.id}", at, details)


def from_facts(path: Path, at: date) -> list[dict[str, str]]:
    """Rows of a CSV with at least provider and model."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{**row, "source": _on_one_line(f"{path.name}, {at}")} for row in csv.DictReader(file)]


def diff(
    text: str, providers: Mapping[str, Provider], lists: Iterable[Listed] = (), facts: Iterable[Mapping[str, str]] = ()
) -> str:
    """A unified diff of the catalogue's text; "" where nothing would change."""
    lines = text.splitlines()
    for listing in lists:
        if provider := providers.get(listing.provider_id):
            lines = _by_list(lines, provider, listing)
    by_provider: dict[str, list[Mapping[str, str]]] = {}
    for fact in facts:
        by_provider.setdefault(fact["provider"], []).append(fact)
    for provider_id, rows in by_provider.items():
        if provider := providers.get(provider_id):
            lines = _by_facts(lines, provider, rows)
    name = "core/providers/catalog.toml"
    return "\n".join(unified_diff(text.splitlines(), lines, f"a/{name}", f"b/{name}", lineterm="", n=1))


def _one_row_a_line(lines: Sequence[str], provider_id: str) -> list[str]:
    """The same with a line for each model of this table, also where it has its few models in one."""
    start, end = _table(lines, provider_id)
    split: list[str] = []
    for line in lines[start:end]:
        rows = re.findall(r"\{ name = .*? \}(?=, \{|\]$)", line) if line.startswith("models = [{") else []
        split += ["models = [", *(f"  {row}," for row in rows), "]"] if rows else [line]
    return [*lines[:start], *split, *lines[end:]]


def _on_one_line(words: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def _by_list(lines: list[str], provider: Provider, listing: Listed) -> list[str]:
    unchanged, lines = lines, _one_row_a_line(lines, provider.id)
    start, end = _table(lines, provider.id)
    changed, last = list(lines), start
    rows = {model.name: model for model in provider.models}
    offered = {name for name, model in rows.items() if lifecycle.is_offered(model, provider, midnight(listing.at))}
    present = len(offered & {*listing.names})
    is_telling = present > 0 and 2 * present >= len(offered)
    for number in range(start, end):
        if not (match := ROW.match(lines[number])):
            continue
        last, model = number, rows.get(match["name"])
        detail = listing.details.get(match["name"])
        if model is None:
            continue
        fields = _news(model, provider, detail)
        if not model.listed and model.name in listing.names:
            fields["listed"] = ""
        if fields:
            changed[number] = _with(lines[number], fields, listing.evidence)
        elif model.name in offered and not model.ends_on and is_telling and model.name not in listing.names:
            gone = {"listed": "false", "note": '"no longer listed"'}
            changed[number] = _with(lines[number], gone, f"not {listing.evidence}")
    fresh = [name for name in chat_models(listing.names) if name not in rows and PLAIN_NAME.fullmatch(name)]
    made = [_new(name, listing) for name in fresh[:MOST_NEW]]
    if last == start:  # a table without models: they come before its empty line
        last = next((n for n in range(end - 1, start, -1) if lines[n].strip() and not lines[n].startswith("#")), start)
        made = ["models = [", *made, "]"] if made else []
    changed[last + 1 : last + 1] = made
    return unchanged if changed == lines else changed


def _news(model: Model, provider: Provider, detail: ListedModel | None) -> dict[str, str]:
    """What a list tells of a row's model that the row has otherwise, or leaves open."""
    if detail is None:
        return {}
    fields: dict[str, str] = {}
    if detail.ends_on and detail.ends_on != model.ends_on:
        after = detail.successor if PLAIN_NAME.fullmatch(detail.successor) else model.successor
        fields = {"ends_on": str(detail.ends_on)} | ({"successor": f'"{after}"'} if after else {})
    open_: dict[str, Decimal | int | None] = {"window_tokens": detail.window_tokens}
    if is_priced(provider) and None not in (detail.usd_per_million_in, detail.usd_per_million_out):
        open_ |= {name: getattr(detail, name) for name in PRICES}
    return fields | {
        name: f"{value:f}" if isinstance(value, Decimal) else f"{value:_}"
        for name, value in open_.items()
        if value is not None and getattr(model, name) is None
    }


def _by_facts(lines: list[str], provider: Provider, facts: Sequence[Mapping[str, str]]) -> list[str]:
    unchanged, lines = lines, _one_row_a_line(lines, provider.id)
    start, end = _table(lines, provider.id)
    changed = list(lines)
    rows = {model.name: model for model in provider.models}
    by_name = {fact["model"].casefold(): fact for fact in facts}
    for number in range(start, end):
        match = ROW.match(lines[number])
        fact = by_name.get(match["name"].casefold()) if match else None
        model = rows.get(match["name"]) if match else None
        if fact and model and model.listed:
            changed[number] = _with(lines[number], _open(model, provider, fact), fact["source"])
    return unchanged if changed == lines else changed


def _open(model: Model, provider: Provider, fact: Mapping[str, str]) -> dict[str, str]:
    """What a fact tells that the row leaves open."""
    names = {"window_tokens": ("window_tokens", "context_tokens"), "max_output_tokens": ("max_output_tokens",)}
    if is_priced(provider):
        names |= {name: (name,) for name in PRICES}
    values = {name: next((fact[key] for key in keys if fact.get(key)), "") for name, keys in names.items()}
    return {name: text for name, text in values.items() if NUMBER.fullmatch(text) and getattr(model, name) is None}


def _with(line: str, fields: Mapping[str, str], evidence: str) -> str:
    """The row with these fields set, those of no value taken out, and where that was read behind it."""
    if not fields:
        return line
    row, _, _ = line.partition("  # ")
    for name, value in fields.items():
        row = re.sub(rf", {name} = (\"[^\"]*\"|[^,}} ]+)", "", row)
        row = re.sub(r" \}(?=,?\s*$)", f", {name} = {value} }}", row) if value else row
    return f"{row}  # {evidence}"


def _new(name: str, listing: Listed) -> str:
    detail = listing.details.get(name)
    size = size_of(name)
    fields = [f'name = "{name}"', *([f'size = "{size}"'] if size else [])]
    if detail and detail.window_tokens:
        fields.append(f"window_tokens = {detail.window_tokens:_}")
    if detail and detail.ends_on:
        fields.append(f"ends_on = {detail.ends_on}")
    return f"  {{ {', '.join(fields)} }},  # {listing.evidence}"


def _table(lines: Sequence[str], provider_id: str) -> tuple[int, int]:
    """The first line of a provider's table, and the one behind its last."""
    start = lines.index(f"[{provider_id}]")
    after = (number for number in range(start + 1, len(lines)) if re.fullmatch(r"\[[\w-]+\]", lines[number]))
    return start, next(after, len(lines))
