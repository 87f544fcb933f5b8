"""Files of other desks, understood: plain values, no database."""
