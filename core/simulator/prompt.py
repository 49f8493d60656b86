"""Reads a prompt's language, kind of answer, subject and requested length, by plain rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..records import Message

SUBJECT_CHARACTERS = 60
LONG_WORDS = 1_400
MOST_WORDS = 2_300
EDGES = " .,:;?!\"'“”‘’，。？！：、"
CJK = re.compile(r"[\u3400-\u9fff]")
LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]+|[\u3400-\u9fff]")
MARKUP = re.compile(r"https?://\S+|[*_`|#<>\[\]$\\~{}()!\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
KINDS = {  # the first that matches
    "arabic": r"\barabic\b|阿拉伯(语|文)",
    "hebrew": r"\bhebrew\b|希伯来(语|文)",
    "translate": r"\btranslat|\bhow (do|would) (you|i) say\b|翻译|译成|译为",
    "list of steps": r"\bhow (do|can|should|to)\b.*\blearn\b|(怎么|如何|怎样)学",
    "diagram": r"\bmermaid\b|\bflow ?charts?\b|\bmind ?maps?\b|\bdiagram\b|流程图|思维导图|时序图|示意图",
    "code": r"\bcode\b|\bfunction\b|\bscript\b|\bpython\b|\bjavascript\b|\btypescript\b|\bsql\b|\bbash\b|\bregex"
    r"|\bimplement\b|\bprogram\b|\bdebug\b|\balgorithm\b|代码|函数|编程|脚本|算法|程序",
    "footnotes": r"\bfootnotes?\b|脚注",
    "csv": r"\bcsv\b",
    "json": r"\bjson\b",
    "maths": r"\bprove\b|\bproof\b|\bintegral|\bderivative|\bequation|\bsolve\b|\bprobabilit|\btheorem|\bcalculus"
    r"|\bmath|\bformula|\d\s*[-+*/^×÷]\s*\d|积分|导数|方程|证明|公式|数学|概率|求解|计算",
    "table": r"\btable\b|\bcompar|\bversus\b|\bvs\.?\b|\bdifferences?\b|\bpros and cons\b|表格|对比|比较|区别|优缺点",
    "story": r"\bstory\b|\bpoem\b|\btale\b|\bhaiku\b|\bfiction\b|\bjoke\b|故事|诗|小说|笑话|童话",
    "summary": r"\bsummar|\btl;?dr\b|\bshorten\b|\bkey points\b|总结|摘要|概括|要点",
    "list": r"\blist\b|\bsteps?\b|\bhow (do|can|should|to)\b|\bideas?\b|\btips\b|\bways\b|\bplan\b|\bchecklist\b"
    r"|\brecommend|\bsuggest|列出|步骤|如何|怎么|怎样|建议|清单|计划|推荐|方法",
}
GREETING = re.compile(
    r"(say )?(hi|hello|hey|good (morning|evening|afternoon)|thanks?( you)?|ping|test(ing)?|ok|how are you|who are you"
    r"|你好|您好|嗨|谢谢|早上好|晚上好|在吗|测试|你是谁)( there| everyone|[呀啊吗])?"
)
LEAD = re.compile(
    r"(please|kindly|draw|hi|hello|hey|now|ok|so|and|can you|could you|would you|will you|i want you to"
    r"|i would like you to"
    r"|help me( to)?|tell me( about)?|explain( to me)?|describe|summari[sz]e|discuss|write|give me|show me|list|make"
    r"|create|generate|draft|compare|translate|solve|calculate|compute|prove|implement|what('s| is| are)|who (is|was)"
    r"|how (do|can|should|does|to)( i| we| you)?|in (one|two|three|a few) (sentences?|words?|paragraphs?)|briefly"
    r"|an?( (short|long|detailed|brief|simple|[\d,]+[- ]words?))* (essay|article|story|poem|report|table|list|note"
    r"|summary|explanation|comparison|csv( table| file)?|json( object| list)?|flow ?chart|mind ?map"
    r"|(\w+ )?diagram)( (about|on|of|for|comparing))?|[\d,]+[- ]words?|(the )?differences? between"
    r"|\d+ (ideas|ways|tips|steps|reasons)( for| to)?|in detail|about|of)\b[\s,:]*",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"[\s,]+(please|briefly|in (great |full |more )?detail|in (simple|plain) (words|terms|english)|step by step"
    r"|(in|with|using) (about |at most )?(\w+|[\d,]+) (short )?(sentences?|words|lines|paragraphs?|points|bullets)"
    r"|with footnotes|as (an? )?(csv|json|diagram|flow ?chart|mind ?map)"
    r"|(in|as|with) a (\w+ )?table|with (code|examples?|an example)|to (me|a child|a beginner|an? \w+[- ]year[- ]old)"
    r"|like i'?m (five|5)|in (chinese|english))$",
    re.IGNORECASE,
)
LEAD_CHINESE = re.compile(
    r"(请|帮我|麻烦|能不能|可以|你|给我|详细地?|简单地?|简要地?|解释一?下?|介绍一?下?|说明一?下?|讲一?个?"
    r"|写一?[个篇首段]?|画一?[个张幅]?|谈谈|说说|总结一?下?|列出|对比一?下?|比较一?下?|翻译一?下?|什么是|为什么|如何|怎么|怎样"
    r"|用中文|用.{1,3}句话|用\s?(表格|流程图|思维导图|脚注|CSV|JSON|阿拉伯[语文]|希伯来[语文])|带脚注|关于|一下|把)+[,，:：\s]*"
)
TAIL_CHINESE = re.compile(
    r"([”’\"]?(翻译|译)(成|为).*|是什么(意思)?|怎么(样|办|做)|有(什么|哪些)(区别|不同|优缺点)?"
    r"|的?(详细|长)?(区别|故事|诗|文章|表格|流程图|思维导图|时序图|示意图)|吗|呢|吧|呀)+$"
)
END = r"(?:\s+(?:in|for|as|on|when|with|using|by|and)\b|[.,;?!\n]|$)"
PAIRS = (
    re.compile(
        r"(?:compare|between|table of|comparing)\s+(.{2,40}?)\s+(?:and|with|to|vs\.?|versus)\s+(.{2,40}?)" + END, re.I
    ),
    re.compile(r"([\w.+#-]{1,30})\s+(?:vs\.?|versus)\s+([\w.+#-]{1,30})", re.I),
    re.compile(r"(?:比较|对比)(?:一下)?\s*(.{1,16}?)\s*[和与跟、]\s*(.{1,16}?)(?:[的，。？,?!！\s]|$)"),
    re.compile(r"([^\s，。请]{1,16}?)\s*[和与跟]\s*(.{1,16}?)(?:的区别|的不同|有什么|哪个)"),
)
LANGUAGES = {
    "sql": r"\bsql\b|\bselect\b.*\bfrom\b|\bquery\b",
    "javascript": r"\bjavascript\b|\btypescript\b|\bnode\b|\breact\b|\bjs\b",
    "bash": r"\bbash\b|\bshell\b|\bcommand line\b",
}
WORDS = re.compile(r"(\d[\d,]{2,5})[\s-]*(?:words?\b|tokens?\b|字|个字|词)")
LONG = re.compile(
    r"\blong\b|\bin (great |full )?detail\b|\bdetailed\b|\bthorough|\bessay\b|\bcomprehensive\b"
    r"|详细|长文|长篇|深入|全面"
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """`words` is the requested length (Chinese: characters), None when not given. `turn` counts the person's turns."""

    chinese: bool
    kind: str
    subject: str
    first: str
    second: str
    code: str
    words: int | None
    turn: int
    previous: str


