"""Models in the UI: names, marks, facts, and which can be chosen."""
