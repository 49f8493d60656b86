"""The environment variables as they were before Streamlit wrote its secrets into them, which would give secrets
precedence over `.env`.

    given.remember()         before Streamlit reads its secrets
    given.environ(secrets)   the environment without them
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

_given: dict[str, str] | None = None


def remember() -> None:
    """Save the environment as it is now; only the first call counts."""
    global _given
    if _given is None:
        _given = dict(os.environ)


def environ(secrets: Mapping[str, Any]) -> Mapping[str, str]:
    """The saved environment; if there is none (a plain script), all variables that do not equal a secret."""
    if _given is not None:
        return _given
    return {name: value for name, value in os.environ.items() if name not in secrets or value != str(secrets[name])}
