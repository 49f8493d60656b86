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
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from ..records import AskedEffort, Message, ToolCall
from . import attached, calling, fake_judge, instance, prompt, tokens
from .wish import NO_WISH, AnswerWish, Unreadable

PROSE = Path(__file__).parent / "prose"
NOTICE = {False: "*A simulated answer: no model was asked.*", True: "*模拟回答：没有询问任何模型。*"}
INTERLUDES = ("explain", "list", "table", "code", "maths")
SAME_STYLE = {"flaky": "steady"}
TOKENS_PER_WORD = 1.32
MOST_TOKENS = 3_000
EFFORT_TOKENS = {"low": 40, "medium": 160, "high": 640}  # of reasoning
_SENTENCE = re.compile(r"[^.?!。？！]+(?:[.?!。？！]+\s*|$)")


@dataclass(frozen=True, slots=True)
class Written:
    """An answer; `reasoning` is empty for a style without reasoning, the text where tools are called."""

    text: str
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()


def write(
    messages: Sequence[Message], style: str, variant: int, *, in_app: bool = False, wish: AnswerWish = NO_WISH
) -> Written:
    """Answer the last user message in this style; `variant` cycles through the style's variants.

    `in_app`: say how to ask a real model in the app, where the question is not an example. Raises Unreadable for a
    picture that cannot be read, a schema without an instance.
    """
    turns = [_question_alone(message) for message in messages]
    made = _fulfilled(messages, turns, wish)
    if made is None:
        made = _in_words(turns, style, variant, in_app)
    elif messages[-1].role == "user":
        parsed = prompt.read(turns)
        made = replace(made, reasoning=_section(parsed.kind, parsed, f"{style} thoughts", variant))
    if wish.effort is None:
        return made
    return replace(made, reasoning=_thoughts(turns, made.reasoning, variant, wish.effort))


def _question_alone(message: Message) -> Message:
    """A question without its attachments, whose lines are no question."""
    return message if message.is_plain and "```" not in message.text else _plain(message)


def _plain(message: Message) -> Message:
    if message.role != "user":
        return Message(message.role, message.text)
    return Message("user", attached.without_documents(message) or (message.media and "?") or message.text)


def _fulfilled(messages: Sequence[Message], turns: Sequence[Message], wish: AnswerWish) -> Written | None:
    """Calls of tools, an answer in a form, what is said of results and of attachments; None for all else."""
    calling.check(wish.tools)
    parsed = prompt.read(turns)
    if calls := calling.calls_for(messages, wish):
        return Written("", calls=calls)
    if wish.form and wish.form.kind != "text":
        return Written(_in_form(turns, wish))
    if results := calling.said_of(messages, parsed.chinese):
        return Written(f"{NOTICE[parsed.chinese]}\n\n{results}")
    newest = next(message for message in reversed(messages) if message.role == "user")
    if newest.is_plain and "```" not in newest.text:
        return None
    seen = attached.look(newest, parsed.chinese).seen
    return Written("\n\n".join((NOTICE[parsed.chinese], *seen))) if seen else None


def _in_form(turns: Sequence[Message], wish: AnswerWish) -> str:
    question = _last_question(turns)
    assert wish.form
    if wish.form.kind == "json":
        return instance.of_json(question)
    try:
        schema = wish.form.schema
    except ValueError:
        raise Unreadable("The schema of the response_format cannot be read.") from None
    return instance.of_schema(schema, question)


def _thoughts(turns: Sequence[Message], usual: str, variant: int, effort: AskedEffort) -> str:
    """More of them or fewer, as the effort says: about so many tokens, whole sentences where there is room for one."""
    parsed = prompt.read(turns)
    if effort in ("none", 0):
        return ""
    most = EFFORT_TOKENS[effort] if isinstance(effort, str) else min(effort, MOST_TOKENS)
    kinds = (parsed.kind, *(kind for kind in INTERLUDES if kind != parsed.kind))
    drafts = [usual, *(_section(kind, parsed, "thinker thoughts", variant) for kind in kinds)]
    sentences = [sentence for draft in dict.fromkeys(drafts) for sentence in _SENTENCE.findall(draft)]
    text, count = "", 0
    while sentences:
        for sentence in sentences:
            size = tokens.count(sentence)
            if count + size > most:
                return text.strip() or "".join(tokens.split(sentence)[:most])
            text, count = text + sentence, count + size
    return text


def _in_words(messages: Sequence[Message], style: str, variant: int, in_app: bool) -> Written:
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
    kind = "shown" if f"{kind} shapes" in prose else kind
    variants = prose.get(f"{kind} {style}") or prose.get(f"{kind} {SAME_STYLE.get(style)}") or ("",)
    return _fill(variants[variant % len(variants)], parsed, variant)


def _fill(template: str, parsed: prompt.Prompt, variant: int) -> str:
    fields = {
        "{subject}": parsed.subject,
        "{label}": parsed.subject.replace('"', "'"),
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
    if "{shape" in template:
        shapes = _prose(parsed.chinese)[f"{parsed.kind} shapes"]
        template = template.replace("{shape}", shapes[variant % len(shapes)])
        template = template.replace("{shape 2}", shapes[(variant + 1) % len(shapes)])
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
