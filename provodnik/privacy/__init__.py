"""One person's data over all parts: found, given out, erased with an act; who saw whose (152-FZ)."""
