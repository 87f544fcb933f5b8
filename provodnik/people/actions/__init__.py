"""What can happen to people, and how an exchange brings it.

Bulk first: `take_organisations`, `take_positions`, `take_units`, `take_persons`, `take_employments`, `take_absences`
take a batch of `Incoming(guid, fields)` (some hundreds at a time) and answer with a `Verdict` each, in the same order:
added, changed, same or refused with a reason, conflicts with corrections by hand, and a reference that is not known yet
(`missing`), so that the caller may hold the row back until it is. Each batch is one transaction (or a part of the
caller's); one bad row never spoils the others. The same batch again changes nothing. Wrap them in
`listing.paused()` during a first load, then call `listing.relist_all()`, and the directory is written once.
"""
