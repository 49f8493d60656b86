"""The environment as this process was given it. Streamlit writes its secrets over it, which would make the weakest
source of a key the strongest.

    given.remember()         before Streamlit reads its secrets
    given.environ(secrets)   the environment without them
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

_given: dict[str, str] | None = None


def remember() -> None:
    """Keep the environment as it is now; only the first call counts."""
    global _given
    if _given is None:
        _given = dict(os.environ)


def environ(secrets: Mapping[str, Any]) -> Mapping[str, str]:
    """What was remembered; where nobody did (a plain script), all that is not a secret's own value."""
    if _given is not None:
        return _given
    return {name: value for name, value in os.environ.items() if name not in secrets or value != str(secrets[name])}
