"""Analysis of stored answers and votes: pure, no database, no pages. numpy is imported when it is first used."""
