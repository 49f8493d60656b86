"""The text of a simulated answer, from the Markdown files in prose/.

A section begins with a line `=== kind style`; several of one name are variants, taken in turn. `=== kind style
thoughts` is the reasoning before the answer. Fields such as {subject} are replaced by words of the prompt. Every
answer begins with a line that says it is simulated.

The example questions of the pages have answers of their own: `=== question name` holds a question word for word,
`=== name style` its answers. In the app any other question is told that what follows is only the form of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
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
    """An answer; `reasoning` is empty for a style without reasoning."""

    text: str
    reasoning: str = ""


def write(messages: Sequence[Message], style: str, variant: int, *, in_app: bool = False) -> Written:
    """Answer the last user message in this style; `variant` cycles through the style's variants.

    `in_app`: say how to ask a real model in the app, where the question is not an example.
    """
    parsed = prompt.read(messages)
    if formal := _as_panel(messages):
        return Written(formal)
    if example := _example(messages):
        chinese, name = example
        thoughts = _section(name, parsed, f"{style} thoughts", variant, chinese)
        return Written(f"{NOTICE[chinese]}\n\n{_section(name, parsed, style, variant, chinese)}", thoughts)
    parts = [NOTICE[parsed.chinese]]
    if in_app and parsed.kind != "greeting":
        parts.append(_section("demo", parsed, style, variant))
    if parsed.turn > 1 and parsed.kind != "greeting":
        parts.append(_section("again", parsed, style, variant))
    parts.append(_section(parsed.kind, parsed, style, variant))
    if parsed.words:
        parts += _at_length(parsed, style, variant, sum(map(tokens.count, parts)))
    return Written("\n\n".join(parts), _section(parsed.kind, parsed, f"{style} thoughts", variant))


def _as_panel(messages: Sequence[Message]) -> str:
    """The reply to a judge's or a merger's prompt; "" for any other."""
    text = _last_question(messages)
    chinese = prompt.is_chinese(fake_judge.question(text))
    reply = fake_judge.reply(text, chinese, tuple(NOTICE.values()))
    return f"{NOTICE[chinese]}\n\n{reply}" if reply else ""


def _example(messages: Sequence[Message]) -> tuple[bool, str] | None:
    """Whether the example asked is in Chinese, and its name; None for any other question."""
    return _examples().get(_letters(_last_question(messages)))


def _last_question(messages: Sequence[Message]) -> str:
    return next((message.text for message in reversed(messages) if message.role == "user"), "")


def _letters(text: str) -> str:
    """The text without spaces, marks and capitals, in which copies of a question may differ."""
    return re.sub(r"[\W_]+", "", text).casefold()


@cache
def _examples() -> Mapping[str, tuple[bool, str]]:
    return {
        _letters(question): (chinese, name.removeprefix("question "))
        for chinese in (False, True)
        for name, (question, *_) in _prose(chinese).items()
        if name.startswith("question ")
    }


def _at_length(parsed: prompt.Prompt, style: str, variant: int, begun: int) -> Iterator[str]:
    """Sections, mixed with those of other kinds, until the requested length is reached."""
    wish = min(MOST_TOKENS, int((parsed.words or 0) * (1.0 if parsed.chinese else TOKENS_PER_WORD)))
    chapters = _prose(parsed.chinese)["long any"]
    start = variant % len(chapters)
    extras = [_section(kind, parsed, style, variant + 1) for kind in INTERLUDES if kind != parsed.kind]
    for place, chapter in enumerate(chapters[start:] + chapters[:start]):
        after = extras.pop() if place % 3 == 2 and extras else ""
        for part in filter(None, (_fill(chapter, parsed, variant), after)):
            if begun + tokens.count(part) <= wish:
                begun += tokens.count(part)
                yield part


def _section(kind: str, parsed: prompt.Prompt, style: str, variant: int, chinese: bool | None = None) -> str:
    """`chinese`: the language, where it is not that of the prompt."""
    prose = _prose(parsed.chinese if chinese is None else chinese)
    variants = prose.get(f"{kind} {style}") or prose.get(f"{kind} {SAME_STYLE.get(style)}") or ("",)
    return _fill(variants[variant % len(variants)], parsed, variant)


def _fill(template: str, parsed: prompt.Prompt, variant: int) -> str:
    fields = {
        "{subject}": parsed.subject,
        "{Subject}": _capital(parsed.subject),
        "{first}": _capital(parsed.first),
        "{second}": _capital(parsed.second),
        "{previous}": parsed.previous,
        "{turn}": str(parsed.turn),
        "{code}": parsed.code,
    }
    if "{snippet" in template:
        snippets = _prose(parsed.chinese)[f"snippets {parsed.code}"]
        fields["{snippet}"] = snippets[variant % len(snippets)]
        fields["{snippet 2}"] = snippets[(variant + 1) % len(snippets)]
    for name, value in fields.items():
        template = template.replace(name, value)
    return template


def _capital(text: str) -> str:
    """With an initial capital, unless the first word contains one already, like iOS."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].islower() else text


@lru_cache(maxsize=2)
def _prose(chinese: bool) -> Mapping[str, tuple[str, ...]]:
    """The sections of one language by "kind style"."""
    sections: dict[str, tuple[str, ...]] = {}
    for path in sorted((PROSE / ("zh" if chinese else "en")).glob("*.md")):
        for part in path.read_text("utf-8").split("\n=== ")[1:]:
            name, _, body = part.partition("\n")
            sections[name.strip()] = (*sections.get(name.strip(), ()), body.strip("\n"))
    return sections
