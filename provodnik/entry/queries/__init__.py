"""Reads of entry."""
