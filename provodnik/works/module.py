"""The front door of works."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="works")
