"""Who works here: organisations, units, positions, people and their places of work."""
