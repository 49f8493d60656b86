"""Numbers and words from what was kept: pure arithmetic, no database, no screen. numpy is imported when it is used."""
