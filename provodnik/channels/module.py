"""The front door of the channels: checks for doctor."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="channels")
