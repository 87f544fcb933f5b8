"""Pages of articles."""
