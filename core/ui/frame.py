"""The first line of every page: page config, language, style, and the navigation with the conversation kept in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.errors import LLMError
from core.ui import owner, runtime, text
from core.ui.failures.ours import configured
from core.ui.models import nearby
from core.ui.past.banner import banner
from core.ui.past.recent import recent
from core.ui.text import LANGUAGES, plain, t
from core.ui.turnstile import TURNSTILE

LOOK = Path(__file__).with_name("look")
STYLE = LOOK / "style.css"

# Page -> (file, icon, its name in the reader's language).
PAGES: dict[str, tuple[str, str, Callable[[], str]]] = {
    "chat": ("streamlit_app.py", ":material/chat_bubble:", lambda: t("Chat")),
    "compare": ("pages/compare.py", ":material/view_column:", lambda: t("Compare")),
    "batch": ("pages/batch.py", ":material/table_rows:", lambda: t("Batch")),
    "history": ("pages/history.py", ":material/history:", lambda: t("History")),
    "latency": ("pages/latency.py", ":material/timer:", lambda: t("Latency")),
    "quota": ("pages/quota.py", ":material/speed:", lambda: t("Quota")),
    "insights": ("pages/insights.py", ":material/leaderboard:", lambda: t("Insights")),
    "providers": ("pages/providers.py", ":material/hub:", lambda: t("Providers")),
    "faq": ("pages/faq.py", ":material/lock:", lambda: t("Questions for everybody")),
}
WITH_MODELS = {"chat", "compare", "batch", "latency", "providers"}
UNLISTED = {"faq"}  # the Quota page leads there where there is an administrator


def open_page(page: str, *, wide: bool = False) -> bool:
    """Set up `page` (a key of PAGES); what follows is drawn inside the frame. True when it was just arrived at."""
    _engine_or_stop()
    TURNSTILE.enter()
    text.use(_language())
    _file, _icon, name = PAGES[page]
    st.set_page_config(page_title=f"{name()} · Roundtable", layout="wide" if wide else "centered")
    st.html(STYLE)  # static text of ours; nothing a person or a model wrote ever goes through st.html
    owner.settle()
    with st.sidebar:
        _navigation()
        recent()
        _switch()
    before, st.session_state["page"] = st.session_state.get("page"), page
    if before == page:  # said while the browser turns to another page, it would be written over the page it leaves
        _say_address()
    if page == "history" or {"c", "run", "batch"} & set(st.query_params):
        runtime.get().open()  # it is needed below; opened here, the banner can tell what it found
    banner()
    if page in WITH_MODELS:
        nearby.watch()
    return bool(before != page)


def _engine_or_stop() -> None:
    """Where an option is wrong there is no engine: say which, and draw nothing else."""
    try:
        runtime.get()
    except LLMError as error:
        asked = st.query_params.get("lang")
        text.use(asked if asked in LANGUAGES else text.choose(st.context.locale))
        lines = "\n".join(f"- {plain(configured(line))}" for line in error.message.splitlines() if line.strip())
        st.error(lines, title=t("Roundtable cannot start: an option is wrong"), icon=":material/error:")
        st.stop()


def drawn() -> None:
    """The first page stands: what was put off for its sake may begin."""
    runtime.get().drawn.set()


def leave() -> None:
    """Go on with a new chat. For callbacks of the chat page."""
    st.session_state.pop("conversation", None)
    for name in ("c", "at"):
        st.query_params.pop(name, None)


def query(page: str) -> dict[str, str | list[str]]:
    """What the address of `page` should hold: the conversation, the line-up or the run, the chosen language."""
    kept: dict[str, str | list[str]] = {}
    if page == "chat" and st.session_state.get("conversation"):
        kept["c"] = st.session_state["conversation"]
    if page == "batch" and st.session_state.get("batch"):
        kept["batch"] = st.session_state["batch"]
    if page == "compare":
        kept.update(st.session_state.get("line-up-link", {}))
    if st.session_state.get("language"):
        kept["lang"] = st.session_state["language"]
    return kept


def go(page: str) -> None:
    """Change to `page` at once. Not for callbacks."""
    st.switch_page(PAGES[page][0], query_params=query(page))


def compare(prompt: str) -> None:
    """Take a question to the comparison. Not for callbacks."""
    st.session_state["compare-draft"] = prompt
    go("compare")


def _say_address() -> None:
    """Tell the browser the address of this run: a link within a page changes the run's, not the browser's."""
    st.query_params.from_dict({name: st.query_params.get_all(name) for name in st.query_params})


def _language() -> str:
    asked = st.query_params.get("lang")
    if asked in LANGUAGES and "language" not in st.session_state:
        st.session_state["language"] = asked
    chosen: str | None = st.session_state.get("language")
    return chosen or runtime.get().engine.settings.language or text.choose(st.context.locale)


def _navigation() -> None:
    with st.container(key="brand"):  # its mark is in the stylesheet: st.image and page_icon import numpy and Pillow
        st.markdown("**Roundtable**", width="content")
    with st.container(key="new-chat"):
        fresh = {name: value for name, value in query("chat").items() if name != "c"}
        st.page_link(PAGES["chat"][0], label=t("New chat"), icon=":material/edit_square:", query_params=fresh)
    with st.container(gap="xxsmall", key="pages"):
        for page, (file, icon, name) in PAGES.items():
            if page in UNLISTED:
                continue
            st.page_link(file, label=name(), icon=icon, width="stretch", query_params=query(page))


def _switch() -> None:
    with st.container(key="language-switch"):
        st.segmented_control(
            t("Language"),
            list(LANGUAGES),
            default=text.language(),
            required=True,
            format_func=LANGUAGES.__getitem__,
            key=f"language-{text.language()}",
            label_visibility="collapsed",
            on_change=_switched,
            args=(f"language-{text.language()}",),
        )


def _switched(key: str) -> None:
    st.session_state["language"] = st.session_state[key]
    st.query_params["lang"] = st.session_state[key]
