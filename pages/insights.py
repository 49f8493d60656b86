"""Insights: which models win by your votes, and whether Auto chose the right size."""

from core.ui import layout
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.insight import routing_feedback, use_for, votes
from core.ui.text import t

layout.open_page("insights")
with head(t("Insights"), t("What your own usage shows.")):
    pass

show_flash()
use_for.draw()
votes.draw()
routing_feedback.draw()
