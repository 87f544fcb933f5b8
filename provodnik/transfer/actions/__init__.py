"""A file is brought, looked through, taken over."""
