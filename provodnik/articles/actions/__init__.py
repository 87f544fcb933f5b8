"""What can happen to an article."""
