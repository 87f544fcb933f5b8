"""The front door of api."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="api")
