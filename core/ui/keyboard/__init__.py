"""Shortcuts, the palette, and what a page tells a screen reader.

shortcuts    the list, with what each does
component    draws the component on a page: `static/keyboard.js` and the files that it needs
palette      the pages and acts that the palette offers, and what becomes of a chosen model
lookups      what the palette asks of the server over HTTP: models, and chats by their words
answer_state says once that an answer has ended
"""
