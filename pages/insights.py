"""Insights: which models win by your votes, whether Auto chose the right size, and what your own log shows."""

from core.ui import layout
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.insight import own_log, routing_feedback, use_for, votes
from core.ui.text import t

layout.open_page("insights")
with head(t("Insights"), t("What your own usage shows.")):
    pass

show_flash()
use_for.draw()
votes.draw()
routing_feedback.draw()
own_log.draw()
