"""The file of settings: lines NAME=value that both systemd (EnvironmentFile, systemd.exec(5)) and the program read.

What an administrator wrote into it, comments too, stays as it is; only a line whose value changes is written anew.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import parse_stream

from provodnik.lifecycle.words import gettext as _

MODE = 0o640
_PLAIN = re.compile(r"[\w@%+=:,./\[\]?&~-]*", re.ASCII)
# A quote ends the value, a backslash means different things to the two readers, ${…} is filled in by one of them.
_UNSAFE = re.compile(r"['\\\x00-\x1f\x7f]|\$\{")


class BadFile(Exception):
    """The file cannot be read as settings; the words say why."""


def read(text: str) -> dict[str, str]:
    """{name: value} of a file. Raises BadFile naming the first line that is none."""
    found: dict[str, str] = {}
    for line in parse_stream(io.StringIO(text)):
        if line.error:
            raise BadFile(
                _("Line %(number)d is no setting: %(line)s")
                % {"number": line.original.line, "line": line.original.string.strip().partition("=")[0][:60]}
            )
        if line.key is not None:
            found[line.key] = line.value or ""
    return found


def is_writable(value: str) -> bool:
    """Whether both readers would read the same."""
    return not _UNSAFE.search(value)


def line(name: str, value: str) -> str:
    """One line of the file. Raises BadFile for a value that the two readers would read differently."""
    if not is_writable(value):
        raise BadFile(_("%(name)s holds a quote, a backslash or a line end.") % {"name": name})
    return f"{name}={value}\n" if _PLAIN.fullmatch(value) else f"{name}='{value}'\n"


def merged(text: str, values: Mapping[str, str]) -> str:
    """The file with these values: changed where they stood, new ones at the end."""
    left = dict(values)
    lines = []
    for found in parse_stream(io.StringIO(text)):
        if found.key in left:
            value = left.pop(found.key)
            original = found.original.string
            lines.append(original if found.value == value else line(found.key, value))
        else:
            lines.append(found.original.string)
    body = "".join(lines)
    if left and body and not body.endswith("\n"):
        body += "\n"
    return body + "".join(line(name, value) for name, value in left.items())


def write(path: Path, text: str, *, group: int | None = None) -> None:
    """Replace the file at once, readable by its owner and its group alone: a database's password stands in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(MODE)
        if group is not None:
            os.chown(temporary, -1, group)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
