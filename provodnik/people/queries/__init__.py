"""Reads of people's pages."""
