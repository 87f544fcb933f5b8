"""What an administrator does to the desk: each with its check, each with a line in the journal."""
