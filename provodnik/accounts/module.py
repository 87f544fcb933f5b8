"""The front door of accounts: the menu lines of a person, checks for doctor."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="accounts")
