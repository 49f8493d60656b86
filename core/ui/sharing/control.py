"""The Share button of a chat or a comparison: choose, make a link, copy it; and the links there are."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from ...safety.screening import alarm
from ...store import StoreError
from ...views.comparison import Comparison
from ...views.conversation import ConversationView, Turn
from .. import session
from ..answer import screened
from ..base.flash import store_errors_shown
from ..base.lazy_popover import lazy_popover
from ..text import t, tn
from . import links
from .address import address_of

DAYS = (1, 7, 30)
USUAL = 7
NEVER = 0
CHOICES = {"with_files": "files", "follows": "follows"}


def popover(view: ConversationView | Comparison) -> None:
    """Nothing where sharing is off."""
    if session.engine().settings.sharing != "off" and not getattr(view, "partial", False):
        lazy_popover(t("Share"), _links, view, icon="share", key="share", tip=t("Make a read-only link"))


def _links(view: ConversationView | Comparison) -> None:
    try:
        _form(view)
        if others := session.person().sharing.links(view.id):
            st.divider()
            links.rows(others, titled=False)
    except StoreError:
        st.caption(t("Links cannot be made right now: the database is unavailable."))


def _form(view: ConversationView | Comparison) -> None:
    turns = _turns(view)
    _new_address(view.id)
    if session.engine().settings.sharing == "anyone":
        st.markdown(t("Anyone who has the link can read this, without signing in. Nobody can change anything."))
    else:
        st.markdown(t("Whoever has the link and may use this server can read this. Nobody can change anything."))
    st.segmented_control(
        t("The link expires after"), _days(), default=min(USUAL, max(_days())), required=True,
        format_func=_day_words, key="share-days",
    )  # fmt: skip
    st.checkbox(
        t("Show later turns too"),
        key="share-follows",
        help=t("Otherwise the link shows what is here now, whatever you ask or change later."),
    )
    if _may_have_files(view, turns):
        st.checkbox(
            t("Include the attached files"),
            key="share-files",
            help=t(
                "Readers get pictures, and the text that was read from documents. A document itself is shared only if "
                "it has no text, such as a scan. Without this, readers do not even see the names of files."
            ),
        )
    _warnings(turns)
    answered = any(turn.completion for turn in turns)
    st.button(
        t("Make a link"),
        icon=":material/add_link:",
        type="primary",
        key="share-make",
        disabled=not answered,
        on_click=_make,
        args=(view,),
    )


def _new_address(conversation_id: str) -> None:
    """The link that was just made: only now is it known, because the database has no more than a hash of it."""
    if created := st.session_state.get(links.CREATED, {}).get(conversation_id):
        st.code(created[1], language=None, wrap_lines=True)
        st.caption(t("Copy it now with the button in the corner: the link is not shown again later."))


def _turns(view: ConversationView | Comparison) -> list[Turn]:
    return list(view.turns) if isinstance(view, ConversationView) else [turn for x in view.lanes for turn in x.turns]


def _days() -> list[int]:
    """The choices that the server allows, its own maximum among them; 0 is never."""
    most = session.engine().settings.sharing_days
    return [*DAYS, NEVER] if not most else [days for days in DAYS if days < most] + [most]


def _day_words(days: int) -> str:
    return tn("{number} day", "{number} days", days) if days else t("Never")


def _may_have_files(view: ConversationView | Comparison, turns: list[Turn]) -> bool:
    """Earlier turns of a chat, which are not loaded, may have some."""
    return any(turn.attached for turn in turns) or (isinstance(view, ConversationView) and view.earlier > 0)


def _warnings(turns: list[Turn]) -> None:
    """What the reader sees that a provider did not, and what nobody sees."""
    texts = [text for turn in turns for text in (turn.prompt, turn.completion.text if turn.completion else "")]
    if st.session_state.get("share-files"):
        with_files = {turn.attached: turn for turn in turns}.values()
        texts += [file.text for turn in with_files for file in session.person().chats.files(turn)]
    alert = alarm(dict.fromkeys(texts), secrets=True, personal=True)
    if alert.personal:
        sentence = t("Readers see the words as you do, masked ones too. There is personal data here: {what}.",
                     what=screened.listed(alert.personal))  # fmt: skip
        st.caption(f":orange[:material/warning:] {sentence}")
    if alert.secrets:
        st.caption(f":material/key_off: {t('Keys and passwords are hidden from readers.')}")
    if any(turn.state == "running" for turn in turns):
        st.caption(t("An answer that is still being written is not part of the snapshot."))


def _make(view: ConversationView | Comparison) -> None:
    days = int(st.session_state.get("share-days") or NEVER)
    lasts = timedelta(days=days) if days else None
    chosen = {name: bool(st.session_state.get(f"share-{key}")) for name, key in CHOICES.items()}
    sharing = session.person().sharing
    with store_errors_shown():
        if isinstance(view, ConversationView):
            link, token = sharing.share_chat(view, lasts=lasts, **chosen)
        else:
            link, token = sharing.share_comparison(view, lasts=lasts, **chosen)
        st.session_state.setdefault(links.CREATED, {})[view.id] = (link.id, address_of(token))
