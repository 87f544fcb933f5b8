"""Planned and urgent works and incidents (R7)."""
