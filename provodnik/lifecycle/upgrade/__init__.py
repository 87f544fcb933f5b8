"""From one release to the next and back, so that a kill at any moment leaves one of the two (docs/adr/0037).

`place` is where things lie, `journal` what has been done of it, `preflight` what must be true before a byte is touched,
`steps` the way itself, `world` whatever a step asks of the system outside, `page` what people see meanwhile.
"""
