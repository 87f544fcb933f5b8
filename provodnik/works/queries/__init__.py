"""Reads of works."""
