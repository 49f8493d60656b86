"""All keyboard shortcuts. docs/keyboard.md lists the same, which a test checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..text import t


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys` as "Mod+K": Mod is Ctrl, and ⌘ on a Mac."""

    keys: str
    title: Callable[[], str]


SHORTCUTS = (
    Shortcut("Mod+K", lambda: t("Open the palette: pages, chats, models and actions")),
    Shortcut("Mod+/", lambda: t("Show the keyboard shortcuts")),
    Shortcut("Enter", lambda: t("Send the question")),
    Shortcut("Shift+Enter", lambda: t("Start a new line in the question")),
    Shortcut("ArrowUp", lambda: t("Edit the last question, while the box is empty")),
    Shortcut("Ctrl+Enter", lambda: t("Mask and send a question that is being held")),
    Shortcut("Esc", lambda: t("Stop the answer, or close what is open")),
    Shortcut("1…8", lambda: t("Vote for this column of a comparison, outside the box")),
    Shortcut("0", lambda: t("Vote for a tie, outside the box")),
    Shortcut("9", lambda: t("Vote that all answers are bad, outside the box")),
)
