"""The models that several providers offer."""

from __future__ import annotations

from collections.abc import Sequence

from ...records import Model
from ...routing.family import families
from .. import session
from .choices import ModelOption, all_options
from .default_selection import FEWEST


def options() -> list[ModelOption]:
    """All models that can be picked, ready ones first."""
    return all_options(session.engine(), session.keys(), session.listed_models(), session.running_servers())


def at_several() -> dict[str, list[ModelOption]]:
    """Families with two or more providers, most ready ones first."""
    choices = options()
    by_id = {choice.model.id: choice for choice in choices}
    grouped: dict[str, list[Model]] = {
        name: models for name, models in families(choice.model for choice in choices).items() if len(models) >= FEWEST
    }
    by_family = {name: [by_id[model.id] for model in models] for name, models in grouped.items()}
    return dict(sorted(by_family.items(), key=lambda item: (-sum(choice.ready for choice in item[1]), item[0])))


def name_of(model_names: Sequence[str]) -> str:
    """The shortest of the names that providers give one model, without vendor: "gpt-oss-120b"."""
    return min((name.rpartition("/")[2].removesuffix(":free") for name in model_names), key=len)
