"""Addresses of the desk: requester, workbench, administration, files."""
