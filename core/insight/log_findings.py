"""All that the Insights page says of a person's own log, in one value. Pure; the caller puts the shown texts in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import question_topics, repeats
from .overview import Lengths, ModelAnswers, Tones, by_language, by_model, lengths_of, tones
from .prompt_log import LoggedQuestion, PromptLog
from .question_topics import Factorize, Topics

EXAMPLES = 5
MOST_GROUPS = 20
REFIT = 1.2  # topics are found anew once there are so many times the questions that they were found from


@dataclass(frozen=True, slots=True)
class Topic:
    """`terms` name it. `examples`: the questions that are closest to it, no two alike."""

    terms: tuple[str, ...]
    n: int
    examples: tuple[LoggedQuestion, ...]


@dataclass(frozen=True, slots=True)
class RepeatedQuestion:
    """Asked `n` times at the beginning of a conversation, in `wordings` forms; `newest` is the last time."""

    newest: LoggedQuestion
    n: int
    wordings: int


@dataclass(frozen=True, slots=True)
class LogFindings:
    """`texts`: of the questions shown, by message id. `without_topic`: of `questions`, those that are close to none.

    `by_library`: topics by scikit-learn, else by the light way.
    """

    questions: int
    conversations: int
    first_us: int
    last_us: int
    question_lengths: Lengths
    answer_tokens: Lengths
    languages: tuple[tuple[str | None, int], ...]
    models: tuple[ModelAnswers, ...]
    tones: Tones
    topics: tuple[Topic, ...]
    without_topic: int
    by_library: bool
    repeated: tuple[RepeatedQuestion, ...]
    repeats: int
    texts: Mapping[str, str]


class TopicMemory:
    """The topics found last, which new questions are put into until there are a fifth more of them."""

    def __init__(self, factorize: Factorize | None) -> None:
        self.factorize = factorize
        self._topics: Topics | None = None
        self._asked = 0

    def of(self, questions: Sequence[LoggedQuestion], log: PromptLog) -> tuple[list[Topic], int]:
        """The topics, the most questions first; and how many questions have none."""
        rows = [question.words for question in questions]
        stale = not self._asked <= len(questions) < REFIT * max(self._asked, question_topics.FEWEST)
        if self._topics is None or stale:
            self._topics = question_topics.find(rows, log.vocabulary, factorize=self.factorize)
            self._asked = len(questions)
        if self._topics is None:
            return [], len(questions)
        place, close = question_topics.place(rows, self._topics)
        members: dict[int, list[int]] = {}
        for number, topic in enumerate(place.tolist()):
            members.setdefault(topic, []).append(number)
        topics = []
        without = len(members.get(-1, ()))
        for topic, terms in enumerate(self._topics.terms):
            numbers = members.get(topic, [])
            if len(numbers) < 2:
                without += len(numbers)
                continue
            numbers_by_closeness = sorted(numbers, key=lambda n: (-close[n], -questions[n].at_us))
            topics.append(Topic(terms, len(numbers), _different(questions[n] for n in numbers_by_closeness)))
        return sorted(topics, key=lambda topic: (-topic.n, topic.terms)), without


def _different(questions: Iterator[LoggedQuestion]) -> tuple[LoggedQuestion, ...]:
    chosen: dict[tuple[int, ...], LoggedQuestion] = {}
    for question in questions:
        chosen.setdefault(tuple(sorted(question.words)), question)
        if len(chosen) == EXAMPLES:
            break
    return tuple(chosen.values())


def of(log: PromptLog, memory: TopicMemory, stage: Callable[[str], None]) -> LogFindings | None:
    """None without any question or answer. `stage` is told what begins: sums, topics or repeats."""
    stage("sums")
    questions, answers = log.questions(), log.answers()
    if not questions and not answers:
        return None
    tokens = [answer.output_tokens for answer in answers if answer.output_tokens and answer.end == "ok"]
    sums = (
        len(questions),
        len({question.run_id or question.conversation_id for question in questions}),
        questions[0].at_us if questions else 0,
        questions[-1].at_us if questions else 0,
        lengths_of([question.characters for question in questions]),
        lengths_of(tokens),
        tuple(by_language(questions)),
        tuple(by_model(answers)),
        tones(questions),
    )
    stage("topics")
    topics, without = memory.of(questions, log)
    stage("repeats")
    first = [question for question in questions if question.form]
    groups = repeats.groups([question.form for question in first])
    repeated = [
        RepeatedQuestion(first[group[-1]], len(group), len({first[n].form for n in group}))
        for group in groups[:MOST_GROUPS]
    ]
    again = sum(len(group) - 1 for group in groups)
    library = memory.factorize is not None
    return LogFindings(*sums, tuple(topics), without, library, tuple(repeated), again, {})


def shown(findings: LogFindings) -> list[str]:
    """The ids of the questions whose texts are shown."""
    examples = [question.id for topic in findings.topics for question in topic.examples]
    return list(dict.fromkeys([*examples, *(each.newest.id for each in findings.repeated)]))
