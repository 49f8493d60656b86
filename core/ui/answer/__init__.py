"""One answer on the screen: painted while it arrives, drawn whole afterwards, a card when it failed."""
