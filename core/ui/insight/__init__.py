"""The sections of the Insights page."""
