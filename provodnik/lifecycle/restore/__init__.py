"""A backup becomes an installation again, in quarantine until somebody releases it (docs/admin/backup.md)."""
