"""The front door of the exchange: a line of the menu inside its own section, what doctor checks."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="exchange")
