"""The History page's list by days, and search results."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from ...views.history import Conversation, SearchHit, Tag
from .. import session
from ..base.time_zone import zone
from ..text import clock, plain, t
from . import entries, filters, tagging
from .menu import menu

PAGE = 50
HITS = 50
BADGES = 3
MARKS = re.compile(r"[*`#|>]+|_{2,}|(?<!\S)- |-{3,}")


def listing(tagged: Sequence[str], tags: Sequence[Tag]) -> None:
    """Conversations and comparisons with these tags, one page at first and more on demand."""
    history = session.person().history
    page = history.recent(filters.shown(PAGE), tagged)
    if not page.entries:
        _none_tagged(tagged) if tagged else _empty()
        return
    named = history.tags_of([entry.id for entry in page.entries])
    if tagging.is_on():
        tagging.bar(page.entries, tags)
    last_heading = None
    with st.container(gap="xxsmall", key="listing"):
        for heading, entry in entries.by_day(page.entries, zone(), rough=False):
            if heading != last_heading:
                st.caption(f"**{heading}**")
                last_heading = heading
            _row(entry, named.get(entry.id, ()))
    if page.following:
        st.button(
            t("More"),
            key="more",
            icon=":material/expand_more:",
            type="tertiary",
            on_click=filters.more,
            args=(PAGE,),
        )


def _none_tagged(tagged: Sequence[str]) -> None:
    st.caption(t("Nothing has the tag {tags}.", tags=t(", ").join(f"**{plain(name)}**" for name in tagged)))


def _empty() -> None:
    with st.container(key="empty", horizontal_alignment="center", gap="small"):
        st.markdown(t("No conversations yet. They are saved from your first question on."), width="content")
        query = {"lang": st.session_state["language"]} if st.session_state.get("language") else None
        st.page_link(entries.CHAT, label=t("Start a chat"), icon=":material/edit_square:", query_params=query)


def _row(entry: Conversation, tags: Sequence[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"entry-{entry.id}"):
        if tagging.is_on():
            tagging.check(entry)
        pin = ":material/keep: " if entry.pinned else ""
        entries.link(pin + entries.name(entry), entry.kind, entry.id, icon=entries.icon(entry.kind))
        if tags:
            st.markdown(badges(tags), width="content")
        st.caption(clock(entry.updated_at, zone()), width="content")
        menu(entry.id, entry.title, entry.pinned, entry.id)


def badges(tags: Sequence[str]) -> str:
    """Up to three tags, and how many more there are."""
    more = [f":gray[+{len(tags) - BADGES}]"] if len(tags) > BADGES else []
    return " ".join([*(f":gray-badge[{plain(name)}]" for name in tags[:BADGES]), *more])


def search_results(words: str, tagged: Sequence[str]) -> None:
    """The messages with these words, each linked; `tagged`: only in entries with these tags."""
    history, shown = session.person().history, filters.shown(HITS)
    hits = history.find(words, limit=shown + 1, tagged=tagged)
    if session.health().waiting:
        st.caption(t("Unsaved messages can be found once they are saved."))
    missing_share = history.not_searched()
    if missing_share is not None:
        sentence = t(
            "Older messages are still being indexed for search: {percent}% done.",
            percent=int(100 * (1 - missing_share)),
        )
        st.caption(f":material/hourglass_empty: {sentence}")
    if not hits:
        st.caption(t("No results for {words}.", words=f"**{plain(words)}**"))
        return
    more = len(hits) > shown
    st.caption(t("The first {number} results", number=shown) if more else t("{number} found", number=len(hits)))
    for number, hit in enumerate(hits[:shown]):
        _hit(number, hit)
    if more:
        st.button(
            t("More"),
            key="more-hits",
            icon=":material/expand_more:",
            type="tertiary",
            on_click=filters.more,
            args=(HITS,),
        )


def _hit(number: int, hit: SearchHit) -> None:
    kind = "comparison" if hit.run_id else "chat"
    speaker = t("You") if hit.role == "user" else t("Answer")
    created_at = hit.created_at.astimezone(zone())
    with st.container(key=f"hit-{number}", gap=None):
        title = plain(hit.title) or t("Untitled")
        entries.link(title, kind, hit.run_id or hit.conversation_id, at=hit.message_id, icon=entries.icon(kind))
        before, match, after = (_spaced(part) for part in _unmarked(*hit.snippet))
        marked = f":orange-background[**{match}**]" if match.strip() else ""
        st.markdown(f"{speaker} · {created_at:%Y-%m-%d %H:%M} — {before}{marked}{after}")


def _unmarked(before: str, match: str, after: str) -> tuple[str, str, str]:
    """The context without Markdown markup."""
    return MARKS.sub("", before), match, MARKS.sub("", after)


def _spaced(text: str) -> str:
    """`plain`, but keeping leading and trailing spaces."""
    body = plain(text)
    return f"{' ' * text.startswith(' ')}{body}{' ' * (text.endswith(' ') and bool(body))}"
