"""The tone of a prompt, -1 to 1, by the words that its writer uses. English by VADER, Chinese by a list of our own.

    of("This is useless, you got it wrong again", "en")    -0.67
    of("太棒了，谢谢！", "zh")                               0.86
    of("Write a sad poem", "en")                           0.0: what is asked for says nothing of the writer

Both count words and look at the words before them, so they know nothing of irony, of quoted text, or of what happened.
Sentences that ask for work are not read. Languages other than these two are None. The error rates, on sentences that
the lists were not made with, are in docs/insights.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from math import sqrt
from typing import Any

from .question_words import without_code
from .tone_words_zh import DEGREES, NEGATIONS, REQUESTS, STRONG_SIGNS, WEIGHTS

READ = 600  # characters
CLEAR = 0.2  # from here on it is called positive, or negative below -CLEAR
REACH = 3  # characters between a negation or degree and its word
TURNED = -0.75
ALPHA = 15  # of VADER, so that both languages have one scale
SENTENCES = re.compile(r"(?<=[.!?\n;])\s+|\n+")
CLAUSES = re.compile(r"(?<=[。！？!?；;，,\n~～…])")
POLITE = re.compile("^(?:请|麻烦|现在|然后|另外|那么|那|再|可以|能不能|能否|你能|你可以|我想让你|我要|我想|想请你)")
WHY = ("怎么", "为什么", "为何", "谁", "哪")
REQUESTS_LONGEST_FIRST = tuple(sorted(REQUESTS, key=len, reverse=True))
BUT = re.compile("但是|但|可是|不过|然而|只是|结果|却")

REQUEST = re.compile(
    r"^(?:(?:hi|hello|hey|ok(?:ay)?|now|please|pls|kindly|then|also|and|next|so)[, ]+)*"
    r"(?:(?:can|could|would|will) you (?:please |kindly )?|i(?: would|'d)? (?:need|want|like) (?:you )?to |"
    r"help me (?:to )?|"
    r"let's )?"
    r"(?:write|translate|summari[sz]e|explain|describe|compare|create|generate|give|list|"
    r"tell me (?:about|how|what|why|a)|"
    r"show|convert|rewrite|rephrase|paraphrase|proofread|draft|compose|classify|extract|implement|design|build|"
    r"make (?:a|an|"
    r"the|me|it|this)|find|suggest|recommend|define|calculate|compute|solve|prove|plan|review|check|fix|debug|refactor|"
    r"optimi[sz]e|analy[sz]e|outline|improve|edit|simplify|shorten|continue|act as|imagine|pretend|you are (?:a|an)|"
    r"how (?:do|does|did|can i|can we|to|would|should|many|much|long|far|big|is|are)|"
    r"what(?:'s| is| are| was| were| does| do| "
    r"did| would| happens| kind| causes)?\b|which|who|whom|when|where|why (?:do|does|did|is|are|was|were)|"
    r"is (?:there|it|this|a|the)|are there|does|do (?:we|i|they)|should (?:i|we)|name|add|remove|replace|use|set|"
    r"sort|format)\b"
)
TO_MODEL = re.compile(
    r"\b(?:wrong with you|are you|do you (?:even|ever)|did you|why (?:is|are|do|does) (?:you|this|it))\b"
)
THANKS = re.compile(r"\b(?:thanks|thank you|thx|cheers)\b")
BROKEN = re.compile(
    r"\b(?:does ?n'?o?t|did ?n'?o?t|do ?n'?o?t|is ?n'?t|not|never|wo ?n'?t|still not|stopped) (?:even |really |quite )?"
    r"(?:work(?:s|ing|ed)?|compil(?:e|es|ing)|(?:what|how) i (?:asked|wanted|meant|said|need(?:ed)?)|true|right|"
    r"correct)\b",
    re.IGNORECASE,
)
# Words of VADER's list that name work, not mood, where somebody asks a program; and what its list of 2014 lacks.
_NEUTRAL_LIST = """
    kill killed killing kills error errors fail failed failing fails failure failures crash crashed crashes crashing
    abort aborted attack attacks attacker dead death die dying block blocked blocks drop dropped dropping cut cuts
    cutting cancel cancelled canceled low lower lowest critical critics please help helps helped helping value
    values valued share shared shares sharing play played playing plays like likes free interest interests
    interested secure security safe safety solid true yes no ok okay want wants matter matters problem problems
    issue issues doubt risk risks risky loss losses lose gain gains growth strong strength strengths weak weakness
    weaknesses charge charged charges pay debt tax war wars battle fight fights conflict conflicts destroy destroyed
    destructor demand certain energy energetic expert feeling feelings hard harder hand join joined leave leaves
    legal limited limitation limitations care natural number numbers original positive negative pressure prison
    protect protected ready reach resolve resolved reject rejected relief rich smart special stop stopped stops
    support supported supporting supports top trap traps treasure trust trusted united vision warning warnings warn
    win wins won winner novel opportunity parties party popular poison poisoned important ensure engage engaging
    encourage easily easiest create created creates creation creative credit defensive difficult dirty disease
    diseases forced force gun hug increase intelligent invite justice lively miss missed missing misses opposed
    panic cancer emergency accident victim murder murders suspicious violence violent weapon weapons argument
    arguments argue accept accepted accepting admit agree agreed agreement alone appreciation avoid avoided avoids
    bias biased burden careful challenge challenges challenging confidence dream dreams dump duplicate empty
    exclusive exhausted fresh friend friends god grand greet greeting greetings guilt harm hero heroes heroic honor
    honest ignore ignored ignores illegal innovative inspire joke jokes keen lag lucky master mercy offer offers
    passive penalty prevent prevents racist rescue restrict restricted rob save saved saves score sentence sever
    severe shock short shy sin slam sophisticated spam stress struggle struggling substantial success successful
    successfully sue suffer swear terminate threat threats threatening torture toxic trouble troubles tricky unclear
    undermine unknown vague valid virtue vulnerability vulnerable welcome worth anger bug sexy
