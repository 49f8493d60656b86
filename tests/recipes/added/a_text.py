"""An error of core is read in the reader's language."""

from __future__ import annotations

from importlib import import_module

import pytest

from core.errors import BadReply
from core.ui.failures.own_messages import translated


def test_the_sentence_is_translated() -> None:
    with pytest.raises(BadReply) as caught:
        import_module("core.wire.lines_errors").check(3, "\a")
    assert translated(caught.value.message, caught.value.origin, None, reads="zh") == "[zh] Line 3 cannot be printed."
    assert translated(caught.value.message, caught.value.origin, None, reads="en") == "Line 3 cannot be printed."
