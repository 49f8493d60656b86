"""Conversations as Markdown, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from ..safety.outgoing import for_file, title_for_file
from ..views.conversation import ConversationView


def written(views: Sequence[ConversationView]) -> str:
    """Conversations as Markdown, as they are shown: the download while the database is unreachable."""
    parts: list[str] = []
    for view in views:
        parts.append(f"# {title_for_file(view.title)}\n")
        for turn in view.turns:
            parts.append(f"## You\n\n{for_file(turn.prompt)}\n")
            if turn.completion:
                head = title_for_file(f"Answer · {turn.model_id}")
                parts.append(f"## {head}\n\n{for_file(turn.completion.text)}\n")
    return "\n".join(parts)
