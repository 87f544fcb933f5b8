"""Imports from another desk."""
