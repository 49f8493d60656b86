"""Names of columns in prompt sets, in the languages in which they come. Pure.

A whole name is looked up first, in the order of its list; then the words in a name (`user_prompt`, `标准回答`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name for line in text.splitlines() for name in map(str.strip, line.split(",")) if name)


PROMPTS = _listed("""
    prompt, question, instruction, input, user input, query, problem, task, text
    提示词, 提示, 问题, 题目, 指令, 输入, 問題, 題目, 提示詞, 質問, 질문, 프롬프트
    inputs, frage, pregunta, pergunta, domanda, вопрос, goal
""")
EXPECTED = _listed("""
    expected, expected output, expectedoutput, expected answer, answer, ideal, target, label
    ground truth, reference, reference answer, best answer, correct answer, answerkey, gold, solution
    output, response, completion, canonical solution
    targets, answers, chosen, antwort, respuesta, resposta, réponse, reponse, risposta, ответ
    期望, 答案, 参考答案, 标准答案, 正确答案, 输出, 參考答案, 標準答案, 答え, 回答, 正解, 정답, 답변
    code
""")
# Words inside a name, the most certain first. In scripts without blanks between words a part of a name is enough.
PROMPT_WORDS = _listed("""
    prompt, question, instruction, query, problem, frage, pregunta, pergunta, domanda, вопрос
    提示词, 提问, 问题, 问句, 题干, 题目, 指令, 输入, 提示詞, 問題, 題目, 輸入, 質問, 질문
    pytanie, soru, vraag, câu hỏi, ερώτηση, سؤال, السؤال, שאלה, คำถาม, प्रश्न
""")
EXPECTED_WORDS = _listed("""
    expected, ideal, reference, correct, truth, answer, erwartete, attendue, esperada, attesa
    预期, 期望, 期待, 标准, 参考, 正确, 答案, 回答, 標準, 參考, 正確, 正解, 答え, 정답, 답변
    antwort, réponse, reponse, respuesta, resposta, risposta, ответ, odpowiedź, cevap, antwoord
    trả lời, đáp án, απάντηση, جواب, الجواب, إجابة, الإجابة, תשובה, คำตอบ, उत्तर
""")
# A name with one of these describes the question or the answer, or is a model's answer.
ASIDE_WORDS = _listed("""
    id, ids, idx, index, type, types, category, source, url, date, language, length, count
    tokens, score, topic, concept, format, template, list, start, group
    system, incorrect, wrong, rejected, model, actual, candidate
""")
ASIDE_PARTS = _listed("""
    编号, 序号, 类型, 类别, 分类, 来源, 时间, 数量, 长度, 模型, 实际, 错误, 番号, 種類, 번호
""")
# Columns whose text goes below the prompt, where the table has them: Alpaca's input, Dolly's context.
BELOW = {"instruction": ("input", "context"), "question": ("context", "passage"), "指令": ("输入",)}
CHOICES = "ABCDEFGH"  # columns that hold the choices of a question, as MMLU and C-Eval have them


def plain(column: str) -> str:
    """A name without case, separators and surrounding punctuation."""
    return re.sub(r"[\s_-]+", " ", column).strip(" *#:：“”\"'").casefold()


def prompt_of(columns: Sequence[str]) -> str | None:
    """The column that looks like the prompts."""
    return _exactly(columns, PROMPTS) or _partly(columns, PROMPT_WORDS)


def expected_of(columns: Sequence[str]) -> str | None:
    """The column that looks like the expected answers."""
    return _exactly(columns, EXPECTED) or _partly(columns, EXPECTED_WORDS)


def are_known(cells: Sequence[str]) -> bool:
    """Whether one of these names a column of prompts or of answers."""
    return not {plain(cell) for cell in cells}.isdisjoint((*PROMPTS, *EXPECTED))


def look_like(cells: Sequence[str]) -> bool:
    """Whether a first row names the columns: a name that is known, or several short words and no number."""
    words = all(cell and len(cell) <= 40 and not cell[0].isdigit() and cell[-1] not in ".?!。？！" for cell in cells)
    return are_known(cells) or (len(cells) > 1 and words)


def _exactly(columns: Sequence[str], names: Sequence[str]) -> str | None:
    by_name = {plain(column): column for column in reversed(columns)}
    return next((by_name[name] for name in names if name in by_name), None)


def _partly(columns: Sequence[str], words: Sequence[str]) -> str | None:
    candidates = [(column, plain(column)) for column in columns]
    candidates = [(column, name) for column, name in candidates if not _is_aside(name)]
    return next((column for word in words for column, name in candidates if _has(name, word)), None)


def _has(name: str, word: str) -> bool:
    return word in name if _is_east_asian(word) else f" {word} " in f" {name} " or f" {word}s " in f" {name} "


def _is_east_asian(word: str) -> bool:
    return "\u3000" <= word[0] <= "\u9fff" or "\uac00" <= word[0] <= "\ud7af"


def _is_aside(name: str) -> bool:
    return any(part in name for part in ASIDE_PARTS) or not set(name.split()).isdisjoint(ASIDE_WORDS)