"""
NEUTRAL = tuple(_NEUTRAL_LIST.split())
ADDED = {
    "garbage": -2.2, "rubbish": -2.2, "nonsense": -2.0, "useless": -2.5, "hallucinating": -1.8, "hallucinated": -1.8,
    "hallucination": -1.2, "gibberish": -2.0, "broken": -1.8, "wtf": -2.8, "crap": -2.2, "annoying": -2.2,
    "sucks": -2.4,
    "unusable": -2.3, "ridiculous": -2.0, "wrong": -1.9, "incorrect": -1.4, "lazy": -1.6, "dumb": -2.4, "dumber": -2.3,
    "slow": -0.9, "confused": -1.4, "confusing": -1.5, "stuck": -1.3, "mess": -1.6, "lost": -0.9, "awesome": 3.0,
    "brilliant": 3.0, "works": 1.2, "worked": 1.2, "spot-on": 2.4, "flawless": 2.8, "flawlessly": 2.8, "lifesaver": 2.8,
    "nailed": 2.2, "exactly": 0.9, "neat": 1.8, "cheers": 1.8, "thx": 1.6, "nope": -1.0, "waste": -1.9, "wasted": -1.9,
    "wasting": -1.9, "pointless": -2.0, "overwhelmed": -1.6, "exhausting": -1.8, "exhausted": -1.6, "burned": -1.2,
    "unacceptable": -2.3, "pathetic": -2.6, "meh": -1.0, "helpful": 1.9, "clever": 1.9, "impressive": 2.2,
    "impressed": 2.2,
    "gorgeous": 2.8, "delighted": 2.8, "thrilled": 2.9, "grateful": 2.3, "mistake": -1.3, "mistakes": -1.3,
    "misunderstood": -1.2, "unreliable": -1.8, "sloppy": -1.9, "frustrating": -2.2, "frustrated": -2.2, "fix": 0.0,
}  # fmt: skip


def of(prompt: str, language: str | None) -> float | None:
    """-1 (negative) to 1; None for a language without a list."""
    if language == "en":
        return _english(without_code(prompt)[:READ])
    if language == "zh":
        return _chinese(without_code(prompt)[:READ])
    return None


def name(tone: float) -> str:
    """positive, neutral or negative."""
    return "positive" if tone >= CLEAR else "negative" if tone <= -CLEAR else "neutral"


def _english(text: str) -> float:
    read = []
    for sentence in SENTENCES.split(text.replace("’", "'")):
        lowered = sentence.lower().lstrip(" -*>\"'")
        if not REQUEST.match(lowered) or TO_MODEL.search(lowered):
            read.append(BROKEN.sub("broken", sentence) if "n" in lowered else sentence)
        elif THANKS.search(lowered):
            read.append("Thanks.")
    own_words = " ".join(read)
    return float(_vader().polarity_scores(own_words)["compound"]) if own_words.strip() else 0.0


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    for word in NEUTRAL:
        analyzer.lexicon.pop(word, None)
    analyzer.lexicon.update(ADDED)
    return analyzer


def _chinese(text: str) -> float:
    parts = [clause.strip(" \t“”\"'，,") for clause in CLAUSES.split(text)]
    asks = False
    total = 0.0
    for clause in parts:
        if not clause:
            continue
        why = clause.startswith(WHY) and "你" in clause
        asks = (_is_request(clause) and not why) or (asks and clause[0] in "要并且让使")
        if asks:
            if "谢" in clause and "谢词" not in clause and "谢信" not in clause:
                total += 1.5
            continue
        turn = BUT.match(clause)
        if turn:
            total *= 0.5
        total += _clause(clause) * (1.4 if turn else 1.0)
    return total / sqrt(total * total + ALPHA)


def _clause(clause: str) -> float:
    """The sum of its words' weights, each turned and strengthened by what stands shortly before it."""
    weights, negations, degrees = _chinese_words()
    total, factor, end = 0.0, 1.0, -REACH - 1
    for start, word in _listed(clause):
        if start - end > REACH:
            factor = 1.0
        end = start + len(word)
        if word in weights:
            total += weights[word] * factor
            factor = 1.0
        elif word in negations:
            factor *= TURNED * degrees.get(word, 1.0)
        else:
            factor *= degrees[word]
    return total * (1.2 if clause[-1] in STRONG_SIGNS else 1.0)


