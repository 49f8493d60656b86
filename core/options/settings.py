"""Settings: the options of all subjects in one record, and what was read beside them."""

from __future__ import annotations

from pathlib import Path

from pydantic import ConfigDict, Field

from ..providers.environ import Environ
from ..providers.keys.sources import KeySources
from .access import AccessOptions
from .answer_cache import AnswerCacheOptions
from .calls import CallOptions
from .keys import KeyOptions
from .models import ModelOptions
from .privacy import PrivacyOptions
from .quota import QuotaOptions
from .server import ServerOptions
from .storage import StorageOptions
from .visitors import VisitorOptions

_NO_OPTIONS = ("environ", "sources", "problems", "option_problems", "folder")


class Settings(
    ServerOptions,
    PrivacyOptions,
    VisitorOptions,
    AccessOptions,
    StorageOptions,
    AnswerCacheOptions,
    QuotaOptions,
    KeyOptions,
    ModelOptions,
    CallOptions,
):
    """How this program behaves. No option holds a key; keys stay in `environ`, which never prints its values."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    environ: Environ = Field(default_factory=Environ, repr=False, exclude=True)
    sources: KeySources | None = Field(default=None, repr=False, exclude=True)
    problems: tuple[str, ...] = Field(default=(), description="What could not be read, one sentence each, no values.")
    option_problems: tuple[str, ...] = Field(default=(), description="Those of them that only a restart can change.")
    folder: Path = Field(default=Path("."), description="Where `.env` and `.streamlit/providers.toml` are.")


OPTIONS: tuple[str, ...] = tuple(name for name in Settings.model_fields if name not in _NO_OPTIONS)
