"""Charts wear the theme of `.streamlit/config.toml`, on the light page and on the dark one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from core.ui.base import chart_theme

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["light", "dark"])
def test_the_template_has_the_colours_of_the_theme(page: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][page]
    layout = chart_theme.template(page).layout
    assert layout.font.color == theme["textColor"]
    assert layout.xaxis.gridcolor == layout.yaxis.gridcolor == theme["borderColor"]
    assert layout.hoverlabel.bgcolor == theme["secondaryBackgroundColor"]
    assert list(layout.colorway) == [theme[f"{name}Color"] for name in chart_theme.SERIES]
    for name in ("blue", "orange", "green", "violet", "red", "yellow", "gray"):
        assert chart_theme.colour(name, page) == theme[f"{name}Color"]


def test_no_chart_has_a_colour_of_its_own() -> None:
    colors = {
        str(path.relative_to(ROOT)): re.findall(r"""["']#[0-9A-Fa-f]{6}["']""", path.read_text(encoding="utf-8"))
        for path in ROOT.glob("core/ui/**/*.py")
    }
    assert {path: colours for path, colours in colors.items() if colours} == {}


def test_every_chart_is_drawn_by_the_template() -> None:
    drawing = (
        "plotly_chart",
        "go.Figure(",
        "line_chart(",
        "bar_chart(",
        "area_chart(",
        "scatter_chart(",
        "altair_chart(",
    )
    sources = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in ROOT.glob("core/ui/**/*.py")}
    assert [str(path) for path, text in sources.items() if any(word in text for word in drawing)] == [
        "core/ui/base/chart_theme.py"
    ]
    assert "YaHei" in chart_theme.template("light").layout.font.family
