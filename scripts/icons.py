"""Build the icon sprite that provodnik/ui serves.

    python scripts/icons.py

Takes the named icons out of lucide-static (ISC) and adds our own: the priority bars and the mark of the product.
The sprite is committed, so a plain installation needs neither Node nor this script. An external <use> cannot see
the page's stylesheet, only inherit from it: our own shapes carry presentation attributes, not classes.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LUCIDE = ROOT / "node_modules" / "lucide-static"
SPRITE = ROOT / "provodnik" / "ui" / "static" / "icons.svg"

ICONS = """
activity archive arrow-down arrow-left arrow-right arrow-up arrow-up-down at-sign ban bell book-open bookmark bot
briefcase-business bug building-2 calendar calendar-check calendar-days calendar-x chart-column check chevron-down
chevron-left chevron-right chevron-up chevrons-up-down circle-alert circle-check circle-dashed circle-dot circle-minus
circle-pause circle-play circle-plus circle-question-mark circle-stop circle-x clock cloud-off cloud-upload copy
corner-up-left database door-open download ellipsis external-link eye eye-off file file-archive file-check file-image
file-signature file-spreadsheet file-text file-warning filter flag folder-open git-merge globe hard-drive history
hourglass house id-card image inbox info key-round keyboard layout-list life-buoy lightbulb link list list-checks
loader-circle lock lock-open log-out mail mailbox map-pin megaphone menu merge message-circle
message-circle-question message-square monitor moon newspaper palmtree paperclip pencil percent phone pin play plug
plus printer quote refresh-cw reply rotate-ccw save scan-line search send server settings shield shield-check
shuffle siren sliders-horizontal smartphone split square-check square-pen star sticky-note sun sun-medium tag tags
thumbs-down thumbs-up timer trash-2 trending-down trending-up triangle-alert undo-2 unlink unplug upload user
user-check user-plus user-round-cog user-x users wallet webhook wifi-off wrench x zap
"""


def bars(lit: int) -> str:
    """Three bars of a priority, `lit` of them in full colour."""
    shapes = ((4, 15, 5), (10, 10, 10), (16, 5, 15))
    return "".join(
        f'<rect x="{x}" y="{y}" width="4" height="{height}" rx="1" fill="currentColor" stroke="none"'
        + ("" if number < lit else ' opacity="0.28"')
        + "/>"
        for number, (x, y, height) in enumerate(shapes)
    )


OWN = {
    "bars-1": bars(1),
    "bars-2": bars(2),
    "bars-3": bars(3),
    "logo": '<path d="M12 2.5c3.6 4 6.5 7.3 6.5 11.4a6.5 6.5 0 0 1-13 0C5.5 9.8 8.4 6.5 12 2.5Z"/>'
    '<path d="M8.8 15.2c1.1-.9 2.1-.9 3.2 0s2.1.9 3.2 0"/>',
}


def inner(name: str) -> str:
    """The shapes of one Lucide icon on one line."""
    text = (LUCIDE / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    found = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
    if found is None:
        raise SystemExit(f"{name}.svg has no <svg> element")
    return re.sub(r"\s*\n\s*", "", found[1]).replace(" />", "/>").strip()


def main() -> None:
    """Write the sprite."""
    symbols = {name: inner(name) for name in ICONS.split()} | OWN
    lines = [f'<symbol id="{name}" viewBox="0 0 24 24">{symbols[name]}</symbol>' for name in sorted(symbols)]
    head = "<!-- Icons: Lucide, ISC License, https://lucide.dev/license; bars-1..3 and logo are our own. -->"
    SPRITE.write_text(
        "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', head, *lines, "</svg>", ""]), encoding="utf-8"
    )
    print(f"{len(symbols)} icons, {SPRITE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
