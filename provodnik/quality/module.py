"""The front door of quality."""

from __future__ import annotations

from provodnik.core.parts import Part
from provodnik.quality import checks, menus
from provodnik.quality.actions.cases import heard
from provodnik.quality.erasing import erase, forget

PART = Part(
    name="quality",
    menu=menus.menu,
    listeners=[heard],
    checks=[("fresh", checks.fresh)],
    strict=[("figures", checks.figures)],
    extra={"tables": {"journal": "quality:journal"}, "erase": [erase], "forget": [forget]},
)
