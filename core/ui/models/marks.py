"""The model that answers: its names, and the provider's mark of one colour and one shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...records import AUTO, Model, Provider
from ..text import plain, t
from .names import named

COLOURS = ("blue", "orange", "green", "violet", "red", "yellow")
ROUTER = ":material/alt_route:"
SHAPES = ("●", "■", "▲", "◆", "★", "⬟")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Names as safe Markdown. `provider` is None when the catalogue does not know it."""

    mark: str
    provider_name: str
    model_name: str
    provider: Provider | None
    model: Model


def speaker_of(model_id: str, providers: Mapping[str, Provider]) -> Speaker:
    """The speaker for "provider/name", also if the catalogue lacks the provider or the model, and for "auto"."""
    if model_id in AUTO:
        return Speaker(ROUTER, t("Auto"), t("Auto"), None, Model(id=model_id, name=model_id, provider_id="auto"))
    provider_id, _, name = model_id.partition("/")
    provider = providers.get(provider_id)
    listed_model = next((model for model in provider.models if model.id == model_id), None) if provider else None
    return Speaker(
        mark=mark(provider_id, providers),
        provider_name=named(provider) if provider else plain(provider_id),
        model_name=plain(name or model_id),
        provider=provider,
        model=listed_model or Model(id=model_id, name=name or model_id, provider_id=provider_id),
    )


def mark(provider_id: str, order: Iterable[str]) -> str:
    """The mark as Markdown; `order` is that of the catalogue. An unknown provider is grey."""
    colour, shape = colour_and_shape(provider_id, order)
    return f":{colour}[{shape}]"


def colour_and_shape(provider_id: str, order: Iterable[str]) -> tuple[str, str]:
    """Colour and shape of a provider, the same on every page."""
    for position, other_id in enumerate(order):
        if other_id == provider_id:
            return COLOURS[position % len(COLOURS)], SHAPES[position // len(COLOURS) % len(SHAPES)]
    return "gray", SHAPES[0]
