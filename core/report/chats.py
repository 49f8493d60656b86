"""Conversations as Markdown, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from ..safety.outgoing import for_file, title_for_file
from ..views.conversation import ConversationView
from ..views.tool_steps import lines


def answerer(model_id: str, served_model_id: str | None) -> str:
    """Who answered, after whom was asked where that is another one."""
    served = served_model_id if served_model_id not in (None, model_id) else ""
    return f"{model_id} · answered by {served}" if served else model_id


def written(views: Sequence[ConversationView]) -> str:
    """Conversations as Markdown, as they are shown: the download while the database is unreachable."""
    parts: list[str] = []
    for view in views:
        parts.append(f"# {title_for_file(view.title)}\n")
        for turn in view.turns:
            files = "".join(f"\n[{title_for_file(file.name or file.media_type)}]\n" for file in turn.attached)
            parts.append(f"## You\n\n{for_file(turn.prompt)}\n{files}")
            if turn.completion:
                head = title_for_file(f"Answer · {answerer(turn.model_id, turn.completion.served_model_id)}")
                steps = "".join(f"- {title_for_file(line)}\n" for line in lines(turn.completion.steps))
                parts.append(f"## {head}\n\n{steps}{steps and chr(10)}{for_file(turn.completion.text)}\n")
    return "\n".join(parts)
