"""A distributive, `provodnik-X.Y.tar.gz`: who signed it, what is in it, and how it gets onto the disk (F50, F56).

The only door is `open_parcel`: it reads the whole archive, writes nothing, and either gives a `Parcel` or raises
`BadParcel` with the reason in words. `docs/release.md` describes the format.
"""

from provodnik.lifecycle.parcel.keys import keys_in, read_key
from provodnik.lifecycle.parcel.manifest import BadParcel, Manifest, Packed
from provodnik.lifecycle.parcel.reading import Parcel, open_parcel

__all__ = ["BadParcel", "Manifest", "Packed", "Parcel", "keys_in", "open_parcel", "read_key"]
