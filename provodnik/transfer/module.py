"""The front door of transfer."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(name="transfer")
