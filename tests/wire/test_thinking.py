"""Reasoning inside the text: by any tag, with its beginning swallowed, nested, and never inside code."""

from __future__ import annotations

import pytest

from core.records import Delta, Reclassified
from core.wire.reader import Answer
from core.wire.thinking import TAGS, Splitter

FENCED = "So:\n\n```xml\n</think>\n```\n\nDone."


def split(text: str, size: int) -> Answer:
    splitter, answer = Splitter(), Answer()
    for start in range(0, len(text), size):
        for piece in splitter.feed(text[start : start + size]):
            answer.add(piece)
    for piece in splitter.close():
        answer.add(piece)
    assert "".join(splitter.answer_parts) == answer.text
    return answer


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        *((f"{tag}adding{end}\n\nIt is 4.", "adding", "It is 4.") for tag, end in TAGS.items()),
        *((f"{tag.upper()}adding{end.upper()}It is 4.", "adding", "It is 4.") for tag, end in TAGS.items()),
        ("First, 2 and 2.\n\nThat is 4.\n</think>\n\nIt is 4.", "First, 2 and 2.\n\nThat is 4.\n", "It is 4."),
        ("So I say 4.</think>It is 4.", "So I say 4.", "It is 4."),
        ("好的，是四。</think>\n\n四", "好的，是四。", "四"),
        ("</think>\n\nIt is 4.", "", "It is 4."),
        ("<think>a<think>b</think>c</think>It is 4.", "a<think>bc", "It is 4."),
        ("<think><think>a</think></think>It is 4.", "<think>a", "It is 4."),
        ("<think>I write `</think>` at the end.</think>It is 4.", "I write `</think>` at the end.", "It is 4."),
        ("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>4", "hm", "4"),
        ("Write `</think>` to end it.\n", "", "Write `</think>` to end it.\n"),
        (FENCED, "", FENCED),
        ("One.\n\nThe tag </think> ends it.\n\nThree.", "", "One.\n\nThe tag </think> ends it.\n\nThree."),
        ("The tag </think> ends it.", "", "The tag </think> ends it."),
        ("a < b and [c] and </thinner>", "", "a < b and [c] and </thinner>"),
        ("<think>a</think>b\n</think>\nc", "a", "b\n</think>\nc"),
        ("ends with </think>", "", "ends with </think>"),
        ('<think time="3">a</think>It is 4.', "a", "It is 4."),
        ("<think >a</ think >It is 4.", "a", "It is 4."),
        ("<think>a</thinking>It is 4.", "a", "It is 4."),
        ("<think>a</think>\n\n<think>b</think>\n\nIt is 4.", "ab", "It is 4."),
        ("<thinking about it", "", "<thinking about it"),
        ("<thinking about it> is hard", "", "<thinking about it> is hard"),
        ("<think\n>a</think\n>It is 4.", "a", "It is 4."),
        ("<think>x = '</think>'\nso</think>It is 4.", "x = '</think>'\nso", "It is 4."),
        ("analysisWe add.assistantfinalIt is 4.", "We add.", "It is 4."),
        ("analysis of it: 4", "", "analysis of it: 4"),
        ("<think>a</think>\n<answer>\nIt is 4.\n</answer>\n", "a", "It is 4."),
        ("<think>a</think><response>4 < 5 </response> b", "a", "4 < 5 </response> b"),
        ("<answer>It is 4.</answer>", "", "<answer>It is 4.</answer>"),
        ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>4<|end|>", "a", "4"),
        ("<|begin|>assistant<|think|>a<|end|><|begin|>assistant<|content|>4<|end|>", "a", "4"),
        ("<thinkers> think", "", "<thinkers> think"),
        ("<n>4</n>\n<reason>because</reason>\nDone", "", "<n>4</n>\n<reason>because</reason>\nDone"),
        ("<|channel|>final<|message|>4<|return|>", "", "4"),
        ('<|channel|>final <|constrain|>json<|message|>{"a":4}', "", '{"a":4}'),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary<|message|>ok<|end|>"
            "<|start|>assistant<|channel|>final<|message|>4 <|x|> 5",
            "hmok",
            "4 <|x|> 5",
        ),
        ("<|start_thinking|>hm<|end_thinking|><|start_response|>4<|end_response|>", "hm", "4"),
    ],
)
def test_reasoning_is_taken_out(text: str, reasoning: str, answer: str, size: int) -> None:
    read = split(text, size)
    assert (read.reasoning, read.text) == (reasoning, answer)


def test_whoever_listens_is_told_that_the_text_so_far_was_reasoning() -> None:
    splitter = Splitter()
    assert [type(piece) for piece in splitter.feed("So it is 4.</think>\n\nFour")] == [Delta, Reclassified, Delta]


def test_a_longer_text_beside_reasoning_that_came_apart_stays_an_answer() -> None:
    splitter = Splitter()
    splitter.reasoned()
    text = "It ends.\n\nThere.\n</think>\nand goes on"
    assert "".join(piece.text for piece in splitter.feed(text) if isinstance(piece, Delta)) == text
