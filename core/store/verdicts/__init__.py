"""Models' verdicts on the answers of a comparison: a judge's scores, or one answer merged from several.

Each is a conversation of its own, hidden from the history like a lane and deleted with its comparison; this table says
which answers it was about, in the order in which the model saw them.
"""
