"""The Providers page: a card per provider, automatic key tests, and consents."""
