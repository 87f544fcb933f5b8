"""The front door of quality."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="quality")
