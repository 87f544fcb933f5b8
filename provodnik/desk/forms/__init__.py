"""Reading and cleaning human input; nothing is saved here."""
