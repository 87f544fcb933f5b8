"""Catalogues of translations: extract, fill, check, compile.

python scripts/messages.py fill PART FILE.json   add Russian texts ({msgid: msgstr} or {msgid: [one, few, many]})
python scripts/messages.py check                 name every gap, fuzzy and stale entry (needs GNU gettext)
python scripts/messages.py compile               write the .mo files (pure Python: a bare machine has no msgfmt)
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "provodnik"
# Entries that Django itself translates are not ours to repeat.
IGNORED = ("tests/*", "static/*", "migrations/*")


def parts() -> list[Path]:
    """Parts that have a catalogue, by name."""
    return sorted(path.parent for path in PACKAGE.glob("*/locale"))


def catalogue(part: Path) -> Path:
    return part / "locale" / "ru" / "LC_MESSAGES" / "django.po"


def extract(part: Path) -> polib.POFile:
    """Run GNU gettext over one part and return its catalogue, without the noise that changes by itself."""
    catalogue(part).parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "ru", "--no-location", "--no-wrap", "-v", "0"]
    for pattern in IGNORED:
        command += ["-i", pattern]
    done = subprocess.run(
        command, cwd=part, capture_output=True, text=True, env={**os.environ, "DJANGO_SETTINGS_MODULE": ""}, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"makemessages failed in {part.name}:\n{done.stderr}")
    if not catalogue(part).exists():  # a part without a single text
        return polib.POFile()
    po = polib.pofile(str(catalogue(part)), wrapwidth=0)
    po.metadata.pop("POT-Creation-Date", None)
    po.metadata["PO-Revision-Date"] = ""
    po.metadata["Plural-Forms"] = (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
    )
    po.metadata["Language"] = "ru"
    po.metadata["Content-Type"] = "text/plain; charset=UTF-8"
    return po


def save(po: polib.POFile, part: Path) -> None:
    """Write the catalogue sorted, so that two people's additions do not meet in one place."""
    po.sort(key=lambda entry: (entry.obsolete, entry.msgid, entry.msgctxt or ""))
    po.save(str(catalogue(part)))


def fill(part: Path, texts: dict[str, str | list[str]]) -> list[str]:
    """Put `texts` into the part's catalogue and return the msgids that still have no Russian text."""
    po = extract(part)
    known = {entry.msgid: entry for entry in po}
    for msgid, text in texts.items():
        entry = known.get(msgid)
        if entry is None:
            print(f"  not in the sources: {msgid!r}")
            continue
        if isinstance(text, list):
            entry.msgstr_plural = dict(enumerate(text))
        else:
            entry.msgstr = text
        if "fuzzy" in entry.flags:
            entry.flags.remove("fuzzy")
    for entry in list(po):
        if entry.obsolete:
            po.remove(entry)
    save(po, part)
    return gaps(po)


def gaps(po: polib.POFile) -> list[str]:
    return [entry.msgid for entry in po if entry.fuzzy or entry.obsolete or not entry.translated()]


def disagreements() -> list[str]:
    """Texts that two parts translate differently: Django reads all catalogues as one, so one of the two never shows."""
    known: dict[tuple[str | None, str], dict[str, str]] = {}
    for part in parts():
        if catalogue(part).exists():
            for entry in polib.pofile(str(catalogue(part))):
                russian = entry.msgstr or " / ".join(entry.msgstr_plural.values())
                known.setdefault((entry.msgctxt, entry.msgid), {})[part.name] = russian
    return [f"{msgid!r}: {said}" for (_context, msgid), said in known.items() if len(set(said.values())) > 1]


def check() -> int:
    """Name every text without a finished translation, or with two; leaves the catalogues as they were."""
    wrong = 0
    for words in disagreements():
        print(f"two parts say it differently: {words}")
        wrong += 1
    for part in parts():
        path = catalogue(part)
        before = path.read_bytes() if path.exists() else b""
        fresh = extract(part)
        if before:
            path.write_bytes(before)
        for msgid in gaps(fresh):
            print(f"{part.name}: no finished translation: {msgid!r}")
            wrong += 1
    return wrong


def compile_all() -> None:
    for part in parts():
        path = catalogue(part)
        if path.exists():
            polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def main(arguments: list[str]) -> int:
    with (ROOT / ".messages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        match arguments:
            case ["fill", part, file]:
                missing = fill(PACKAGE / part, json.loads(Path(file).read_text(encoding="utf-8")))
                print(f"{len(missing)} without a Russian text" + "".join(f"\n  {msgid!r}" for msgid in missing))
                compile_all()
                return 0
            case ["check"]:
                return 1 if check() else 0
            case ["compile"]:
                compile_all()
                return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
