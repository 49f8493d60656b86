"""What pages of every kind stand on: messages of the last click, the reader's time zone, small buttons."""
