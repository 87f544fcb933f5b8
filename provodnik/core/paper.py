"""A PDF set by typst from plain data, the same bytes from the same data.

Texts travel as JSON and are set as text: nothing in them is markup. Fonts come with the product, those of the machine
stay out, so that a paper looks the same wherever it is made. The compiler sees one empty folder with the pictures that
it was given and nothing else; typst is given no packages and no network to look for them.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fontpkg_pt_sans
import typst

log = logging.getLogger(__name__)
ARCHIVE = "a-2a"  # PDF/A-2a: kept for years, read aloud
_NAME = re.compile(r"[a-z0-9]+\.[a-z0-9]+")


@cache
def _fonts() -> typst.Fonts:
    """PT Sans, and what typst brings for code (DejaVu Sans Mono)."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[fontpkg_pt_sans.ROOT / "files"]
    )


def render(
    template: Path,
    data: Mapping[str, Any],
    *,
    at: datetime,
    pictures: Mapping[str, bytes] | None = None,
    shared: Sequence[Path] = (),
) -> bytes:
    """A PDF. `data`: JSON values; `at`: written into the file as its date; `pictures`: by the names that the template
    opens; `shared`: templates that it imports by their names. An archive's PDF where the fonts have every sign of the
    text, else a plain one. Raises typst.TypstError for a picture that is none."""
    with TemporaryDirectory(prefix="paper-") as folder:
        for name, content in [*(pictures or {}).items(), *((one.name, one.read_bytes()) for one in shared)]:
            if not _NAME.fullmatch(name):
                raise ValueError(name)
            (Path(folder) / name).write_bytes(content)
        try:
            return _compiled(template, data, folder, [ARCHIVE], at)
        except typst.TypstError:  # a sign that no font of ours has is forbidden in an archive, not in a PDF
            log.info("%s: no archive PDF of this text", template.stem)
            return _compiled(template, data, folder, [], at)


def _compiled(template: Path, data: Mapping[str, Any], folder: str, standards: list[Any], at: datetime) -> bytes:
    compiler = typst.Compiler(
        template.read_bytes(),
        root=folder,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=folder,
        package_cache_path=folder,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    made = compiler.compile(format="pdf", pdf_standards=standards, timestamp=int(at.timestamp()))
    assert isinstance(made, bytes)
    return made
