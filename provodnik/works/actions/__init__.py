"""What can happen to works: one function a verb."""
