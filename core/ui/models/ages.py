"""How long ago something was seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..text import tn


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: "2 h ago", "6 weeks ago"."""
    age = max(now - at, timedelta(0))
    if age < timedelta(hours=1):
        return tn("{number} min ago", "{number} min ago", max(int(age.total_seconds() // 60), 1))
    if age < timedelta(days=1):
        return tn("{number} h ago", "{number} h ago", int(age.total_seconds() // 3600))
    if age < timedelta(days=14):
        return tn("{number} day ago", "{number} days ago", age.days)
    if age < timedelta(days=70):
        return tn("{number} week ago", "{number} weeks ago", age.days // 7)
    return tn("{number} month ago", "{number} months ago", age.days // 30)
