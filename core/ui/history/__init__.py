"""The history: the list in the sidebar, the History page, rename, delete and undo, export and import."""
