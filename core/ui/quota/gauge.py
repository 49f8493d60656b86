"""A linear gauge as HTML made of numbers alone: used | reserved | left, hatched where what is left is not known.

The one place beside the stylesheet that goes through `st.html`; no name and no text of anybody else enters it.
"""

from __future__ import annotations

from html import escape

from ..text import t
from .outlook import Outlook


def gauge(look: Outlook) -> str:
    """The mark on it is where an even pace would be by now."""
    kind = "empty" if "empty" in look.alerts else "low" if look.alerts else ""
    classes = " ".join(filter(None, ("gauge", kind, "" if look.left is not None else "unknown")))
    parts = _part("used", look.used) + _part("reserved", look.reserved)
    mark = (
        f'<b style="left:{look.elapsed * 100:.1f}%"></b>' if look.elapsed is not None and look.left is not None else ""
    )
    return f'<div class="{classes}" role="img" aria-label="{escape(_said(look), quote=True)}">{parts}{mark}</div>'


def _part(name: str, share: float) -> str:
    return f'<i class="{name}" style="width:{share * 100:.2f}%"></i>' if share > 0 else ""


def _said(look: Outlook) -> str:
    used, reserved = f"{look.used * 100:.0f} %", f"{look.reserved * 100:.0f} %"
    if look.left is None:
        return t("{used} used, remaining unknown", used=used)
    return t(
        "{used} used, {reserved} reserved, {left} left", used=used, reserved=reserved, left=f"{look.left * 100:.0f} %"
    )
