"""What the kept numbers tell: sections of the Insights page."""
