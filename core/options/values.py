"""Values with a form of their own: read as people write them, else a ValueError whose words end the sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

from ..providers.keys.allowance import PATTERN
from ..providers.shares import read_weights

LOCALE = Path(__file__).parents[1] / "locale"  # a file a language, beside English
_HOST = re.compile(r"\*|(?:\*\.)?[\w.-]+(?::\d{1,5})?")
_SITE = re.compile(r"'none'|'self'|\*|(?:https?://)?[\w*.-]+(?::(?:\d{1,5}|\*))?")


def _language(value: str) -> str:
    languages = ["en", *sorted(path.stem for path in LOCALE.glob("*.po"))]
    if value not in languages:
        raise ValueError(f"must be one of {', '.join(languages)}")
    return value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be a time zone such as UTC or America/Los_Angeles")
    return value


def _host_names(value: str) -> str:
    """Separated by spaces; of a URL that was pasted, its host."""
    words = [re.sub(r"^https?://([^/]+).*", r"\1", word) for word in re.split(r"[\s,]+", value) if word]
    if not all(map(_HOST.fullmatch, words)):
        raise ValueError("must be names such as chat.example.org or *.example.org, separated by spaces")
    return " ".join(words)


def _frame_sites(value: str) -> str:
    words = [word.rstrip("/") for word in re.split(r"[\s,]+", value) if word]
    alone = len(words) > 1 and {"*", "'none'"} & set(words)
    if alone or not all(map(_SITE.fullmatch, words)):
        raise ValueError("must be sites such as https://intranet.example.org, separated by spaces, or * or 'none'")
    return " ".join(words)


def _share_weights(value: str) -> str:
    if read_weights(value) is None:
        raise ValueError("must be name=weight with weights from 1 to 100, separated by spaces, such as admins=2")
    return value


def _model_patterns(value: str) -> str:
    words = value.replace(",", " ").split()
    if not all(map(PATTERN.fullmatch, words)):
        raise ValueError("must be models such as groq/* or groq/openai/gpt-oss-20b, separated by spaces")
    return " ".join(words)


Language = Annotated[str, AfterValidator(_language)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
HostNames = Annotated[str, AfterValidator(_host_names)]
FrameSites = Annotated[str, AfterValidator(_frame_sites)]
ShareWeights = Annotated[str, AfterValidator(_share_weights)]
ModelPatterns = Annotated[str, AfterValidator(_model_patterns)]
