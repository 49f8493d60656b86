"""Where the answers agree and where they contradict each other, worked out here without asking anybody."""

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
HELD = "agreement"


def draw(panel: Panel) -> None:
    given = panel.answers
    found = _found(given)
    if found.overall is None:
        st.caption(t("These answers have no sentence or line of code to compare."))
        return
    st.markdown(f"**{t('{share} alike', share=percent(found.overall))}**" + _pairs(found, given))
    st.caption(
        t(
            "How much of what two answers say the other says too, in the same or in other words, by length"
            " (the mean of all pairs). Worked out here from the text; no model was asked, nothing is spent."
        )
    )
    if found.cut:
        st.caption(f":material/content_cut: {t('An answer is very long: its end was not read.')}")
    _clashes(found.clashes, given)
    _shared(found.shared, given)
    _alone(found.alone, given)
    if found.partly and len(given) > 2:
        st.caption(
            tn(
                "Said by some, not by all: {number} sentence.",
                "Said by some, not by all: {number} sentences.",
                found.partly,
            )
        )


def percent(share: float) -> str:
    """62 %; never 100 for what is not the same, never 0 for what has something in common."""
    if 0 < share < 1:
        return f"{min(99, max(1, round(share * 100)))}\u00a0%"
    return f"{round(share * 100)}\u00a0%"


def _found(given: Sequence[ColumnAnswer]) -> Agreement:
    """Worked out once for the same answers."""
    texts = tuple(answer.text for answer in given)
    known = st.session_state.get(HELD)
    if known is None or known[0] != texts:
        from ....insight.agreement import agree

        known = st.session_state[HELD] = (texts, agree(texts))
    result: Agreement = known[1]
    return result


def _pairs(agreement: Agreement, given: Sequence[ColumnAnswer]) -> str:
    """The pairs in one line where there are few, as a table where there are many."""
    if len(given) < 3:
        return ""
    letters = [answer.letter for answer in given]
    head = f"\n\n| | {' | '.join(letters)} |\n|---|{'---:|' * len(letters)}\n"
    rows = []
    for row, letter in enumerate(letters):
        cells = [
            "" if row == column else "—" if value is None else percent(value)
            for column, value in enumerate(agreement.likeness[row])
        ]
        rows.append(f"| **{letter}** | {' | '.join(cells)} |")
    return head + "\n".join(rows)


def _clashes(clashes: Sequence[Clash], given: Sequence[ColumnAnswer]) -> None:
    if not clashes:
        st.markdown(f":green[:material/check:] {t('No contradiction found in numbers, dates, code, yes or no.')}")
        return
    st.markdown(f":orange[:material/warning:] **{t('Contradictions')} ({len(clashes)})**")
    for number, clash in enumerate(clashes[:SHOWN]):
        with st.container(gap="xxsmall", border=True, key=f"clash-{number}"):
            st.markdown(f":orange-badge[{kind(clash)}]")
            if clash.kind == "code":
                _code(clash, given, number)
            else:
                st.markdown("\n".join(_line(given, said, clash) for said in clash.claims))
    if len(clashes) > SHOWN:
        st.caption(t("{number} more", number=len(clashes) - SHOWN))


def kind(clash: Clash) -> str:
    match clash.kind:
        case "number":
            return t("another number")
        case "date":
            return t("another date")
        case "verdict":
            return t("yes and no")
        case "negation":
            return t("one says not")
    return f"{t('other code')} · {exact(clash.subject)}" if clash.subject else t("other code")


def _line(given: Sequence[ColumnAnswer], said: Claim, clash: Clash) -> str:
    value = {"yes": t("yes"), "no": t("no")}.get(said.value, said.value) if clash.kind == "verdict" else said.value
    told = f" **{exact(value)}**" if value else ""
    return f"- {_name(given, said)}{told} :gray[{exact(said.text)}]"


def _code(clash: Clash, given: Sequence[ColumnAnswer], number: int) -> None:
    """The beginnings side by side, each once with all who have it."""
    same: dict[str, list[Claim]] = defaultdict(list)
    for said in clash.claims:
        same[said.text].append(said)
    cells = st.grid(min(len(same), 4), min_column_width=NARROWEST_PX, gap="small", key=f"code-{number}")
    for text, who_says in same.items():
        with cells.cell():
            names = ", ".join(_name(given, said) for said in who_says)
            st.caption(tn("{column}: {number} line", "{column}: {number} lines", text.count("\n") + 1, column=names))
            st.code(who_says[0].value, language=clash.subject or None)


def _shared(shared: Sequence[SharedClaim], given: Sequence[ColumnAnswer]) -> None:
    if not shared:
        st.markdown(f":material/remove: {t('No sentence is in all of them.')}")
        return
    with st.expander(f"{t('All say')} ({len(shared)})", icon=":material/join_inner:", type="compact", expanded=True):
        for each in shared[:SHOWN]:
            st.markdown(f"- {exact(each.claims[0].text)}")
            if not each.exact:
                others = {said.text: said for said in each.claims[1:] if said.text != each.claims[0].text}
                st.caption("  \n".join(f"≈ {_name(given, said)} {exact(said.text)}" for said in others.values()))
        if len(shared) > SHOWN:
            st.caption(t("{number} more", number=len(shared) - SHOWN))


def _alone(alone: Sequence[Claim], given: Sequence[ColumnAnswer]) -> None:
    if not alone:
        return
    by_lane: dict[int, list[Claim]] = defaultdict(list)
    for said in alone:
        by_lane[said.lane].append(said)
    with st.expander(f"{t('Only one says')} ({len(alone)})", icon=":material/looks_one:", type="compact"):
        for lane, sentences in by_lane.items():
            st.markdown(f"**{given[lane].column_label.label}**")
            st.markdown("\n".join(f"- {exact(said.text)}" for said in sentences[:SHOWN]))
            if len(sentences) > SHOWN:
                st.caption(t("{number} more", number=len(sentences) - SHOWN))


def _name(given: Sequence[ColumnAnswer], said: Claim) -> str:
    return f"**{given[said.lane].letter}**"
