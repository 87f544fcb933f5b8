"""`provodnik setup`: from an unpacked program to the first sign-in. It may be run again at any time (safety A78)."""
