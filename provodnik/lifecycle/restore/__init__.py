"""A backup becomes an installation again, in quarantine until somebody releases it (docs/adr/0036)."""
