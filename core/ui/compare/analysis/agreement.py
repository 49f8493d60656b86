"""Where the answers agree and contradict each other, computed locally without a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import streamlit as st

from ....insight.agreement import Agreement, Claim, Clash, SharedClaim
from ....safety.exact import exact
from ...text import t, tn
from .answers import ColumnAnswer, Panel

SHOWN = 12
NARROWEST_PX = 260
CACHED = "agreement"


def draw(panel: Panel) -> None:
    answers = panel.answers
    agreement = _agreement(answers)
    if agreement.overall is None:
        st.caption(t("These answers have no sentences or code to compare."))
        return
    st.markdown(f"**{t('{share} alike', share=percent(agreement.overall))}**" + _pairs(agreement, answers))
    st.caption(
        t(
            "How much of each answer the other answers say too, in the same or other words, by length (mean of "
            "all pairs). Computed from the text on this server: no model is called and no quota is used."
        )
    )
    if agreement.cut:
        st.caption(f":material/content_cut: {t('One answer is very long; its end was not analysed.')}")
    _clashes(agreement.clashes, answers)
    _shared(agreement.shared, answers)
    _alone(agreement.alone, answers)
    if agreement.partly and len(answers) > 2:
        st.caption(
            tn(
                "In some answers: {number} sentence.",
                "In some answers: {number} sentences.",
                agreement.partly,
            )
        )


def percent(share: float) -> str:
    """Such as "62 %"; never 100 % if anything differs, never 0 % if anything agrees."""
    if 0 < share < 1:
        return f"{min(99, max(1, round(share * 100)))}\u00a0%"
    return f"{round(share * 100)}\u00a0%"


def _agreement(answers: Sequence[ColumnAnswer]) -> Agreement:
    """Computed once for the same answers."""
    texts = tuple(answer.text for answer in answers)
    stored = st.session_state.get(CACHED)
    if stored is None or stored[0] != texts:
        from ....insight.agreement import agree

        stored = st.session_state[CACHED] = (texts, agree(texts))
    result: Agreement = stored[1]
    return result


def _pairs(agreement: Agreement, answers: Sequence[ColumnAnswer]) -> str:
    """A table of the pairs, if there are more than two answers."""
    if len(answers) < 3:
        return ""
    letters = [answer.letter for answer in answers]
    head = f"\n\n| | {' | '.join(letters)} |\n|---|{'---:|' * len(letters)}\n"
    rows = []
    for row, letter in enumerate(letters):
        cells = [
            "" if row == column else "—" if value is None else percent(value)
            for column, value in enumerate(agreement.likeness[row])
        ]
        rows.append(f"| **{letter}** | {' | '.join(cells)} |")
    return head + "\n".join(rows)


def _clashes(clashes: Sequence[Clash], answers: Sequence[ColumnAnswer]) -> None:
    if not clashes:
        st.markdown(
            f":green[:material/check:] {t('No contradictions found in numbers, dates, code or yes/no statements.')}"
        )
        return
    st.markdown(f":orange[:material/warning:] **{t('Contradictions')} ({len(clashes)})**")
    for number, clash in enumerate(clashes[:SHOWN]):
        with st.container(gap="xxsmall", border=True, key=f"clash-{number}"):
            st.markdown(f":orange-badge[{kind(clash)}]")
            if clash.kind == "code":
                _code(clash, answers, number)
            else:
                st.markdown("\n".join(_line(answers, claim, clash) for claim in clash.claims))
    if len(clashes) > SHOWN:
        st.caption(t("{number} more", number=len(clashes) - SHOWN))


def kind(clash: Clash) -> str:
    match clash.kind:
        case "number":
            return t("different number")
        case "date":
            return t("different date")
        case "verdict":
            return t("yes vs. no")
        case "negation":
            return t("one negates it")
    return f"{t('different code')} · {exact(clash.subject)}" if clash.subject else t("different code")


def _line(answers: Sequence[ColumnAnswer], claim: Claim, clash: Clash) -> str:
    value = {"yes": t("yes"), "no": t("no")}.get(claim.value, claim.value) if clash.kind == "verdict" else claim.value
    value_text = f" **{exact(value)}**" if value else ""
    return f"- {_name(answers, claim)}{value_text} :gray[{exact(claim.text)}]"


def _code(clash: Clash, answers: Sequence[ColumnAnswer], number: int) -> None:
    """The code versions side by side, each with all columns that have it."""
    by_text: dict[str, list[Claim]] = defaultdict(list)
    for claim in clash.claims:
        by_text[claim.text].append(claim)
    cells = st.grid(min(len(by_text), 4), min_column_width=NARROWEST_PX, gap="small", key=f"code-{number}")
    for text, claims in by_text.items():
        with cells.cell():
            names = ", ".join(_name(answers, claim) for claim in claims)
            st.caption(tn("{column}: {number} line", "{column}: {number} lines", text.count("\n") + 1, column=names))
            st.code(claims[0].value, language=clash.subject or None)


def _shared(shared: Sequence[SharedClaim], answers: Sequence[ColumnAnswer]) -> None:
    if not shared:
        st.markdown(f":material/remove: {t('No sentence is in all answers.')}")
        return
    with st.expander(
        f"{t('In all answers')} ({len(shared)})", icon=":material/join_inner:", type="compact", expanded=True
    ):
        for item in shared[:SHOWN]:
            st.markdown(f"- {exact(item.claims[0].text)}")
            if not item.exact:
                others = {claim.text: claim for claim in item.claims[1:] if claim.text != item.claims[0].text}
                st.caption("  \n".join(f"≈ {_name(answers, claim)} {exact(claim.text)}" for claim in others.values()))
        if len(shared) > SHOWN:
            st.caption(t("{number} more", number=len(shared) - SHOWN))


def _alone(alone: Sequence[Claim], answers: Sequence[ColumnAnswer]) -> None:
    if not alone:
        return
    by_lane: dict[int, list[Claim]] = defaultdict(list)
    for claim in alone:
        by_lane[claim.lane].append(claim)
    with st.expander(f"{t('In one answer only')} ({len(alone)})", icon=":material/looks_one:", type="compact"):
        for lane, sentences in by_lane.items():
            st.markdown(f"**{answers[lane].column_label.label}**")
            st.markdown("\n".join(f"- {exact(claim.text)}" for claim in sentences[:SHOWN]))
            if len(sentences) > SHOWN:
                st.caption(t("{number} more", number=len(sentences) - SHOWN))


def _name(answers: Sequence[ColumnAnswer], claim: Claim) -> str:
    return f"**{answers[claim.lane].letter}**"
