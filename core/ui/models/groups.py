"""Providers in the order a person looks for them: ready, free for the asking, the rest, here, gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.records import Provider
from core.ui.text import t

if TYPE_CHECKING:
    from core.engine import Engine


def groups(engine: Engine, keyed: frozenset[str], words: str, kind: str | None) -> list[tuple[str, list[Provider]]]:
    """(title, providers) for those that match the words and the filter; empty groups are left out.

    `keyed` are the providers with a pasted key.
    """
    titles = {
        "ready": t("Ready to use"),
        "free": t("Free tier, needs a key"),
        "other": t("Trial credit or paid"),
        "local": t("On this computer"),
        "retired": t("Retired"),
    }
    found: dict[str, list[Provider]] = {name: [] for name in titles}
    for provider in engine.catalog.providers.values():
        ready = provider.id in keyed or engine.is_ready(provider)
        if _matches(provider, words) and _is(provider, kind, ready=ready):
            found[_group(provider, ready=ready)].append(provider)
    return [(titles[name], members) for name, members in found.items() if members]


def _group(provider: Provider, *, ready: bool) -> str:
    if provider.state == "retired":
        return "retired"
    if provider.local:
        return "local"
    if ready:
        return "ready"
    return "free" if provider.free and provider.state == "live" else "other"


def _matches(provider: Provider, words: str) -> bool:
    text = " ".join([provider.id, provider.label, *(model.name for model in provider.models)]).casefold()
    return all(word in text for word in words.casefold().split())


def _is(provider: Provider, kind: str | None, *, ready: bool) -> bool:
    match kind:
        case "ready":
            return ready and not provider.local
        case "free":
            return bool(provider.free) and provider.state == "live"
        case "trial" | "retired":
            return provider.state == kind
        case "local":
            return provider.local
    return True
