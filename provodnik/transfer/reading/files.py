"""Files of a line: found in the archive, or missing and named."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from provodnik.desk.actions.base import NewFile
from provodnik.desk.forms.files import safe_name
from provodnik.transfer.reading.archive import Folder, Member

MOST_FILES = 100  # of one request or instruction
LONGEST_TOLD = 80  # characters of a missing file's name
_BETWEEN = re.compile(r"[|;\n]")


@dataclass(slots=True)
class Gathered:
    """What one line carries. The same file named twice is taken once."""

    folder: Folder
    files: list[NewFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    _paths: dict[str, int] = field(default_factory=dict)

    def member(self, found: Member | None, called: str, *, name: str = "", kind: str = "") -> int | None:
        """Take a file of the archive; its place among the files, or None. `called`: how the line names it."""
        if found is None:
            self.missing.append(called[:LONGEST_TOLD])
            return None
        if found.path in self._paths:
            return self._paths[found.path]
        if len(self.files) >= MOST_FILES:
            self.missing.append(_("%(name)s (more than %(count)d files)") % {"name": called[:60], "count": MOST_FILES})
            return None
        if not found.is_whole():
            self.missing.append(_("%(name)s (damaged)") % {"name": called[:LONGEST_TOLD]})
            return None
        self._paths[found.path] = len(self.files)
        self.files.append(_new(name or found.name, kind, found))
        return self._paths[found.path]

    def named(self, cell: str, number: str = "") -> None:
        """What a cell of a table lists: «a.png | b.pdf», from the table or from the folder of the line's number."""
        for one in _BETWEEN.split(cell):
            called = one.strip()
            if called:
                self.member(self.folder.find(*([f"{number}/{called}"] if number else []), called), called)

    def folder_of(self, number: str, apart: str = "") -> None:
        """Everything in the folder that is called as the line is, but for its folder `apart`."""
        if not number or "/" in number:
            return
        for one in self.folder.within(number, apart):
            self.member(one, one.path)

    def inline(self, name: str, data: str, kind: str, *, largest: int) -> None:
        """A file whose bytes stand in the export itself, as Zammad's API takes them (base64)."""
        if len(self.files) >= MOST_FILES or len(data) > largest * 4 // 3 + 4:
            self.missing.append(_("%(name)s (too large)") % {"name": name[:LONGEST_TOLD]})
            return
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            self.missing.append(_("%(name)s (damaged)") % {"name": name[:LONGEST_TOLD]})
            return
        self.files.append(_new(name, kind, content))


def _new(name: str, kind: str, content: Member | bytes) -> NewFile:
    name = safe_name(name)
    return NewFile(
        name, (kind or mimetypes.guess_type(name)[0] or "application/octet-stream")[:100], content, free=True
    )


_PICTURE = re.compile(r"!\[[^\]\n]{0,300}\]\(\s*<?([^)>\s]{1,300})>?[^)\n]{0,300}\)")
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)


def pictures(text: str) -> list[str]:
    """Pictures of a Markdown text that lie beside it: their names as the text writes them."""
    return list(dict.fromkeys(name for name in _PICTURE.findall(text) if not _OUTSIDE.match(name)))


def renamed(text: str, keys: dict[str, str]) -> str:
    """The text with these names of pictures replaced."""

    def one(found: re.Match[str]) -> str:
        key = keys.get(found[1])
        return found[0] if key is None else f"{found[0][: found.start(1) - found.start()]}{key}" + found[0][
            found.end(1) - found.start() :
        ]  # fmt: skip

    return _PICTURE.sub(one, text)


def told(missing: Iterable[str]) -> str:
    """The words of a line about files that are not there."""
    names = list(missing)
    if not names:
        return ""
    more = "…" if len(names) > 5 else ""
    return _("Files that are not in the archive: %(names)s") % {"names": ", ".join(names[:5]) + more}
