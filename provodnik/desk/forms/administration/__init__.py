"""What an administrator types. Reading and cleaning only: saving is for the actions."""