@cache
def _chinese_words() -> tuple[dict[str, float], frozenset[str], dict[str, float]]:
    weights = {word: weight for weight, listed in WEIGHTS.items() for word in listed.split()}
    degrees = {word: factor for factor, listed in DEGREES.items() for word in listed.split()}
    return weights, frozenset(NEGATIONS) - weights.keys(), degrees


def _listed(clause: str) -> Iterator[tuple[int, str]]:
    """The words of our lists in it, and where: the longest at each place, none in another. A pattern of a thousand
    words takes ten times as long."""
    entries = _by_first_letter()
    end = 0
    for start, letter in enumerate(clause):
        if start >= end and letter in entries:
            for word in entries[letter]:
                if clause.startswith(word, start):
                    yield start, word
                    end = start + len(word)
                    break


@cache
def _by_first_letter() -> dict[str, list[str]]:
    """By its first letter, the longest first."""
    weights, negations, degrees = _chinese_words()
    entries: dict[str, list[str]] = {}
    for word in sorted({*weights, *negations, *degrees}, key=lambda word: (-len(word), word)):
        entries.setdefault(word[0], []).append(word)
    return entries


def _is_request(clause: str) -> bool:
    rest = POLITE.sub("", clause, count=1)
    for begun in (clause, rest):
        if begun.startswith(REQUESTS):
            word = next(word for word in REQUESTS_LONGEST_FIRST if begun.startswith(word))
            if begun[len(word) : len(word) + 1] not in {"得", "的", "错"}:
                return True
    return False
