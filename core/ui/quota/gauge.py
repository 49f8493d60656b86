"""A linear gauge as HTML: used | reserved | left, hatched if the remainder is unknown.

The only use of `st.html` besides the stylesheet; it contains numbers and our own words only.
"""

from __future__ import annotations

from html import escape

from ..text import t
from .outlook import Outlook


def gauge(look: Outlook) -> str:
    """The mark shows where an even pace would be now."""
    kind = "empty" if "empty" in look.alerts else "low" if look.alerts else ""
    classes = " ".join(filter(None, ("gauge", kind, "" if look.left is not None else "unknown")))
    parts = _part("used", look.used) + _part("reserved", look.reserved)
    mark = (
        f'<b style="left:{look.elapsed * 100:.1f}%"></b>' if look.elapsed is not None and look.left is not None else ""
    )
    return (
        f'<div class="{classes}" role="img" aria-label="{escape(_description(look), quote=True)}">{parts}{mark}</div>'
    )


def _part(name: str, share: float) -> str:
    return f'<i class="{name}" style="width:{share * 100:.2f}%"></i>' if share > 0 else ""


def _description(look: Outlook) -> str:
    used, reserved = f"{look.used * 100:.0f} %", f"{look.reserved * 100:.0f} %"
    if look.left is None:
        return t("{used} used, remaining unknown", used=used)
    return t(
        "{used} used, {reserved} reserved, {left} left", used=used, reserved=reserved, left=f"{look.left * 100:.0f} %"
    )
