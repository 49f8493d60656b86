"""Which models see pictures: for the pickers, and before a question with pictures is sent.

`None` is "not known": such a model can be chosen and is asked, and what it answers shows whether it sees.
"""

from __future__ import annotations

from ...errors import LLMError
from ...records import AUTO, Model, Provider
from ...wire.capabilities import refused, takes
from .. import session
from ..base.time_zone import zone
from ..text import date_of, t
from .choices import ModelOption, all_options
from .marks import speaker_of


def sees(model_id: str) -> bool | None:
    """Whether this model is known to see pictures. "auto" asks one that does, where there is one."""
    if model_id in AUTO:
        return True if able() else None
    try:
        provider, model = session.engine().catalog.find(model_id)
    except LLMError:
        return None
    return of(provider, model)


def of(provider: Provider, model: Model) -> bool | None:
    """The same for a model of the catalogue or of a provider's list."""
    return takes("picture", provider, session.life(provider).row(model))


def able() -> list[ModelOption]:
    """The models that are ready and known to see: of providers with a key first, of these the free ones; simulated ones
    only where there are no others."""
    options = all_options(session.engine(), session.keys(), session.listed_models(), session.running_servers())
    seeing = [option for option in options if option.ready and of(option.provider, option.model)]
    real = [option for option in seeing if not option.provider.simulated]
    set_up = {provider.id for provider in session.engine().directory.real(session.keys())}
    return sorted(real or seeing, key=lambda option: (option.provider.id not in set_up, not option.free))


def reason(provider: Provider, model: Model) -> str:
    """What stands beside a model while pictures go with the question; "" where it sees them."""
    if at := refused("picture", session.life(provider).row(model)):
        return t("refused pictures on {day}", day=date_of(at.astimezone(zone()).date()))
    return {
        False: t("cannot see pictures"),
        None: t("not known whether it sees pictures"),
        True: "",
    }[of(provider, model)]


def named(option: ModelOption) -> str:
    """The model and its provider, as on a button."""
    speaker = speaker_of(option.model.id, session.engine().catalog.providers)
    return f"{speaker.model_name} ({speaker.provider_name})"


def sentence(model_id: str) -> str:
    """Why a question with pictures is not sent to this model."""
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    return t("{model} cannot see pictures.", model=f"**{speaker.model_name}**")