def read(messages: Sequence[Message]) -> Prompt:
    """Read the last user message, and the one before it for a follow-up."""
    questions = [message.text for message in messages if message.role == "user" and message.text.strip()]
    text = questions[-1]
    chinese = is_chinese(text)
    first, second = pair(text, chinese)
    return Prompt(
        chinese=chinese,
        kind=kind(text),
        subject=subject(text, chinese),
        first=first,
        second=second,
        code=next((name for name, pattern in LANGUAGES.items() if re.search(pattern, text.lower())), "python"),
        words=requested_words(text),
        turn=len(questions),
        previous=subject(questions[-2], is_chinese(questions[-2])) if len(questions) > 1 else "",
    )


def is_chinese(text: str) -> bool:
    """True when the text asks in Chinese, or asks for Chinese."""
    if re.search(r"用英(文|语)|in english", text.lower()):
        return False
    words = LETTER.findall(text)
    wish = re.search(r"(answer|reply|respond|write)\b.{0,20}\bin chinese|用中文", text.lower())
    return bool(wish) or sum(bool(CJK.match(word)) for word in words) > 0.3 * max(1, len(words))


def kind(text: str) -> str:
    """Greeting, explain, or the first of `KINDS` whose words are in the text."""
    plain = re.sub(r"[\s.!?,，。！？~]+", " ", text.lower()).strip()
    if GREETING.fullmatch(plain):
        return "greeting"
    label = next((name for name, pattern in KINDS.items() if re.search(pattern, text.lower())), "explain")
    return label.partition(" ")[0]


def subject(text: str, chinese: bool) -> str:
    """The question's subject in its own words: one short line without markup."""
    text = re.sub(r"(?<=\d)\s*\*\s*(?=\d)", " × ", text)
    lines = (" ".join(MARKUP.sub(" ", line).split()) for line in text.splitlines())
    line = re.split(r"[.?!;。？！；]\s|[。？！；]", next(filter(None, lines), "") + " ")[0]
    line = _strip(LEAD_CHINESE if chinese else LEAD, line).strip(EDGES)
    while not chinese and (tail := TAIL.search(line)) and tail.start():
        line = line[: tail.start()].strip(EDGES)
    if chinese:
        line = TAIL_CHINESE.sub("", line).strip(EDGES + "的")
    return _shorten(line) or ("这个问题" if chinese else "your question")


def pair(text: str, chinese: bool) -> tuple[str, str]:
    """The two things a comparison names, or neutral words for them."""
    for pattern in PAIRS:
        if match := pattern.search(MARKUP.sub(" ", text)):
            return _shorten(match[1].strip(), 30), _shorten(match[2].strip(), 30)
    return ("方案一", "方案二") if chinese else ("The first option", "The second option")


def requested_words(text: str) -> int | None:
    """How many words (or Chinese characters) are asked for, at most `MOST_WORDS`."""
    if match := WORDS.search(text.lower()):
        return min(MOST_WORDS, int(match[1].replace(",", "")))
    return LONG_WORDS if LONG.search(text.lower()) else None


def _strip(lead: re.Pattern[str], line: str) -> str:
    """Remove opening words while something is left after them."""
    while (match := lead.match(line)) and match.end() < len(line):
        line = line[match.end() :]
    return line


def _shorten(line: str, most: int = SUBJECT_CHARACTERS) -> str:
    if len(line) <= most:
        return line
    cut = line[:most]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut).rstrip(" ,，") + "…"
