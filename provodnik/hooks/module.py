"""The front door of hooks."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="hooks")
