"""Pages of the desk, thin: fetch through policies, one action or one query, a template."""
