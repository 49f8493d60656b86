"""An import on its way in: its rows are written in portions, seen by nobody, and shown at its end.

A row that is staged has `conversations.deleted_at` = STAGED: every query passes it over as one that was deleted.
    reading -> showing -> done     from "showing" on an import is finished whatever happens, here or by another process
         \\-> failed, stopped       its rows are deleted for good
"""
