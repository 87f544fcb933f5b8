"""`provodnik support-bundle`: what support needs to understand an installation, and nothing of people (safety A71)."""
