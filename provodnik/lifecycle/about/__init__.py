"""«О программе» (R16): which version this is, what it changed, terms of support, whom to ask, whose work is in it."""
