"""Files for download: a comparison as Markdown, JSON, CSV or one HTML page, and conversations as Markdown."""
