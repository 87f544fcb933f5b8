"""The administrator's pages. To anybody else they do not exist (404)."""
