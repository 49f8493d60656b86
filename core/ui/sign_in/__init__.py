"""Who may use this server: everybody, whoever has the shared passcode, or people who sign in elsewhere (OIDC)."""
