"""The specialist's workbench."""
