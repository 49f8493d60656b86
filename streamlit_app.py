"""Chat, at "/". `streamlit run streamlit_app.py` finds `app`, the server with its middleware, which runs this file
again as the page; where only plain scripts are supported, the page runs without it.
"""

from __future__ import annotations

import streamlit as st

from core.ui import environment, middleware, page_faults

if __name__ != "__main__":
    environment.remember()
    app = st.App(
        __file__,
        lifespan=middleware.lifespan,
        middleware=middleware.middleware(),
        routes=middleware.routes(),
        on_script_error=page_faults.show,
    )
else:
    from core.ui import layout, tips
    from core.ui.base.flash import show_flash
    from core.ui.base.head import head
    from core.ui.chat import actions, drafts, opening, sight_notice
    from core.ui.chat.composer import composer
    from core.ui.chat.follow import AnswerFollower, follow
    from core.ui.chat.settings import keep_system, reset, settings
    from core.ui.chat.state import DRAFT, Chat
    from core.ui.chat.thread import thread
    from core.ui.chat.welcome import welcome
    from core.ui.history.menu import menu, undo_bar
    from core.ui.keyboard import answer_state
    from core.ui.models import fit, refused, terms
    from core.ui.picker import picker
    from core.ui.prompts.library import Destination, popover
    from core.ui.providers import paste_box
    from core.ui.quota import total
    from core.ui.quota.price_line import draw, messages_of
    from core.ui.routing import advice
    from core.ui.routing.prospects import prospects
    from core.ui.routing.words import is_auto
    from core.ui.scheduled import offer
    from core.ui.sharing import control as share
    from core.ui.text import t


def page() -> None:
    layout.begin_page("chat")
    chat = opening.current()
    foot(chat)  # first, so that a visitor can type
    drafts.keep(actions.ASK, actions.draft_name(chat), chat.turns[-1].prompt if chat.turns else "")
    layout.finish_page("chat")
    top(chat)
    empty = st.empty()  # a slot of its own, so that nothing of the welcome stays beside the first answer
    answer = thread(chat, layout.compare) if chat.turns else None
    answer_state.tell(chat.turns[-1:])
    if not chat.turns:
        with empty.container():
            welcome(chat, paste_box.popover)
    layout.first_page_drawn()
    running = chat.running()
    if answer and running:
        follow([AnswerFollower(running, answer.show)])
    elif not chat.turns:
        paste_box.follow()


def top(chat: Chat) -> None:
    """The line with the model picker, the settings and the conversation's menu; then messages."""

    def wish(name: str, value: object) -> None:
        actions.wish(chat, name, value)

    def insert(text: str, system: str) -> None:
        drafts.insert(actions.ASK, text)
        if system:
            wish("system", system)
            reset(chat.name)

    keep_system(DRAFT, chat.generation, wish, shown=chat.view is None)

    files = actions.files_above(chat)

    def models() -> None:
        picker(
            "chat",
            chat.model_id,
            lambda model_id: actions.choose(chat, model_id),
            auto=True,
            load=fit.load(files, pictures=any(sight_notice.pictures(files, chat.turns))),
        )

    with head(t("Chat"), beside=models):
        popover(Destination("chat", insert))
        settings(chat.generation, chat.name, wish, models=[chat.model_id], chat=True, model_id=chat.model_id)
        if chat.view:
            share.popover(chat.view)
            menu(chat.view.id, chat.view.title, chat.view.pinned, "chat")
    advice.below_picker(chat.turns, chat.model_id, lambda model_id: actions.choose(chat, model_id))
    show_flash()
    undo_bar()
    if chat.diverged:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="behind"):
            st.caption(f":material/sync: {t('Changed in another tab')}", width="content")
            st.button(t("Show"), type="tertiary", key="catch-up", on_click=opening.catch_up, args=(chat,))


def foot(chat: Chat) -> None:
    """The composer with its price line."""
    composer(
        t("Ask anything"),
        key=actions.ASK,
        draft=actions.tray_name(chat),
        send=lambda prompt: actions.ask(chat, prompt),
        stop=(lambda: actions.stop(chat)) if chat.running() else None,
        above=lambda: above(chat),
        price=lambda: price(chat),
        follow=chat.marked is None,
    )


def price(chat: Chat) -> None:
    """What the next question takes, what happens with its text, and whether it can wait for a limit that is used up."""
    history = messages_of(chat.turns, actions.files_above(chat))
    efforts = [chat.generation.get("effort")]
    draw([chat.model_id], history, efforts)
    terms.line(prospects(chat.model_id, history) if is_auto(chat.model_id) else [chat.model_id])
    offer.toggle(chat.name, [chat.model_id], history, efforts)
    if chat.view:
        total.draw([chat.view.id], (chat.view.leaf_id, chat.running() is None))


def above(chat: Chat) -> None:
    """What stands above the box: a question that waits for a decision, what the model refused lately, and whether the
    last question is being edited."""
    actions.notice(chat)
    pictures = any(sight_notice.pictures(actions.files_above(chat), chat.turns))
    refused.notice([chat.model_id], refused.wanted(chat.generation, pictures=pictures))
    if not chat.editing:
        if chat.turns and not chat.running():
            tips.draw("chat")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(t("Editing your last question. The previous version is kept."), width="content")
        st.button(t("Cancel editing"), type="tertiary", key="keep", on_click=actions.keep, args=(chat,))


if __name__ == "__main__":
    page()
