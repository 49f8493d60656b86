"""The environment variables as they were before Streamlit wrote its secrets into them, which would give secrets
precedence over `.env`.

    given.remember()         before Streamlit reads its secrets
    given.environ(secrets)   the environment without them
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

_saved: dict[str, str] | None = None


def remember() -> None:
    """Save the environment as it is now; only the first call counts."""
    global _saved
    if _saved is None:
        _saved = dict(os.environ)


def environ(secrets: Mapping[str, Any]) -> Mapping[str, str]:
    """The saved environment; if there is none (a plain script), all variables that do not equal a secret."""
    if _saved is not None:
        return _saved
    return {name: value for name, value in os.environ.items() if name not in secrets or value != str(secrets[name])}
