"""Reads of the report."""
