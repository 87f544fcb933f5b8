"""The contract with 1C:ZUP: which objects there are, which fields, of which shape. One source: the reader judges by it,
the published JSON Schema is made from it, docs/exchange/1c.md is compared with it (scripts/docs.py, tests).

Pure: plain values in, a list of complaints out. What a value means (a SNILS that adds up, a day that exists) is judged
once more by `people.cleaning`, for whoever brings it.
"""

from provodnik.exchange.contract.judging import Complaint, NoObject, Object, complaints, read
from provodnik.exchange.contract.kinds import (
    ENVELOPE,
    FILE,
    KINDS,
    LARGEST_VERSION,
    LONGEST_OBJECT,
    MOST_LINES,
    MOST_OBJECTS_PUSHED,
    TOLD,
    VERSION,
    Field,
    Kind,
    in_order,
)
from provodnik.exchange.contract.published import schema

__all__ = [
    "ENVELOPE", "FILE", "KINDS", "LARGEST_VERSION", "LONGEST_OBJECT", "MOST_LINES", "MOST_OBJECTS_PUSHED", "TOLD",
    "VERSION", "Complaint", "Field", "Kind", "NoObject", "Object", "complaints", "in_order", "read", "schema",
]  # fmt: skip
