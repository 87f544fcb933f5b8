"""A client of OpenID Connect Core 1.0: the code flow with PKCE, and nothing else of it."""
