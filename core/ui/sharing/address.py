"""The address of a shared page. Its token is in the fragment, which browsers send to no server, so that it is in no
log of a proxy and in no Referer header. A host that runs plain scripts may not hand a fragment on; there it is in the
query.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from .. import assets, transfers

PARAMETER = "s"
NONE = "-"  # an address without a token
READ = "shared-address-read"
_READ_FRAGMENT = """
export default function ({ data, setStateValue }) {
  const tell = () => {
    const token = location.hash.slice(1) || data.token || "-";  // on the way to another page there is none
    if (token !== data.token) setStateValue("token", token);
  };
  tell();
  addEventListener("hashchange", tell);
  return () => removeEventListener("hashchange", tell);
}
"""


def address_of(token: str) -> str:
    """The link, as this browser reaches the server."""
    parts = urlsplit(st.context.url or "")
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return f"{origin}{transfers.base()}/shared{'#' if assets.serving else f'?{PARAMETER}='}{token}"


def token_of_address() -> str | None:
    """The token of the address that is open; None until the browser has told it, "-" where there is none."""
    if token := st.query_params.get(PARAMETER):
        return token
    component = st.components.v2.component("roundtable-shared", js=_READ_FRAGMENT)
    state = component(
        key="shared-address",
        data={"token": st.session_state.get(READ)},
        default={"token": None},
        height=0,
        on_token_change=lambda: None,
    )
    if token := state.get("token"):
        st.session_state[READ] = str(token)
    known_token: str | None = st.session_state.get(READ)
    return known_token
