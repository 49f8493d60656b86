"""The leaderboard: a dot with its interval per model, a table, win rates by topic and by pair."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any

import streamlit as st

from ...insight.topics import TOPICS
from ...insight.votes import Leaderboard, LeaderboardRow, counted, win_rates_of
from ...views.votes import VoteCount
from .. import session
from ..base import chart_theme
from ..latency.chart_style import model_styles
from ..routing.vote_words import topic_name, with_interval
from ..text import t
from .words import model_name, short, table, tinted

ROW_PX, AROUND_PX = 34, 70


def chart_and_table(leaderboard: Leaderboard) -> None:
    """A chart and a table per league, because models of different leagues cannot be compared."""
    for league, group in groupby(leaderboard.rows, key=lambda row: row.league):
        rows = list(group)
        if league is None:
            st.caption(t("Not ranked yet: only ties or “all bad” votes."))
        else:
            if league:
                st.caption(t("Not comparable with the models above, because they were never voted on together:"))
            chart_theme.show(chart(rows), key=f"league-{league}")
        st.markdown(rows_table(rows))


def rows_table(rows: Sequence[LeaderboardRow]) -> str:
    head = [t("Model"), t("Chance vs. average"), t("Win rate"), t("Votes")]
    lines = [
        [
            model_name(row.model_id),
            with_interval(row.chance) if row.chance else "–",
            with_interval(row.rate),
            str(row.rate.n),
        ]
        for row in rows
    ]
    return table(head, lines)


def chart(rows: Sequence[LeaderboardRow]) -> Any:
    """Dots with intervals, the best on top."""
    figure = chart_theme.figure()
    drawn_rows = [row for row in rows if row.chance][::-1]
    paints = model_styles([row.model_id for row in drawn_rows], session.engine().catalog.providers)
    for position, row in enumerate(drawn_rows):
        paint, chance = paints[row.model_id], row.chance
        assert chance
        figure.add_scatter(
            x=[100 * chance.share],
            y=[position],
            mode="markers",
            marker={"color": paint.colour, "symbol": paint.symbol, "size": 11},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * (chance.high - chance.share)],
                "arrayminus": [100 * (chance.share - chance.low)],
                "color": paint.colour,
                "thickness": 2.5,
                "width": 5,
            },
            hovertemplate=f"{paint.label}<br>{with_interval(chance)}, n = {chance.n}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=50)
    figure.update_layout(
        height=AROUND_PX + ROW_PX * len(drawn_rows),
        xaxis={"range": [0, 100], "ticksuffix": " %", "dtick": 25, "title": t("chance of winning")},
        yaxis={
            "tickvals": list(range(len(drawn_rows))),
            "ticktext": [f"{escape(short(row.model_id))}  n={row.chance.n if row.chance else 0}" for row in drawn_rows],
            "range": [-0.6, len(drawn_rows) - 0.4],
            "showgrid": False,
        },
    )
    return figure


def by_topic(tallies: Sequence[VoteCount], order: Sequence[str]) -> str:
    """Win rates, a column per topic with votes, most votes first."""
    counts = {topic: sum(tally.n for tally in tallies if tally.topic == topic) for topic in TOPICS}
    topics = sorted((topic for topic in TOPICS if counts[topic]), key=lambda topic: -counts[topic])
    by_topic_counts = {
        topic: counted((tally, tally.n) for tally in tallies if tally.topic == topic) for topic in topics
    }
    rates = {topic: win_rates_of(by_topic_counts[topic]) for topic in topics}
    head = [t("Model"), *(f"{topic_name(topic)} :gray[:small[{counts[topic]}]]" for topic in topics)]
    return table(
        head,
        [
            [model_name(name), *(tinted(rates[topic][name]) if name in rates[topic] else "" for topic in topics)]
            for name in order
        ],
    )


def by_pair(leaderboard: Leaderboard) -> str:
    """Each row against each column, in the order of the leaderboard; columns are numbered."""
    names = [row.model_id for row in leaderboard.rows]
    head = [t("Model"), *(str(number) for number in range(1, len(names) + 1))]
    rows = []
    for number, name in enumerate(names, 1):
        cells = [_cell(leaderboard, name, other) for other in names]
        rows.append([f"{number} {model_name(name)}", *cells])
    return table(head, rows)


def _cell(leaderboard: Leaderboard, name: str, other: str) -> str:
    if name == other:
        return ":gray[·]"
    pair = leaderboard.pairs.get((name, other))
    return tinted(pair.rate) if pair else ""
