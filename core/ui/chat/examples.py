"""The example questions of the empty chat and of an empty comparison, in the reader's language.

The simulator answers these in full: word for word they stand in `core/simulator/prose/*/examples*.md` too.
"""

from __future__ import annotations

from ..text import t

Example = tuple[str, str, str]  # icon, kind, question


def of_chat() -> list[Example]:
    """A fact, code, a diagram, a table, a puzzle and a long text."""
    return [
        (
            ":material/lightbulb:",
            t("Explain"),
            t("Why is the sky blue at noon and red at sunset? Explain it in three sentences."),
        ),
        _code(),
        (
            ":material/schema:",
            t("Draw"),
            t("Draw the water cycle as a diagram, with a footnote for each technical word."),
        ),
        (
            ":material/table_chart:",
            t("Compare"),
            t("Compare solar, wind and nuclear power in a table: cost, land, reliability."),
        ),
        _puzzle(),
        (
            ":material/edit_note:",
            t("Write"),
            t("Write a friendly, detailed day-by-day plan for a week of learning to cook."),
        ),
    ]


def of_comparison() -> list[Example]:
    """Three matters of taste and judgement, on which models differ, and three where an answer is right or wrong."""
    return [
        (
            ":material/palette:",
            t("Invent"),
            t("Suggest five names for a small bakery that opens before dawn, with one line on each."),
        ),
        (
            ":material/mood:",
            t("Rewrite"),
            t(
                "Make this friendlier and half as long: “Your request cannot be processed because the form is "
                "incomplete. Please resubmit it with all required fields filled in.”"
            ),
        ),
        (
            ":material/balance:",
            t("Decide"),
            t("Rent or buy a flat for a stay of five years? Name the three numbers that decide it."),
        ),
        _code(),
        _translation(),
        _puzzle(),
    ]


def _code() -> Example:
    return (
        ":material/code:",
        t("Code"),
        t("Write a Python function that merges overlapping intervals, with a short test."),
    )


def _translation() -> Example:
    return (
        ":material/translate:",
        t("Translate"),
        t("Translate into Chinese and French: “The meeting is moved to Thursday at ten.”"),
    )


def _puzzle() -> Example:
    return (
        ":material/function:",
        t("Reason"),
        t(
            "A bat and a ball cost $1.10 in total. The bat costs $1 more than the ball. What does the ball "
            "cost? Show the steps."
        ),
    )
