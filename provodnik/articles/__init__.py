"""Instructions and memos (R5)."""
