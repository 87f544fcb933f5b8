"""Reading a letter: bytes in, an `Understood` out. Pure, bounded, never raises; needs no Django."""
