"""A backup of the database and the files at one instant, in one file that proves itself (docs/adr/0035).

`making` writes it, `reading` reads it back and judges it, `sealing` keeps others from reading it, `rotation` says which
old ones go, `record` remembers for doctor how the last one went. Nothing here needs Django: a backup is made of, and
restored from, whatever version stands there.
"""
