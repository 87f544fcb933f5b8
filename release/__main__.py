"""python -m release build|check|key|declare: see docs/release.md."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module

import django

# Migrations and manuals are read through Django; nothing of this machine's installation is looked at.
SURROUNDINGS = {
    "DJANGO_SETTINGS_MODULE": "provodnik.config.settings",
    "PROVODNIK_DATA_DIR": tempfile.gettempdir(),
    "PROVODNIK_SECRET_KEY": "of-no-installation-" * 3,
}

if __name__ == "__main__":
    os.environ |= SURROUNDINGS
    django.setup()
    sys.exit(import_module("release.command").main(sys.argv[1:]))
