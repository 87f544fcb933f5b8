"""Where an installation lies (docs/adr/0037). All of it can be elsewhere: in tests it is a temporary folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from provodnik.core.versions import NotAVersion, Version, read_version
from provodnik.lifecycle.backup.files import flush_folder

OPT = Path("/opt/provodnik")
KEYS = Path("/etc/provodnik/release-keys")


@dataclass(frozen=True)
class Place:
    """`opt`: releases and the link `current`; `keys`: whose signatures are believed; `backups`: where the backup before
    an upgrade goes; `data`: the data folder, where the journal lies too."""

    opt: Path
    keys: Path
    data: Path
    backups: Path

    @property
    def releases(self) -> Path:
        return self.opt / "releases"

    @property
    def current(self) -> Path:
        return self.opt / "current"

    @property
    def journal(self) -> Path:
        return self.data / "upgrade.json"

    def release(self, version: Version) -> Path:
        return self.releases / str(version)

    def workshop(self, version: Version) -> Path:
        """Where a distributive is unpacked to be installed from."""
        return self.releases / f".parcel-{version}"

    def program(self, version: Version) -> Path:
        return self.release(version) / "bin" / "provodnik"

    def installed(self) -> Version | None:
        """Which release `current` leads to; None when there is no such link."""
        try:
            return read_version(self.current.readlink().name)
        except (OSError, NotAVersion):
            return None

    def switch(self, version: Version) -> None:
        """Have `current` lead to that release: to the old one or to the new one, never to nothing."""
        link = self.opt / ".current"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases") / str(version))
        os.replace(link, self.current)  # noqa: PTH105 - Path.replace does the same, but says so less plainly
        flush_folder(self.opt)
