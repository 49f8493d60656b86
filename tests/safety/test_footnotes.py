"""Footnotes as raised numbers."""

from __future__ import annotations

import pytest

from core.safety.footnotes import with_footnotes
from core.safety.outgoing import blocks


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("A claim.[^1]", "A claim.⁽¹⁾"),
        ("`x[^1]` and ``y` [^2]`` [^3]", "`x[^1]` and ``y` [^2]`` ⁽³⁾"),
        ("[^1]: One.\n[^12]: Two.", "⁽¹⁾ One.  \n⁽¹²⁾ Two."),
        ("See [^a] and [^1](https://example.com).", "See [^a] and [^1](https://example.com) (example.com)."),
        ("2^3 [x]", "2^3 [x]"),
    ],
)
def test_a_mark_is_raised_and_each_note_has_a_line(text: str, drawn: str) -> None:
    assert "\n\n".join(with_footnotes(block.text) for block in blocks(text)) == drawn
