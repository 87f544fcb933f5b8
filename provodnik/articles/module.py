"""The front door of articles."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="articles")
