"""What a distributive is made of: CycloneDX 1.6 as JSON, from what the carried wheels and the lock of npm say."""

from __future__ import annotations

import base64
import email.parser
import hashlib
import json
import re
import uuid
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

# Of npm's packages only these reach a browser, inside the built styles and scripts; the others build them.
IN_ASSETS = ("daisyui", "htmx.org", "lucide-static", "tailwindcss")
NAMESPACE = uuid.UUID("5a0c6bb0-6d2e-5c0e-9d4b-70726f766f64")
_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_CLASSIFIERS = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "The Unlicense (Unlicense)": "Unlicense",
}
# How authors write what SPDX has an identifier for.
_SPELT = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "LGPL v3": "LGPL-3.0-only",
    "LGPLv3+": "LGPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}


def sbom(version: str, commit: str, mtime: int, wheels: Sequence[Path], npm_lock: Path) -> bytes:
    """The whole document. `wheels`: the carried ones, ours left out; `npm_lock`: package-lock.json."""
    ours = {
        "type": "application",
        "bom-ref": f"pkg:generic/provodnik@{version}",
        "name": "provodnik",
        "version": version,
        "licenses": [{"expression": "Apache-2.0"}],
        "purl": f"pkg:generic/provodnik@{version}",
    }
    parts = sorted([*map(of_wheel, wheels), *of_npm(npm_lock)], key=lambda part: str(part["bom-ref"]))
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, f'{version} {commit}')}",
        "version": 1,
        "metadata": {"timestamp": datetime.fromtimestamp(mtime, UTC).isoformat(), "component": ours},
        "components": parts,
        "dependencies": [{"ref": ours["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def of_wheel(path: Path) -> dict[str, Any]:
    """A component: a wheel by its own METADATA and the sum of its file."""
    told = metadata_of(path)
    name, version = canonicalize_name(told["Name"]), told["Version"]
    purl = f"pkg:pypi/{name}@{version}?file_name={path.name}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        "licenses": [licence(told)],
        "purl": purl,
    }


def metadata_of(path: Path) -> Message:
    """METADATA of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        (name,) = (one for one in wheel.namelist() if one.count("/") == 1 and one.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(wheel.read(name).decode("utf-8"), headersonly=True)


def licence(told: Message) -> dict[str, Any]:
    """By PEP 639 when the author follows it, else by what he wrote in its place; a plain name where SPDX has none."""
    expression = told["License-Expression"]
    if expression:
        return {"expression": expression}
    written = (told["License"] or "").strip()
    written = _SPELT.get(written, written)
    if written and _SPDX.fullmatch(written):
        return {"expression": written}
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier", []) if one.startswith("License ::")]
    for one in classified:
        if one in _CLASSIFIERS:
            return {"expression": _CLASSIFIERS[one]}
    name = written.splitlines()[0][:200] if written else (classified or ["?"])[0]
    return {"license": {"name": name}}


def of_npm(lock: Path) -> list[dict[str, Any]]:
    """Components that are inside the built styles and scripts."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    found = []
    for name in IN_ASSETS:
        one = packages[f"node_modules/{name}"]
        algorithm, _dash, digest = one["integrity"].partition("-")
        spelt = algorithm.upper().replace("SHA", "SHA-")
        purl = f"pkg:npm/{name}@{one['version']}"
        found.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": one["version"],
                "hashes": [{"alg": spelt, "content": base64.b64decode(digest).hex()}],
                "licenses": [{"expression": one["license"]}],
                "purl": purl,
            }
        )
    return found
