"""The topic of a prompt, by words that name a task. English and Chinese, pure, deterministic.

Every rule that matches the prompt adds its weight to its topic; the heaviest topic wins, in a tie the first in
`TOPICS`. Without a match it is "other". Only the beginning and the end are read: one of them states the task.
"""

from __future__ import annotations

import re
from functools import cache

TOPICS = ("translation", "code", "maths", "writing", "reasoning", "facts", "other")
BEGINNING, END = 2000, 500

# Topic -> (weight, English words divided by commas, a * for any ending; what else, as a pattern).
RULES: dict[str, tuple[tuple[int, str, str], ...]] = {
    "translation": (
        (5, "translat*, into english, into chinese, into mandarin", "翻译|译成|译为|译文|中译英|英译中"),
        (4, "into (french|german|spanish|italian|japanese|korean|russian|portuguese|arabic), how do you say", ""),
        (4, "say .{1,40} in (french|german|spanish|chinese|japanese|english)", "用.{1,3}[语文]怎么说"),
    ),
    "code": (
        (5, "python, javascript, typescript, java, rust, golang, kotlin, sql, html, css, bash, docker*, regex*", "```"),
        (4, "stack trace, unit test*, null pointer, segfault, traceback, git commit, git rebase", r"c\+\+|c#|#include"),
        (4, "", "代码|编程|正则表达式|报错|调试|爬虫|脚本|单元测试|接口文档|def \\w+\\(|console\\.log"),
        (3, "code, coding, function, functions, class, method, api, debug*, compil*, refactor*", "程序|算法|递归|链表"),
        (
            2,
            "algorithm*, script, program, programs, quer*, database*, endpoint*, json, yaml, array*",
            "函数|数组|数据库",
        ),
    ),
    "maths": (
        (5, "integral*, integrate, derivative*, equation*, theorem*, polynomial*, matrix, eigenvalue*", ""),
        (5, "", r"积分|求导|导数|方程|定理|矩阵|多项式|因式分解|数列|\\(frac|sum|int|sqrt)\b|\bx\s*(\^|²)"),
        (
            4,
            "probability, square root, percent*, fraction*, average speed, prime number*",
            "概率|百分之|面积|体积|平均速度",
        ),
        (4, "", r"\d\s*[-+*/^×÷=]\s*\d|\d\s*% of|等于几|等于多少|一共(有)?多少"),
        (3, "solve, calculate, compute, prove, how many, how much", "计算|证明|求解|求出|多少|几何"),
    ),
    "writing": (
        (
            5,
            "poem*, haiku, sonnet, essay*, lyrics, limerick*, slogan*, cover letter*, blog post*",
            "诗|作文|歌词|演讲稿",
        ),
        (
            5,
            "rewrite, proofread*, rephrase, paraphrase, headline*, tagline*, screenplay",
            "润色|改写|续写|文案|剧本|小说",
        ),
        (
            4,
            "story, stories, e-?mail*, letter, speech, newsletter*, dialogue",
            "邮件|信件|故事|周报|致辞|朋友圈|请假条",
        ),
        (3, "summari[sz]e, summary, draft", "总结|摘要|概括|缩写|起草"),
        (2, "write, compose", "写"),
    ),
    "reasoning": (
        (5, "riddle*, puzzle*, syllogism*, deduce, infer, paradox*", "谜题|谜语|推理|推断|脑筋急转弯|悖论|三段论"),
        (
            4,
            "pros and cons, trade-?off*, which is better, should (i|we), what would happen",
            "优缺点|利弊|哪个更|该不该",
        ),
        (
            3,
            "step by step, logic*, compare, argue*, evaluate, analy[sz]e",
            "一步一步|逐步|逻辑|比较|对比|权衡|论证|评价|分析",
        ),
        (2, "why, reason*, plan, strateg*", "为什么|方案|策略|规划|应该选|怎么选"),
    ),
    "facts": (
        (4, "who (is|was|wrote|invented|discovered), when (did|was|is), where is, capital of", "谁是|是谁|谁发明|首都"),
        (4, "", "哪一年|什么时候|在哪里|哪个国家|有多高|有多远|发明了"),
        (
            3,
            "what (is|are|was|does), define, definition*, meaning of, tell me about, list the",
            "什么是|是什么|什么意思|定义",
        ),
        (2, "explain, describe, name (the|three|five), which", "解释|介绍|说明|列出|有哪些|讲讲|哪些"),
        (1, "history, population, countr*, how (do|does|did|is)", "历史|人口|国家|怎么|如何"),
    ),
}


def topic(prompt: str) -> str:
    """One of TOPICS."""
    text = prompt if len(prompt) <= BEGINNING + END else f"{prompt[:BEGINNING]}\n{prompt[-END:]}"
    text = text.lower()
    weights = {name: sum(weight for weight, rule in rules if rule.search(text)) for name, rules in _rules().items()}
    heaviest = max(weights, key=weights.__getitem__)
    return heaviest if weights[heaviest] else "other"


@cache
def _rules() -> dict[str, list[tuple[int, re.Pattern[str]]]]:
    return {
        name: [(weight, re.compile(_pattern(english, other))) for weight, english, other in RULES[name]]
        for name in TOPICS
        if name in RULES
    }


def _pattern(english: str, other: str) -> str:
    words = english.replace("*", r"\w*").split(", ") if english else []
    whole = rf"(?<![a-z0-9_])(?:{'|'.join(words)})(?![a-z0-9_])" if words else ""
    return "|".join(filter(None, (whole, other)))
