"""A reader for each kind: bytes in, the number of pages and the pages out. Imported by the worker alone.

Each is `read(name, data, budget) -> FoundPages`; it asks the budget as it goes and stops where that is used up.
"""
