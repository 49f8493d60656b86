"""Shared by all pages: messages after a click, the reader's time zone, small buttons, the chart theme."""
