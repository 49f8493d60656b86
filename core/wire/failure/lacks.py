"""What a refusal says that a model, or all that a gateway has under its name, does not have.

`LACKING` goes from the name by which `Question.without` leaves it out to the sentences that say so. Before
features of models stand thoughts that were signed for something else, and two things that cannot be had together.
"""

from __future__ import annotations

import re

_CANNOT = r"(does(n't| not)|do not|cannot|not) (currently )?(support|accept|allow|handle|process)(ed|s)?"
_NOT = r"(is|are) (currently )?(not|un) ?(supported|available|enabled|allowed|permitted)"
_FEATURES = {
    "stream": r"stream(ing)?",
    "tools": r"(tools?( (use|calling|calls?|param))?|function[ -]call(ing|s)?)",
    "tool_choice": r"((the provided |this )?['`\"]?tool_choice['`\"]?( value| parameter)?)",
    "picture": r"(images?|image_url|vision|pictures?|multi-?modal)( (inputs?|content|data|urls?|input modality))?",
    "sound": r"(input audio|audio|input_audio)( (inputs?|content|data|input modality))?",
    "document": r"(pdfs?|documents?|files?)( (inputs?|content|data|blocks?))?",
    "effort": r"((adaptive )?thinking( (level|budget))?|reasoning([ _]?effort)?|(the )?effort parameter)",
    "response_format": r"(response[ _]format|json[ _](mode|schema|object)|structured outputs?|output[ _]format)",
    "stop": r"stop( sequences?|_sequences)?",
}
# The same in sentences of another shape.
_TOLD_OTHERWISE = {
    "picture": r"unknown variant `?image_url|not a (multi-?modal|vision|vlm)\b|at most 0 image|"
    r"content'?( :)?( value)? must be a string|content\.type 参数非法|data required for image",
    "tool_choice": r"tool_choice: type .{0,40} not supported",
    "tools": r"tools? param requires --|tool choice requires --",
    "effort": r"(reasoning|thinking) is mandatory|(reasoning|thinking) (cannot|can't) be (disabled|turned off)|"
    r"think value \S+ is not supported|thinking\.type\.\w+\W+ is not supported",
}


def _lack(feature: str, words: str) -> re.Pattern[str]:
    told_otherwise = _TOLD_OTHERWISE.get(feature)
    return re.compile(
        rf"{_CANNOT} [\w`'\" ]{{0,24}}?\b{words}(?!\w)|\b{words}[`'\"]? (inputs? )?{_NOT}\b|"
        rf"\b{words} is only supported (by|for)\b|(argument|parameter)s? not supported[^.:]{{0,24}}: {words}\b|"
        rf"no endpoints found that support {words}|unsupported (content|input) type[^.]{{0,24}}\b{words}\b"
        + (f"|{told_otherwise}" if told_otherwise else ""),
        re.IGNORECASE,
    )


_FORM, _CALLS = r"(json mode|response[ _]format|response mime type)", r"\b(tools?|functions?)\b"
_APART = r"[^.]{0,60}(combined|incompatible|unsupported|not supported|same request)"
# Signed thoughts of another conversation, model or account: Anthropic binds them to all that stood before.
_THOUGHTS = (
    r"invalid [`'\"]?signature[`'\"]? in|thinking` block.{0,60}(bound|modified|verified)|corrupted thought|"
    r"thought[ _]signature.{0,24}(not valid|invalid|corrupt)|encrypted[ _]content.{0,60}(verif|decrypt|invalid)"
)
LACKING: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("thoughts", re.compile(_THOUGHTS, re.IGNORECASE)),
    ("unthinking_tools", re.compile(r"tools? with reasoning[ _]effort (is|are) not supported", re.IGNORECASE)),
    (
        "form_or_tools",
        re.compile(
            rf"{_FORM}{_APART}[^.]{{0,40}}{_CALLS}|{_CALLS}{_APART}[^.]{{0,40}}{_FORM}|{_CALLS}[^.]{{0,40}}{_FORM}{_APART}",
            re.IGNORECASE,
        ),
    ),
    *((feature, _lack(feature, words)) for feature, words in _FEATURES.items()),
)
