"""Reading the sources for all that is translated, and keeping the files of `core/locale/` in step with it."""
