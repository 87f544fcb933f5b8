"""The desk's front door: its menu, its checks for doctor."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="desk")
