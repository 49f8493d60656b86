"""One answer on the screen: painted while it streams, drawn once it is complete, an error card if it failed."""
