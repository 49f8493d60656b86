"""The page to sign in, and who is signed in."""
