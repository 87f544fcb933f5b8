"""The front door of the manuals. They stand in no menu: each frame has «Справка», which leads to the page's chapter."""

from __future__ import annotations

from provodnik.core.parts import Part

PART = Part(
    name="manual",
    extra={"former_may": {"manual:shelf", "manual:book", "manual:page", "manual:pdf"}},
)
