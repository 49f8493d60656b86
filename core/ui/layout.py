"""The frame of every page: page config, language, style, and the navigation, whose links keep the conversation."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from ..errors import LLMError
from . import app_state, assets, page_faults, session, session_binding, text, transfers, visitor
from .account import page as sign_in
from .draw_queue import DRAW_QUEUE
from .failures.own_messages import configured
from .history.banner import banner
from .history.recent import recent
from .history.waiting import waiting
from .keyboard import component, palette
from .models import local_servers
from .sign_in import access
from .text import plain, t
from .translations import languages

FIRST_DRAWING_S = 0.25

# Page -> (file, icon, title).
PAGES: dict[str, tuple[str, str, Callable[[], str]]] = {
    "chat": ("streamlit_app.py", ":material/chat_bubble:", lambda: t("Chat")),
    "compare": ("pages/compare.py", ":material/view_column:", lambda: t("Compare")),
    "batch": ("pages/batch.py", ":material/table_rows:", lambda: t("Batch")),
    "history": ("pages/history.py", ":material/history:", lambda: t("History")),
    "latency": ("pages/latency.py", ":material/timer:", lambda: t("Latency")),
    "quota": ("pages/quota.py", ":material/speed:", lambda: t("Quota")),
    "insights": ("pages/insights.py", ":material/leaderboard:", lambda: t("Insights")),
    "providers": ("pages/providers.py", ":material/hub:", lambda: t("Providers")),
    "faq": ("pages/faq.py", ":material/lock:", lambda: t("FAQ cache")),
    "audit": ("pages/audit.py", ":material/policy:", lambda: t("Audit")),
    "people": ("pages/people.py", ":material/group:", lambda: t("People")),
}
WITH_MODELS = {"chat", "compare", "batch", "latency", "providers"}
UNLISTED = ("faq", "audit", "people")  # for administrators; linked from the Quota page


def open_page(page: str, *, wide: bool = False) -> bool:
    """Set up `page`, a key of PAGES. True if the visitor has just come from another page."""
    arrived = begin_page(page, wide=wide)
    finish_page(page)
    return arrived


def open_shared_page() -> None:
    """Set up the page that a link opens: no sidebar; whoever has the link reads it, or only who may use the server."""
    page_faults.watch()
    _engine_or_stop()
    DRAW_QUEUE.enter()
    text.use(_language())
    st.set_page_config(page_title=f"{t('Shared')} · Roundtable", layout="wide")
    if not assets.serving:
        st.html(assets.STYLE)
    visitor.settle()
    session_binding.bind()
    if app_state.get().engine.settings.sharing == "people":
        if access.mode() == "oidc" and not session.may_act():
            st.info(t("Sign in to read what was shared with you, then open the link again."), icon=":material/link:")
        sign_in.require()
    component.draw("shared")
    st.session_state["page"] = "shared"


def begin_page(page: str, *, wide: bool = False) -> bool:
    """The first half of `open_page`: page config, language, style, and the sidebar with only our name.

    What a page draws between the halves is on the screen before the rest.
    """
    page_faults.watch()
    _engine_or_stop()
    DRAW_QUEUE.enter()
    text.use(_language())
    _file, _icon, name = PAGES[page]
    st.set_page_config(page_title=f"{name()} · Roundtable", layout="wide" if wide else "centered")
    if not assets.serving:
        st.html(assets.STYLE)  # our static text; nothing from a person or a model ever goes through st.html
    visitor.settle()
    session_binding.bind()
    sign_in.require()
    if palette.choose(page) and page != "chat":
        go("chat")
    with st.sidebar, st.container(key="brand"):
        st.markdown("**Roundtable**", width="content")  # the logo is in the stylesheet: st.image imports numpy
    previous_page, st.session_state["page"] = st.session_state.get("page"), page
    # Said while the browser turns to another page, it would be written over the page it leaves; on the History page
    # Streamlit keeps the address, which is bound to its boxes.
    if previous_page == page and page != "history":
        _sync_address()
    if page == "history" or {"c", "run", "batch", "rehearse"} & set(st.query_params):
        app_state.get().open()  # needed below anyway; opened now, so that the banner can show its notices
    return bool(previous_page != page)


def finish_page(page: str) -> None:
    """The second half: the rest of the sidebar, notices about the database, and the watch on local servers."""
    if "first-page-finished" not in st.session_state:
        st.session_state["first-page-finished"] = True
        _wait_for_first_drawing()
    with st.sidebar:
        _navigation(page)
        waiting()
        recent()
        _language_switch()
        sign_in.account()
    banner()
    if page in WITH_MODELS:
        local_servers.watch()


def _wait_for_first_drawing() -> None:
    """Give a new browser time to draw what it has received.

    Elements that arrive before the scripts of the first ones have loaded make the browser redraw everything at once:
    without this pause all of it, the chat box included, is on the screen later.
    """
    if assets.serving:
        DRAW_QUEUE.leave()
        time.sleep(FIRST_DRAWING_S)
        DRAW_QUEUE.enter()


def _engine_or_stop() -> None:
    """If an option is wrong there is no engine: show which, and draw nothing else."""
    try:
        app_state.get()
    except LLMError as error:
        requested = st.query_params.get("lang")
        text.use(requested if requested in languages() else text.choose(st.context.locale))
        lines = "\n".join(f"- {plain(configured(line))}" for line in error.message.splitlines() if line.strip())
        st.error(lines, title=t("Roundtable cannot start: an option is invalid"), icon=":material/error:")
        st.stop()


def first_page_drawn() -> None:
    """Report that the first page is drawn: work postponed for it may begin."""
    app_state.get().drawn.set()


def query(page: str) -> dict[str, str | list[str]]:
    """The query parameters of `page`: the conversation, the selected models or the run, the view, the language."""
    params: dict[str, str | list[str]] = {}
    if page == "chat" and st.session_state.get("conversation"):
        params["c"] = st.session_state["conversation"]
    if page == "batch" and st.session_state.get("batch"):
        params["batch"] = st.session_state["batch"]
    if page == "compare":
        params.update(st.session_state.get("line-up-link", {}))
    if page == "providers":
        params.update(st.session_state.get("providers-link", {}))
    if st.session_state.get("language"):
        params["lang"] = st.session_state["language"]
    return params


def go(page: str) -> None:
    """Switch to `page`. Not for callbacks."""
    st.switch_page(PAGES[page][0], query_params=query(page))


def compare(prompt: str) -> None:
    """Open the Compare page with this question as a draft. Not for callbacks."""
    st.session_state["compare-draft"] = prompt
    go("compare")


def _sync_address() -> None:
    """Sync the browser's address with this run's: a link within a page changes only the run's."""
    st.query_params.from_dict({name: st.query_params.get_all(name) for name in st.query_params})


