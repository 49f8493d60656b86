"""Files to take along: a comparison as tables, JSON, CSV or one HTML page, and conversations as Markdown."""
