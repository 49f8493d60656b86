"""Which models can call tools: said beside the switch of the calculator, before a question is sent."""

from __future__ import annotations

from ...errors import LLMError
from ...records import AUTO
from ...wire.capabilities import takes
from .. import session
from ..text import t
from .marks import speaker_of


def sentence(model_id: str) -> str:
    """That this model has no calculator; "" where it may have one. What is not known is tried."""
    if not model_id or model_id in AUTO:
        return ""
    engine = session.engine()
    try:
        provider, model = engine.catalog.find(model_id)
    except LLMError:
        return ""
    if takes("tools", provider, session.life(provider).row(model)) is not False:
        return ""
    name = speaker_of(model_id, engine.catalog.providers).model_name
    return t("{model} cannot call tools: it answers without the calculator.", model=f"**{name}**")
