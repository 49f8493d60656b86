"""Imports: rows are written in portions, hidden, and shown at the end.

A staged row has `conversations.deleted_at` = STAGED: every query skips it like a deleted one.

    reading -> showing -> done     from "showing" on an import is completed whatever happens, here or by another process
         \\-> failed, stopped       its rows are deleted for good
"""
