"""One Plotly template for all charts, with the colours of the theme in `.streamlit/config.toml`.

figure = chart_theme.figure()          an empty figure for the light or the dark page
chart_theme.show(figure, key="speed")  draw it
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

CONFIG = {"displayModeBar": False, "scrollZoom": False}
SERIES = ("blue", "orange", "green", "violet", "red", "yellow", "gray")
NOTHING = "rgba(0,0,0,0)"
FONTS = '"Source Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'


def figure() -> Any:
    """Imports plotly, which is slow: only for a chart that will be drawn."""
    import plotly.graph_objects as go

    return go.Figure(layout={"template": template(side())})


def show(figure: Any, *, key: str, **more: Any) -> None:
    """Draw it with the template's colours, without Streamlit's theme, which would override them."""
    st.plotly_chart(figure, key=key, theme=None, config=CONFIG, **more)


def side() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def colour(name: str, page: str = "") -> str:
    """The theme's value for "blue", "text", "border", "background", … as #RRGGBB; `page` is "light" or "dark"."""
    return str(st.get_option(f"theme.{page or side()}.{name}Color"))


def mixed(first: str, second: str, share: float) -> str:
    """`first` mixed with a share of `second`, as #RRGGBB."""
    pairs = zip(_rgb(first), _rgb(second), strict=True)
    return "#" + "".join(f"{round(own + (more - own) * share):02X}" for own, more in pairs)


def thinned(hex_colour: str, opacity: float) -> str:
    red, green, blue = _rgb(hex_colour)
    return f"rgba({red},{green},{blue},{opacity})"


def _rgb(hex_colour: str) -> list[int]:
    return [int(hex_colour[start : start + 2], 16) for start in (1, 3, 5)]


@cache
def template(page: str) -> Any:
    """The template for the "light" or the "dark" page."""
    import plotly.graph_objects as go

    names = ("text", "grayText", "border", "background", "secondaryBackground", "blue")
    text, quiet, line, paper, box, blue = (colour(name, page) for name in names)
    axis = {"gridcolor": line, "linecolor": line, "zeroline": False, "ticks": "", "automargin": True}
    axis |= {"tickfont": {"color": quiet}, "title": {"font": {"size": 13}}}
    shades = [[0, mixed(paper, blue, 0.12)], [1, mixed(blue, text, 0.5)]]
    return go.layout.Template(
        layout={
            "paper_bgcolor": NOTHING,
            "plot_bgcolor": NOTHING,
            "font": {"family": FONTS, "size": 13, "color": text},
            "colorway": [colour(name, page) for name in SERIES],
            "margin": {"l": 8, "r": 20, "t": 12, "b": 8},
            "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0},
            "hoverlabel": {"align": "left", "bgcolor": box, "bordercolor": line, "font": {"color": text}},
            "hovermode": "closest",
            "dragmode": False,
            "xaxis": axis,
            "yaxis": axis,
            "annotationdefaults": {"showarrow": False, "align": "left", "font": {"size": 12, "color": text}},
            "shapedefaults": {"line": {"dash": "dot", "width": 1.5, "color": quiet}},
        },
        data={
            # A single hue: values differ by lightness alone.
            "heatmap": [{"colorscale": shades, "xgap": 2, "ygap": 2, "colorbar": {"outlinewidth": 0}}],
            "bar": [{"marker": {"line": {"width": 0}}}],
        },
    )
