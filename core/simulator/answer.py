"""The text of a simulated answer, from the Markdown files in prose/.

A section begins with a line `=== kind style`; several of one name are variants, taken in turn. `=== kind style
thoughts` is the reasoning before the answer. Fields such as {subject} are replaced by words of the prompt. Every
answer begins with a line that says it is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..records import Message
from . import fake_judge, prompt, tokens

PROSE = Path(__file__).parent / "prose"
NOTICE = {False: "*A simulated answer: no model was asked.*", True: "*模拟回答：没有询问任何模型。*"}
INTERLUDES = ("explain", "list", "table", "code", "maths")
SAME_STYLE = {"flaky": "steady"}
TOKENS_PER_WORD = 1.32
MOST_TOKENS = 3_000


@dataclass(frozen=True, slots=True)
class Written:
    """An answer; `reasoning` is empty for a style without thoughts."""

    text: str
    reasoning: str = ""


def write(messages: Sequence[Message], style: str, variant: int) -> Written:
    """Answer the last user message in this style; `variant` turns through what the style has to offer."""
    asked = prompt.read(messages)
    if formal := _as_panel(messages):
        return Written(formal)
    parts = [NOTICE[asked.chinese]]
    if asked.turn > 1 and asked.kind != "greeting":
        parts.append(_section("again", asked, style, variant))
    parts.append(_section(asked.kind, asked, style, variant))
    if asked.words:
        parts += _at_length(asked, style, variant, sum(map(tokens.count, parts)))
    return Written("\n\n".join(parts), _section(asked.kind, asked, f"{style} thoughts", variant))


def _as_panel(messages: Sequence[Message]) -> str:
    """The reply to a judge's or a merger's prompt; "" for any other."""
    text = next((message.text for message in reversed(messages) if message.role == "user"), "")
    chinese = prompt.is_chinese(fake_judge.question(text))
    said = fake_judge.reply(text, chinese, tuple(NOTICE.values()))
    return f"{NOTICE[chinese]}\n\n{said}" if said else ""


def _at_length(asked: prompt.Prompt, style: str, variant: int, begun: int) -> Iterator[str]:
    """Sections, and what other kinds have to say, until the wished length is reached."""
    wish = min(MOST_TOKENS, int((asked.words or 0) * (1.0 if asked.chinese else TOKENS_PER_WORD)))
    chapters = _prose(asked.chinese)["long any"]
    start = variant % len(chapters)
    extras = [_section(kind, asked, style, variant + 1) for kind in INTERLUDES if kind != asked.kind]
    for place, chapter in enumerate(chapters[start:] + chapters[:start]):
        after = extras.pop() if place % 3 == 2 and extras else ""
        for part in filter(None, (_fill(chapter, asked, variant), after)):
            if begun + tokens.count(part) <= wish:
                begun += tokens.count(part)
                yield part


def _section(kind: str, asked: prompt.Prompt, style: str, variant: int) -> str:
    prose = _prose(asked.chinese)
    variants = prose.get(f"{kind} {style}") or prose.get(f"{kind} {SAME_STYLE.get(style)}") or ("",)
    return _fill(variants[variant % len(variants)], asked, variant)


def _fill(template: str, asked: prompt.Prompt, variant: int) -> str:
    fields = {
        "{subject}": asked.subject,
        "{Subject}": _capital(asked.subject),
        "{first}": _capital(asked.first),
        "{second}": _capital(asked.second),
        "{previous}": asked.previous,
        "{turn}": str(asked.turn),
        "{code}": asked.code,
    }
    if "{snippet" in template:
        snippets = _prose(asked.chinese)[f"snippets {asked.code}"]
        fields["{snippet}"] = snippets[variant % len(snippets)]
        fields["{snippet 2}"] = snippets[(variant + 1) % len(snippets)]
    for name, value in fields.items():
        template = template.replace(name, value)
    return template


def _capital(text: str) -> str:
    """A capital at the front, unless the first word has one of its own, like iOS."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].islower() else text


@lru_cache(maxsize=2)
def _prose(chinese: bool) -> Mapping[str, tuple[str, ...]]:
    """The sections of one language by "kind style"."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((PROSE / ("zh" if chinese else "en")).glob("*.md")):
        for part in path.read_text("utf-8").split("\n=== ")[1:]:
            name, _, body = part.partition("\n")
            found[name.strip()] = (*found.get(name.strip(), ()), body.strip("\n"))
    return found