def _language() -> str:
    requested = st.query_params.get("lang")
    if requested in languages() and "language" not in st.session_state:
        st.session_state["language"] = requested
    chosen: str | None = st.session_state.get("language")
    return chosen or app_state.get().engine.settings.language or text.choose(st.context.locale)


def _navigation(current: str) -> None:
    with st.container(key="new-chat"):
        fresh = {name: value for name, value in query("chat").items() if name != "c"}
        st.page_link(PAGES["chat"][0], label=t("New chat"), icon=":material/edit_square:", query_params=fresh)
    component.draw(current, _palette_pages())
    with st.container(gap="xxsmall", key="pages"):
        for page, (file, icon, name) in PAGES.items():
            if page in UNLISTED and not access.is_admin():
                continue
            st.page_link(file, label=name(), icon=icon, width="stretch", query_params=query(page))


def _palette_pages() -> list[dict[str, object]]:
    return [
        {
            "title": name(),
            "icon": icon.split("/")[1].rstrip(":"),
            "also": page,
            "path": f"{transfers.base()}/{'' if page == 'chat' else page}",
            "query": query(page),
        }
        for page, (_file, icon, name) in PAGES.items()
        if page not in UNLISTED or access.is_admin()
    ]


def admin_links() -> None:
    """The pages of administrators."""
    for page in UNLISTED:
        file, icon, name = PAGES[page]
        st.page_link(file, label=name(), icon=icon, width="content")


def _language_switch() -> None:
    with st.container(key="language-switch"):
        st.segmented_control(
            t("Language"),
            list(languages()),
            default=text.language(),
            required=True,
            format_func=lambda code: f" {languages()[code]}",  # what precedes a space is searched for 5,000 emoji
            key=f"language-{text.language()}",
            label_visibility="collapsed",
            on_change=_language_chosen,
            args=(f"language-{text.language()}",),
        )


def _language_chosen(key: str) -> None:
    st.session_state["language"] = st.session_state[key]
    st.query_params["lang"] = st.session_state[key]
